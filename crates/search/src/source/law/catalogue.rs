//! Lists of laws: rows of JSON Lines, and answers of the API's list. They say what the text does not: field, id, days.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::law::{LawId, LawNumber};

/// What a list says of a law.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) category: Option<String>,
    pub(super) enforced: Option<Date>,
    pub(super) repealed: Option<Date>,
    /// Whether a list says that it is not repealed; one that is silent leaves it open.
    pub(super) stands: bool,
}

/// Everything that lists say.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    laws: HashMap<LawId, Entry>,
    numbers: HashMap<LawNumber, LawId>,
}

#[derive(Deserialize)]
struct Row {
    law_id: String,
    law_num: String,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    enforced: Option<String>,
}

#[derive(Deserialize)]
struct List {
    laws: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    law_info: Info,
    #[serde(default)]
    revision_info: Option<Info>,
    #[serde(default)]
    current_revision_info: Option<Info>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Info {
    law_id: Option<String>,
    law_num: Option<String>,
    category: Option<String>,
    amendment_enforcement_date: Option<String>,
    repeal_status: Option<String>,
    repeal_date: Option<String>,
}

impl Catalogue {
    /// Takes a list or a row of one; `false` if it is neither.
    pub(super) fn take(&mut self, json: &[u8]) -> bool {
        if let Ok(row) = serde_json::from_slice::<Row>(json) {
            let entry = Entry { category: row.category, enforced: day(row.enforced), ..Entry::default() };
            return self.put(&row.law_id, Some(&row.law_num), entry);
        }
        let Ok(list) = serde_json::from_slice::<List>(json) else { return false };
        for law in list.laws {
            // What is said of an earlier revision says nothing of the law as it is now.
            let current = law.current_revision_info.as_ref();
            let stands = current.is_some_and(|now| now.repeal_status.as_deref() == Some("None"));
            let revision = law.current_revision_info.or(law.revision_info).unwrap_or_default();
            let entry = Entry {
                category: revision.category,
                enforced: day(revision.amendment_enforcement_date),
                repealed: day(revision.repeal_date),
                stands,
            };
            self.put(&law.law_info.law_id.unwrap_or_default(), law.law_info.law_num.as_deref(), entry);
        }
        true
    }

    /// What an answer with the text of a law says beside it.
    pub(super) fn take_answer(&mut self, json: &[u8]) {
        if let Ok(answer) = serde_json::from_slice::<Listed>(json) {
            let revision = answer.revision_info.unwrap_or_default();
            let id = answer.law_info.law_id.unwrap_or_default();
            let repealed = day(revision.repeal_date);
            let entry = Entry { category: revision.category, repealed, ..Entry::default() };
            self.put(&id, answer.law_info.law_num.as_deref(), entry);
        }
    }

    fn put(&mut self, id: &str, number: Option<&str>, entry: Entry) -> bool {
        let Some(id) = LawId::new(id) else { return false };
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            self.numbers.insert(number, id.clone());
        }
        let known = self.laws.entry(id).or_default();
        known.category = entry.category.filter(|category| !category.is_empty()).or(known.category.take());
        known.enforced = entry.enforced.or(known.enforced);
        known.repealed = entry.repealed.or(known.repealed);
        known.stands |= entry.stands;
        true
    }

    pub(super) fn entry(&self, law: &LawId) -> Entry {
        self.laws.get(law).cloned().unwrap_or_default()
    }

    pub(super) fn by_number(&self, number: &LawNumber) -> Option<&LawId> {
        self.numbers.get(number)
    }
}

fn day(text: Option<String>) -> Option<Date> {
    text?.parse().ok()
}
