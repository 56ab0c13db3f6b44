//! One entry of the ledger: what it says, its canonical bytes, and the proof that it stands there.

use super::event_words;
use crate::account::in_words;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, download, page};
use crate::http::page::words::Names;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::INSTALLATION;
use sekisho_domain::entry::Entry;
use sekisho_domain::id::PersonId;
use sekisho_store::ReadError;

use super::small_groups::sees_all;

/// An entry as pages show it.
pub(super) struct Shown {
    pub(super) index: u64,
    pub(super) kind: String,
    pub(super) json: String,
    /// Where its files are found.
    pub(super) files: String,
}

#[derive(Template)]
#[template(path = "oversight/entry.html")]
struct EntryPage {
    frame: Frame,
    what: &'static str,
    actor: String,
    at: String,
    clause: String,
    reason: String,
    documents: Vec<String>,
    data: Vec<(String, String)>,
    shown: Shown,
}

/// Reads an entry; one that is not there is a page that is not there.
pub(super) async fn bytes(app: &App, index: u64) -> Result<Vec<u8>, PageError> {
    match app.store.entry(index).await {
        Ok(bytes) => Ok(bytes),
        Err(ReadError::Missing(_)) => Err(PageError::Missing),
        Err(error) => Err(error.into()),
    }
}

/// The canonical bytes as a file. `ledger prove --check` wants it beside the proof under the same name.
pub(super) async fn json_file(app: &App, index: u64) -> Result<Response, PageError> {
    Ok(download("application/json", &format!("entry-{index}.json"), bytes(app, index).await?))
}

/// The proof as a file, of the newest tree: what was written a moment ago is signed first.
pub(super) async fn proof_file(app: &App, index: u64) -> Result<Response, PageError> {
    app.journal.checkpoint().await?;
    match app.store.prove(index).await {
        Ok(proof) => {
            let name = format!("entry-{index}.tlog-proof");
            Ok(download("application/octet-stream", &name, proof.to_text().into_bytes()))
        }
        Err(ReadError::Missing(_)) => Err(PageError::Missing),
        Err(error) => Err(error.into()),
    }
}

/// Governance entries are for all who may see the trail; entries of uses for those who read single uses.
async fn allowed(app: &App, person: &PersonId, index: u64) -> Result<(Vec<u8>, Entry), PageError> {
    let bytes = bytes(app, index).await?;
    let entry = Entry::read(&bytes).map_err(|error| {
        tracing::error!(%error, index, "an entry cannot be read");
        PageError::Inside
    })?;
    let register = app.journal.register()?;
    if matches!(entry, Entry::Governance(_)) || sees_all(&register, person) {
        Ok((bytes, entry))
    } else {
        Err(PageError::Missing)
    }
}

pub(super) async fn json(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(index): Path<String>,
) -> Result<Response, PageError> {
    let index = number(&index)?;
    allowed(&app, signed.person(), index).await?;
    json_file(&app, index).await
}

pub(super) async fn proof(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(index): Path<String>,
) -> Result<Response, PageError> {
    let index = number(&index)?;
    allowed(&app, signed.person(), index).await?;
    proof_file(&app, index).await
}

/// An index in an address.
pub(super) fn number(text: &str) -> Result<u64, PageError> {
    text.parse().map_err(|_| PageError::Missing)
}

/// Who did something, as the directory knows them; the installation itself has no name there.
pub(super) fn actor(names: &Names, person: &PersonId) -> String {
    if person.as_str() == INSTALLATION { "（導入時の自動処理）".to_owned() } else { names.get(person) }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(index): Path<String>,
) -> Result<Response, PageError> {
    let index = number(&index)?;
    let (bytes, entry) = allowed(&app, signed.person(), index).await?;
    // Entries of uses are read on the page of their use.
    let Entry::Governance(entry) = entry else { return Err(PageError::Missing) };
    let names = Names::of(&app, [&entry.actor]).await?;
    let data = entry.event.data().map_err(|error| {
        tracing::error!(%error, index, "an event cannot be written down");
        PageError::Inside
    })?;
    let line = |(name, value): (&String, &serde_json::Value)| {
        let text = match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        };
        (name.clone(), text)
    };
    let data = data.as_object().map(|map| map.iter().map(line).collect()).unwrap_or_default();
    let title = format!("記録 {index}");
    let frame = Frame::new(&app, Some(&signed), "/oversight/governance", title).await?;
    let entry_page = EntryPage {
        frame: frame.below(&[("/", "ホーム"), ("/oversight/governance", "監査証跡")]),
        what: event_words::of(entry.event.kind()),
        actor: actor(&names, &entry.actor),
        at: in_words(entry.at),
        clause: entry.clause.clone(),
        reason: entry.reason.clone(),
        documents: entry.documents.clone(),
        data,
        shown: Shown {
            index,
            kind: entry.event.kind().to_owned(),
            json: String::from_utf8_lossy(&bytes).into_owned(),
            files: format!("/oversight/entries/{index}"),
        },
    };
    Ok(page(StatusCode::OK, &entry_page))
}
