//! The fields by which people say which uses they mean, and how a scope is told to people.

use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Problem};
use crate::http::page::words::{self, Departments, Names};
use sekisho_domain::id::{DepartmentId, PermitId, PersonId, ServiceId, UseId};
use sekisho_domain::records::hold::Scope;
use sekisho_domain::register::Register;

/// People a name may mean before one has to say it better.
const MEANT: u64 = 5;

/// The fields of a scope.
pub(super) async fn fields(
    app: &App,
    register: &Register,
    given: &Fields,
    told: &[Problem],
) -> Result<Vec<Field>, PageError> {
    let names = Departments::all(app).await?;
    let mut departments: Vec<Choice> = register
        .departments()
        .map(|d| Choice::new(d.department.as_str(), format!("{}とその下", names.get(&d.department))))
        .collect();
    let mut permits: Vec<Choice> = register
        .permits()
        .map(|p| Choice::new(p.permit.as_str(), format!("{}（{}）", p.draft.purpose, p.permit)))
        .collect();
    let mut services: Vec<Choice> =
        register.services().map(|s| Choice::new(s.service.service.as_str(), s.service.name.clone())).collect();
    for list in [&mut departments, &mut permits, &mut services] {
        list.sort_by(|one, other| one.label.cmp(&other.label));
        list.insert(0, Choice::new("", "（限らない）"));
    }
    Ok(vec![
        Field::input("date", "from", "利用の初日").optional().value(given.get("from")).told(told),
        Field::input("date", "until", "利用の末日").optional().value(given.get("until")).told(told),
        Field::select("department", "部局", departments).optional().value(given.get("department")).told(told),
        Field::text("person", "職員", "off")
            .optional()
            .help("氏名、メールアドレスまたは識別子（p-…）。")
            .value(given.get("person"))
            .told(told),
        Field::select("permit", "業務（承認）", permits).optional().value(given.get("permit")).told(told),
        Field::select("service", "サービス", services).optional().value(given.get("service")).told(told),
        Field::area("uses", "特定の利用の識別子", 2)
            .optional()
            .help("1 行に 1 つ（u-…）。")
            .value(given.get("uses"))
            .told(told),
    ])
}

fn one<T: std::str::FromStr + Ord>(
    fields: &Fields,
    name: &'static str,
    wrong: &mut Vec<Problem>,
) -> std::collections::BTreeSet<T> {
    let typed = fields.line(name);
    if typed.is_empty() {
        return std::collections::BTreeSet::new();
    }
    match typed.parse() {
        Ok(id) => [id].into(),
        Err(_) => {
            wrong.push(Problem::at(name, "一覧から選んでください。"));
            std::collections::BTreeSet::new()
        }
    }
}

/// The scope that was typed; what is wrong is added.
pub(super) async fn read(app: &App, fields: &Fields, wrong: &mut Vec<Problem>) -> Result<Scope, PageError> {
    let mut scope = Scope {
        from: fields.day("from", wrong),
        until: fields.day("until", wrong),
        departments: one::<DepartmentId>(fields, "department", wrong),
        permits: one::<PermitId>(fields, "permit", wrong),
        services: one::<ServiceId>(fields, "service", wrong),
        ..Scope::default()
    };
    let person = fields.line("person");
    if !person.is_empty() {
        let known = PersonId::new(person).ok();
        let register = app.journal.register()?;
        match known.filter(|id| register.person(id).is_some()) {
            Some(id) => {
                scope.people.insert(id);
            }
            None => {
                let found = app.store.find_people(person, MEANT).await?;
                match &found[..] {
                    [one] => {
                        scope.people.insert(one.person.clone());
                    }
                    [] => wrong.push(Problem::at("person", "その職員は名簿にいません。")),
                    several => {
                        let ids: Vec<_> = several.iter().map(|p| format!("{}（{}）", p.name, p.person)).collect();
                        let text = format!("複数の職員に当たります。識別子で指定してください: {}", ids.join("、"));
                        wrong.push(Problem::at("person", text));
                    }
                }
            }
        }
    }
    for line in fields.text("uses").lines().map(str::trim).filter(|line| !line.is_empty()) {
        match UseId::new(line) {
            Ok(of) => match app.store.made(&of).await {
                Ok(_) => {
                    scope.uses.insert(of);
                }
                Err(sekisho_store::ReadError::Missing(_)) => {
                    wrong.push(Problem::at("uses", format!("利用 `{of}` の記録はありません。")));
                    break;
                }
                Err(error) => return Err(error.into()),
            },
            Err(_) => {
                let shown: String = line.chars().take(40).collect();
                wrong.push(Problem::at("uses", format!("`{shown}` は利用の識別子ではありません。")));
                break;
            }
        }
    }
    Ok(scope)
}

/// A scope in words.
pub(super) async fn told(app: &App, register: &Register, scope: &Scope) -> Result<String, PageError> {
    let mut parts = Vec::new();
    match (scope.from, scope.until) {
        (Some(from), Some(until)) => parts.push(format!("{}から{}まで", words::day(from), words::day(until))),
        (Some(from), None) => parts.push(format!("{}から", words::day(from))),
        (None, Some(until)) => parts.push(format!("{}まで", words::day(until))),
        (None, None) => {}
    }
    let departments = Departments::all(app).await?;
    parts.extend(scope.departments.iter().map(|id| format!("部局「{}」とその下", departments.get(id))));
    let names = Names::of(app, &scope.people).await?;
    parts.extend(scope.people.iter().map(|id| format!("職員 {}", names.get(id))));
    parts.extend(scope.permits.iter().map(|id| {
        let purpose = register.permit(id).map_or_else(|| id.to_string(), |p| p.draft.purpose.clone());
        format!("業務「{purpose}」")
    }));
    parts.extend(scope.services.iter().map(|id| format!("サービス「{}」", words::service(register, id))));
    if !scope.uses.is_empty() {
        parts.push(format!("指定した利用 {} 件", scope.uses.len()));
    }
    Ok(if parts.is_empty() { "すべての利用".to_owned() } else { parts.join("、") })
}
