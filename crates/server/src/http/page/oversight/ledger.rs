//! The ledger: how far it is signed, with which key, who countersigns it, and how anyone checks it without this program's word.

use super::TAKERS;
use super::amounts::number;
use super::attendance::Attendance;
use super::period::exact;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use sekisho_ledger::checkpoint::Checkpoint;
use sekisho_ledger::note::Verifier;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "oversight/ledger.html")]
struct LedgerPage {
    frame: Frame,
    signed: Option<Signed>,
    attendance: Attendance,
    vkey: String,
    /// May take the ledger along.
    takes: bool,
}

/// The newest signed state.
struct Signed {
    origin: String,
    size: String,
    root: String,
    last: String,
    note: String,
}

/// All that this page wants of the last entry.
#[derive(Deserialize)]
struct Dated {
    at: Timestamp,
}

pub(super) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let takes = register.holds_any(signed.person(), TAKERS);
    let vkey = app.store.vkey().to_owned();
    let newest = app.store.checkpoint().await?;
    let attendance = Attendance::of(&app, newest.as_ref().map(|(size, note)| (*size, note.as_str()))).await?;
    let newest = match newest {
        Some((_, note)) => Some(read(&app, &vkey, note).await?),
        None => None,
    };
    let frame = Frame::new(&app, Some(&signed), "/oversight/ledger", "台帳").await?;
    let frame = frame.below(&[("/", "ホーム")]);
    Ok(page(StatusCode::OK, &LedgerPage { frame, signed: newest, attendance, vkey, takes }))
}

async fn read(app: &App, vkey: &str, note: String) -> Result<Signed, PageError> {
    let bad = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "the newest checkpoint cannot be read");
        PageError::Inside
    };
    let verifier = Verifier::parse(vkey).map_err(|e| bad(&e))?;
    let checkpoint = Checkpoint::open(note.as_bytes(), &verifier).map_err(|e| bad(&e))?;
    let last = match checkpoint.size.checked_sub(1) {
        Some(index) => {
            let entry = app.store.entry(index).await?;
            serde_json::from_slice::<Dated>(&entry).map(|dated| exact(dated.at)).unwrap_or_default()
        }
        None => String::new(),
    };
    Ok(Signed {
        origin: checkpoint.origin.as_str().to_owned(),
        size: number(checkpoint.size),
        root: checkpoint.root.to_base64(),
        last,
        note,
    })
}
