//! The law reader: contents, articles with anchors, any day's text, two days side by side.

use super::compare::{self, Comparison};
use super::hit::{add, address, key, official, part};
use super::lines::{Line, anchor, lines};
use super::meaning::{Meaning, glossary};
use super::reader::{Reader, on_shelf};
use super::toc::{self, Chapter};
use super::{citation, labels};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::words;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_search::unit::{Corpus, Facet, Unit};
use serde::Deserialize;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(in crate::http::page) struct Asked {
    #[serde(default)]
    as_of: String,
    #[serde(default)]
    with: String,
    #[serde(default)]
    at: String,
}

/// A provision as it is read.
pub(super) struct Article {
    pub(super) id: String,
    pub(super) href: String,
    pub(super) add: String,
    pub(super) label: String,
    /// Headings that begin here.
    pub(super) headings: Vec<String>,
    pub(super) lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "research/law.html")]
struct LawPage {
    frame: Frame,
    path: String,
    facts: Vec<String>,
    official: String,
    as_of: Field,
    with: Field,
    has_revisions: bool,
    chapters: Vec<Chapter>,
    articles: Vec<Article>,
    before: Option<String>,
    after: Option<String>,
    comparison: Option<Comparison>,
    glossary: Vec<Meaning>,
    not_shown: usize,
    empty: bool,
}

/// A day of an address: `None` for none, which means today.
pub(super) fn day(typed: &str) -> Result<Option<Date>, PageError> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let day = typed.trim().parse::<Date>().ok().filter(|day| (1..=9998).contains(&day.year()));
    day.map(Some).ok_or_else(|| PageError::NoDay("日付を 2026-04-01 の形で指定してください。".to_owned()))
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(law): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let reader = Reader::of(&app, &signed)?;
    let (as_of, with) = (day(&asked.as_of)?, day(&asked.with)?);
    let today = reader.today;
    let (name, sees) = (law.clone(), reader.clone());
    let (revisions, units, comparison, meanings) = on_shelf(&app, Corpus::Law, move |reading| {
        let visible = |mut units: Vec<Unit>| {
            units.retain(|unit| sees.may_read(unit));
            toc::sort(&mut units);
            units
        };
        let units = visible(reading.work(&name, as_of.unwrap_or(today))?);
        let others = with.map(|day| reading.work(&name, day)).transpose()?.map(visible);
        // Comparing two long texts is work for here too.
        let days = (as_of.unwrap_or(today), with.unwrap_or(today));
        let comparison = others.map(|others| compare::compare(&units, &others, days));
        let meanings = if comparison.is_some() { Default::default() } else { glossary(&units, as_of) };
        Ok((reading.revisions(&name)?, units, comparison, meanings))
    })
    .await?;
    if revisions.is_empty() {
        return Err(PageError::Missing);
    }
    let law = Law { id: law, as_of, with, at: asked.at, today, revisions };
    law.page(&app, &signed, units, comparison, meanings).await
}

/// A law as it was asked for.
struct Law {
    id: String,
    as_of: Option<Date>,
    with: Option<Date>,
    at: String,
    today: Date,
    revisions: Vec<Option<Date>>,
}

impl Law {
    async fn page(
        &self,
        app: &App,
        signed: &SignedIn,
        units: Vec<Unit>,
        comparison: Option<Comparison>,
        (glossary, not_shown): (Vec<Meaning>, usize),
    ) -> Result<Response, PageError> {
        let first = units.first();
        let title = first.map_or_else(|| self.id.clone(), |unit| unit.title.clone());
        let frame = Frame::new(app, Some(signed), "/research/law", title).await?;
        let parts = toc::parts(&units);
        let found = units.iter().position(|unit| key(unit) == self.at).unwrap_or(0);
        let number = parts.iter().position(|part| part.contains(&found)).unwrap_or(0);
        let shown = parts.get(number).cloned().unwrap_or_default();
        let beginning = |number: Option<usize>| {
            let first = parts.get(number?)?.start;
            units.get(first).map(|unit| toc::within(unit, self.as_of))
        };
        let articles = if comparison.is_some() { Vec::new() } else { self.articles(&units, shown.clone()) };
        let page_of = LawPage {
            frame: frame.below(&[("/", "ホーム"), ("/research/law", "法令")]).wide(),
            path: format!("/research/law/{}", part(&self.id)),
            facts: first.map(|unit| self.facts(unit)).unwrap_or_default(),
            official: first.map(official).unwrap_or_default(),
            as_of: self.days("as_of", "いつ時点の条文か", self.as_of, false),
            with: self.days("with", "比べる時点", self.with, true),
            has_revisions: self.revisions.len() > 1,
            chapters: toc::chapters(&units, &shown, self.as_of),
            before: beginning(number.checked_sub(1)).filter(|_| comparison.is_none()),
            after: beginning(Some(number + 1)).filter(|_| comparison.is_none()),
            articles,
            comparison,
            glossary,
            not_shown,
            empty: units.is_empty(),
        };
        Ok(page(StatusCode::OK, &page_of))
    }

    fn articles(&self, units: &[Unit], shown: std::ops::Range<usize>) -> Vec<Article> {
        let mut path: &[String] = &[];
        let mut articles = Vec::new();
        for unit in units.get(shown).unwrap_or_default() {
            let headings = toc::headings(path, unit).into_iter().map(|(_, heading)| heading.to_owned()).collect();
            path = &unit.path;
            articles.push(Article { headings, ..article(unit, self.as_of) });
        }
        articles
    }

    fn facts(&self, unit: &Unit) -> Vec<String> {
        let mut facts: Vec<String> = citation::law_number(unit.work()).into_iter().collect();
        facts.extend(unit.facet(Facet::Kind).map(|kind| labels::value(Facet::Kind, kind)));
        facts.extend(unit.facet(Facet::Category).map(str::to_owned));
        if !unit.also.is_empty() {
            facts.push(format!("略称 {}", unit.also.join("、")));
        }
        facts.extend(unit.date.map(|day| format!("{}公布", words::day(day))));
        facts.push(format!("{}時点の条文", words::day(self.as_of.unwrap_or(self.today))));
        facts
    }

    /// The days on which a text came into force, to choose from.
    fn days(&self, id: &'static str, label: &'static str, chosen: Option<Date>, may_be_none: bool) -> Field {
        let none = if may_be_none { "比べない" } else { "今日" };
        let mut choices = vec![Choice::new("", none)];
        let mut days: Vec<Date> = self.revisions.iter().flatten().copied().collect();
        days.extend(chosen.filter(|day| !self.revisions.contains(&Some(*day))));
        days.sort();
        let choice = |day: &Date| {
            let of = if self.revisions.contains(&Some(*day)) { "施行" } else { "時点" };
            Choice::new(day.to_string(), format!("{} {of}", words::day(*day)))
        };
        choices.extend(days.iter().rev().map(choice));
        Field::select(id, label, choices).value(&chosen.map(|day| day.to_string()).unwrap_or_default())
    }
}

/// A provision, without the headings above it.
pub(super) fn article(unit: &Unit, as_of: Option<Date>) -> Article {
    Article {
        id: anchor(key(unit)),
        href: address(Corpus::Law, unit, as_of),
        add: add(Corpus::Law, unit, as_of),
        label: toc::label(unit),
        headings: Vec::new(),
        lines: lines(unit, as_of),
    }
}
