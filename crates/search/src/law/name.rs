//! The names of laws: titles, numbers, and the short names everybody uses.

mod short;

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::law_id::{LawId, LawNumber};
use super::text::LawText;

pub use short::{SHORT_NAMES, official_title};

/// Finds laws by what texts call them.
pub trait Names {
    /// The law of a number.
    fn by_number(&self, number: &LawNumber) -> Option<&LawId>;

    /// The law of a whole name: a title or a short name. `None` also for a name that two laws share.
    fn by_name(&self, name: &str) -> Option<&LawId>;

    /// All names in a text, from left to right, the longest at each place, none within another word.
    fn find<'n>(&'n self, text: &str) -> Vec<NameFound<'n>>;

    /// As [`Names::find`], with every law of a name that several share.
    fn find_all<'n>(&'n self, text: &str) -> Vec<(Range<usize>, Vec<&'n LawId>)> {
        self.find(text).into_iter().map(|found| (found.span, vec![found.law])).collect()
    }
}

/// A name in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameFound<'n> {
    /// Its bytes.
    pub span: Range<usize>,
    /// The law it names.
    pub law: &'n LawId,
}

/// What is known of the names of one law.
#[derive(Clone, Debug)]
pub struct LawNames {
    /// Its id.
    pub law_id: LawId,
    /// Its title.
    pub title: String,
    /// Its number.
    pub number: Option<LawNumber>,
    /// Its short names.
    pub short: Vec<String>,
}

impl LawNames {
    /// The names that a law's own text gives. `None` without an id.
    pub fn of(law: &LawText) -> Option<Self> {
        Some(Self {
            law_id: law.law_id.clone()?,
            title: law.title.clone(),
            number: law.law_num.parse().ok(),
            short: law.abbreviations.clone(),
        })
    }
}

/// Names held in memory: some 9,000 laws take some tens of megabytes.
#[derive(Debug)]
pub struct NameTable {
    laws: Vec<LawId>,
    numbers: HashMap<LawNumber, Option<usize>>,
    /// Several for names that several laws share.
    names: HashMap<String, Vec<usize>>,
    automaton: Option<AhoCorasick>,
    /// The laws of each pattern of the automaton.
    patterns: Vec<Vec<usize>>,
}

impl NameTable {
    /// A table of laws, with the [`SHORT_NAMES`] of those among them.
    pub fn new(laws: impl IntoIterator<Item = LawNames>) -> Self {
        let mut table = Self {
            laws: Vec::new(),
            numbers: HashMap::new(),
            names: HashMap::new(),
            automaton: None,
            patterns: Vec::new(),
        };
        let mut short = Vec::new();
        for law in laws {
            let index = table.laws.len();
            table.laws.push(law.law_id);
            if let Some(number) = law.number {
                let entry = table.numbers.entry(number).or_insert(Some(index));
                *entry = entry.filter(|known| *known == index);
            }
            // 令和三年法律第一号（架空の件に関する法律）: old laws have no title, and are cited by what their kind is called.
            if let Some(called) = called(&law.title) {
                short.push((called.to_owned(), index));
            }
            insert(&mut table.names, law.title, index);
            short.extend(law.short.into_iter().map(|name| (name, index)));
        }
        let called: HashMap<String, usize> = short.iter().cloned().collect();
        for (name, title) in SHORT_NAMES {
            let only = table.names.get(*title).and_then(|laws| one(laws));
            let index = only.or_else(|| called.get(*title).copied());
            short.extend(index.map(|index| ((*name).to_owned(), index)));
        }
        // A title is never made doubtful by another law's short name.
        let mut short_names = HashMap::new();
        for (name, index) in short {
            insert(&mut short_names, name, index);
        }
        for (name, index) in short_names {
            table.names.entry(name).or_insert(index);
        }
        // One character names no law where any text may stand before it: 法 is a matter of definitions.
        let known = table.names.iter().filter(|(name, _)| name.len() > 4);
        let (patterns, indexes): (Vec<&String>, Vec<Vec<usize>>) =
            known.map(|(name, laws)| (name, laws.clone())).unzip();
        table.automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok();
        table.patterns = indexes;
        table
    }
}

/// What a title that begins with the law's number says in brackets after it.
fn called(title: &str) -> Option<&str> {
    let (_, length) = LawNumber::leading(title)?;
    title.get(length..)?.strip_prefix('（')?.strip_suffix('）')
}

fn insert(names: &mut HashMap<String, Vec<usize>>, name: String, index: usize) {
    if !name.is_empty() {
        let laws = names.entry(name).or_default();
        if !laws.contains(&index) {
            laws.push(index);
        }
    }
}

/// The law of a name that is one law's alone.
fn one(laws: &[usize]) -> Option<usize> {
    match laws {
        [law] => Some(*law),
        _ => None,
    }
}

impl Names for NameTable {
    fn by_number(&self, number: &LawNumber) -> Option<&LawId> {
        self.numbers.get(number).copied().flatten().and_then(|index| self.laws.get(index))
    }

    fn by_name(&self, name: &str) -> Option<&LawId> {
        self.names.get(name).and_then(|laws| one(laws)).and_then(|index| self.laws.get(index))
    }

    fn find<'n>(&'n self, text: &str) -> Vec<NameFound<'n>> {
        let named = self.find_all(text).into_iter();
        named.filter_map(|(span, laws)| if let [law] = *laws { Some(NameFound { span, law }) } else { None }).collect()
    }

    fn find_all<'n>(&'n self, text: &str) -> Vec<(Range<usize>, Vec<&'n LawId>)> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let found = automaton.find_iter(text).filter_map(|found| {
            let before = text.get(..found.start()).and_then(|before| before.chars().next_back());
            let after = text.get(found.end()..).unwrap_or_default();
            let name = text.get(found.span().range()).unwrap_or_default();
            if before.is_some_and(joins) || continues(after) || is_body(name, after) {
                return None;
            }
            let laws = self.patterns.get(found.pattern().as_usize())?;
            Some((found.span().range(), laws.iter().filter_map(|law| self.laws.get(*law)).collect()))
        });
        found.collect()
    }
}

/// Whether a character joins what follows to another word: 旧民法 is not 民法.
pub(crate) fn joins(c: char) -> bool {
    is_kanji(c) || matches!(c, 'ァ'..='ヺ' | 'ー' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ')
}

pub(crate) fn is_kanji(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '々' | '〆')
}

/// Whether what follows a name makes it the name of a body or a day: 医療法人, 会社法人等番号, 憲法審査会, 憲法記念日.
fn is_body(name: &str, after: &str) -> bool {
    let of_constitution = ["審査会", "調査会", "記念日"].iter().any(|rest| after.starts_with(rest));
    name.ends_with('法') && after.starts_with('人') || name.ends_with("憲法") && of_constitution
}

/// Whether what follows a name makes it a part of another: 所得税法施行令, 所得税法の一部を改正する法律.
fn continues(after: &str) -> bool {
    ["施行令", "施行規則", "施行細則", "施行法", "の一部を改正", "等の一部を改正"]
        .iter()
        .any(|rest| after.starts_with(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> NameTable {
        let law = |id: &str, title: &str, number: &str, short: &[&str]| LawNames {
            law_id: LawId::new(id).unwrap(),
            title: title.to_owned(),
            number: number.parse().ok(),
            short: short.iter().map(|name| (*name).to_owned()).collect(),
        };
        NameTable::new([
            law("399AC0000000001", "架空法", "令和三年法律第一号", &["架法"]),
            law("399AC0000000002", "架空物の管理に関する法律", "令和三年法律第二号", &["架管法"]),
            law("399AC0000000003", "架空物の売買に関する法律", "令和三年法律第三号", &["架管法"]),
        ])
    }

    #[test]
    fn the_longest_name_counts_and_none_within_another_word() {
        let table = table();
        let text = "架空物の管理に関する法律、架空法及び旧架空法並びに架空法施行令";
        let found: Vec<&str> = table.find(text).iter().map(|name| &text[name.span.clone()]).collect();
        assert_eq!(found, ["架空物の管理に関する法律", "架空法"]);
    }

    #[test]
    fn a_body_named_after_a_law_is_not_the_law() {
        let law = |id: &str, title: &str| LawNames {
            law_id: LawId::new(id).unwrap(),
            title: title.to_owned(),
            number: None,
            short: Vec::new(),
        };
        let table = NameTable::new([law("399AC0000000001", "架空医療法"), law("399CN0000000001", "架空憲法")]);
        for text in ["架空医療法人", "架空憲法審査会", "架空憲法調査会", "架空憲法記念日"] {
            assert_eq!(table.find(text), [], "{text}");
        }
        assert_eq!(table.find("架空医療法の人、架空憲法の審査会").len(), 2);
    }

    #[test]
    fn a_name_that_two_laws_share_names_neither() {
        assert_eq!(table().by_name("架管法"), None);
        assert_eq!(table().by_name("架法").map(LawId::as_str), Some("399AC0000000001"));
    }

    #[test]
    fn a_law_that_something_rests_on_is_named() {
        let named = |text: &str| table().find(text).len();
        for text in
            ["架空法に基づく命令", "架空法の施行に必要な", "架空法関係手数料", "架空法施行の日", "架空法の特例に"]
        {
            assert_eq!(named(text), 1, "{text}");
        }
        for text in ["架空法施行令", "架空法施行規則", "架空法施行法", "架空法施行細則", "架空法等の一部を改正する法律"]
        {
            assert_eq!(named(text), 0, "{text}");
        }
    }

    #[test]
    fn a_law_without_a_title_is_known_by_what_it_is_called() {
        let law = LawNames {
            law_id: LawId::new("399AC0000000004").unwrap(),
            title: "令和三年法律第四号（架空取引の禁止に関する法律）".to_owned(),
            number: None,
            short: Vec::new(),
        };
        let table = NameTable::new([law]);
        assert!(table.by_name("架空取引の禁止に関する法律").is_some());
    }

    #[test]
    fn a_number_names_a_law() {
        let number = "令和3年法律第2号".parse().unwrap();
        assert_eq!(table().by_number(&number).map(LawId::as_str), Some("399AC0000000002"));
    }
}
