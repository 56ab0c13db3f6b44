//! A quotation against the passages it cites.
//!
//! A quotation stands when its folded text (see [`super::fold`]) occurs in a cited passage at a place where no number or word
//! is broken at its edges and nothing right behind turns or limits it (see [`super::cut`]), or when its parts do, in their
//! order, with omissions marked and harmless. Kanji numerals are not Arabic ones here: 「第5条」 does not quote 第五条. A
//! quotation promises the letters, and a rule that must decide when 一・二 is a list and when a fraction would one day let a
//! wrong number pass; outside quotations numbers go by value.

use super::cut::{self, Fault};
use super::fold::Folded;
use super::nearest::{Difference, Nearest, nearest};
use super::omission;
use super::passage::{Ready, Shelf};
use super::term::is_term;
use std::cell::Cell;

/// Why a statement is struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The quotation occurs in no passage.
    NotFound {
        /// The stored text most like it, if any is.
        nearest: Option<Nearest>,
    },
    /// A number, or the bound of one (以上, 未満), is not the passage's: in a quotation, or in the statement's own words.
    AlteredNumber {
        /// The number or quotation as written.
        written: String,
        /// The stored text most like it, if any is.
        nearest: Option<Nearest>,
    },
    /// A negation was taken out, put in, or left out in an omission.
    AlteredNegation {
        /// The stored text most like it, if any is.
        nearest: Option<Nearest>,
    },
    /// Texts that do not stand together were quoted as one.
    Joined,
    /// What follows in the stored text turns or limits what was quoted.
    CutBeforeNegation {
        /// The words cut off.
        tail: String,
    },
    /// It stands in another passage than the cited one.
    WrongPassage {
        /// The number of that passage.
        stands_in: usize,
    },
    /// A cited number is no passage's.
    NoSuchPassage {
        /// The number.
        number: usize,
    },
    /// A quotation without citation.
    Uncited,
}

/// How a quotation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It stands.
    Found {
        /// Number of the passage.
        passage: usize,
        /// Bytes of the stored text from its first to its last character.
        place: std::ops::Range<usize>,
        /// The stored text goes on with ただし: worth showing beside it.
        proviso: bool,
    },
    /// A short word in 「」 that no cited passage uses, or the official form of a citation: it quotes nobody.
    Term,
}

/// A passage that a statement cites, with its number.
pub(crate) type Cited<'a> = (usize, &'a Ready<'a>);

/// What may be spent on one answer, in bytes of stored text looked through. What comes after is struck unseen, so that an answer
/// made to cost time costs itself.
const BUDGET: usize = 1 << 29;
/// Nearest texts are looked for so many times in an answer: they are for the reader, not for the verdict.
const NEAREST: usize = 64;
/// Shorter pieces could stand anywhere: no proof of joining.
const SHORTEST_JOINED: usize = 4;

/// Checks the quotations of one answer.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    shelf: &'a Shelf<'a>,
    budget: Cell<usize>,
    nearest: Cell<usize>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(shelf: &'a Shelf<'a>) -> Self {
        Self { shelf, budget: Cell::new(BUDGET), nearest: Cell::new(NEAREST) }
    }

    /// Holds a quotation against the cited passages, of which `None` says that nothing is cited; those that do not exist are
    /// the statement's matter.
    pub(crate) fn check(&self, quoted: &str, cited: Option<&[Cited]>) -> Result<Standing, Reason> {
        let folded = Folded::of(quoted);
        let text = folded.text();
        if text.is_empty() {
            return Ok(Standing::Term);
        }
        let Some(passages) = cited else {
            return if is_term(quoted) { Ok(Standing::Term) } else { Err(Reason::Uncited) };
        };
        let parts = omission::parts(text);
        let parts = parts.as_deref();
        let mut fault = None;
        for (number, ready) in passages {
            match self.stands(text, parts, ready) {
                Ok(found) => return Ok(found_in(*number, ready, found)),
                Err(why) => fault = fault.or(why),
            }
        }
        if is_term(quoted) {
            return Ok(Standing::Term);
        }
        if passages.iter().any(|(_, ready)| whole(&ready.cite, text).is_ok()) {
            // The official form of the citation itself, not words of the text; cut no more than those may be.
            return Ok(Standing::Term);
        }
        if let Some(fault) = fault {
            return Err(reason(fault, quoted));
        }
        let elsewhere = self.shelf.all().filter(|(number, _)| passages.iter().all(|(cited, _)| cited != number));
        for (number, ready) in elsewhere {
            if self.stands(text, parts, ready).is_ok() {
                return Err(Reason::WrongPassage { stands_in: number });
            }
        }
        Err(self.why_not(quoted, text, passages))
    }

    fn spend(&self, bytes: usize) -> bool {
        let left = self.budget.get().checked_sub(bytes);
        self.budget.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Where a quotation stands in a passage, else what is wrong with the nearest try.
    fn stands(&self, text: &str, parts: Option<&[&str]>, ready: &Ready) -> Result<(usize, usize), Option<Fault>> {
        let stored = &ready.text;
        if !self.spend(stored.text().len() + text.len()) {
            return Err(None);
        }
        // Marks of omission may be the stored text's own, so the whole is tried first.
        let whole = whole(stored, text);
        match (whole, parts) {
            (Ok(found), _) => Ok(found),
            (Err(None), Some(parts)) if !parts.is_empty() => {
                if self.spend(stored.text().len().saturating_mul(parts.len() * 8)) {
                    omission::chain(stored, parts)
                } else {
                    Err(None)
                }
            }
            (Err(why), _) => Err(why),
        }
    }

    /// Names what makes a quotation false that occurs nowhere.
    fn why_not(&self, quoted: &str, text: &str, passages: &[Cited]) -> Reason {
        let Some(left) = self.nearest.get().checked_sub(1) else { return Reason::NotFound { nearest: None } };
        self.nearest.set(left);
        let best = passages
            .iter()
            .filter_map(|(number, ready)| nearest(&ready.text, text).map(|found| (*number, *ready, found)))
            .min_by_key(|(.., (_, edits, _))| *edits);
        let shown = best.as_ref().map(|(number, ready, (place, ..))| Nearest {
            passage: *number,
            text: ready.passage.text.get(ready.text.source(place.start, place.end)).unwrap_or("").to_owned(),
        });
        let length = text.chars().count();
        let edits = best.as_ref().map_or(usize::MAX, |(.., (_, edits, _))| *edits);
        // Most of two joined sentences is like neither; a short one may be half altered and is still like its original.
        if edits > (length / 5).max(1) && passages.iter().any(|(_, ready)| self.is_joined(text, ready)) {
            return Reason::Joined;
        }
        match best {
            Some((.., (_, _, Difference::Number))) if edits <= length / 2 => {
                Reason::AlteredNumber { written: quoted.to_owned(), nearest: shown }
            }
            Some((.., (_, _, Difference::Negation))) if edits <= length / 2 => {
                Reason::AlteredNegation { nearest: shown }
            }
            _ => Reason::NotFound { nearest: shown },
        }
    }

    /// Whether a text is the longest beginning that stands in a passage and a rest that stands in any.
    fn is_joined(&self, text: &str, ready: &Ready) -> bool {
        let stored = ready.text.text();
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(SHORTEST_JOINED).collect();
        if !self.spend(stored.len().saturating_mul(12)) {
            return false;
        }
        // What begins with a text that does not stand does not stand either.
        let longest = ends.partition_point(|end| text.get(..*end).is_some_and(|head| stored.contains(head)));
        let Some(end) = longest.checked_sub(1).and_then(|i| ends.get(i)) else { return false };
        let rest = text.get(*end..).unwrap_or("").trim_start_matches(['。', '、']);
        rest.chars().count() >= SHORTEST_JOINED && self.shelf.all().any(|(_, other)| other.text.text().contains(rest))
    }
}

/// An unbroken occurrence that nothing speaks against, else what speaks against the first.
fn whole(stored: &Folded, text: &str) -> Result<(usize, usize), Option<Fault>> {
    /// A phrase used oftener is looked at so many times.
    const MOST_PLACES: usize = 64;
    let mut fault = None;
    for (from, to) in stored.places(text, MOST_PLACES) {
        let clean =
            cut::start(stored, from).and_then(|()| cut::end(stored, to)).and_then(|()| cut::tail(stored, from, to));
        match clean {
            Ok(()) => return Ok((from, to)),
            Err(why) => fault = fault.or(Some(why)),
        }
    }
    Err(fault)
}

fn found_in(number: usize, ready: &Ready, (from, to): (usize, usize)) -> Standing {
    let proviso = cut::followed_by_proviso(&ready.text, to);
    Standing::Found { passage: number, place: ready.text.source(from, to), proviso }
}

fn reason(fault: Fault, quoted: &str) -> Reason {
    match fault {
        Fault::Number => Reason::AlteredNumber { written: quoted.to_owned(), nearest: None },
        Fault::Negation | Fault::Swallowed => Reason::AlteredNegation { nearest: None },
        Fault::Word => Reason::NotFound { nearest: None },
        Fault::Joined => Reason::Joined,
        Fault::Tail(tail) => Reason::CutBeforeNegation { tail },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::citation::Passage;
    use crate::unit::UnitId;

    #[test]
    fn what_comes_after_the_budget_is_struck() {
        let text = "甲は、乙とする。".to_owned();
        let passages = [Passage { number: 1, unit: UnitId::new("F/1"), cite: String::new(), text: text.clone() }];
        let shelf = Shelf::new(&passages);
        let cited = [(1, shelf.get(1).unwrap())];
        let checker = Checker::new(&shelf);
        assert!(checker.check(&text, Some(&cited)).is_ok());
        checker.budget.set(1);
        assert!(checker.check(&text, Some(&cited)).is_err());
    }
}
