//! `verify_citation`: does this quotation stand in this unit?

use super::{Arguments, day_schema, read, text_schema};
use crate::research::cite::{address, cite};
use sekisho_gate::upstream::in_house::NotCalled;
use sekisho_search::citation::{Nearest, Passage, Reason, Shelf, Standing, Style, Verdict, check};
use sekisho_search::library::Library;
use sekisho_search::unit::UnitId;
use serde_json::{Value, json};

/// Longest quotation.
const QUOTATION: usize = 20_000;

pub(super) fn schema() -> Value {
    json!({
        "type": "object", "required": ["corpus", "id", "quotation"], "additionalProperties": false,
        "properties": {
            "corpus": { "type": "string", "enum": ["law", "diet", "document"], "description": "法令か、国会会議録か、自機関の文書か" },
            "id": text_schema("条文または発言の識別子", 300),
            "quotation": text_schema("引用した文（かぎ括弧の中身）", QUOTATION),
            "as_of": day_schema("この日に施行されていた条文と照合する（2026-04-01 の形。初めは今日）"),
        },
    })
}

pub(super) fn run(library: &Library, arguments: &Arguments<'_>) -> Result<Value, NotCalled> {
    arguments.only(&["corpus", "id", "quotation", "as_of"])?;
    let (corpus, id) = (arguments.corpus()?, arguments.id()?);
    let as_of = arguments.day("as_of")?.unwrap_or(arguments.today);
    let quotation = arguments.needed("quotation", QUOTATION)?;
    let Some(unit) = read::unit(library, corpus, id, as_of)? else {
        let message = "この識別子の文は、この日にはありません。引用の出典がありません。";
        return Ok(json!({ "found": false, "stands": false, "id": id, "as_of": as_of, "reason": message }));
    };
    let cited = cite(corpus, &unit);
    let passage = [Passage { number: 1, unit: UnitId::new(id), cite: cited.clone(), text: unit.text.clone() }];
    let told = judge(quotation, &passage);
    let mut answer = json!({
        "found": true, "id": id, "cite": cited, "as_of": as_of, "url": unit.url,
        "reader": address(corpus, &unit, arguments.other_day(as_of)),
    });
    if let (Some(members), Some(told)) = (answer.as_object_mut(), told.as_object()) {
        members.extend(told.clone());
    }
    Ok(answer)
}

/// The verdict on one quotation. It is written as a block quotation, in which nothing but the quotation stands.
fn judge(quotation: &str, passages: &[Passage]) -> Value {
    let lines: Vec<&str> = quotation.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let checked = check(&format!("> {} [1]", lines.join("\u{3000}")), &Shelf::new(passages), &Style::default());
    let [judged] = checked.statements.as_slice() else {
        return json!({ "stands": false, "reason": "引用として読める文がありません。" });
    };
    match &judged.verdict {
        Verdict::Supported { quotations } => match quotations.first() {
            Some(Standing::Found { place, proviso, .. }) => {
                json!({ "stands": true, "place": { "start": place.start, "end": place.end }, "proviso_follows": proviso })
            }
            _ => json!({ "stands": false, "reason": "短い語で、この文にはありません。" }),
        },
        Verdict::Unsupported => json!({ "stands": false, "reason": "引用として読める文がありません。" }),
        Verdict::Struck(reasons) => {
            let told: Vec<String> = reasons.iter().map(Reason::in_japanese).collect();
            let nearest = reasons.iter().find_map(near).map(|nearest| nearest.text.clone());
            json!({ "stands": false, "reason": told.join("／"), "nearest": nearest })
        }
    }
}

fn near(reason: &Reason) -> Option<&Nearest> {
    match reason {
        Reason::NotFound { nearest } | Reason::AlteredNumber { nearest, .. } | Reason::AlteredNegation { nearest } => {
            nearest.as_ref()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_stands_or_it_is_told_why_not() {
        let text =
            "架空物を運ぶ者は、三十日以内に架空大臣に届け出なければならない。ただし、軽微なものは、届出を要しない。";
        let passages =
            [Passage { number: 1, unit: UnitId::new("x"), cite: "架空法第五条".into(), text: text.to_owned() }];
        let stands = judge("三十日以内に架空大臣に届け出なければならない。", &passages);
        assert_eq!((&stands["stands"], &stands["proviso_follows"]), (&json!(true), &json!(true)), "{stands}");
        for (false_one, why) in [
            ("四十日以内に架空大臣に届け出なければならない。", "数"),
            ("軽微なものは、届出を要し", "否定又は限定"),
            ("全く書かれていない文章である。", "ありません"),
        ] {
            let told = judge(false_one, &passages);
            assert_eq!(told["stands"], false, "{false_one}: {told}");
            assert!(told["reason"].as_str().unwrap().contains(why), "{false_one}: {told}");
        }
    }
}
