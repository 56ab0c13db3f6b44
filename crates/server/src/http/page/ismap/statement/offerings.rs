//! クラウドサービス: what a provider wants on the list. Statements and applications are about one of these.

use super::opened::provider;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::ismap::frame;
use crate::http::page::list::{Asked, Cell, Column, Table};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepParty};
use sekisho_domain::id::OfferingId;
use sekisho_domain::ismap::party::PartyStep;

#[derive(Template)]
#[template(path = "ismap/statement/offerings.html")]
struct OfferingsPage {
    frame: Frame,
    table: Table,
    fields: Vec<Field>,
}

const COLUMNS: [Column; 4] = [
    Column::sorted("name", "クラウドサービス"),
    Column::sorted("id", "識別子"),
    Column::plain("言明書"),
    Column::plain("次にすること"),
];

async fn form(
    app: &App,
    signed: &SignedIn,
    asked: &Asked,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (party, known) = provider(&register, signed.person()).ok_or(PageError::Missing)?;
    let rows: Vec<(&OfferingId, &String)> =
        known.offerings.iter().filter(|(id, name)| asked.finds(&[id.as_str(), name])).collect();
    let slice =
        asked.slice(rows, &[("name", &|one, other| one.1.cmp(other.1)), ("id", &|one, other| one.0.cmp(other.0))]);
    let about =
        ("クラウドサービス", "クラウドサービスはまだありません。下の欄から、登録を目指すサービスを加えてください。");
    let statements = &register.scheme().statements;
    let table = Table::new("/ismap/offerings", about, &COLUMNS, asked, slice, |(id, name)| {
        let count = statements.all().filter(|(_, s)| s.party == *party && s.offering == *id).count();
        vec![
            Cell::text(name.clone()),
            Cell::text(id.as_str()),
            Cell::text(format!("{count} 件")),
            Cell::link(format!("/ismap/statements/new?offering={id}"), "言明書を作る"),
        ]
    });
    if let Some(file) = table.file("offerings")? {
        return Ok(file);
    }
    let status = Problem::status(&problems);
    let notice = (asked.done.as_deref() == Some("offered")).then_some("クラウドサービスを登録しました。");
    let frame = frame(app, signed, "/ismap/offerings", "クラウドサービス", &[]).await?.notice(notice).wrong(problems);
    let fields = vec![
        Field::text("name", "サービスの名称", "off").value(given.get("name")).told(&frame.problems),
        Field::text("offering", "識別子", "off")
            .help("台帳に記録する短い名前です。半角の英小文字・数字・ハイフン。登録済みの識別子を書くと、名称を改めます。")
            .value(given.get("offering"))
            .told(&frame.problems),
    ];
    Ok(page(status, &OfferingsPage { frame, table, fields }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    form(&app, &signed, &asked, &Fields::default(), Vec::new()).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (party, _) = provider(&register, signed.person()).ok_or(PageError::Missing)?;
    let mut problems = Vec::new();
    if fields.line("name").is_empty() {
        problems.push(Problem::at("name", "サービスの名称を入力してください。"));
    }
    match OfferingId::new(fields.line("offering")) {
        Ok(offering) if problems.is_empty() => {
            let step = PartyStep::Offer { offering, name: fields.line("name").to_owned() };
            let command = Command::StepParty(StepParty { party: party.clone(), step });
            match give(&app, &signed, command, "").await? {
                Ok(_) => return Ok(go("/ismap/offerings?done=offered")),
                Err(refusal) => problems.push(Problem::refused("offering", &refusal)),
            }
        }
        Ok(_) => {}
        Err(_) => {
            let text = "半角の英小文字・数字・ハイフンで入力してください（64 文字まで、先頭は英数字）。";
            problems.push(Problem::at("offering", text));
        }
    }
    form(&app, &signed, &Asked::default(), &fields, problems).await
}
