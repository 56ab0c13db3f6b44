//! Reading a unit whole: `get_article`, `get_speech`.

use super::search::shown;
use super::{Arguments, day_schema, failed, text_schema};
use sekisho_gate::upstream::in_house::NotCalled;
use sekisho_search::library::Library;
use sekisho_search::unit::{Corpus, Unit, UnitId};
use serde_json::{Value, json};

/// Most bytes of a text that is given; nothing in the sources is as long.
const MOST: usize = 2_000_000;

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
    }
    Ok(answer)
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
