//! What the words of a provision mean, and what carries out what it leaves to lower rules, as links.

use super::hit::{address, heading};
use super::lines::anchor_at;
use super::toc;
use jiff::civil::Date;
use sekisho_search::law::definition::Scope;
use sekisho_search::law::delegation::carried_out;
use sekisho_search::law::glossary::{Glossary, Word};
use sekisho_search::unit::{Corpus, Unit};

/// Words shown beside a provision, and of a whole law.
const BESIDE: usize = 40;
const WHOLE: usize = 400;
/// Characters of a meaning that are shown; the rest is behind the link.
const SHOWN: usize = 160;

/// A word and its meaning.
pub(super) struct Meaning {
    pub(super) term: String,
    pub(super) meaning: String,
    pub(super) href: String,
    /// 第二条第一項, or この条 where it is defined here.
    pub(super) place: String,
    /// この章; empty for the whole law.
    pub(super) scope: String,
}

/// What a provision leaves to a lower rule.
pub(super) struct Left {
    pub(super) rule: String,
    pub(super) by: Vec<By>,
}

/// A provision that decides it.
pub(super) struct By {
    pub(super) href: String,
    pub(super) label: String,
    /// 第一項第三号, for which it decides; empty for the whole.
    pub(super) within: String,
}

/// The words that a provision of a law uses, and after them those it defines itself.
pub(super) fn meanings(law: &[Unit], unit: &Unit, as_of: Option<Date>) -> Vec<Meaning> {
    let glossary = Glossary::of(law);
    let used = glossary.used_in(unit).into_iter();
    used.chain(glossary.defined_in(unit)).take(BESIDE).map(|word| shown(word, Some(unit), as_of)).collect()
}

/// The words that a law defines, and how many more it defines than are given.
pub(super) fn glossary(law: &[Unit], as_of: Option<Date>) -> (Vec<Meaning>, usize) {
    let glossary = Glossary::of(law);
    let words = glossary.words();
    (words.iter().take(WHOLE).map(|word| shown(word, None, as_of)).collect(), words.len().saturating_sub(WHOLE))
}

fn shown(word: &Word<'_>, beside: Option<&Unit>, as_of: Option<Date>) -> Meaning {
    let cut = word.meaning.char_indices().nth(SHOWN).map(|(at, _)| at);
    let here = beside.is_some_and(|unit| unit.id == word.unit.id);
    Meaning {
        term: word.term.clone(),
        meaning: match cut {
            Some(at) => format!("{}…", word.meaning.get(..at).unwrap_or_default()),
            None => word.meaning.to_owned(),
        },
        href: match anchor_at(word.unit, word.span.start) {
            Some(line) => format!("{}#{line}", address(Corpus::Law, word.unit, as_of)),
            None => address(Corpus::Law, word.unit, as_of),
        },
        place: if here { "この条".to_owned() } else { toc::label(word.unit) },
        scope: match &word.scope {
            Scope::Law => String::new(),
            Scope::Part(part) => part.clone(),
        },
    }
}

/// What a provision leaves to lower rules, with those that decide it among the provisions that cite it.
pub(super) fn left(unit: &Unit, citing: &[Unit], as_of: Option<Date>) -> Vec<Left> {
    let by =
        |(unit, within): (&Unit, String)| By { href: address(Corpus::Law, unit, as_of), label: heading(unit), within };
    let left = carried_out(unit, citing).into_iter();
    left.map(|left| Left { rule: left.rule, by: left.by.into_iter().map(by).collect() }).collect()
}
