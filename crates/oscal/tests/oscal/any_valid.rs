//! Documents of any shape that the schemas allow, made from the schemas themselves: all are read, and nothing of them is
//! dropped in silence.

use crate::foreign::{all_leaves, imported, is_told};
use crate::schema::{faults, schema};
use proptest::prelude::*;
use sekisho_oscal::{Document, Model};
use serde_json::{Map, Value, json};

/// Makes an instance of a schema. Texts are numbered, so that each can be found again.
struct Maker<'a> {
    schema: &'a Value,
    dice: u64,
    made: u32,
}

impl Maker<'_> {
    fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64.
        self.dice = self.dice.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn value(&mut self, schema: &Value, key: &str, depth: u32) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            if name.ends_with("Datatype") {
                return self.text(name, key);
            }
            let definition = self.schema["definitions"][name].clone();
            return self.value(&definition, key, depth);
        }
        for of in ["allOf", "anyOf"] {
            let Some(branches) = schema[of].as_array() else { continue };
            let named = branches.iter().find_map(|b| b["enum"].as_array());
            if let Some(named) = named {
                return named[self.roll(named.len() as u64) as usize].clone();
            }
            let chosen = &branches[self.roll(branches.len() as u64) as usize];
            return self.value(chosen, key, depth);
        }
        if let Some(items) = schema.get("items") {
            let length = 1 + self.roll(2);
            return (0..length).map(|_| self.value(items, key, depth + 1)).collect();
        }
        let mut members = Map::new();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, of) in schema["properties"].as_object().into_iter().flatten() {
            let sides = 2 + u64::from(depth);
            if required.contains(&json!(name)) || self.roll(sides) == 0 {
                members.insert(name.clone(), self.value(of, name, depth + 1));
            }
        }
        Value::Object(members)
    }

    fn text(&mut self, datatype: &str, key: &str) -> Value {
        self.made += 1;
        let n = self.made;
        let odd = self.roll(3);
        match (datatype, key) {
            (_, "oscal-version") => json!("1.2.1"),
            ("UUIDDatatype", _) => json!(format!("{n:08x}-0000-4000-8000-{:012x}", self.roll(1 << 40))),
            // Numbers as the criteria have them, here and there.
            ("TokenDatatype", "id" | "control-id" | "target-id") if odd == 0 => {
                json!(format!("A.{}.{}.{}", 5 + self.roll(3), 1 + self.roll(2), 1 + self.roll(2)))
            }
            ("StringDatatype", "value" | "id-ref") if odd == 0 => {
                json!(format!("{}.1.{}.{}", 5 + self.roll(3), 1 + self.roll(2), 1 + self.roll(99)))
            }
            ("TokenDatatype", "name") if odd == 0 => json!(["label", "statement", "sort-id"][self.roll(3) as usize]),
            ("TokenDatatype", _) => json!(format!("印{n}")),
            ("MarkupMultilineDatatype", _) => json!(format!("文{n}の\n二行目{n}。")),
            ("DateTimeWithTimezoneDatatype", _) => json!(format!("20{:02}-02-28T23:59:59+09:00", 10 + n % 80)),
            ("DateDatatype", _) => json!(format!("20{:02}-02-28", 10 + n % 80)),
            ("URIDatatype" | "URIReferenceDatatype", _) => json!(format!("https://example.jp/{n}")),
            ("EmailAddressDatatype", _) => json!(format!("m{n}@example.jp")),
            ("Base64Datatype", _) => json!(format!("{n:08}")),
            ("BooleanDatatype", _) => json!(odd == 0),
            ("DecimalDatatype", _) => json!(0.5),
            (number, _) if number.contains("Integer") => json!(n),
            _ => json!(format!("語{n}")),
        }
    }
}

fn document(model: Model, seed: u64) -> Value {
    let schema = schema(model);
    let mut maker = Maker { schema: &schema, dice: seed, made: 0 };
    let body = schema["properties"][model.key()].clone();
    json!({ model.key(): maker.value(&body, model.key(), 0) })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_valid_document_is_read_and_written_back(seed: u64) {
        for model in Model::ALL {
            let made = document(model, seed);
            let wrong = faults(model, &made);
            prop_assert!(wrong.is_empty(), "{wrong:?}");
            let read = Document::read(&serde_json::to_vec(&made).unwrap()).unwrap();
            prop_assert_eq!(read.root(), &made);
            let once = read.write().unwrap();
            prop_assert!(Document::read(&once).unwrap().write().unwrap() == once);
        }
    }

    #[test]
    fn of_any_valid_catalog_or_results_every_value_is_in_the_record_or_in_the_report(seed: u64) {
        for model in [Model::Catalog, Model::AssessmentResults] {
            let made = document(model, seed);
            let (report, again) = imported(&serde_json::to_vec(&made).unwrap()).unwrap();
            if again.is_empty() {
                // No item of ours at all: the import says that there is no catalogue.
                continue;
            }
            let again = all_leaves(&serde_json::from_slice(&again).unwrap());
            for (path, _, leaf) in all_leaves(&made) {
                let text = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
                let number = text.trim_start_matches("A.");
                let sought = match path.rsplit('.').next() {
                    Some("collected") => &text[..10],
                    Some("target-id" | "control-id") => number,
                    _ => text.as_str(),
                };
                let kept = again.iter().any(|(_, _, leaf)| leaf.as_str().is_some_and(|l| l.contains(sought)));
                prop_assert!(kept || is_told(&report, &path), "{path}: {text} was dropped in silence");
            }
        }
    }

    #[test]
    fn a_document_with_changed_bytes_is_read_or_refused(seed: u64, at in 0usize..100_000, byte: u8) {
        let model = Model::ALL[(seed % 7) as usize];
        let mut bytes = serde_json::to_vec(&document(model, seed)).unwrap();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Err(refused) = Document::read(&bytes) {
            prop_assert!(!refused.ja().is_empty() && !refused.to_string().is_empty());
        }
        bytes.truncate(at);
        prop_assert!(Document::read(&bytes).is_err());
    }
}
