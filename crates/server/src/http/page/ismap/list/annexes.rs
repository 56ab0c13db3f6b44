//! `/ismap/annexes`: requests to see the annex of a statement, for who asks and for the provider that answers.

use super::super::frame;
use super::address;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{give, named_once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::{self, Names};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, StepAnnex};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{AnnexId, PersonId};
use sekisho_domain::ismap::look_up::{AnnexRequest, AnnexState, AnnexStep};
use sekisho_domain::ismap::party::SchemeRole;
use sekisho_domain::register::Register;

/// The person acts for the provider of the service on this row.
fn provides(register: &Register, person: &PersonId, number: &str) -> bool {
    let scheme = register.scheme();
    let offering = register.registration(number).and_then(|row| row.offering.as_ref());
    let provider = offering.and_then(|offering| scheme.provider_of(offering)).map(|(id, _)| id);
    provider.is_some() && provider == scheme.party_of(person)
}

fn may_read(register: &Register, person: &PersonId, request: &AnnexRequest) -> bool {
    request.by.as_ref() == Some(person) || provides(register, person, &request.number)
}

fn tone(state: AnnexState) -> Tone {
    match state {
        AnnexState::Requested => Tone::Look,
        AnnexState::Granted => Tone::Good,
        AnnexState::Refused => Tone::Bad,
        AnnexState::Expired => Tone::Plain,
    }
}

#[derive(Template)]
#[template(path = "ismap/list/annexes.html")]
struct ListPage {
    frame: Frame,
    table: Table,
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let all = register.scheme().annexes.all().filter(|(_, request)| may_read(&register, signed.person(), request));
    let slice = asked.slice(all.collect(), &[("", &|one, other| one.1.number.cmp(&other.1.number))]);
    let people: Vec<&PersonId> = slice.rows.iter().filter_map(|(_, request)| request.by.as_ref()).collect();
    let names = Names::of(&app, people).await?;
    let columns = ["目的", "登録番号", "状態", "いつまで", "請求した人"].map(Column::plain);
    let empty = "別添の請求はまだありません。登録リストのサービスのページから請求できます。";
    let table = Table::new("/ismap/annexes", ("別添の請求", empty), &columns, &asked, slice, |(id, request)| {
        let state = request.state_on(today);
        vec![
            Cell::link(format!("/ismap/annexes/{id}"), request.purpose.clone()),
            Cell::text(request.number.clone()),
            Cell::tag(tone(state), state.label()),
            Cell::text(request.until.map(words::day).unwrap_or_default()),
            Cell::text(request.by.as_ref().map(|by| names.get(by)).unwrap_or_default()),
        ]
    });
    if let Some(file) = table.file("annexes")? {
        return Ok(file);
    }
    let frame = frame(&app, &signed, "/ismap/annexes", "別添の請求", &[("/ismap/list", "登録リスト")]).await?.wide();
    Ok(page(StatusCode::OK, &ListPage { frame, table }))
}

pub(super) async fn request(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let annex = AnnexId::new(format!("x-{}", named_once(&app, &signed, &fields))).map_err(|_| PageError::Inside)?;
    let (number, purpose) = (fields.line("number").to_owned(), fields.text("purpose").trim().to_owned());
    let step = AnnexStep::Request { number: number.clone(), purpose };
    let command = Command::StepAnnex(StepAnnex { annex: annex.clone(), step });
    match give(&app, &signed, command, "").await? {
        Ok(_) => Ok(go(&format!("/ismap/annexes/{annex}?done=requested"))),
        Err(refusal) if refusal.code == "EXISTS" => Ok(go(&format!("/ismap/annexes/{annex}?done=requested"))),
        Err(refusal) => {
            let asking = AskPage {
                number: number.clone(),
                once: fields.get("once").to_owned(),
                field: Field::area("purpose", "何のために見たいか", 2)
                    .value(&fields.text("purpose"))
                    .told(&[Problem::refused("purpose", &refusal)]),
                frame: frame(
                    &app,
                    &signed,
                    "/ismap/annexes",
                    "別添の閲覧を請求する",
                    &[(&address(&number), "サービス")],
                )
                .await?
                .wrong(vec![Problem::refused("purpose", &refusal)]),
            };
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &asking))
        }
    }
}

#[derive(Template)]
#[template(path = "ismap/list/annex_ask.html")]
struct AskPage {
    frame: Frame,
    number: String,
    once: String,
    field: Field,
}

#[derive(Template)]
#[template(path = "ismap/list/annex.html")]
struct OnePage {
    frame: Frame,
    id: String,
    number: String,
    row: String,
    who: String,
    state: &'static str,
    tone: &'static str,
    until: Option<String>,
    statement: Option<String>,
    grant: Option<Field>,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("requested") => Some("請求しました。事業者の言明責任者が答えます。"),
        Some("grant") => Some("閲覧できるようにしました。"),
        Some("refuse") => Some("断りました。"),
        _ => None,
    };
    one(&app, &signed, &id, "", done, Vec::new()).await
}

async fn one(
    app: &App,
    signed: &SignedIn,
    id: &str,
    typed: &str,
    done: Option<&'static str>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let id = AnnexId::new(id).map_err(|_| PageError::Missing)?;
    let request = register.scheme().annexes.now(&id).ok_or(PageError::Missing)?;
    if !may_read(&register, signed.person(), request) {
        return Err(PageError::Missing);
    }
    let state = request.state_on(today);
    let answers = request.state == AnnexState::Requested
        && provides(&register, signed.person(), &request.number)
        && register.scheme().roles_of(signed.person()).contains(&SchemeRole::CspHead);
    let names = Names::of(app, request.by.as_ref()).await?;
    let statement = register.registration(&request.number).and_then(|row| row.statement.as_ref());
    // A request that was refused leads nowhere, though another one of the same person was granted.
    let opens = state == AnnexState::Granted || provides(&register, signed.person(), &request.number);
    let readable = statement.filter(|id| opens && register.scheme().may_read_statement(signed.person(), id, today));
    let status = Problem::status(&problems);
    let trail = [("/ismap/list", "登録リスト"), ("/ismap/annexes", "別添の請求")];
    let shown = OnePage {
        id: id.to_string(),
        number: request.number.clone(),
        row: address(&request.number),
        who: request.by.as_ref().map(|by| names.get(by)).unwrap_or_default(),
        state: state.label(),
        tone: if tone(state).class().is_empty() { "quiet" } else { tone(state).class() },
        until: request.until.map(words::day),
        statement: readable.map(|id| format!("/ismap/statements/{id}")),
        grant: answers.then(|| Field::input("date", "until", "閲覧できる最後の日").value(typed).told(&problems)),
        frame: frame(app, signed, "/ismap/annexes", request.purpose.clone(), &trail)
            .await?
            .notice(done)
            .wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn answer(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let annex = AnnexId::new(&id).map_err(|_| PageError::Missing)?;
    let known = register.scheme().annexes.now(&annex).ok_or(PageError::Missing)?;
    if !may_read(&register, signed.person(), known) {
        return Err(PageError::Missing);
    }
    let act = fields.get("act");
    let step = match act {
        "refuse" => AnnexStep::Refuse,
        _ => match fields.line("until").parse() {
            Ok(until) => AnnexStep::Grant { until },
            Err(_) => {
                let problem = Problem::at("until", "閲覧できる最後の日を 2027-03-31 の形で入力してください。");
                return one(&app, &signed, &id, fields.line("until"), None, vec![problem]).await;
            }
        },
    };
    match give(&app, &signed, Command::StepAnnex(StepAnnex { annex, step }), "").await? {
        Ok(_) => Ok(go(&format!("/ismap/annexes/{id}?done={}", if act == "refuse" { "refuse" } else { "grant" }))),
        Err(refusal) => {
            let field = if refusal.code == "INVALID" { "until" } else { "" };
            one(&app, &signed, &id, fields.line("until"), None, vec![Problem::refused(field, &refusal)]).await
        }
    }
}
