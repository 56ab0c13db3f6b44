//! What the words of a provision mean, by the definitions of its law.

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::definition::{Scope, definitions};
use super::name::is_kanji;
use crate::unit::Unit;

/// How many words one law may define; the longest laws define some thousands.
const MOST: usize = 20_000;
/// What may stand directly before a word without making it another: 当該港湾管理者.
const LEADS: [char; 6] = ['該', '各', '同', '前', '其', '之'];
/// What may stand directly after one: 届出及び報告, 届出以外.
const FOLLOWERS: [char; 5] = ['及', '又', '並', '若', '以'];

/// A word of a law and where it is defined.
#[derive(Clone, Debug, PartialEq)]
pub struct Word<'u> {
    /// The word.
    pub term: String,
    /// What it means, as the law says it.
    pub meaning: &'u str,
    /// The provision that says so.
    pub unit: &'u Unit,
    /// The bytes of the word in that provision's text.
    pub span: Range<usize>,
    /// Where it means that.
    pub scope: Scope,
}

impl Word<'_> {
    /// Whether the word means this in a provision: scopes that name a part hold where that part begins alike.
    fn holds_in(&self, unit: &Unit) -> bool {
        let Scope::Part(part) = &self.scope else { return true };
        let level = ["編", "章", "節", "款", "目"].into_iter().find(|level| part.strip_prefix("この") == Some(*level));
        let within = level.and_then(|level| Some((down_to(self.unit, level)?, down_to(unit, level)?)));
        // この条, 次条及び第五条, and what has no headings: said of its own provision alone.
        within.map_or(self.unit.id == unit.id, |(here, there)| here == there)
    }
}

/// The headings above a provision down to a level.
fn down_to<'u>(unit: &'u Unit, level: &str) -> Option<&'u [String]> {
    let end = unit.path.iter().position(|heading| is_level(heading, level))?;
    unit.path.get(..=end)
}

/// Whether a heading is of a level: 第二章　港湾 is a 章.
fn is_level(heading: &str, level: &str) -> bool {
    let name = heading.split(['　', ' ']).next().unwrap_or_default();
    name.starts_with('第') && name.split('の').next().is_some_and(|number| number.ends_with(level))
}

/// The words that a law defines.
#[derive(Debug)]
pub struct Glossary<'u> {
    words: Vec<Word<'u>>,
    /// The words of each term, in the order of the law.
    by_term: Vec<Vec<usize>>,
    automaton: Option<AhoCorasick>,
}

impl<'u> Glossary<'u> {
    /// The words that the provisions of a law define; the provisions in order.
    pub fn of(units: &'u [Unit]) -> Self {
        let mut words = Vec::new();
        for unit in units {
            for found in definitions(&unit.text) {
                let meaning = unit.text.get(found.meaning).unwrap_or_default().trim_start_matches('、');
                if meaning.is_empty() || words.len() >= MOST {
                    continue;
                }
                words.push(Word { term: found.term, meaning, unit, span: found.span, scope: found.scope });
            }
        }
        let mut terms: Vec<&str> = Vec::new();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut by_term: Vec<Vec<usize>> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let number = *numbers.entry(&word.term).or_insert_with(|| {
                terms.push(&word.term);
                by_term.push(Vec::new());
                terms.len() - 1
            });
            if let Some(same) = by_term.get_mut(number) {
                same.push(index);
            }
        }
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&terms).ok();
        Self { words, by_term, automaton }
    }

    /// All words, in the order in which the law defines them.
    pub fn words(&self) -> &[Word<'u>] {
        &self.words
    }

    /// The words that a provision defines.
    pub fn defined_in<'g>(&'g self, unit: &'g Unit) -> impl Iterator<Item = &'g Word<'u>> {
        self.words.iter().filter(|word| word.unit.id == unit.id)
    }

    /// The words that a provision uses and another one defines, in the order of their use. Where several definitions
    /// hold, the nearest before the provision is taken, else the first.
    pub fn used_in(&self, unit: &Unit) -> Vec<&Word<'u>> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut seen = vec![false; self.by_term.len()];
        let mut used = Vec::new();
        for found in automaton.find_iter(&unit.text) {
            let number = found.pattern().as_usize();
            if seen.get(number).copied().unwrap_or(true) || !stands_alone(&unit.text, found.range()) {
                continue;
            }
            if let Some(slot) = seen.get_mut(number) {
                *slot = true;
            }
            let same = self.by_term.get(number).into_iter().flatten().filter_map(|index| self.words.get(*index));
            let holding: Vec<&Word<'u>> = same.filter(|word| word.holds_in(unit)).collect();
            let before = holding.iter().rev().find(|word| word.unit.order <= unit.order);
            used.extend(before.or(holding.first()).filter(|word| word.unit.id != unit.id).copied());
        }
        used
    }
}

/// Whether a word is not a part of a longer one: 物 in 架空物 is none.
fn stands_alone(text: &str, span: Range<usize>) -> bool {
    let word = text.get(span.clone()).unwrap_or_default();
    // 法 and 者 stand in every second word; only 「法」 and 法第五条 would be meant.
    if word.chars().nth(1).is_none() {
        return false;
    }
    let joins = |inner: Option<char>, outer: Option<char>| match (inner, outer) {
        (Some(inner), Some(outer)) => is_kanji(inner) && is_kanji(outer) || is_katakana(inner) && is_katakana(outer),
        _ => false,
    };
    let before = text.get(..span.start).and_then(|before| before.chars().next_back());
    let after = text.get(span.end..).and_then(|after| after.chars().next());
    let led = before.is_some_and(|c| LEADS.contains(&c));
    let followed = after.is_some_and(|c| FOLLOWERS.contains(&c));
    (led || !joins(word.chars().next(), before)) && (followed || !joins(word.chars().next_back(), after))
}

fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | 'ー')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(texts: &[(&str, &[&str], &str)]) -> Vec<Unit> {
        let units = texts.iter().enumerate().map(|(order, (key, path, text))| Unit {
            id: format!("x/{key}"),
            group: "x".into(),
            order: u32::try_from(order).unwrap(),
            path: path.iter().map(|&heading| heading.to_owned()).collect(),
            text: (*text).to_owned(),
            ..Unit::default()
        });
        units.collect()
    }

    fn used(glossary: &Glossary<'_>, unit: &Unit) -> Vec<(String, String, String)> {
        let used = glossary.used_in(unit).into_iter();
        used.map(|word| (word.term.clone(), word.meaning.to_owned(), word.unit.id.clone())).collect()
    }

    #[test]
    fn a_word_of_a_provision_leads_to_the_provision_that_defines_it() {
        let units = law(&[
            ("2", &[], "この法律において「架空港湾」とは、架空の港をいう。"),
            ("3", &[], "架空港湾の管理者（以下「港湾管理者」という。）は、当該架空港湾を守る。"),
            ("4", &[], "当該港湾管理者は、毎年報告する。"),
        ]);
        let glossary = Glossary::of(&units);
        let expected = [("港湾管理者".to_owned(), "架空港湾の管理者".to_owned(), "x/3".to_owned())];
        assert_eq!(used(&glossary, &units[2]), expected);
        assert_eq!(used(&glossary, &units[1])[0].2, "x/2");
        assert_eq!(glossary.defined_in(&units[1]).map(|word| &*word.term).collect::<Vec<_>>(), ["港湾管理者"]);
    }

    #[test]
    fn a_part_of_a_longer_word_is_not_the_word() {
        let units = law(&[
            ("2", &[], "この法律において「届出」とは、架空の届出をいう。"),
            ("3", &[], "届出者及び架空届出は、別とする。"),
            ("4", &[], "次の届出をする。"),
        ]);
        let glossary = Glossary::of(&units);
        assert!(used(&glossary, &units[1]).is_empty());
        assert_eq!(used(&glossary, &units[2]).len(), 1);
    }

    #[test]
    fn what_holds_in_a_chapter_or_an_article_holds_nowhere_else() {
        let units = law(&[
            ("2", &["第一章　総則"], "この章において「架空物」とは、甲をいう。"),
            ("3", &["第一章　総則"], "架空物（以下この条において「特定物」という。）を守る。"),
            ("4", &["第一章　総則", "第一節　通則"], "架空物及び特定物"),
            ("5", &["第一章の二　雑則"], "架空物"),
        ]);
        let glossary = Glossary::of(&units);
        assert_eq!(used(&glossary, &units[2]).iter().map(|word| &*word.0).collect::<Vec<_>>(), ["架空物"]);
        assert!(used(&glossary, &units[3]).is_empty());
    }

    #[test]
    fn of_several_definitions_the_nearest_before_counts() {
        let units = law(&[
            ("2", &[], "甲を示す物（以下「架空物」という。）"),
            ("3", &[], "乙を示す物（以下「架空物」という。）"),
            ("4", &[], "架空物"),
        ]);
        assert_eq!(used(&Glossary::of(&units), &units[2])[0].1, "乙を示す物");
    }
}
