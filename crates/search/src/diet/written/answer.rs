//! The answer: its page, and the headings that name what each part answers.

use super::html;
use super::item::{Item, Label, Script};
use super::{Answer, PageError};
use crate::diet::number;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Most items a range may name (`一から三まで`).
const WIDEST: u32 = 100;

/// Longest heading, in bytes: what is longer is a sentence.
const LONGEST: usize = 600;

/// A part of the answer: a heading with its paragraphs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerPart {
    /// `一の１及び２について`, as printed; `None` where the answer has no headings.
    pub heading: Option<String>,
    /// The items it names.
    pub items: Vec<Item>,
    /// Its paragraphs, each on a line.
    pub text: String,
}

/// What an answer's page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerPage {
    /// The answer.
    pub answer: Answer,
    /// The day the House received it; the 参議院 prints none.
    pub received: Option<Date>,
}

/// Reads an answer's page of either House.
///
/// # Errors
/// It is too large, or no answer stands on it.
pub fn answer_page(bytes: &[u8]) -> Result<AnswerPage, PageError> {
    let lines = html::lines(bytes)?;
    answer_lines(&lines).ok_or(PageError::Nothing("答弁書"))
}

pub(super) fn answer_lines(lines: &[String]) -> Option<AnswerPage> {
    // The paper is headed twice, by the letter and by the answer itself: what follows the last heading is the answer.
    let heads = |line: &String| line.contains("君提出") && line.ends_with("答弁書") && !line.contains("送付する");
    let begin = lines
        .iter()
        .rposition(heads)
        .map(|at| at + 1)
        .or_else(|| lines.iter().rposition(|line| line.contains("答弁書を送付する")).map(|at| at + 1))?;
    let front = lines.get(..begin)?;
    let number = front.iter().find_map(|line| {
        let from = line.find("内閣衆質").or_else(|| line.find("内閣参質"))?;
        let rest = line.get(from..)?;
        rest.get(..rest.find('号')? + '号'.len_utf8()).map(str::to_owned)
    });
    let received = front.iter().find(|line| line.trim_end().ends_with("受領")).and_then(|line| number::date(line));
    // The letter's own date stands on a line of its own.
    let alone = |line: &&String| line.trim().ends_with('日') && line.chars().count() < 20;
    let dated = front.iter().rev().filter(alone).find_map(|line| number::date(line));
    let minister = |line: &&String| line.contains("内閣総理大臣") && line.chars().count() < 40 && !line.ends_with('。');
    let by = front.iter().find(minister).map(|line| line.trim().to_owned());
    let body = lines.get(begin..)?.iter().map(|line| line.trim()).take_while(|line| !html::is_footer(line));
    let parts = parts(body);
    (!parts.is_empty()).then_some(AnswerPage { answer: Answer { number, dated, by, parts }, received })
}

/// Parts a body by its headings.
fn parts<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<AnswerPart> {
    let mut parts: Vec<AnswerPart> = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        match heading(line) {
            Some((head, items, rest)) => {
                parts.push(AnswerPart { heading: Some(head.to_owned()), items, text: rest.to_owned() });
            }
            None => match parts.last_mut() {
                Some(part) => {
                    if !part.text.is_empty() {
                        part.text.push('\n');
                    }
                    part.text.push_str(line);
                }
                None => parts.push(AnswerPart { heading: None, items: Vec::new(), text: line.to_owned() }),
            },
        }
    }
    parts
}

/// The heading with which a line begins, the items it names, and what follows: `一の１及び２について`.
pub(super) fn heading(line: &str) -> Option<(&str, Vec<Item>, &str)> {
    let at = line.find("について").filter(|at| *at <= LONGEST)?;
    let (named, rest) = line.split_at_checked(at)?;
    let rest = rest.strip_prefix("について")?;
    // `一について　政府としては…`; but `一についてお答えしたとおり` is a sentence.
    if !(rest.is_empty() || rest.starts_with(['　', ' '])) {
        return None;
    }
    let items = items(named.trim())?;
    Some((line.get(..at + "について".len())?, items, rest.trim()))
}

/// The items a heading names. Numbers inherit what stands before them: 一の１及び２ is 一の１, 一の２.
fn items(named: &str) -> Option<Vec<Item>> {
    let mut all: Vec<Item> = Vec::new();
    let (mut rest, mut here) = (named, Item::default());
    let mut from = None::<Item>;
    let mut below = false;
    while !rest.is_empty() {
        let (label, after) = Label::leading(rest)?;
        here = if below { Item([here.0.as_slice(), &[label]].concat()) } else { inherit(&here, label) };
        let joint = ["の", "及び", "並びに", "、", "から", "まで", "前段", "後段", "前文", "ただし書"];
        let mut tail = after;
        below = false;
        let mut complete = true;
        while let Some(word) = joint.iter().find(|word| tail.starts_with(**word)) {
            tail = tail.strip_prefix(word)?;
            match *word {
                // 一の前段 is within 一; it is no further level.
                "の" if Label::leading(tail).is_some() => {
                    below = true;
                    complete = false;
                    break;
                }
                "から" => {
                    from = Some(here.clone());
                    complete = false;
                    break;
                }
                "及び" | "並びに" | "、" if Label::leading(tail).is_some() => break,
                _ => {}
            }
        }
        if complete {
            match from.take() {
                Some(first) => all.extend(range(&first, &here)?),
                None => all.push(here.clone()),
            }
        }
        if tail.len() == rest.len() {
            return None;
        }
        if !tail.is_empty() && Label::leading(tail).is_none() {
            return None;
        }
        rest = tail;
    }
    (!all.is_empty()).then_some(all)
}

/// The item a number names after another: beside one of the same script, else beside the last.
fn inherit(before: &Item, label: Label) -> Item {
    match before.0.iter().any(|l| l.script == label.script) || label.script == Script::Kanji {
        true => before.followed_by(label),
        false => Item(vec![label]),
    }
}

/// 一から三まで
fn range(first: &Item, last: &Item) -> Option<Vec<Item>> {
    let (from, to) = (first.0.last()?, last.0.last()?);
    let path = first.0.get(..first.0.len() - 1)?;
    // 一の３から二の１まで runs over a border nobody can count: its two ends are named.
    if from.script != to.script || last.0.get(..last.0.len() - 1)? != path || to.number < from.number {
        return Some(vec![first.clone(), last.clone()]);
    }
    if to.number - from.number > WIDEST {
        return None;
    }
    let item = |number| Item([path, &[Label { script: from.script, number }]].concat());
    Some((from.number..=to.number).map(item).collect())
}
