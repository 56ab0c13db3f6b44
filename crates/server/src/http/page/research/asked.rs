//! What the address of a search asks for.

use super::reader::Reader;
use crate::http::page::frame::Problem;
use jiff::civil::Date;
use sekisho_search::shelf::Narrowing;
use sekisho_search::unit::{Corpus, Facet};

/// Characters of a question that are kept in addresses and on pages.
const QUESTION: usize = 1_000;
/// Values of facets that are taken.
const FACETS: usize = 40;

/// A search as it was asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) q: String,
    pub(super) facets: Vec<(Facet, String)>,
    pub(super) since: Option<Date>,
    pub(super) until: Option<Date>,
    pub(super) as_of: Option<Date>,
    /// From 1.
    pub(super) page: usize,
    pub(super) format: String,
    /// The results alone, for the page's script.
    pub(super) part: bool,
    pub(super) problems: Vec<Problem>,
    /// Whether the question was cut.
    pub(super) cut: bool,
}

impl Asked {
    /// Reads the query of an address.
    pub(super) fn read(query: Option<&str>) -> Self {
        let mut asked = Self { page: 1, ..Self::default() };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "q" => asked.question(&value),
                "since" => asked.since = asked.day("since", &value),
                "until" => asked.until = asked.day("until", &value),
                "as_of" => asked.as_of = asked.day("as_of", &value),
                "page" => asked.page = value.parse().unwrap_or(1).max(1),
                "format" => asked.format = value.into_owned(),
                "part" => asked.part = value == "results",
                name => asked.facet(name, &value),
            }
        }
        if let (Some(since), Some(until)) = (asked.since, asked.until)
            && since > until
        {
            asked.problems.push(Problem::at("until", "期間の終わりは、始まりの日以後にしてください。"));
        }
        asked
    }

    fn question(&mut self, typed: &str) {
        let mut plain: String =
            typed.chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUESTION + 1).collect();
        if let Some((end, _)) = plain.char_indices().nth(QUESTION) {
            plain.truncate(end);
            self.cut = true;
        }
        self.q = plain.trim().to_owned();
    }

    fn day(&mut self, field: &'static str, typed: &str) -> Option<Date> {
        let typed = typed.trim();
        let day = typed.parse::<Date>().ok().filter(|day| (1..=9998).contains(&day.year()));
        if day.is_none() && !typed.is_empty() {
            self.problems.push(Problem::at(field, "日付を 2026-04-01 の形で入力してください。"));
        }
        day
    }

    fn facet(&mut self, name: &str, value: &str) {
        if let Some(facet) = Facet::named(name)
            && !value.is_empty()
            && value.chars().count() <= 200
            && self.facets.len() < FACETS
            && !self.facets.iter().any(|(known, other)| (*known, other.as_str()) == (facet, value))
        {
            self.facets.push((facet, value.to_owned()));
        }
    }

    /// The day whose law is looked through.
    pub(super) fn day_of(&self, reader: &Reader) -> Date {
        self.as_of.unwrap_or(reader.today)
    }

    /// Which part of a shelf is looked through.
    pub(super) fn narrowing(&self, corpus: Corpus, reader: &Reader) -> Narrowing {
        Narrowing {
            facets: self.facets.clone(),
            since: self.since,
            until: self.until,
            group: None,
            as_of: (corpus == Corpus::Law).then(|| self.day_of(reader)),
            marks: reader.marks.clone(),
        }
    }

    /// Whether anything but the question is asked.
    pub(super) fn is_narrowed(&self) -> bool {
        !self.facets.is_empty() || self.has_days()
    }

    pub(super) fn has_days(&self) -> bool {
        self.since.is_some() || self.until.is_some() || self.as_of.is_some()
    }

    /// The address of the same search.
    pub(super) fn address(&self, path: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        for (name, value) in [
            ("q", self.q.clone()),
            ("since", day(self.since)),
            ("until", day(self.until)),
            ("as_of", day(self.as_of)),
            ("format", self.format.clone()),
        ] {
            if !value.is_empty() {
                query.append_pair(name, &value);
            }
        }
        for (facet, value) in &self.facets {
            query.append_pair(facet.name(), value);
        }
        if self.page > 1 {
            query.append_pair("page", &self.page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The same search on another page.
    pub(super) fn turned(&self, page: usize) -> Self {
        Self { page, format: String::new(), ..self.clone() }
    }

    /// The same search as a file.
    pub(super) fn as_file(&self, format: &str) -> Self {
        Self { page: 1, format: format.to_owned(), ..self.clone() }
    }

    /// The same search with a value of a facet, or without it if it has it.
    pub(super) fn toggled(&self, facet: Facet, value: &str) -> Self {
        let mut asked = self.turned(1);
        let before = asked.facets.len();
        asked.facets.retain(|(known, other)| (*known, other.as_str()) != (facet, value));
        if asked.facets.len() == before {
            asked.facets.push((facet, value.to_owned()));
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_comes_back_in_the_address() {
        let asked = Asked::read(Some("q=%E5%B1%8A%E5%87%BA&kind=Act&kind=Act&house=&since=2020-01-01&x=1&page=2"));
        assert_eq!(asked.address("/x"), "/x?q=%E5%B1%8A%E5%87%BA&since=2020-01-01&kind=Act&page=2");
        assert_eq!(asked.toggled(Facet::Kind, "Act").address("/x"), "/x?q=%E5%B1%8A%E5%87%BA&since=2020-01-01");
        assert!(asked.problems.is_empty());
    }

    #[test]
    fn hostile_addresses_are_read_as_far_as_they_go() {
        let long = format!("q=%00%01{}&page=99999999999999999999&since=x", "あ".repeat(5_000));
        let asked = Asked::read(Some(&long));
        assert_eq!((asked.q.chars().count(), asked.page, asked.problems.len()), (998, 1, 1));
        assert!(asked.cut);
        let backwards = Asked::read(Some("since=2025-02-01&until=2025-01-01"));
        assert_eq!(backwards.problems.len(), 1);
    }
}
