//! リスクケース: the list, and the form by which anybody on the staff reports one.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{ONCE, give_named, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, offset};
use sekisho_domain::command::{Command, StepRiskCase};
use sekisho_domain::day::in_japan;
use sekisho_domain::ds920::risk_case::{CaseKind, CaseState, CaseStep, READERS, RiskCase};
use sekisho_domain::event::Event;
use sekisho_domain::id::{PersonId, ServiceId, UseId};
use sekisho_domain::person::Role::{self, Caio, Ciso, ServiceManager};
use sekisho_domain::register::Register;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "ds920/cases.html")]
struct CasesPage {
    frame: Frame,
    views: Vec<(&'static str, &'static str, bool)>,
    table: Table,
    sees_all: bool,
}

#[derive(Template)]
#[template(path = "ds920/report.html")]
struct ReportPage {
    frame: Frame,
    fields: Vec<Field>,
    once: String,
}

const VIEWS: [(&str, &str); 4] =
    [("open", "終結していないもの"), ("overdue", "期限を過ぎたもの"), ("closed", "終結したもの"), ("all", "すべて")];

/// Who works on cases.
pub(in crate::http::page) const fn handlers() -> &'static [Role] {
    &[ServiceManager, Ciso, Caio]
}

/// A case that is the next thing for someone with these roles.
pub(in crate::http::page) fn wait_for(case: &RiskCase, roles: &BTreeSet<Role>) -> bool {
    match case.state {
        CaseState::Reported | CaseState::Received => roles.contains(&ServiceManager),
        CaseState::WithCaio => roles.contains(&Caio),
        CaseState::Closed => false,
    }
}

pub(super) fn sees_all(register: &Register, person: &PersonId) -> bool {
    register.holds_any(person, &READERS)
}

/// What is said of the deadlines of a case.
pub(super) fn deadline(register: &Register, case: &RiskCase, today: jiff::civil::Date) -> (Tone, String) {
    if case.is_closed() {
        return (Tone::Plain, String::new());
    }
    let running = case.running(&register.ds920().clocks_on(today));
    let open: Vec<_> = running.iter().filter(|one| one.met_on.is_none()).collect();
    match open.first() {
        None => (Tone::Plain, "残る期限なし".to_owned()),
        Some(next) if next.is_overdue(today) => {
            (Tone::Bad, format!("{}が期限（{}）を過ぎています", next.clock.due.label(), words::day(next.last_day)))
        }
        Some(next) => (Tone::Look, format!("{}まで: {}", words::day(next.last_day), next.clock.due.label())),
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    show: String,
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let all = sees_all(&register, signed.person());
    let show = VIEWS.iter().find(|(known, _)| *known == wanted.show).map_or("open", |(known, _)| *known);
    let clocks = register.ds920().clocks_on(today);
    let belongs = |case: &&RiskCase| match show {
        "open" => !case.is_closed(),
        "overdue" => !case.is_closed() && case.running(&clocks).iter().any(|one| one.is_overdue(today)),
        "closed" => case.is_closed(),
        _ => true,
    };
    let mine = |case: &&RiskCase| all || case.reporter == *signed.person();
    let rows: Vec<&RiskCase> = register
        .ds920()
        .cases()
        .filter(mine)
        .filter(belongs)
        .filter(|case| asked.finds(&[&case.summary, case.case.as_str(), case.kind.label()]))
        .collect();
    let by_known = |one: &&RiskCase, other: &&RiskCase| other.known_at.cmp(&one.known_at);
    let by_kind = |one: &&RiskCase, other: &&RiskCase| one.kind.cmp(&other.kind);
    let slice = asked.slice(rows, &[("known", &by_known), ("kind", &by_kind)]);
    let columns = [
        Column::plain("内容"),
        Column::sorted("kind", "種類"),
        Column::sorted("known", "知った時"),
        Column::plain("状態"),
        Column::plain("次の期限"),
        Column::plain("保全した利用"),
    ];
    let about = ("リスクケース", "ここに当てはまるケースはありません。");
    let table = Table::new("/cases", about, &columns, &asked, slice, |case| {
        let (tone, next) = deadline(&register, case, today);
        let summary: String = case.summary.chars().take(60).collect();
        vec![
            Cell::link(format!("/cases/{}", case.case), summary),
            Cell::text(case.kind.label()),
            Cell::text(crate::account::in_words(case.known_at)),
            Cell::text(case.state.label()),
            if next.is_empty() { Cell::default() } else { Cell::tag(tone, next) },
            Cell::text(format!("{} 件", case.uses.len())),
        ]
    });
    let table = table.keeping("show", show);
    if let Some(file) = table.file("cases")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/cases", "リスクケース").await?.below(&[("/", "ホーム")]).wide();
    let views = VIEWS.iter().map(|(key, label)| (*key, *label, *key == show)).collect();
    Ok(page(StatusCode::OK, &CasesPage { frame, views, table, sees_all: all }))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Brought {
    #[serde(default, rename = "use")]
    of: String,
}

pub(super) async fn new(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(brought): Query<Brought>,
) -> Result<Response, PageError> {
    let fields = Fields::of([("uses".to_owned(), brought.of)]).unwrap_or_default();
    form(&app, &signed, &fields, Vec::new()).await
}

async fn form(app: &App, signed: &SignedIn, typed: &Fields, problems: Vec<Problem>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let now = app.world.now().to_zoned(TimeZone::fixed(offset(9))).strftime("%Y-%m-%dT%H:%M").to_string();
    let known_at = match typed.line("known_at") {
        "" => now,
        typed => typed.to_owned(),
    };
    let kinds = CaseKind::ALL.map(|kind| Choice::new(kind.name(), kind.label())).to_vec();
    let mut services = vec![Choice::new("", "分からない・どれでもない")];
    services.extend(
        register.services().map(|record| Choice::new(record.service.service.to_string(), record.service.name.clone())),
    );
    let status = Problem::status(&problems);
    let fields = vec![
        Field::select("kind", "種類", kinds)
            .help("迷うときは近いものを選んでください。後で担当者が見直します。")
            .value(if typed.get("kind").is_empty() { "other" } else { typed.get("kind") })
            .told(&problems),
        Field::input("datetime-local", "known_at", "知った時")
            .help("起きた時ではなく、あなたが気付いた時です（日本時間）。期限はここから数えます。")
            .value(&known_at)
            .told(&problems),
        Field::area("summary", "何が起きたか", 4)
            .help("氏名・個人番号・パスワードなどは書かず、事実を短く書きます。台帳に残り、後から消せません。")
            .value(&typed.text("summary"))
            .told(&problems),
        Field::area("impact", "誰に・何に影響するか", 2).optional().value(&typed.text("impact")).told(&problems),
        Field::select("service", "サービス", services).optional().value(typed.get("service")).told(&problems),
        Field::area("uses", "証拠として残す利用の番号", 2)
            .optional()
            .help("チャットの回答の下や、利用の記録にある番号です。書いた利用の内容は、ケースが終結するまで消去されません。")
            .value(&typed.text("uses"))
            .told(&problems),
    ];
    let frame = Frame::new(app, Some(signed), "/cases", "リスクケースを報告する").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/cases", "リスクケース")]).wrong(problems);
    let once = match typed.get(ONCE) {
        "" => once(app),
        sent => sent.to_owned(),
    };
    Ok(page(status, &ReportPage { frame, fields, once }))
}

/// Most uses named at once.
const MOST_USES: usize = 200;

/// The uses named in a text, one to a line or between commas; each exists, and is one the person may name.
pub(super) async fn uses(
    app: &App,
    register: &Register,
    person: &PersonId,
    text: &str,
    field: &'static str,
) -> Result<Result<BTreeSet<UseId>, Problem>, PageError> {
    let mut uses = BTreeSet::new();
    let names: BTreeSet<&str> =
        text.split([',', '、', '\n', ' ', '　']).map(str::trim).filter(|name| !name.is_empty()).collect();
    // Each is looked up: no more than a case can hold.
    if names.len() > MOST_USES {
        return Ok(Err(Problem::at(field, format!("利用の番号は {MOST_USES} 件までにしてください。"))));
    }
    for name in names {
        let shown: String = name.chars().take(64).collect();
        // What others used is not theirs to know: it is answered as if there were none.
        let missing =
            || Problem::at(field, format!("利用の番号 `{shown}` の記録は見つかりません。番号を確かめてください。"));
        let Ok(of) = UseId::new(name) else { return Ok(Err(missing())) };
        let row = match app.store.use_row(&of).await {
            Ok(row) => row,
            Err(sekisho_store::ReadError::Missing(_)) => return Ok(Err(missing())),
            Err(error) => return Err(error.into()),
        };
        if row.person != *person && !sees_all(register, person) {
            return Ok(Err(missing()));
        }
        uses.insert(of);
    }
    Ok(Ok(uses))
}

/// `2026-12-01T09:30`, in Japan.
fn moment(text: &str) -> Option<Timestamp> {
    Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::fixed(offset(9))).ok()?.timestamp())
}

pub(super) async fn report(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mut problems = Vec::new();
    let kind = CaseKind::named(fields.get("kind"));
    if kind.is_none() {
        problems.push(Problem::at("kind", "種類を一覧から選んでください。"));
    }
    let known_at = moment(fields.line("known_at"));
    if known_at.is_none() {
        problems.push(Problem::at("known_at", "知った時を 2026-12-01T09:30 の形で入力してください。"));
    }
    let summary = fields.text("summary").trim().to_owned();
    if summary.is_empty() {
        problems.push(Problem::at("summary", "何が起きたかを入力してください。"));
    }
    let uses = match uses(&app, &register, signed.person(), &fields.text("uses"), "uses").await? {
        Ok(uses) => uses,
        Err(problem) => {
            problems.push(problem);
            BTreeSet::new()
        }
    };
    let (Some(kind), Some(known_at), true) = (kind, known_at, problems.is_empty()) else {
        return form(&app, &signed, &fields, problems).await;
    };
    let step = CaseStep::Report {
        kind,
        known_at,
        summary,
        impact: fields.text("impact").trim().to_owned(),
        service: ServiceId::new(fields.get("service")).ok(),
        uses,
    };
    let command = Command::StepRiskCase(StepRiskCase { case: None, step });
    let named = named_once(&app, &signed, &fields);
    match give_named(&app, &signed, command, "", named.clone(), Vec::new()).await? {
        Ok(committed) => {
            let case = committed.entries.iter().find_map(|entry| match &entry.event {
                Event::RiskCaseStepped(e) => Some(e.case.clone()),
                _ => None,
            });
            Ok(go(&case.map_or_else(|| "/cases".to_owned(), |case| format!("/cases/{case}?done=report"))))
        }
        // The same form sent twice: the case is there already.
        Err(refusal) if refusal.code == "EXISTS" => Ok(go(&format!("/cases/rc-{named}?done=report"))),
        Err(refusal) => {
            let field = match refusal.code {
                "MUST_NOT_BE_KEPT" => "summary",
                "UNKNOWN" => "service",
                _ => "known_at",
            };
            form(&app, &signed, &fields, vec![Problem::refused(field, &refusal)]).await
        }
    }
}
