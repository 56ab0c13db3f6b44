//! Marks of omission in a quotation, and the search for its parts in their order.

use super::cut::{self, Fault};
use super::fold::Folded;

const MARKS: [&str; 14] = [
    "(略)",
    "(中略)",
    "(前略)",
    "(後略)",
    "(以下略)",
    "〔略〕",
    "〔中略〕",
    "[略]",
    "[中略]",
    "[…]",
    "[...]",
    "<略>",
    "...",
    "・・・",
];
/// Fewer characters could be found anywhere: a text of the model's own could be put together of them.
const SHORTEST_PART: usize = 4;
const MOST_PARTS: usize = 16;
/// Uses of a part that are looked at, and beginnings for each of them, the nearest first.
const MOST_PLACES: usize = 256;
const MOST_BEFORE: usize = 8;

/// The parts between marks of omission, folded; `None` when there is no mark, or more of them than a quotation has.
pub(crate) fn parts(quoted: &str) -> Option<Vec<&str>> {
    let mut out = Vec::new();
    let (mut from, mut skip) = (0, 0);
    for (at, c) in quoted.char_indices() {
        if at < skip {
            continue;
        }
        let rest = quoted.get(at..).unwrap_or("");
        let length = match c {
            '…' | '‥' => c.len_utf8(),
            '(' | '〔' | '[' | '<' | '.' | '・' => {
                MARKS.iter().find(|mark| rest.starts_with(**mark)).map_or(0, |mark| mark.len())
            }
            _ => 0,
        };
        if length > 0 {
            out.push(quoted.get(from..at).unwrap_or(""));
            from = at + length;
            skip = from;
        }
    }
    if out.is_empty() {
        return None;
    }
    out.push(quoted.get(from..).unwrap_or(""));
    out.retain(|part| !part.is_empty());
    (out.len() <= MOST_PARTS).then_some(out)
}

/// Finds the parts one after the other such that nothing left out between them turns the meaning.
///
/// `Err(None)` when they do not all occur in this order, else why the nearest try fails.
pub(crate) fn chain(stored: &Folded, parts: &[&str]) -> Result<(usize, usize), Option<Fault>> {
    let mut fault = None;
    // Ends of all chains so far that stand, with where each began.
    let mut reached: Vec<(usize, usize)> = Vec::new();
    let single = parts.len() == 1;
    for (number, part) in parts.iter().enumerate() {
        if !single && part.chars().count() < SHORTEST_PART {
            return Err(None);
        }
        let mut next = Vec::new();
        let mut seen = false;
        for (from, to) in stored.places(part, MOST_PLACES) {
            let whole = cut::start(stored, from)
                .and_then(|()| cut::end(stored, to))
                .and_then(|()| if number + 1 == parts.len() { cut::tail(stored, from, to) } else { Ok(()) });
            if number == 0 {
                seen = true;
                match whole {
                    Ok(()) => next.push((from, to)),
                    Err(why) => fault = fault.or(Some(why)),
                }
                continue;
            }
            for (began, at) in reached.iter().rev().filter(|(_, at)| *at <= from).take(MOST_BEFORE) {
                seen = true;
                match whole.clone().and_then(|()| cut::gap(stored, *at, from)) {
                    Ok(()) => {
                        next.push((*began, to));
                        break;
                    }
                    Err(why) => fault = fault.or(Some(why)),
                }
            }
        }
        if next.is_empty() {
            return Err(if seen { fault } else { None });
        }
        reached = next;
    }
    reached.first().copied().ok_or(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "事業者は、申請書を提出し、かつ、三十日以内に、手数料を納付しなければならない。ただし、国は、この限りでない。\
                        乙は、適用しない場合を除き、丙に通知する。丁は、戊とする。\
                        己は、届出を要しない場合において、三十日以内に庚に通知する。\
                        辛は、登録することができる者のうち不適当な者を公表する。";

    fn chained(quoted: &str) -> Result<(), Option<Fault>> {
        chain(&Folded::of(TEXT), &parts(quoted).unwrap()).map(|_| ())
    }

    #[test]
    fn marked_omissions_within_a_sentence_or_of_whole_sentences_stand() {
        assert_eq!(chained("事業者は、…手数料を納付しなければならない。"), Ok(()));
        assert_eq!(chained("事業者は、(中略)三十日以内に、…納付しなければならない。"), Ok(()));
        assert_eq!(chained("ただし、国は、この限りでない。…丁は、戊とする。"), Ok(()));
        assert_eq!(chained("…三十日以内に、手数料を納付しなければならない"), Ok(()));
    }

    #[test]
    fn omissions_that_change_the_meaning_do_not() {
        assert_eq!(chained("事業者は、…丙に通知する。"), Err(Some(Fault::Joined)));
        assert_eq!(
            chained("手数料を納付しなければならない。…乙は、適用しない場合を除き、丙に通知する。"),
            Err(Some(Fault::Swallowed))
        );
        assert_eq!(chained("辛は、登録…者を公表する。"), Err(Some(Fault::Joined)));
        assert_eq!(chained("できる者…適当な者を公表する。"), Err(Some(Fault::Negation)));
        assert_eq!(chained("己は、届出…、三十日以内に庚に通知する。"), Err(Some(Fault::Swallowed)));
        assert_eq!(chained("(略)己は、届出を要しない…三十日以内に庚に通知する。"), Ok(()));
        assert_eq!(chained("乙は、適用…丙に通知する。"), Err(Some(Fault::Swallowed)));
        assert_eq!(chained("手数料を納付…事業者は、申請書"), Err(None));
        assert!(matches!(chained("乙は、適用…"), Err(Some(Fault::Tail(_)))));
        assert_eq!(chained("事業…者は、…手数…料を…"), Err(None));
    }
}
