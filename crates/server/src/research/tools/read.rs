//! Reading a unit whole: `get_article`, `get_speech`.

use super::search::shown;
use super::{Arguments, day_schema, failed, text_schema};
use sekisho_gate::upstream::in_house::NotCalled;
use sekisho_search::law::delegation::carried_out;
use sekisho_search::law::glossary::Glossary;
use sekisho_search::library::Library;
use sekisho_search::unit::{Corpus, Unit, UnitId};
use serde_json::{Value, json};

/// Most bytes of a text that is given; nothing in the sources is as long.
const MOST: usize = 2_000_000;
/// Most words whose meaning is given, and most articles looked through for what an order decides.
const MOST_WORDS: usize = 100;
const MOST_CITING: usize = 2_000;

pub(super) fn article_schema() -> Value {
    json!({
        "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": {
            "id": text_schema("条文の識別子（例: 129AC0000000089/709）", 300),
            "as_of": day_schema("この日に施行されていた条文を読む（2026-04-01 の形。初めは今日）"),
        },
    })
}

pub(super) fn speech_schema() -> Value {
    json!({
        "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": { "id": text_schema("発言の識別子（search_diet が返すもの）", 300) },
    })
}

pub(super) fn run(library: &Library, corpus: Corpus, arguments: &Arguments<'_>) -> Result<Value, NotCalled> {
    arguments.only(if corpus == Corpus::Diet { &["id", "corpus"] } else { &["id", "as_of", "corpus"] })?;
    let as_of = arguments.day("as_of")?.unwrap_or(arguments.today);
    let id = arguments.id()?;
    let Some(unit) = unit(library, corpus, id, as_of)? else {
        let message = "この識別子の文は、この日にはありません。検索が返した識別子を使ってください。";
        return Ok(json!({ "found": false, "id": id, "as_of": as_of, "message": message }));
    };
    let mut answer = shown(corpus, &unit, arguments.other_day(as_of));
    if let Some(members) = answer.as_object_mut() {
        members.insert("found".into(), true.into());
        members.insert("as_of".into(), json!(as_of));
        members.insert("text".into(), unit.text.get(..unit.text.floor_char_boundary(MOST)).into());
        members.insert("links".into(), json!(unit.links));
        if corpus == Corpus::Law {
            members.insert("words".into(), words(library, &unit, as_of)?);
            members.insert("left_to".into(), left_to(library, &unit, as_of)?);
        }
    }
    Ok(answer)
}

/// What the words of an article mean, by the definitions of its law.
fn words(library: &Library, unit: &Unit, as_of: jiff::civil::Date) -> Result<Value, NotCalled> {
    let reading = library.shelf(Corpus::Law).map_err(|e| failed(&e))?.read();
    let mut law = reading.work(unit.work(), as_of).map_err(|e| failed(&e))?;
    law.retain(Unit::is_for_all);
    let glossary = Glossary::of(&law);
    let used = glossary.used_in(unit).into_iter().take(MOST_WORDS);
    Ok(used.map(|word| json!({ "word": word.term, "meaning": word.meaning, "defined_in": word.unit.id })).collect())
}

/// What an article leaves to lower rules, and the articles that decide it.
fn left_to(library: &Library, unit: &Unit, as_of: jiff::civil::Date) -> Result<Value, NotCalled> {
    let reading = library.shelf(Corpus::Law).map_err(|e| failed(&e))?.read();
    let mut citing = reading.citing(&unit.unit_id(), as_of, MOST_CITING).map_err(|e| failed(&e))?;
    citing.retain(Unit::is_for_all);
    let by = |(unit, within): &(&Unit, String)| json!({ "id": unit.id, "for": within });
    let left = carried_out(unit, &citing);
    Ok(left
        .iter()
        .map(|left| json!({ "rule": left.rule, "decided_by": left.by.iter().map(by).collect::<Vec<_>>() }))
        .collect())
}

/// A unit as of a day, if all may read it and it has no grade. A record has one text, whatever the day.
pub(super) fn unit(
    library: &Library,
    corpus: Corpus,
    id: &str,
    as_of: jiff::civil::Date,
) -> Result<Option<Unit>, NotCalled> {
    let reading = library.shelf(corpus).map_err(|e| failed(&e))?.read();
    let id = UnitId::new(id);
    let unit = match corpus {
        Corpus::Diet => reading.texts(&id).map(|mut texts| texts.pop()),
        Corpus::Law | Corpus::Document => reading.unit(&id, as_of),
    };
    // What is not for all is answered as if it did not exist.
    Ok(unit.map_err(|e| failed(&e))?.filter(Unit::is_for_all))
}
