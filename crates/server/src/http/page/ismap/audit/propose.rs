//! A provider asks a registered firm to audit a signed statement.

use super::super::frame;
use super::wording::today;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{give, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepEngagement};
use sekisho_domain::id::{EngagementId, PartyId, StatementId};
use sekisho_domain::ismap::engagement::{EngagementKind, EngagementStep};
use sekisho_domain::ismap::statement::StatementState;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ismap/audit/propose.html")]
struct ProposePage {
    frame: Frame,
    once: String,
    fields: Vec<Field>,
    /// What is missing before anything can be asked.
    lacking: Option<&'static str>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    statement: String,
}

const KINDS: [(&str, EngagementKind); 4] = [
    ("initial", EngagementKind::Initial),
    ("renewal", EngagementKind::Renewal),
    ("additional", EngagementKind::Additional),
    ("re_audit", EngagementKind::ReAudit),
];

async fn form(app: &App, signed: &SignedIn, given: &Fields, problems: Vec<Problem>) -> Result<Response, PageError> {
    let (register, now) = today(app)?;
    let scheme = register.scheme();
    let own = scheme.party_of(signed.person()).ok_or(PageError::Missing)?;
    let party = scheme.parties.now(own).ok_or(PageError::Missing)?;
    if party.offerings.is_empty() {
        return Err(PageError::Missing);
    }
    let audited = |state| matches!(state, StatementState::Signed | StatementState::Published);
    let statements: Vec<Choice> = scheme
        .statements
        .all()
        .filter(|(_, s)| s.party == *own && audited(s.state))
        .map(|(id, s)| {
            let name = party.offerings.get(&s.offering).cloned().unwrap_or_default();
            Choice::new(id.as_str(), format!("{name}（{}〜{}、{}）", day(s.from), day(s.to), s.state.label()))
        })
        .collect();
    let firms: Vec<Choice> = scheme
        .firms
        .all()
        .filter(|(_, firm)| firm.is_effective(now))
        .map(|(id, firm)| {
            let name = scheme.parties.now(id).map(|p| p.name.clone()).unwrap_or_default();
            let until = firm.until.map(day).unwrap_or_default();
            Choice { help: format!("登録期間は {until} まで。"), ..Choice::new(id.as_str(), name) }
        })
        .collect();
    let lacking = if statements.is_empty() {
        Some("監査を依頼できる署名済みの言明書がありません。先に言明書を検証し、言明責任者が署名してください。")
    } else if firms.is_empty() {
        Some("今日の時点で登録が有効な監査機関がありません。")
    } else {
        None
    };
    let mut all = vec![Choice::new("", "（選んでください）")];
    all.extend(statements);
    let kinds = KINDS.map(|(key, kind)| Choice::new(key, kind.label())).to_vec();
    let kind = if given.get("kind").is_empty() { "initial" } else { given.get("kind") };
    let fields = vec![
        Field::select("statement", "言明書", all).value(given.get("statement")).told(&problems),
        Field::radio("firm", "監査機関", firms).value(given.get("firm")).told(&problems),
        Field::radio("kind", "監査の種類", kinds)
            .help("初めて登録するサービスは初回の監査、更新の申請に使うなら更新の監査です。")
            .value(kind)
            .told(&problems),
        Field::area("reason", "依頼の理由", 2).optional().value(given.get("reason")).told(&problems),
    ];
    let status = Problem::status(&problems);
    let trail = [("/ismap/engagements", "監査")];
    let frame = frame(app, signed, "/ismap/engagements/new", "監査の依頼", &trail).await?.wrong(problems);
    Ok(page(status, &ProposePage { frame, once: once(app), fields, lacking }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let given = Fields::of([("statement".to_owned(), which.statement)]).unwrap_or_default();
    form(&app, &signed, &given, Vec::new()).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let mut problems = Vec::new();
    let statement = StatementId::new(fields.line("statement"));
    let firm = PartyId::new(fields.line("firm"));
    let kind = KINDS.iter().find(|(key, _)| *key == fields.get("kind")).map(|(_, kind)| *kind);
    if statement.is_err() {
        problems.push(Problem::at("statement", "監査を受ける言明書を選んでください。"));
    }
    if firm.is_err() {
        problems.push(Problem::at("firm", "依頼する監査機関を選んでください。"));
    }
    if kind.is_none() {
        problems.push(Problem::at("kind", "監査の種類を選んでください。"));
    }
    if let (Ok(statement), Ok(firm), Some(kind), true) = (statement, firm, kind, problems.is_empty()) {
        let engagement = EngagementId::new(named_once(&app, &signed, &fields)).map_err(|_| PageError::Inside)?;
        let to = format!("/ismap/engagements/{engagement}?done=begun");
        let step = EngagementStep::Propose { firm, statement, kind };
        let command = Command::StepEngagement(StepEngagement { engagement, on: None, rule: None, step });
        match give(&app, &signed, command, &fields.text("reason")).await? {
            Ok(_) => return Ok(go(&to)),
            Err(refusal) if refusal.code == "EXISTS" => return Ok(go(&to)),
            Err(refusal) => problems.push(Problem::refused("kind", &refusal)),
        }
    }
    form(&app, &signed, &fields, problems).await
}
