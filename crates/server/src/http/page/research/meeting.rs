//! The Diet reader: a sitting in order, its questions with their answers; a written question beside its answer.

use super::hit::{add, official, speaker};
use super::reader::{Reader, on_shelf};
use super::sitting::{Stretch, stretches};
use super::{hit, written};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_search::diet::speaker::Spoken;
use sekisho_search::source::diet::speech_of;
use sekisho_search::unit::{Corpus, Facet, Role, Unit};
use serde::Deserialize;

/// Characters of a summary.
const SUMMARY: usize = 60;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http::page) struct Asked {
    /// The speech that was found.
    #[serde(default)]
    at: String,
}

/// A speech.
pub(super) struct Said {
    pub(super) id: String,
    pub(super) class: &'static str,
    pub(super) part: &'static str,
    pub(super) speaker: String,
    pub(super) text: String,
    pub(super) href: String,
    pub(super) add: String,
    pub(super) official: String,
    pub(super) found: bool,
}

/// A question with its answers, or what stands between.
struct Block {
    exchange: bool,
    open: bool,
    summary: String,
    speeches: Vec<Said>,
}

#[derive(Template)]
#[template(path = "research/meeting.html")]
struct MeetingPage {
    frame: Frame,
    facts: Vec<String>,
    official: String,
    blocks: Vec<Block>,
    /// Whether one speech was asked for.
    found: bool,
    whole: String,
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(meeting): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let reader = Reader::of(&app, &signed)?;
    let mut units = on_shelf(&app, Corpus::Diet, move |reading| reading.group(&meeting)).await?;
    units.retain(|unit| reader.may_read(unit));
    let first = units.first().ok_or(PageError::Missing)?;
    let trail = [("/", "ホーム"), ("/research/diet", "国会")];
    let frame = Frame::new(&app, Some(&signed), "/research/diet", hit::heading(first)).await?.below(&trail);
    let mut facts = hit::facts(Corpus::Diet, &Unit { facets: meeting_facets(first), ..first.clone() }, &reader, None);
    facts.retain(|fact| !fact.is_empty());
    if first.facet(Facet::Kind) == Some("written") {
        return Ok(page(StatusCode::OK, &written::page_of(frame.wide(), facts, &units)));
    }
    let at: Option<u32> = asked.at.parse().ok().filter(|at| units.iter().any(|unit| unit.order == *at));
    let shown = MeetingPage {
        blocks: stretches(&units).iter().map(|stretch| block(&units, stretch, at)).collect(),
        official: official(first),
        whole: format!("/research/diet/{}", hit::part(&first.group)),
        frame,
        facts,
        found: at.is_some(),
    };
    Ok(page(StatusCode::OK, &shown))
}

/// What a unit says of its meeting and not of who speaks.
fn meeting_facets(unit: &Unit) -> Vec<(Facet, String)> {
    let of_speech = [Facet::Speaker, Facet::Party, Facet::Post];
    unit.facets.iter().filter(|(facet, _)| !of_speech.contains(facet)).cloned().collect()
}

fn block(units: &[Unit], stretch: &Stretch, at: Option<u32>) -> Block {
    let units = units.get(stretch.speeches.clone()).unwrap_or_default();
    let found = units.iter().any(|unit| Some(unit.order) == at);
    let name = |unit: &Unit| unit.facet(Facet::Speaker).unwrap_or("（発言者の記載なし）").to_owned();
    let summary = if stretch.exchange {
        let asks = units.first().map(name).unwrap_or_default();
        let answers = units.iter().find(|unit| unit.role == Role::Answers).or(units.last());
        let text = units.first().map(beginning).unwrap_or_default();
        format!("{asks} → {}: {text}", answers.map(name).unwrap_or_default())
    } else {
        let text = units.first().map(beginning).unwrap_or_default();
        format!("議事 {} 件: {text}", units.len())
    };
    Block {
        exchange: stretch.exchange,
        open: if at.is_some() { found } else { stretch.exchange },
        summary,
        speeches: units.iter().map(|unit| said(unit, Some(unit.order) == at)).collect(),
    }
}

/// The beginning of what is said, in one line.
fn beginning(unit: &Unit) -> String {
    let speech = speech_of(unit);
    let text = Spoken::read(&speech).body.trim_start();
    let line: String = text.chars().map(|c| if c == '\n' { ' ' } else { c }).take(SUMMARY).collect();
    if text.chars().nth(SUMMARY).is_some() { format!("{line}…") } else { line }
}

pub(super) fn said(unit: &Unit, found: bool) -> Said {
    let (class, part) = match unit.role {
        Role::Asks => ("question", "質問"),
        Role::Answers => ("reply", "答弁"),
        Role::Presides => ("chair", "議事"),
        Role::Other => ("", ""),
    };
    Said {
        id: format!("s{}", unit.order),
        class,
        part,
        speaker: speaker(unit),
        text: unit.text.clone(),
        href: hit::address(Corpus::Diet, unit, None),
        add: add(Corpus::Diet, unit, None),
        official: official(unit),
        found,
    }
}
