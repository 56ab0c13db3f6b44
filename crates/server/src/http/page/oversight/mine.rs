//! One's own uses, and nobody else's.

use super::amounts::{app_name, purpose};
use super::entry::{json_file, number, proof_file};
use super::listing::{self, About, Filters, Listing, MOST, ROWS};
use super::period::exact;
use super::record::{Record, View, is_own, rendered};
use super::uses::{outcome, service_of, turned};
use crate::http::App;
use crate::http::page::budget::{Line, of_person};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use crate::http::page::list::Cell;
use crate::http::page::words;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::grade::Grade;
use sekisho_domain::register::Register;
use sekisho_store::{UseFilter, UseRow};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "oversight/mine.html")]
struct MinePage {
    frame: Frame,
    /// The budgets that bind the person.
    budgets: Vec<Line>,
    listing: Listing,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    before: String,
    format: String,
    replay: String,
    done: String,
}

const ABOUT: About = About {
    path: "/me/uses",
    caption: "自分の利用",
    empty: "まだ利用がありません。生成AIを使うと、許可されたものも拒否されたものも、ここに記録が並びます。",
    columns: &["日時", "サービス", "業務", "格付", "結果", "理由", "アプリ"],
};

fn cells(register: &Register, row: &UseRow) -> Vec<Cell> {
    let (label, tone) = outcome(row.outcome);
    vec![
        Cell::link(format!("/me/uses/{}", row.id), exact(row.at)),
        Cell::text(service_of(register, row)),
        Cell::text(row.permit.as_ref().map_or_else(|| "（承認なし）".to_owned(), |id| purpose(register, id))),
        Cell::text(words::grade(register, Grade(row.grade))),
        Cell::tag(tone, label),
        Cell::text(row.code.clone()),
        Cell::text(app_name(&row.app)),
    ]
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let filter = UseFilter { people: Some(vec![signed.person().clone()]), ..UseFilter::default() };
    if listing::exports(&wanted.format) {
        let mut found = app.store.uses(&filter, None, MOST + 1).await?;
        let cut = found.len() as u64 > MOST;
        found.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        let rows = found.iter().map(|row| cells(&register, row)).collect();
        return listing::file(&ABOUT, &wanted.format, "my-uses", rows, cut);
    }
    let before = listing::cursor(&wanted.before);
    let (found, last) = turned(app.store.uses(&filter, before, ROWS + 1).await?);
    let rows = found.iter().map(|row| cells(&register, row)).collect();
    let listing = Listing::new(&ABOUT, &Filters::default(), rows, before.is_some(), last);
    let frame = Frame::new(&app, Some(&signed), "/me/uses", "自分の利用").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/me", "マイページ")]);
    Ok(page(StatusCode::OK, &MinePage { frame, budgets: of_person(&app, signed.person()).await?, listing }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let record = own(&app, &signed, &id).await?;
    let view = View { mine: true, again: wanted.replay == "1", done: &wanted.done, reason: "" };
    rendered(&app, &signed, record, view, vec![]).await
}

/// One's own record; another's is a page that is not there.
async fn own(app: &App, signed: &crate::account::SignedIn, id: &str) -> Result<Record, PageError> {
    let record = Record::load(app, id).await?;
    if is_own(&record, signed.person()) { Ok(record) } else { Err(PageError::Missing) }
}

/// An entry of one's own record.
async fn entry_of_own(app: &App, signed: &crate::account::SignedIn, id: &str, index: &str) -> Result<u64, PageError> {
    let (record, index) = (own(app, signed, id).await?, number(index)?);
    if record.entries.iter().any(|(known, _, _)| *known == index) { Ok(index) } else { Err(PageError::Missing) }
}

pub(super) async fn json(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, index)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let index = entry_of_own(&app, &signed, &id, &index).await?;
    json_file(&app, index).await
}

pub(super) async fn proof(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, index)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let index = entry_of_own(&app, &signed, &id, &index).await?;
    proof_file(&app, index).await
}
