//! A new statement: about which service, against which version of the criteria, for which period, and what it carries on.

use super::editor::period;
use super::opened::{first, provider, service};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{give, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::ismap::frame;
use crate::ismap::working::{self, Draft};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepStatement};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{CatalogueId, OfferingId, PartyId, StatementId};
use sekisho_domain::ismap::last_day;
use sekisho_domain::ismap::statement::{Statement, StatementContent, StatementState, StatementStep};
use sekisho_domain::register::Register;
use serde::Deserialize;
use std::convert::Infallible;

/// What the address says the new one begins from.
#[derive(Debug, Default, Deserialize)]
pub(super) struct From {
    #[serde(default)]
    offering: String,
    #[serde(default)]
    previous: String,
    #[serde(default)]
    changes: String,
}

#[derive(Template)]
#[template(path = "ismap/statement/new.html")]
struct NewPage {
    frame: Frame,
    fields: Vec<Field>,
    once: String,
    /// There is no service, or no version of the criteria, to choose.
    lacking: Vec<(&'static str, &'static str, &'static str)>,
}

/// Statements that a new one may carry on.
fn earlier<'r>(register: &'r Register, party: &PartyId) -> Vec<(&'r StatementId, &'r Statement)> {
    let all = register.scheme().statements.all();
    let mut frozen: Vec<_> =
        all.filter(|(_, s)| s.party == *party && s.state.is_frozen() && s.state != StatementState::Withdrawn).collect();
    frozen.sort_by_key(|(_, statement)| std::cmp::Reverse(statement.to));
    frozen
}

async fn form(app: &App, signed: &SignedIn, given: &Fields, problems: Vec<Problem>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (party, known) = provider(&register, signed.person()).ok_or(PageError::Missing)?;
    let today = in_japan(app.world.now());
    let choose = |label: &str| vec![Choice::new("", label)];
    let mut offerings = choose("（選んでください）");
    offerings.extend(known.offerings.iter().map(|(id, name)| Choice::new(id.as_str(), name.clone())));
    let mut catalogues = choose("（選んでください）");
    // A new version of a signed one stays on the criteria of that one, in force or not.
    let in_force = register.scheme().catalogues.all();
    let in_force = in_force.filter(|(id, row)| row.is_in_force(today) || id.as_str() == given.get("catalogue"));
    catalogues.extend(in_force.map(|(id, row)| {
        let fictional = if row.fictional { "（架空）" } else { "" };
        Choice::new(id.as_str(), format!("{} {}{fictional}", row.title, row.version))
    }));
    let mut previous = choose("（なし。初めから書く）");
    previous.extend(earlier(&register, party).iter().map(|(id, statement)| {
        let label = format!("{} {}（{}）", service(&register, statement), period(statement), statement.state.label());
        Choice::new(id.as_str(), label)
    }));
    let mut lacking = Vec::new();
    if known.offerings.is_empty() {
        lacking.push(("クラウドサービスがまだありません。", "/ismap/offerings", "クラウドサービスを加える"));
    }
    if catalogues.len() == 1 {
        lacking.push((
            "施行中の管理基準がまだありません。運営者または外部サービス管理者が取り込みます。",
            "/ismap/criteria",
            "管理基準の版を見る",
        ));
    }
    let status = Problem::status(&problems);
    let trail = [("/ismap/statements", "言明書")];
    let frame = frame(app, signed, "/ismap/statements", "言明書を作る", &trail).await?.wrong(problems);
    let changes = vec![Choice::new("yes", "署名済みの版を、同じ監査対象期間で変える（追加の監査が必要になります）")];
    let ticked: &[&str] = if given.chosen("changes").is_empty() { &[] } else { &["yes"] };
    let fields = [
        Field::select("offering", "クラウドサービス", offerings).value(given.get("offering")),
        Field::select("catalogue", "管理基準の版", catalogues)
            .help("この言明書は選んだ版に固定されます。")
            .value(given.get("catalogue")),
        Field::input("date", "from", "監査対象期間の初日").value(given.get("from")),
        Field::input("date", "to", "監査対象期間の末日").help("12 か月以内。").value(given.get("to")),
        Field::select("previous", "前の言明書", previous)
            .help("選ぶと、回答を引き継いで始めます。管理基準の版が違うときは、対応表で同じ内容とされた項目だけ採否を引き継ぎます。")
            .value(given.get("previous")),
        Field::checks("changes", "新しい版", changes).ticked(ticked),
    ];
    let fields = fields.map(|field| field.told(&frame.problems)).into();
    Ok(page(status, &NewPage { frame, fields, once: once(app), lacking }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(from): Query<From>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (party, _) = provider(&register, signed.person()).ok_or(PageError::Missing)?;
    let today = in_japan(app.world.now());
    let before = StatementId::new(&from.previous).ok();
    let before = before.as_ref().and_then(|id| register.scheme().statements.now(id)).filter(|s| s.party == *party);
    let changes = !from.changes.is_empty();
    let mut given = vec![("offering".to_owned(), from.offering.clone())];
    if let Some(before) = before {
        // The same period for a new version of a signed one; the year after it otherwise.
        let next = before.to.checked_add(1.day()).unwrap_or(before.to);
        let days = if changes { (before.from, before.to) } else { (next, last_day(next, 12).unwrap_or(next)) };
        given = vec![
            ("offering".to_owned(), before.offering.to_string()),
            ("previous".to_owned(), from.previous.clone()),
            ("from".to_owned(), days.0.to_string()),
            ("to".to_owned(), days.1.to_string()),
        ];
        if changes {
            given.push(("catalogue".to_owned(), before.catalogue.to_string()));
            given.push(("changes.yes".to_owned(), "on".to_owned()));
        }
    }
    if !given.iter().any(|(name, _)| name == "catalogue") {
        let in_force = register.scheme().catalogues.all().filter(|(_, row)| row.is_in_force(today));
        let newest = in_force.max_by_key(|(_, row)| row.effective_from);
        given.extend(newest.map(|(id, _)| ("catalogue".to_owned(), id.to_string())));
    }
    form(&app, &signed, &Fields::of(given).unwrap_or_default(), Vec::new()).await
}

fn read(fields: &Fields, party: &PartyId) -> Result<StatementStep, Vec<Problem>> {
    let mut problems = Vec::new();
    let offering = OfferingId::new(fields.line("offering")).ok();
    if offering.is_none() {
        problems.push(Problem::at("offering", "クラウドサービスを選んでください。"));
    }
    let catalogue = CatalogueId::new(fields.line("catalogue")).ok();
    if catalogue.is_none() {
        problems.push(Problem::at("catalogue", "管理基準の版を選んでください。"));
    }
    let mut day = |name: &'static str, label: &str| {
        let day = fields.line(name).parse::<Date>().ok();
        if day.is_none() {
            problems.push(Problem::at(name, format!("{label}を 2026-03-31 の形の日付で入力してください。")));
        }
        day
    };
    let (from, to) = (day("from", "監査対象期間の初日"), day("to", "監査対象期間の末日"));
    let changes_signed = !fields.chosen("changes").is_empty();
    let previous = match fields.line("previous") {
        "" => None,
        id => StatementId::new(id).ok(),
    };
    if changes_signed && previous.is_none() {
        problems.push(Problem::at("previous", "変える版を、前の言明書として選んでください。"));
    }
    match (offering, catalogue, from, to, problems.is_empty()) {
        (Some(offering), Some(catalogue), Some(from), Some(to), true) => {
            Ok(StatementStep::Draft { party: party.clone(), offering, catalogue, from, to, previous, changes_signed })
        }
        _ => Err(problems),
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (party, _) = provider(&register, signed.person()).ok_or(PageError::Missing)?;
    let step = match read(&fields, party) {
        Ok(step) => step,
        Err(problems) => return form(&app, &signed, &fields, problems).await,
    };
    let id = StatementId::new(named_once(&app, &signed, &fields)).map_err(|_| PageError::Inside)?;
    let field = match &step {
        StatementStep::Draft { changes_signed: true, .. } => "previous",
        _ => "to",
    };
    let command = Command::StepStatement(StepStatement { statement: id.clone(), step });
    match give(&app, &signed, command, "").await? {
        Ok(_) => {}
        // The same form a second time: it is there already.
        Err(refusal) if refusal.code == "EXISTS" => {}
        Err(refusal) => {
            let field = if refusal.code == "INVALID" { field } else { "" };
            return form(&app, &signed, &fields, vec![Problem::refused(field, &refusal)]).await;
        }
    }
    let register = app.journal.register()?;
    let statement = register.scheme().statements.now(&id).ok_or(PageError::Inside)?;
    let content = first(&app, &register, statement).await?;
    // Begun already, if somebody was faster: then it stays as it is.
    let kept: Result<StatementContent, Infallible> =
        working::change(&app, signed.person(), Draft::Statement, id.as_str(), || content.clone(), |_| Ok(())).await?;
    let Ok(_) = kept;
    Ok(go(&format!("/ismap/statements/{id}?done=begun")))
}
