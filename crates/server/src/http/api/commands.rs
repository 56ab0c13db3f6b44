//! `POST /api/commands/{name}`: every change of the register, decided under the ledger's lock.

use crate::http::api::handlings::known;
use crate::http::body::receive;
use crate::http::error::ApiError;
use crate::http::ledger::read_error;
use crate::http::{App, Identified};
use crate::installation::{fresh_pseudonym, fresh_secret};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sekisho_domain::command::{Actor, Command, EraseContent, GrantContent, Occasion, RequestContent, SetHandling};
use sekisho_gate::identify::hash_of;
use sekisho_gate::world::World;
use sekisho_store::DirectoryChange;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

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
        let text = format!(
            "コマンド `{name}` の内容を読めません: {e}。形は GET /api/openapi.json にあります。 (the command cannot be read)"
        );
        ApiError::invalid("INVALID_COMMAND", text)
    };
    if !Command::NAMES.contains(&name.as_str()) {
        return Err(unknown(&name));
    }
    let envelope: Envelope<'_> = serde_json::from_slice(&body).map_err(|e| bad(&e))?;
    let (content, secret) = complete(&*app.world, &name, envelope.content.get()).map_err(|e| bad(&e))?;
    let command = match Command::read(&name, content.as_deref().unwrap_or(envelope.content.get())) {
        Some(command) => command.map_err(|e| bad(&e))?,
        None => return Err(unknown(&name)),
    };
    let plain = |d: &String| d.len() == 64 && d.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if envelope.reason.chars().count() > 2_000 || envelope.documents.len() > 50 || !envelope.documents.iter().all(plain)
    {
        let text = "理由は 2,000 文字まで、添付文書は SHA-256（16 進小文字 64 桁）で 50 件までです。 (reason: at most 2,000 characters; documents: at most 50 SHA-256 in lower-case hex)";
        return Err(ApiError::invalid("INVALID_COMMAND", text));
    }
    let directory = directory_of(&command, envelope.directory)?;
    if let Command::RequestContent(RequestContent { of })
    | Command::GrantContent(GrantContent { of })
    | Command::EraseContent(EraseContent { of }) = &command
    {
        app.store.use_row(of).await.map_err(read_error)?;
    }
    if let Command::SetHandling(SetHandling { rule, .. }) = &command {
        known(rule)?;
    }
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
            let mut answer = json!({ "first": committed.first, "events": events });
            if let (Some(secret), Some(map)) = (&secret, answer.as_object_mut()) {
                // Shown this once; the register keeps its hash.
                map.insert("secret".into(), secret.as_str().into());
            }
            Ok((StatusCode::CREATED, Json(answer)).into_response())
        }
        Err(refusal) => Err(ApiError::refusal(&refusal)),
    }
}

/// Fills in what a person should not have to make: a pseudonym for a new colleague, the secret of a new key.
fn complete(
    world: &dyn World,
    name: &str,
    content: &str,
) -> Result<(Option<String>, Option<Zeroizing<String>>), serde_json::Error> {
    let lacking = match name {
        "person.join" => "person",
        "key.issue" => "hash",
        _ => return Ok((None, None)),
    };
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(content)?;
    if fields.contains_key(lacking) {
        return Ok((None, None));
    }
    let secret = (lacking == "hash").then(|| fresh_secret(world));
    let value = match &secret {
        Some(secret) => hash_of(secret),
        None => fresh_pseudonym(world),
    };
    fields.insert(lacking.to_owned(), value.into());
    Ok((Some(serde_json::to_string(&fields)?), secret))
}

fn unknown(name: &str) -> ApiError {
    let nearest = Command::NAMES.iter().min_by_key(|known| strsim::damerau_levenshtein(name, known)).unwrap_or(&"");
    let name: String = name.chars().take(80).collect();
    ApiError::missing(&format!(
        "コマンド `{name}`。`{nearest}` のことですか。一覧: sekisho admin list / did you mean `{nearest}`?"
    ))
}

/// Names belong to the directory; a command that names nobody has no use for one.
fn directory_of(command: &Command, directory: Option<Directory>) -> Result<Vec<DirectoryChange>, ApiError> {
    let Some(Directory { name, mail, post }) = directory else { return Ok(Vec::new()) };
    Ok(vec![match command {
        Command::JoinPerson(c) => DirectoryChange::Person { person: c.person.clone(), name, mail, post },
        Command::MovePerson(c) => DirectoryChange::Person { person: c.person.clone(), name, mail, post },
        Command::PlaceDepartment(c) => DirectoryChange::Department { department: c.department.clone(), name },
        _ => {
            let text = "`directory` は person.join・person.move・department.place だけで使えます。 (`directory` goes with these only)";
            return Err(ApiError::invalid("INVALID_COMMAND", text));
        }
    }])
}
