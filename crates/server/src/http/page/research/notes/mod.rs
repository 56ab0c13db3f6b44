//! Dossiers (調査メモ): what one collects of law and Diet, with its citation and a note; saved searches.
//!
//! Private papers of whoever makes them. A quotation is taken from the shelf, never from a form.

pub(super) mod add;
pub(super) mod export;
pub(super) mod list;
pub(super) mod note;
pub(super) mod searches;

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::keep;
use crate::http::page::error::PageError;
use jiff::Timestamp;
use jiff::civil::Date;
use sekisho_search::unit::Corpus;
use sekisho_store::{Paper, PaperRow};
use serde::{Deserialize, Serialize};

/// Papers that hold dossiers.
const PAPER: &str = "dossier";
/// Most dossiers of one person, and most items of one.
const MOST: u64 = 200;
const ITEMS: usize = 300;
/// Characters of a title and of a note.
const TITLE: usize = 120;
const NOTE: usize = 4_000;

/// A dossier.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Dossier {
    title: String,
    items: Vec<Item>,
}

/// What was collected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Item {
    /// Its name in the dossier.
    id: String,
    corpus: Corpus,
    unit: String,
    /// The day whose text it is, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<Date>,
    citation: String,
    quote: String,
    /// Here.
    href: String,
    /// At the source.
    official: String,
    #[serde(default)]
    note: String,
    added_at: Timestamp,
}

/// A dossier with its paper.
struct Kept {
    row: PaperRow,
    dossier: Dossier,
}

fn read(paper: Paper) -> Result<Kept, PageError> {
    let dossier = serde_json::from_slice(&paper.content).map_err(|error| {
        tracing::error!(%error, paper = paper.row.id, "a dossier cannot be read");
        PageError::Inside
    })?;
    Ok(Kept { row: paper.row, dossier })
}

/// One's own dossier; another person's is as if it did not exist.
async fn open(app: &App, signed: &SignedIn, id: &str) -> Result<Kept, PageError> {
    let paper = app.store.paper(PAPER, id).await?.filter(|paper| paper.row.owner == *signed.person());
    read(paper.ok_or(PageError::Missing)?)
}

/// One's own dossiers, last changed first.
async fn all(app: &App, signed: &SignedIn) -> Result<Vec<Kept>, PageError> {
    app.store.papers_of(PAPER, signed.person(), MOST).await?.into_iter().map(read).collect()
}

fn new_row(app: &App, signed: &SignedIn, kind: &str, id: String) -> PaperRow {
    let now = app.world.now();
    PaperRow {
        kind: kind.to_owned(),
        id,
        owner: signed.person().clone(),
        personal: true,
        version: 1,
        created_at: now,
        changed_at: now,
    }
}

/// Keeps a change; `false` when the dossier has been changed elsewhere.
async fn change(app: &App, kept: &Kept, dossier: &Dossier) -> Result<bool, PageError> {
    let row = PaperRow { version: kept.row.version + 1, changed_at: app.world.now(), ..kept.row.clone() };
    keep(app, row, dossier).await
}

/// The first characters of what was typed.
fn within(text: &str, most: usize) -> String {
    text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(most).collect()
}
