//! `POST /api/commands/{name}`: every change of the register, decided under the ledger's lock.

use crate::http::body::receive;
use crate::http::error::ApiError;
use crate::http::{App, Identified};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sekisho_domain::command::{Actor, Command, Occasion};
use sekisho_store::DirectoryChange;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// What a command comes in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    /// The command's content.
    #[serde(borrow)]
    content: &'a RawValue,
    /// Why, in the actor's words.
    #[serde(default)]
    reason: String,
    /// SHA-256 of attached documents.
    #[serde(default)]
    documents: Vec<String>,
    /// What the new person or department is called: directory data, never in the ledger.
    #[serde(default)]
    directory: Option<Directory>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Directory {
    name: String,
    #[serde(default)]
    mail: String,
    #[serde(default)]
    post: String,
}

pub(in crate::http) async fn run(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(name): Path<String>,
    body: Body,
) -> Result<Response, ApiError> {
    let body = receive(body, &app.config.limits).await.map_err(|problem| ApiError::unreadable(None, problem))?;
    let bad = |e: &serde_json::Error| {
        ApiError::invalid(
            "INVALID_COMMAND",
            format!(
                "コマンド `{name}` の内容を読めません（{} 行 {} 列）: {e}。形は GET /api/openapi.json にあります。 (the command cannot be read)",
                e.line(),
                e.column()
            ),
        )
    };
    let envelope: Envelope<'_> = serde_json::from_slice(&body).map_err(|e| bad(&e))?;
    let command = match Command::read(&name, envelope.content.get()) {
        Some(command) => command.map_err(|e| bad(&e))?,
        None => return Err(ApiError::missing(&format!("コマンド `{}`", name.chars().take(80).collect::<String>()))),
    };
    let plain = |d: &String| d.len() == 64 && d.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if envelope.reason.chars().count() > 2_000 || envelope.documents.len() > 50 || !envelope.documents.iter().all(plain)
    {
        let text = "理由は 2,000 文字まで、添付文書は SHA-256（16 進小文字 64 桁）で 50 件までです。 (reason: at most 2,000 characters; documents: at most 50 SHA-256 in lower-case hex)";
        return Err(ApiError::invalid("INVALID_COMMAND", text));
    }
    let directory = directory_of(&command, envelope.directory);
    let occasion = Occasion {
        actor: Actor::Person(caller.person),
        at: app.world.now(),
        reason: envelope.reason,
        documents: envelope.documents,
        fresh: app.world.fresh(),
    };
    let decided = app.journal.govern(occasion, command, directory).await;
    match decided.map_err(|e| ApiError::unavailable(&e.to_string()))? {
        Ok(committed) => {
            let events = committed.entries.iter().map(|entry| {
                json!({ "kind": entry.event.kind(), "clause": entry.event.clause(), "data": entry.event.data().ok(), "reason": entry.reason })
            });
            let events: Vec<_> = events.collect();
            Ok((StatusCode::CREATED, Json(json!({ "first": committed.first, "events": events }))).into_response())
        }
        Err(refusal) => Err(ApiError::refusal(&refusal)),
    }
}

fn directory_of(command: &Command, directory: Option<Directory>) -> Vec<DirectoryChange> {
    let Some(Directory { name, mail, post }) = directory else { return Vec::new() };
    match command {
        Command::JoinPerson(c) => vec![DirectoryChange::Person { person: c.person.clone(), name, mail, post }],
        Command::MovePerson(c) => vec![DirectoryChange::Person { person: c.person.clone(), name, mail, post }],
        Command::PlaceDepartment(c) => vec![DirectoryChange::Department { department: c.department.clone(), name }],
        _ => Vec::new(),
    }
}
