//! Paragraphs of a question, with the numbers of its items.

use super::item::{Item, Label, Script};
use serde::{Deserialize, Serialize};

/// A paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// The item it begins or goes on with; `None` before the first item and after the last.
    pub number: Option<Item>,
    /// The text without its number.
    pub text: String,
}

/// Parts a body into paragraphs. Lines begin paragraphs; where an archive folded the lines, an item that follows the end
/// of a sentence and whose number is the next does.
pub(super) fn paragraphs(body: &str) -> Vec<Paragraph> {
    let mut all = Vec::new();
    let mut item = None::<Item>;
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut rest = line;
        while !rest.is_empty() {
            // What ends the paper belongs to no item.
            if rest.starts_with("右質問する") {
                item = None;
            }
            let text = match label(rest) {
                Some((label, after)) => {
                    item = Some(item.take().unwrap_or_default().followed_by(label));
                    after
                }
                None => rest,
            };
            let end = next_item(text, item.as_ref()).unwrap_or(text.len());
            let (here, after) = text.split_at_checked(end).unwrap_or((text, ""));
            all.push(Paragraph { number: item.clone(), text: here.trim().to_owned() });
            rest = after.trim_start();
        }
    }
    all.retain(|paragraph| !paragraph.text.is_empty());
    all
}

/// The label with which a text begins: a number and then a space, as items are printed (`一人` is none). Brackets and
/// circles need no space.
fn label(text: &str) -> Option<(Label, &str)> {
    let (label, rest) = Label::leading(text)?;
    let spaced = rest.strip_prefix(['　', ' ', '\t', '．']);
    let bare = text.starts_with(['（', '(']) || text.starts_with(|c| ('①'..='⑳').contains(&c));
    match spaced {
        Some(rest) => Some((label, rest.trim_start())),
        None if bare => Some((label, rest)),
        None => None,
    }
}

/// Where in a folded line the next item begins, or the closing words.
fn next_item(text: &str, item: Option<&Item>) -> Option<usize> {
    // A heading (`一 架空税について`) ends without a full stop; only its first sub-item follows it so.
    let (mut ended, mut headed) = (false, false);
    for (at, c) in text.char_indices() {
        let rest = text.get(at..)?;
        if ended && rest.starts_with("右質問する") {
            return Some(at);
        }
        if (ended || headed)
            && let Some((label, _)) = label(rest)
            && is_next(label, item)
            && (ended || (label.number == 1 && label.script == Script::Digits))
        {
            return Some(at);
        }
        ended = matches!(c, '。' | '？' | '）' | '」') || (ended && c.is_whitespace());
        headed = c == 'て';
    }
    None
}

fn is_next(label: Label, item: Option<&Item>) -> bool {
    let known = item.and_then(|item| item.0.iter().find(|l| l.script == label.script));
    label.number == known.map_or(1, |l| l.number + 1) || (known.is_some() && label.number == 1)
}
