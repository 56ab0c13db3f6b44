//! Single uses: found by time, service, department, purpose, outcome, reason and person.

use super::amounts::{app_name, purpose};
use super::listing::{self, About, Filters, Listing, MOST, ROWS};
use super::period::{between, exact};
use super::refusals::told;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, Problem, page};
use crate::http::page::list::{Cell, Tone};
use crate::http::page::words::{self, Departments, Names};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DepartmentId, PermitId, PersonId, ServiceId};
use sekisho_domain::register::Register;
use sekisho_store::{Cursor, UseFilter, UseOutcome, UseRow};
use serde::Deserialize;

/// People whose name is looked for, at most.
const NAMESAKES: u64 = 200;

/// Every outcome with its words.
pub(super) const OUTCOMES: [(UseOutcome, &str, Tone); 6] = [
    (UseOutcome::Completed, "回答済み", Tone::Good),
    (UseOutcome::Refused, "拒否", Tone::Bad),
    (UseOutcome::UpstreamError, "サービス側のエラー", Tone::Look),
    (UseOutcome::Cut, "途中で終了", Tone::Look),
    (UseOutcome::Aborted, "停止により中断", Tone::Look),
    (UseOutcome::Open, "処理中", Tone::Plain),
];

/// An outcome in words.
pub(super) fn outcome(outcome: UseOutcome) -> (&'static str, Tone) {
    OUTCOMES.into_iter().find(|(one, _, _)| *one == outcome).map_or(("", Tone::Plain), |(_, label, tone)| (label, tone))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    from: String,
    until: String,
    service: String,
    department: String,
    permit: String,
    app: String,
    outcome: String,
    reason: String,
    person: String,
    before: String,
    format: String,
}

#[derive(Template)]
#[template(path = "oversight/uses.html")]
struct UsesPage {
    frame: Frame,
    fields: Vec<Field>,
    /// Filters that came with a link and have no field of their own.
    kept: Vec<(&'static str, String, String)>,
    without_kept: String,
    listing: Listing,
}

const ABOUT: About = About {
    path: "/oversight/uses",
    caption: "利用の記録",
    empty: "利用の記録はまだありません。職員が生成AIを使うか、使おうとして拒否されると、一件ずつここに並びます。",
    columns: &["日時", "利用者", "部局", "サービス", "業務", "格付", "結果", "理由", "アプリ", "識別子"],
};

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let departments = Departments::all(&app).await?;
    let mut problems = Vec::new();
    let filter = filter(&app, &register, &wanted, &mut problems).await?;
    let before = listing::cursor(&wanted.before);
    if listing::exports(&wanted.format) && problems.is_empty() {
        let mut found = app.store.uses(&filter, None, MOST + 1).await?;
        let cut = found.len() as u64 > MOST;
        found.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        let rows = rows(&app, &register, &departments, &found).await?;
        return listing::file(&ABOUT, &wanted.format, "uses", rows, cut);
    }
    let (found, last) =
        if problems.is_empty() { turned(app.store.uses(&filter, before, ROWS + 1).await?) } else { (Vec::new(), None) };
    let filters = Filters::default()
        .keeping("from", &wanted.from)
        .keeping("until", &wanted.until)
        .keeping("service", &wanted.service)
        .keeping("department", &wanted.department)
        .keeping("outcome", &wanted.outcome)
        .keeping("person", &wanted.person);
    let without_kept = filters.address(ABOUT.path, None);
    let filters =
        filters.keeping("permit", &wanted.permit).keeping("app", &wanted.app).keeping("reason", &wanted.reason);
    let rows = rows(&app, &register, &departments, &found).await?;
    let listing = Listing::new(&ABOUT, &filters, rows, before.is_some(), last);
    let kept = kept(&register, &wanted);
    let fields = fields(&register, &departments, &wanted, &problems);
    let status = Problem::status(&problems);
    let frame = Frame::new(&app, Some(&signed), "/oversight", "利用の記録").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/oversight", "利用状況")]).wide().wrong(problems);
    Ok(page(status, &UsesPage { frame, fields, kept, without_kept, listing }))
}

/// Cuts the row that only shows that there are more, and gives the place of the last one before it.
pub(super) fn turned(mut found: Vec<UseRow>) -> (Vec<UseRow>, Option<Cursor>) {
    let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let more = found.len() > rows;
    found.truncate(rows);
    let last = found.last().filter(|_| more).map(|row| Cursor { at: row.at, index: row.opened });
    (found, last)
}

/// The people a field means: one by pseudonym, or all whose name holds its words.
pub(super) async fn people(app: &App, register: &Register, typed: &str) -> Result<Option<Vec<PersonId>>, PageError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    if let Some(person) = PersonId::new(typed).ok().filter(|person| register.person(person).is_some()) {
        return Ok(Some(vec![person]));
    }
    Ok(Some(app.store.people_named(typed, NAMESAKES).await?))
}

async fn filter(
    app: &App,
    register: &Register,
    wanted: &Wanted,
    problems: &mut Vec<Problem>,
) -> Result<UseFilter, PageError> {
    let (from, until) = between(&wanted.from, &wanted.until, problems);
    // What names nothing finds nothing, as a filter should.
    let nothing = || Problem::at("", "この条件のアドレスは正しくありません。条件を選び直してください。");
    let mut id = |text: &str| {
        !text.is_empty() && sekisho_domain::id::UseId::new(text).map_err(|_| problems.push(nothing())).is_ok()
    };
    let (service, department, permit) = (id(&wanted.service), id(&wanted.department), id(&wanted.permit));
    let people = people(app, register, &wanted.person).await?;
    Ok(UseFilter {
        people,
        service: service.then(|| ServiceId::new(&wanted.service).ok()).flatten(),
        department: department.then(|| DepartmentId::new(&wanted.department).ok()).flatten(),
        permit: permit.then(|| PermitId::new(&wanted.permit).ok()).flatten(),
        app: match wanted.app.as_str() {
            "" => None,
            "-" => Some(String::new()),
            other => Some(other.to_owned()),
        },
        outcome: OUTCOMES.into_iter().map(|(one, _, _)| one).find(|one| one.as_str() == wanted.outcome),
        reason: Some(wanted.reason.clone()).filter(|reason| !reason.is_empty()),
        from,
        until,
    })
}

fn kept(register: &Register, wanted: &Wanted) -> Vec<(&'static str, String, String)> {
    let mut kept = Vec::new();
    if let Ok(permit) = PermitId::new(&wanted.permit) {
        kept.push(("permit", wanted.permit.clone(), format!("業務「{}」", purpose(register, &permit))));
    }
    if !wanted.app.is_empty() {
        let name = if wanted.app == "-" { "" } else { &wanted.app };
        kept.push(("app", wanted.app.clone(), format!("アプリ「{}」", app_name(name))));
    }
    if !wanted.reason.is_empty() {
        let told = told(register, &wanted.reason);
        kept.push(("reason", wanted.reason.clone(), format!("理由「{}（{}）」", told.title, wanted.reason)));
    }
    kept
}

fn fields(register: &Register, departments: &Departments, wanted: &Wanted, problems: &[Problem]) -> Vec<Field> {
    let mut services = vec![Choice::new("", "すべて")];
    services.extend(register.services().map(|one| Choice::new(one.service.service.as_str(), one.service.name.clone())));
    let mut places: Vec<Choice> = register
        .departments()
        .map(|one| Choice::new(one.department.as_str(), departments.get(&one.department)))
        .collect();
    places.sort_by(|one, other| one.label.cmp(&other.label));
    places.insert(0, Choice::new("", "すべて"));
    let mut outcomes = vec![Choice::new("", "すべて")];
    outcomes.extend(OUTCOMES.into_iter().map(|(one, label, _)| Choice::new(one.as_str(), label)));
    [
        Field::input("date", "from", "始まりの日").optional().value(&wanted.from),
        Field::input("date", "until", "終わりの日").optional().value(&wanted.until),
        Field::select("service", "サービス", services).value(&wanted.service),
        Field::select("department", "部局", places).value(&wanted.department),
        Field::select("outcome", "結果", outcomes).value(&wanted.outcome),
        Field::input("search", "person", "利用者")
            .optional()
            .help("氏名の一部、または仮名（p-…）")
            .value(&wanted.person),
    ]
    .into_iter()
    .map(|field| field.told(problems))
    .collect()
}

async fn rows(
    app: &App,
    register: &Register,
    departments: &Departments,
    found: &[UseRow],
) -> Result<Vec<Vec<Cell>>, PageError> {
    let people: Vec<&PersonId> = found.iter().map(|row| &row.person).collect();
    let names = Names::of(app, people).await?;
    let cells = |row: &UseRow| {
        let (label, tone) = outcome(row.outcome);
        vec![
            Cell::link(format!("/oversight/uses/{}", row.id), exact(row.at)),
            Cell::text(names.get(&row.person)),
            Cell::text(row.department.as_ref().map_or_else(String::new, |id| departments.get(id))),
            Cell::text(service_of(register, row)),
            Cell::text(row.permit.as_ref().map_or_else(|| "（承認なし）".to_owned(), |id| purpose(register, id))),
            Cell::text(words::grade(register, Grade(row.grade))),
            Cell::tag(tone, label),
            Cell::text(row.code.clone()),
            Cell::text(app_name(&row.app)),
            Cell::text(row.id.as_str()),
        ]
    };
    Ok(found.iter().map(cells).collect())
}

/// The service of a use, or the model that no service offers.
pub(super) fn service_of(register: &Register, row: &UseRow) -> String {
    match &row.service {
        Some(id) => words::service(register, id),
        None if row.model.is_empty() => "（特定できない）".to_owned(),
        None => format!("（登録のないモデル {}）", row.model),
    }
}
