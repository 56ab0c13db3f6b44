//! What is lost at the edges of a quotation: half a number, the first letter of 不適当, a negation behind the last word.

use super::fold::{Folded, is_numeral};
use super::negation::{clings, is_proviso, turns};

/// What cutting here does to the meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Half of a number, or of an article number with a branch (第五条 of 第五条の二).
    Number,
    /// A prefix of negation (不, 未, 非, 無).
    Negation,
    /// Half of a Latin word.
    Word,
    /// A negation or limit right behind; the words cut off.
    Tail(String),
    /// An omission over the end of a sentence.
    Joined,
    /// An omission that holds a negation or a limit.
    Swallowed,
}

/// How far behind a quotation that ends on a noun or particle a negation still turns it.
const REACH: usize = 14;
/// Enough of what was cut off to see why.
const SHOWN: usize = 40;

/// Whether a part may begin here.
pub(crate) fn start(stored: &Folded, at: usize) -> Result<(), Fault> {
    if stored.begins_sentence(at) {
        return Ok(());
    }
    let Some(first) = stored.text().get(at..).and_then(|t| t.chars().next()) else { return Ok(()) };
    let mut before = stored.part(0, at).chars().rev();
    let (last, second) = (before.next().unwrap_or(' '), before.next().unwrap_or(' '));
    if is_numeral(first) {
        let grouped = ".,・".contains(last) && is_numeral(second);
        let branch = "のノ之".contains(last) && "条章節款目項号表".contains(second);
        if is_numeral(last) || grouped || branch || "-−△▲".contains(last) {
            return Err(Fault::Number);
        }
    }
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return Err(Fault::Word);
    }
    if "不未非無".contains(last) && is_word(first) {
        return Err(Fault::Negation);
    }
    Ok(())
}

/// Whether a part may end here without breaking a number or word.
pub(crate) fn end(stored: &Folded, at: usize) -> Result<(), Fault> {
    if at == stored.sentence_end(at) {
        return Ok(());
    }
    let Some(last) = stored.part(0, at).chars().next_back() else { return Ok(()) };
    let mut after = stored.text().get(at..).unwrap_or("").chars();
    let (first, second) = (after.next().unwrap_or(' '), after.next().unwrap_or(' '));
    if is_numeral(last) && (is_numeral(first) || "割".contains(first) || ".,・".contains(first) && is_numeral(second))
    {
        return Err(Fault::Number);
    }
    if "条章節款目項号表".contains(last) && "のノ之".contains(first) && is_numeral(second) {
        return Err(Fault::Number);
    }
    if last.is_ascii_alphanumeric() && first.is_ascii_alphanumeric() {
        return Err(Fault::Word);
    }
    Ok(())
}

/// Whether what follows in the sentence turns or limits what was quoted.
///
/// Complete sentences pass (a proviso after one is told, see [`followed_by_proviso`], not held against it). Brackets
/// directly behind are read whole. A quotation that stops at 、 is a clause and passes unless ただし follows. One that stops
/// on a predicate (…する, …できる, …こと) and goes on is read to the end of its sentence, since Japanese denies at the end:
/// 「…することができる」 of 「…することができるものと解してはならない」. One that stops on a noun or particle is read for fourteen
/// characters, up to the next 、.
pub(crate) fn tail(stored: &Folded, from: usize, at: usize) -> Result<(), Fault> {
    if stored.ends_sentence(at) {
        return Ok(());
    }
    let rest = stored.part(at, stored.sentence_end(at));
    let fault = || Err(Fault::Tail(rest.chars().take(SHOWN).collect()));
    let quoted = stored.part(from, at);
    let mut after = rest;
    while let Some((inside, behind)) = bracketed(after) {
        if !turns(inside).is_empty() {
            return fault();
        }
        after = behind;
    }
    if quoted.ends_with('、') || rest.starts_with('、') {
        let next = rest.trim_start_matches('、');
        return if is_proviso(next) || is_nominal(quoted.trim_end_matches('、')) && !turns(next).is_empty() {
            fault()
        } else {
            Ok(())
        };
    }
    if clings(after) {
        return fault();
    }
    // A negation may be cut through (できな|い): it is looked for from a few letters before the edge.
    let back = quoted.char_indices().rev().nth(2).map_or(0, |(i, _)| i);
    let lead = quoted.len() - back;
    let reach = if is_predicate(quoted) { rest } else { near(rest) };
    let window = stored.part(from + back, at + reach.len());
    if turns(window).iter().any(|(_, to)| *to > lead) { fault() } else { Ok(()) }
}

/// Whether the sentence behind the quoted one begins with ただし.
pub(crate) fn followed_by_proviso(stored: &Folded, at: usize) -> bool {
    let end = stored.sentence_end(at);
    stored.ends_sentence(at) && is_proviso(stored.text().get(end..).unwrap_or(""))
}

/// Whether the words between two quoted parts may be left out.
///
/// Within a sentence they may hold neither negation nor limit, and where they hold a modal verb the second part must begin
/// at a clause, else one subject would be given another's predicate. Over the end of a sentence only whole sentences may be
/// left out, and no proviso.
pub(crate) fn gap(stored: &Folded, from: usize, to: usize) -> Result<(), Fault> {
    let left_out = stored.part(from, to);
    let end = stored.sentence_end(from);
    if to > end || to == end && from < end {
        let next = stored.part(end, to);
        if !stored.ends_sentence(from) || !stored.begins_sentence(to) {
            return Err(Fault::Joined);
        }
        return if is_proviso(next) { Err(Fault::Swallowed) } else { Ok(()) };
    }
    // A negation may be cut through by the omission: できな……かった.
    let back = stored.part(0, from).char_indices().rev().nth(1).map_or(0, |(i, _)| from - i);
    let swallowed = turns(stored.part(from - back, to)).iter().any(|(_, until)| *until > back);
    if swallowed {
        return Err(Fault::Swallowed);
    }
    let modal = [
        "できる",
        "ことができ",
        "なければならな",
        "ものとす",
        "てはなら",
        "要する",
        "スルコト",
        "ヘシ",
        "です",
        "ます",
    ];
    let at_clause =
        left_out.ends_with(['、', ')', '」']) || stored.text().get(to..).is_some_and(|t| t.starts_with('、'));
    if !at_clause && modal.iter().any(|word| left_out.contains(word)) {
        return Err(Fault::Joined);
    }
    Ok(())
}

/// The inside of the bracket a text begins with, brackets in it and all, and what follows; one that is never closed reaches
/// to the end.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('(')?;
    let mut depth = 0_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some((inner.get(..at)?, inner.get(at + c.len_utf8()..)?)),
            ')' => depth -= 1,
            _ => {}
        }
    }
    Some((inner, ""))
}

fn near(rest: &str) -> &str {
    let mut round = 0_usize;
    for (count, (at, c)) in rest.char_indices().enumerate() {
        match c {
            '(' => round += 1,
            ')' if round == 0 => return rest.get(..at).unwrap_or(rest),
            ')' => round -= 1,
            '、' | '。' => return rest.get(..at).unwrap_or(rest),
            _ => {}
        }
        if count >= REACH {
            return rest.get(..at).unwrap_or(rest);
        }
    }
    rest
}

/// Ends of words that state something.
fn is_predicate(quoted: &str) -> bool {
    let quoted = quoted.trim_end_matches('」');
    let noun = ["とき", "ため", "うち", "ところ", "により", "もの"];
    if noun.iter().any(|end| quoted.ends_with(end)) {
        return false;
    }
    quoted.ends_with(|c| "るうくすつぬぶむぐいただんきルスタウクムフ".contains(c)) || is_nominal(quoted)
}

/// A statement made a noun, of which the rest of the sentence may say anything.
fn is_nominal(quoted: &str) -> bool {
    [
        "こと",
        "ことは",
        "ことを",
        "ことが",
        "ことも",
        "ものと",
        "とは",
        "という",
        "旨",
        "旨を",
        "コト",
        "コトヲ",
        "コトハ",
    ]
    .iter()
    .any(|end| quoted.ends_with(end))
}

fn is_word(c: char) -> bool {
    ('\u{3400}'..='\u{9FFF}').contains(&c) || ('\u{30A1}'..='\u{30FA}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail_of(text: &str, quoted: &str) -> Result<(), Fault> {
        let stored = Folded::of(text);
        let (from, to) = stored.places(quoted, 1).next().unwrap();
        start(&stored, from)?;
        end(&stored, to)?;
        tail(&stored, from, to)
    }

    #[test]
    fn a_tail_that_turns_the_meaning_is_seen() {
        for (text, quoted) in [
            ("甲は、申請することができるものと解してはならない。", "申請することができる"),
            ("甲は、申請することができない。", "申請することができ"),
            ("甲は、申請することができない。", "申請することができな"),
            ("許可を受けた者（法人を除く。）は、届け出る。", "許可を受けた者"),
            (
                "許可を受けた者（架空省令で定める特別の事情がある法人その他の団体を除く。）は、届け出る。",
                "許可を受けた者",
            ),
            ("甲は、届け出るものとし、ただし、乙は、この限りでない。", "甲は、届け出るものとし、"),
            ("届出をした者のみが申請する。", "届出をした者"),
            ("AIDSの予防とする。", "AI"),
            ("許可を受けた者以外の者は、届け出る。", "許可を受けた者"),
            ("許可を受けた者（法人（架空法人をいう。）を除く。）は、届け出る。", "許可を受けた者"),
            ("許可を受けた者（個人をいう。）（外国人を除く。）は、届け出る。", "許可を受けた者"),
            ("許可を受けた者（架空大臣が認めた者をいう。）以外の者は、届け出る。", "許可を受けた者"),
            ("届出を要しない。", "届出を要"),
            ("手数料を返還する場合に限る。", "手数料を返還する"),
            ("増税をするということは、考えておりません。", "増税をする"),
            ("届け出ることを、要しない。", "届け出ること"),
            ("開示を禁止する。", "開示"),
            ("三百日以内とする。", "百日以内とする。"),
            ("三十日以内とする。", "三"),
            ("第五条の二の届出をする。", "第五条"),
            ("第五条ノ二ノ届出ヲ為ス", "第五条"),
            ("第五条之二ノ届出ヲ為ス", "第五条"),
            ("第五条ノ二ノ届出ヲ為ス", "二ノ届出ヲ為ス"),
            ("不適当な者とする。", "適当な者とする。"),
            ("2.5パーセントとする。", "5パーセントとする。"),
        ] {
            assert!(tail_of(text, quoted).is_err(), "{quoted} of {text}");
        }
    }

    #[test]
    fn a_harmless_cut_stands() {
        for (text, quoted) in [
            ("甲は、三十日以内に、届け出なければならない。", "三十日以内に"),
            ("甲は、三十日以内に届け出なければならない。", "三十日以内に"),
            ("甲は、届け出なければならない。ただし、乙はこの限りでない。", "甲は、届け出なければならない"),
            ("甲は、申請をし、許可を受けない。", "甲は、申請をし、"),
            ("甲は、許可を受けることができない。", "許可を受けることができない"),
            ("甲の規定により乙を命ずる。", "甲の規定により"),
        ] {
            assert_eq!(tail_of(text, quoted), Ok(()), "{quoted} of {text}");
        }
    }
}
