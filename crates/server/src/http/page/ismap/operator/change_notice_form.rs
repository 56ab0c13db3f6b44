//! 変更の届出 as its provider writes it: which registration, what changes, with the class by 管理基準 2.2.4 told before
//! anything is sent.

use super::super::frame;
use super::incidents::registrations;
use super::{change_notices, seeing};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{ONCE, give, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepChangeNotice};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::NoticeId;
use sekisho_domain::ismap::DeclaredScope;
use sekisho_domain::ismap::change_notice::{ChangeNotice, NoticeKind, NoticeState, NoticeStep};
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::party::PartyKind;
use sekisho_domain::ismap::statement::ControlChange;
use sekisho_domain::register::Register;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "ismap/operator/change_notice_form.html")]
struct FormPage {
    frame: Frame,
    path: String,
    once: String,
    /// Only which registration it is about is asked first.
    choosing: bool,
    number: String,
    fields: Vec<Field>,
    control: Vec<Field>,
    listed: Vec<Field>,
    /// The class of what is filled in now.
    class: Option<&'static str>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    number: String,
}

fn change_key(change: ControlChange) -> &'static str {
    match change {
        ControlChange::Procedure => "procedure",
        ControlChange::Implementation => "implementation",
        ControlChange::Operation => "operation",
        ControlChange::Frequency => "frequency",
        ControlChange::ManagingTool => "managing_tool",
        ControlChange::NewlyAdopted => "newly_adopted",
        ControlChange::NewManager => "new_manager",
        ControlChange::AddedRegion => "added_region",
    }
}

/// Names, one a line or with commas between them.
fn names(text: &str) -> BTreeSet<String> {
    text.split(['\n', ',', '、', '，']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn lines(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join("\n")
}

/// What was recorded, as the form would have said it.
fn recorded(notice: &ChangeNotice) -> Fields {
    let mut all = vec![
        ("number".to_owned(), notice.number.clone()),
        ("effective_on".to_owned(), notice.effective_on.to_string()),
        ("text".to_owned(), notice.text.clone()),
    ];
    match &notice.kind {
        NoticeKind::Control { changes, criteria } => {
            all.push(("kind".to_owned(), "control".to_owned()));
            all.extend(changes.iter().map(|c| (format!("changes.{}", change_key(*c)), "on".to_owned())));
            all.push(("criteria".to_owned(), lines(criteria)));
        }
        NoticeKind::Listed { service_name, scope } => {
            all.push(("kind".to_owned(), "listed".to_owned()));
            all.push(("service_name".to_owned(), service_name.clone().unwrap_or_default()));
            if let Some(scope) = scope {
                all.push(("changes_scope.yes".to_owned(), "on".to_owned()));
                all.push(("regions".to_owned(), lines(&scope.regions)));
                all.push(("sub_services".to_owned(), lines(&scope.sub_services)));
                let ai = if scope.generative_ai { "yes" } else { "no" };
                all.push(("generative_ai".to_owned(), ai.to_owned()));
            }
        }
    }
    Fields::of(all).unwrap_or_default()
}

async fn form(
    app: &App,
    signed: &SignedIn,
    path: String,
    given: &Fields,
    problems: Vec<Problem>,
    class: Option<&'static str>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if seeing::acts_for(&register, signed.person(), PartyKind::Csp).is_none() {
        return Err(PageError::Missing);
    }
    let today = in_japan(app.world.now());
    let status = Problem::status(&problems);
    let trail = [("/ismap/change-notices", "変更の届出")];
    let frame = frame(app, signed, &path, "変更を届け出る", &trail).await?.wrong(problems);
    let told = &frame.problems;
    let number = given.line("number").to_owned();
    let row = register.registration(&number).filter(|_| seeing::provides(&register, signed.person(), &number));
    let typed = |field: &str, known: String| {
        if given.get("kind").is_empty() { known } else { given.text(field) }
    };
    let (mut fields, mut control, mut listed) = (Vec::new(), Vec::new(), Vec::new());
    match row {
        None => {
            let choices = registrations(&register, signed.person());
            fields.push(Field::select("number", "登録", choices).value(&number).told(told));
        }
        Some(row) => {
            let kinds = vec![
                Choice {
                    help: "手続・実装・運用・頻度・管理ツールなど、統制が変わるとき。".to_owned(),
                    ..Choice::new("control", "統制の変更")
                },
                Choice {
                    help: "サービスの名称や言明の対象範囲など、リストに載っている内容が変わるとき。".to_owned(),
                    ..Choice::new("listed", "登録情報の変更")
                },
            ];
            fields.push(Field::radio("kind", "何が変わるか", kinds).value(given.get("kind")).told(told));
            fields.push(Field::area("text", "変更の内容", 4).value(&given.text("text")).told(told));
            let on = if given.get("effective_on").is_empty() {
                today.to_string()
            } else {
                given.line("effective_on").to_owned()
            };
            fields.push(Field::input("date", "effective_on", "変更の日").value(&on).told(told));
            let changes = ControlChange::ALL.map(|change| Choice {
                help: if change.counts() {
                    "統制変更に当たる"
                } else {
                    "これだけなら統制変更に当たらない"
                }
                .to_owned(),
                ..Choice::new(change_key(change), change.label())
            });
            control.push(
                Field::checks("changes", "変更の種類（管理基準 2.2.4。要確認）", changes.to_vec())
                    .ticked(&given.chosen("changes"))
                    .told(told),
            );
            control.push(
                Field::area("criteria", "対象の管理策", 3)
                    .help("管理策の番号を 1 行に一つ書きます。例: 9.2.3.11.PB")
                    .optional()
                    .value(&given.text("criteria"))
                    .told(told),
            );
            listed.push(
                Field::text("service_name", "新しいサービスの名称", "off")
                    .help(format!("今の名称: {}。変わらないときは空欄にします。", row.service_name))
                    .optional()
                    .value(given.get("service_name"))
                    .told(told),
            );
            listed.push(
                Field::checks(
                    "changes_scope",
                    "対象範囲",
                    vec![Choice::new("yes", "言明の対象範囲が、下のように変わる")],
                )
                .optional()
                .ticked(&given.chosen("changes_scope"))
                .told(told),
            );
            let areas = [
                ("regions", "リージョン", lines(&row.scope.regions)),
                ("sub_services", "サブサービス", lines(&row.scope.sub_services)),
            ];
            for (id, label, known) in areas {
                let value = typed(id, known);
                listed.push(Field::area(id, label, 3).help("1 行に一つ書きます。").optional().value(&value).told(told));
            }
            let ai = typed("generative_ai", if row.scope.generative_ai { "yes" } else { "no" }.to_owned());
            let choices = vec![Choice::new("yes", "含む"), Choice::new("no", "含まない")];
            listed.push(Field::radio("generative_ai", "生成AIの機能", choices).optional().value(&ai).told(told));
        }
    }
    let shown = FormPage {
        path,
        once: if given.get(ONCE).is_empty() { once(app) } else { given.get(ONCE).to_owned() },
        choosing: row.is_none(),
        number,
        fields,
        control,
        listed,
        class,
        frame,
    };
    Ok(page(status, &shown))
}

pub(super) async fn begin(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let given = Fields::of([("number".to_owned(), which.number)]).unwrap_or_default();
    form(&app, &signed, "/ismap/change-notices/new".to_owned(), &given, Vec::new(), None).await
}

/// A notice of one's own that is still being written.
fn drafted(register: &Register, signed: &SignedIn, id: &str) -> Result<(NoticeId, ChangeNotice), PageError> {
    let id = NoticeId::new(id).map_err(|_| PageError::Missing)?;
    let notice = register.scheme().notices.now(&id).ok_or(PageError::Missing)?;
    if notice.state == NoticeState::Drafted && change_notices::sees(register, signed.person(), notice) {
        Ok((id, notice.clone()))
    } else {
        Err(PageError::Missing)
    }
}

pub(super) async fn edit(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (id, notice) = drafted(&register, &signed, &id)?;
    let path = format!("/ismap/change-notices/{id}/edit");
    form(&app, &signed, path, &recorded(&notice), Vec::new(), Some(change_notices::class(&notice.kind))).await
}

fn read(fields: &Fields, problems: &mut Vec<Problem>) -> Option<NoticeKind> {
    match fields.get("kind") {
        "control" => {
            let ticked = fields.chosen("changes");
            let changes: BTreeSet<ControlChange> =
                ControlChange::ALL.into_iter().filter(|c| ticked.contains(&change_key(*c))).collect();
            if changes.is_empty() {
                problems.push(Problem::at("changes", "変更の種類を一つ以上選んでください。"));
            }
            let criteria = names(&fields.text("criteria"));
            for name in &criteria {
                if name.parse::<CriterionId>().is_err() {
                    let text = format!(
                        "「{name}」は管理策の番号として読めません。9.2.3 や 9.2.3.11.PB の形で書いてください。"
                    );
                    problems.push(Problem::at("criteria", text));
                }
            }
            Some(NoticeKind::Control { changes, criteria })
        }
        "listed" => {
            let name = fields.line("service_name");
            let scope = (!fields.chosen("changes_scope").is_empty()).then(|| DeclaredScope {
                regions: names(&fields.text("regions")),
                sub_services: names(&fields.text("sub_services")),
                generative_ai: fields.get("generative_ai") == "yes",
            });
            if name.is_empty() && scope.is_none() {
                let text = "新しい名称を書くか、「言明の対象範囲が、下のように変わる」を選んでください。";
                problems.push(Problem::at("changes_scope", text));
            }
            Some(NoticeKind::Listed { service_name: Some(name.to_owned()).filter(|name| !name.is_empty()), scope })
        }
        _ => {
            problems.push(Problem::at("kind", "何が変わるかを選んでください。"));
            None
        }
    }
}

async fn send(
    app: &App,
    signed: &SignedIn,
    fields: &Fields,
    known: Option<(NoticeId, ChangeNotice)>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let path = match &known {
        Some((id, _)) => format!("/ismap/change-notices/{id}/edit"),
        None => "/ismap/change-notices/new".to_owned(),
    };
    let mut problems = Vec::new();
    let number = match &known {
        Some((_, notice)) => notice.number.clone(),
        None => fields.line("number").to_owned(),
    };
    if !seeing::provides(&register, signed.person(), &number) {
        problems.push(Problem::at("number", "一覧にある登録を選んでください。"));
        return form(app, signed, path, fields, problems, None).await;
    }
    let kind = read(fields, &mut problems);
    let class = kind.as_ref().map(change_notices::class);
    if fields.get("act") == "classify" {
        return form(app, signed, path, fields, problems, class).await;
    }
    let effective_on = fields.line("effective_on").parse::<Date>();
    if effective_on.is_err() {
        problems.push(Problem::at("effective_on", "変更の日を 2026-11-30 の形で入力してください。"));
    }
    if let (Some(kind), Ok(effective_on), true) = (kind, effective_on, problems.is_empty()) {
        let notice = match known {
            Some((id, _)) => id,
            // The same form sent twice writes the same notice twice.
            None => NoticeId::new(format!("todoke-{}", named_once(app, signed, fields)))
                .map_err(|_| PageError::Unreadable)?,
        };
        let step = NoticeStep::Draft { number, kind, effective_on, text: fields.text("text").trim().to_owned() };
        let command = StepChangeNotice { notice: notice.clone(), on: None, rule: None, step };
        match give(app, signed, Command::StepChangeNotice(command), "").await? {
            Ok(_) => return Ok(go(&format!("/ismap/change-notices/{notice}?done=draft"))),
            Err(refusal) => {
                let field = if matches!(refusal.code, "INVALID" | "MUST_NOT_BE_KEPT") { "text" } else { "" };
                problems.push(Problem::refused(field, &refusal));
            }
        }
    }
    form(app, signed, path, fields, problems, class).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    send(&app, &signed, &fields, None).await
}

pub(super) async fn submit_edit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let known = drafted(&register, &signed, &id)?;
    send(&app, &signed, &fields, Some(known)).await
}
