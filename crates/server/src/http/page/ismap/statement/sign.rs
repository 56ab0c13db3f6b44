//! 経営者確認: what is signed stands before the head, hash and all, and then it is signed and frozen.

use super::editor::{Head, framed};
use super::opened::{Opened, open};
use super::service::in_words;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_with;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words::Names;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepStatement};
use sekisho_domain::ismap::statement::{StatementState, StatementStep, overrides};

#[derive(Template)]
#[template(path = "ismap/statement/sign.html")]
struct SignPage {
    frame: Frame,
    head: Head,
    sha256: String,
    adopted: u32,
    excluded: u32,
    changed: u32,
    service: Vec<(&'static str, String)>,
    /// Basic items that are left out: number, reason, who let it.
    left_out: Vec<(String, String, String)>,
    /// For the head alone.
    confirm: Option<Field>,
}

async fn shown(app: &App, signed: &SignedIn, opened: &Opened, problems: Vec<Problem>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let content = opened.said()?;
    let Some(validated) = &opened.statement.content else { return Err(PageError::Missing) };
    let heads: Vec<_> = overrides(content).map(|(_, by)| by).collect();
    let names = Names::of(app, heads).await?;
    let left_out = overrides(content).map(|(id, by)| {
        let reason = content.answers.get(&id).map_or("", |answer| answer.reason.as_str());
        (id.to_string(), reason.to_owned(), names.get(by))
    });
    let status = Problem::status(&problems);
    let mut service = in_words(&content.service);
    service.retain(|(_, text)| !text.is_empty());
    let frame = framed(app, signed, &register, opened, "経営者確認と署名").await?.wrong(problems);
    let choice = Choice::new("yes", "上の内容を確かめ、言明書として署名します。署名すると内容は固定されます。");
    let signs = opened.head && opened.statement.state == StatementState::Validated;
    let sign = SignPage {
        head: Head::of(&register, opened),
        sha256: validated.sha256().to_owned(),
        adopted: validated.adopted(),
        excluded: validated.excluded(),
        changed: validated.changed(),
        service,
        left_out: left_out.collect(),
        confirm: signs.then(|| Field::checks("confirm", "確認", vec![choice]).told(&frame.problems)),
        frame,
    };
    Ok(page(status, &sign))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    if !opened.own {
        return Err(PageError::Missing);
    }
    if opened.statement.content.is_none() {
        return Ok(go(&format!("/ismap/statements/{}/check", opened.id)));
    }
    shown(&app, &signed, &opened, Vec::new()).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    if !opened.own {
        return Err(PageError::Missing);
    }
    if fields.chosen("confirm").is_empty() {
        let problem = Problem::at("confirm", "内容を確かめ、確認の欄に印を付けてください。");
        return shown(&app, &signed, &opened, vec![problem]).await;
    }
    // What is signed is what stood on the page; if it was validated anew meanwhile, the register refuses.
    let sha256 = fields.line("sha256").to_owned();
    let documents = vec![sha256.clone()];
    let step = StatementStep::Sign { sha256 };
    let command = Command::StepStatement(StepStatement { statement: opened.id.clone(), step });
    match give_with(&app, &signed, command, "", documents).await? {
        Ok(_) => Ok(go(&format!("/ismap/statements/{}/check?done=signed", opened.id))),
        Err(refusal) if opened.statement.content.is_some() => {
            shown(&app, &signed, &opened, vec![Problem::refused("", &refusal)]).await
        }
        Err(_) => Ok(go(&format!("/ismap/statements/{}/check", opened.id))),
    }
}
