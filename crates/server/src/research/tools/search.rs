//! Searching: `search_law`, `search_diet`, and the body's own documents for the JSON API.

use super::{Arguments, day_schema, failed, text_schema};
use crate::research::cite::{address, cite};
use crate::research::terms::terms;
use jiff::civil::Date;
use sekisho_gate::upstream::in_house::NotCalled;
use sekisho_search::library::Library;
use sekisho_search::rank::{Question, rank};
use sekisho_search::shelf::Narrowing;
use sekisho_search::unit::{Corpus, Facet, Unit};
use serde_json::{Value, json};

/// Longest question.
const QUERY_CHARS: usize = 4_000;
/// Most hits.
const MOST: usize = 50;
/// Hits unless told.
const USUAL: usize = 10;
/// Characters of an excerpt.
const EXCERPT: usize = 200;

const QUERY: &str = "検索する文章または語";
const LIMIT: &str = "件数（1〜50。初めは 10）";

pub(super) fn law_schema() -> Value {
    json!({
        "type": "object", "required": ["query"], "additionalProperties": false,
        "properties": {
            "query": text_schema(QUERY, QUERY_CHARS),
            "limit": { "type": "integer", "minimum": 1, "maximum": MOST, "description": LIMIT },
            "as_of": day_schema("この日に施行されている条文だけを探す（2026-04-01 の形。初めは今日）"),
            "kind": text_schema("法令の種類（Act、CabinetOrder など）", 100),
        },
    })
}

pub(super) fn diet_schema() -> Value {
    json!({
        "type": "object", "required": ["query"], "additionalProperties": false,
        "properties": {
            "query": text_schema(QUERY, QUERY_CHARS),
            "limit": { "type": "integer", "minimum": 1, "maximum": MOST, "description": LIMIT },
            "since": day_schema("この日より前の発言を除く"),
            "until": day_schema("この日より後の発言を除く"),
            "house": text_schema("衆議院 または 参議院", 100),
            "kind": text_schema("speech（発言）または written（質問主意書と答弁書）", 100),
        },
    })
}

pub(super) fn run(library: &Library, corpus: Corpus, arguments: &Arguments<'_>) -> Result<Value, NotCalled> {
    arguments.only(match corpus {
        Corpus::Law | Corpus::Document => &["query", "limit", "as_of", "kind"],
        Corpus::Diet => &["query", "limit", "since", "until", "house", "kind"],
    })?;
    let query = arguments.needed("query", QUERY_CHARS)?;
    let as_of = arguments.day("as_of")?.unwrap_or(arguments.today);
    let facets = [(Facet::Kind, "kind"), (Facet::House, "house")];
    let mut narrowing = Narrowing {
        since: arguments.day("since")?,
        until: arguments.day("until")?,
        as_of: (corpus != Corpus::Diet).then_some(as_of),
        // Who may read what of the body's documents is not known here, nor does a permit's ceiling close what a tool
        // gives: what is not for all, or has a grade, stays closed.
        ..Narrowing::default()
    };
    for (facet, name) in facets {
        narrowing.facets.extend(arguments.optional(name)?.map(|value| (facet, value.to_owned())));
    }
    let limit = arguments.count("limit", USUAL, MOST)?;
    let reading = library.shelf(corpus).map_err(|e| failed(&e))?.read();
    let question = Question { text: query.to_owned(), narrowing, without: None, near: None, limit };
    let words = terms(query);
    let mut hits = Vec::new();
    for hit in rank(&reading, &question).map_err(|e| failed(&e))? {
        if let Some(unit) = reading.unit(&hit.unit, as_of).map_err(|e| failed(&e))?.filter(Unit::is_for_all) {
            let mut shown = shown(corpus, &unit, arguments.other_day(as_of));
            if let Some(members) = shown.as_object_mut() {
                members.insert("excerpt".into(), excerpt(&unit.text, &words).into());
                members.insert("score".into(), json!(hit.score));
            }
            hits.push(shown);
        }
    }
    Ok(json!({ "corpus": corpus, "as_of": as_of, "hits": hits }))
}

/// What is told of a unit besides its text.
pub(super) fn shown(corpus: Corpus, unit: &Unit, as_of: Option<Date>) -> Value {
    json!({
        "id": unit.id, "cite": cite(corpus, unit), "title": unit.title, "number": unit.number,
        "caption": unit.caption, "path": unit.path, "date": unit.date, "from": unit.from, "until": unit.until,
        "speaker": unit.facet(Facet::Speaker), "post": unit.facet(Facet::Post), "house": unit.facet(Facet::House),
        "role": unit.role, "url": unit.url, "reader": address(corpus, unit, as_of),
    })
}

/// The part of a text around the first word of the question that stands in it.
fn excerpt(text: &str, words: &[String]) -> String {
    let at = words.iter().filter_map(|word| text.find(word.as_str())).min().unwrap_or(0);
    let before = text.get(..at).unwrap_or_default();
    let from = before.rfind(['。', '\n']).map_or(0, |at| before.ceil_char_boundary(at + 1));
    let part = text.get(from..).unwrap_or_default();
    part.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn an_excerpt_begins_with_the_sentence_that_answers() {
        let text = "甲は、乙とする。架空物は、届け出る。丙。";
        assert_eq!(excerpt(text, &["架空物".to_owned()]), "架空物は、届け出る。丙。");
        assert_eq!(excerpt(text, &["無い".to_owned()]), text);
    }
}
