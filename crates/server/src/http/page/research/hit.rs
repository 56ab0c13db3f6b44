//! One unit as a list of hits shows it.

use super::labels;
use super::reader::Reader;
use crate::http::page::words;
pub(super) use crate::research::cite::{address, key, part};
use jiff::civil::Date;
use sekisho_search::excerpt::{Marker, Piece};
use sekisho_search::rank::Hit;
use sekisho_search::unit::{Corpus, Facet, Unit};

/// Characters of an excerpt.
const EXCERPT: usize = 160;

/// A piece of text, marked or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bit {
    pub(super) text: String,
    pub(super) marked: bool,
}

pub(super) fn bits(pieces: Vec<Piece<'_>>) -> Vec<Bit> {
    pieces.into_iter().map(|piece| Bit { text: piece.text.to_owned(), marked: piece.marked }).collect()
}

/// A hit.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) href: String,
    pub(super) add: String,
    pub(super) title: Vec<Bit>,
    pub(super) caption: Vec<Bit>,
    /// Headings above it, the day, who speaks: what is known.
    pub(super) facts: Vec<String>,
    pub(super) excerpt: Vec<Bit>,
    pub(super) cut_before: bool,
    pub(super) cut_after: bool,
    pub(super) why: String,
    pub(super) official: String,
}

/// The official address of a unit; empty if it may not stand in a page or in Markdown.
pub(super) fn official(unit: &Unit) -> String {
    crate::research::cite::official(unit).unwrap_or_default().to_owned()
}

/// The address of the page that collects a unit.
pub(super) fn add(corpus: Corpus, unit: &Unit, as_of: Option<Date>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("corpus", corpus.name()).append_pair("unit", &unit.id);
    if let Some(day) = as_of {
        query.append_pair("as_of", &day.to_string());
    }
    format!("/research/notes/add?{}", query.finish())
}

/// Title and number: 架空法 第五条, 予算委員会 第3号.
pub(super) fn heading(unit: &Unit) -> String {
    [unit.title.as_str(), unit.number.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Who speaks, as what, of which party.
pub(super) fn speaker(unit: &Unit) -> String {
    let Some(name) = unit.facet(Facet::Speaker) else { return String::new() };
    let more: Vec<&str> = [Facet::Post, Facet::Party].iter().filter_map(|facet| unit.facet(*facet)).collect();
    if more.is_empty() { name.to_owned() } else { format!("{name}（{}）", more.join("、")) }
}

/// What is known of a unit, in words.
pub(super) fn facts(corpus: Corpus, unit: &Unit, reader: &Reader, as_of: Option<Date>) -> Vec<String> {
    let mut facts = Vec::new();
    if !unit.path.is_empty() {
        facts.push(unit.path.join(" › "));
    }
    if corpus == Corpus::Diet {
        let session = unit.facet(Facet::Session).map(|session| labels::value(Facet::Session, session));
        facts.extend(session);
        facts.extend(unit.facet(Facet::House).map(str::to_owned));
    }
    facts.extend(unit.facet(Facet::Kind).map(|kind| labels::value(Facet::Kind, kind)).filter(|kind| kind != "発言"));
    if let Some(day) = unit.date {
        facts.push(if corpus == Corpus::Law { format!("{}公布", words::day(day)) } else { words::day(day) });
    }
    facts.push(speaker(unit));
    if let Some(from) = unit.from.filter(|_| corpus == Corpus::Law) {
        facts.push(format!("{}から施行", words::day(from)));
    }
    if let Some(until) = unit.until.filter(|until| *until <= reader.today) {
        facts.push(format!("{}から効力なし", words::day(until)));
    }
    if let Some(day) = as_of {
        facts.push(format!("{}時点の条文", words::day(day)));
    }
    if !unit.grade.is_empty() {
        facts.push(format!("格付 {}", unit.grade));
    }
    facts.retain(|fact| !fact.is_empty());
    facts
}

impl Shown {
    pub(super) fn new(
        corpus: Corpus,
        (hit, unit): (&Hit, &Unit),
        marker: &Marker,
        reader: &Reader,
        as_of: Option<Date>,
    ) -> Self {
        let excerpt = marker.excerpt(&unit.text, EXCERPT);
        Self {
            href: address(corpus, unit, as_of),
            add: add(corpus, unit, as_of),
            title: bits(marker.mark(&heading(unit))),
            caption: bits(marker.mark(&unit.caption)),
            facts: facts(corpus, unit, reader, as_of),
            cut_before: excerpt.cut_before,
            cut_after: excerpt.cut_after,
            excerpt: bits(excerpt.pieces),
            why: labels::why(corpus, hit),
            official: official(unit),
        }
    }
}
