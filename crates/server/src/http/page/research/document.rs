//! A document of the body's own, for those who may read it.

use super::hit::{add, heading};
use super::reader::{Reader, on_shelf};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_search::unit::Corpus;

struct Piece {
    order: u32,
    heading: String,
    text: String,
    add: String,
}

#[derive(Template)]
#[template(path = "research/document.html")]
struct DocumentPage {
    frame: Frame,
    pieces: Vec<Piece>,
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(document): Path<String>,
) -> Result<Response, PageError> {
    let reader = Reader::of(&app, &signed)?;
    let today = reader.today;
    let mut units = on_shelf(&app, Corpus::Document, move |reading| reading.work(&document, today)).await?;
    units.retain(|unit| reader.may_read(unit));
    let title = units.first().map(|unit| unit.title.clone()).ok_or(PageError::Missing)?;
    let piece = |unit: &sekisho_search::unit::Unit| Piece {
        order: unit.order,
        heading: if unit.number.is_empty() && unit.caption.is_empty() {
            String::new()
        } else {
            format!("{} {}", heading(unit), unit.caption)
        },
        text: unit.text.clone(),
        add: add(Corpus::Document, unit, None),
    };
    let frame = Frame::new(&app, Some(&signed), "/research/document", title).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/research/document", "庁内文書")]);
    Ok(page(StatusCode::OK, &DocumentPage { frame, pieces: units.iter().map(piece).collect() }))
}
