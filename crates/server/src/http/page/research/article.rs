//! The permanent address of a provision: its text, what its words mean, what carries it out, what cites it, its
//! neighbours.

use super::hit::{address, heading, official};
use super::law::{Article, article, day};
use super::meaning::{Left, Meaning, left, meanings};
use super::reader::{Reader, on_shelf};
use super::{citation, hit, toc};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_search::unit::{Corpus, Unit, UnitId};
use serde::Deserialize;

/// Units that cite, at most, that are shown and that are looked through.
const CITING: usize = 200;
const READ: usize = 2_000;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http::page) struct Asked {
    #[serde(default)]
    as_of: String,
}

/// A link to a provision.
struct To {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "research/article.html")]
struct ArticlePage {
    frame: Frame,
    article: Article,
    facts: Vec<String>,
    citation: String,
    official: String,
    within: String,
    before: Option<To>,
    after: Option<To>,
    words: Vec<Meaning>,
    left: Vec<Left>,
    citing: Vec<To>,
    more: bool,
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((law, key)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let reader = Reader::of(&app, &signed)?;
    let as_of = day(&asked.as_of)?;
    let on = as_of.unwrap_or(reader.today);
    let sees = reader.clone();
    let found = on_shelf(&app, Corpus::Law, move |reading| {
        let id = UnitId::new(format!("{law}/{key}"));
        let Some(unit) = reading.unit(&id, on)?.filter(|unit| sees.may_read(unit)) else { return Ok(None) };
        let mut work = reading.work(&law, on)?;
        toc::sort(&mut work);
        let mut citing = reading.citing(&id, on, READ)?;
        citing.retain(|unit| sees.may_read(unit));
        let visible: Vec<Unit> = work.iter().filter(|unit| sees.may_read(unit)).cloned().collect();
        let words = meanings(&visible, &unit, as_of);
        let left = left(&unit, &citing, as_of);
        Ok(Some((unit, work, citing, words, left)))
    })
    .await?;
    let (unit, work, mut citing, words, left) = found.ok_or(PageError::Missing)?;
    let more = citing.len() > CITING;
    citing.truncate(CITING);
    let at = work.iter().position(|other| other.id == unit.id);
    let neighbour = |at: Option<usize>| {
        let unit = work.get(at?).filter(|unit| reader.may_read(unit))?;
        Some(To { href: address(Corpus::Law, unit, as_of), label: toc::label(unit) })
    };
    let title = heading(&unit);
    let law = format!("/research/law/{}", hit::part(unit.work()));
    let frame = Frame::new(&app, Some(&signed), "/research/law", title).await?;
    let shown = ArticlePage {
        frame: frame.below(&[("/", "ホーム"), ("/research/law", "法令"), (&law, &unit.title)]),
        facts: hit::facts(Corpus::Law, &unit, &reader, as_of),
        citation: citation::of(Corpus::Law, &unit, ""),
        official: official(&unit),
        within: toc::within(&unit, as_of),
        before: neighbour(at.and_then(|at| at.checked_sub(1))),
        after: neighbour(at.map(|at| at + 1)),
        citing: citing
            .iter()
            .map(|unit| To { href: address(Corpus::Law, unit, as_of), label: heading(unit) })
            .collect(),
        more,
        words,
        left,
        article: article(&unit, as_of),
    };
    Ok(page(StatusCode::OK, &shown))
}
