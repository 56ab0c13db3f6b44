//! Sentences of a block, their citation marks and quotations.

use super::{Kind, Piece, Quotation, Statement};
use crate::citation::mark::{Mark, mark_at};
use std::ops::Range;

/// A bracket behind a full stop that holds a mark and little else (「（出典：[1]）」) belongs to the sentence before.
const SOURCE_NOTE: usize = 60;

/// Adds the sentences of a part of the answer.
pub(super) fn read(source: &str, kind: Kind, range: Range<usize>, pieces: &mut Vec<Piece>) {
    let mut at = range.start;
    while at < range.end {
        let text = source.get(at..range.end).unwrap_or("");
        let blank = text.len() - text.trim_start().len();
        if blank == text.len() {
            return;
        }
        let statement = next(source, kind, at + blank..range.end);
        at = statement.range.end;
        if is_blank(&statement.words) && statement.quotations.is_empty() {
            // Marks alone belong to the block quotation before them.
            if let Some(Piece::Statement(before)) = pieces.last_mut()
                && before.kind == Kind::Block
            {
                before.cited.extend(statement.marks.iter().flat_map(|mark| mark.numbers.iter().copied()));
            }
            continue;
        }
        pieces.push(Piece::Statement(statement));
    }
}

/// Whether nothing is said.
pub(super) fn is_blank(words: &str) -> bool {
    !words.chars().any(char::is_alphanumeric)
}

/// The first sentence of a part, to its end with marks and closing brackets behind.
fn next(source: &str, kind: Kind, range: Range<usize>) -> Statement {
    let text = source.get(range.clone()).unwrap_or("");
    let mut open: Vec<char> = Vec::new();
    let (mut round, mut began, mut skip) = (0_usize, 0, 0);
    let mut end = text.len();
    let mut parts = Parts::default();
    for (at, c) in text.char_indices() {
        if at < skip {
            continue;
        }
        let rest = text.get(at..).unwrap_or("");
        if open.is_empty()
            && let Some((length, numbers)) = mark_at(rest)
        {
            parts.mark(range.start + at, length, numbers);
            skip = at + length;
            continue;
        }
        if open.last() == Some(&c) && !is_apostrophe(text, at, c) {
            open.pop();
            if open.is_empty() {
                parts.quotation(source, range.start + began..range.start + at + c.len_utf8(), c.len_utf8());
                // The words around a quotation must not run together.
                parts.words.push(' ');
            }
            continue;
        }
        let close = match closer(c) {
            None if open.is_empty() => irregular(text, at, c),
            close => close,
        };
        if let Some(close) = close {
            if open.is_empty() {
                began = at;
            }
            open.push(close);
            continue;
        }
        if !open.is_empty() {
            continue;
        }
        match c {
            '（' | '(' => round += 1,
            '）' | ')' => round = round.saturating_sub(1),
            _ => {}
        }
        parts.words.push(c);
        if round == 0 && matches!(c, '。' | '！' | '？' | '．') {
            end = behind(text, at + c.len_utf8(), range.start, &mut parts);
            break;
        }
    }
    if !open.is_empty() {
        // Never closed: all to the end claims to be quoted.
        parts.quotation(source, range.start + began..range.end, 0);
    }
    let end = text.get(..end).unwrap_or(text).trim_end().len();
    let cited = parts.marks.iter().flat_map(|mark: &Mark| mark.numbers.iter().copied()).collect();
    Statement {
        kind,
        range: range.start..range.start + end,
        marks: parts.marks,
        quotations: parts.quotations,
        words: parts.words,
        cited,
    }
}

#[derive(Default)]
struct Parts {
    marks: Vec<Mark>,
    quotations: Vec<Quotation>,
    words: String,
}

impl Parts {
    fn mark(&mut self, at: usize, length: usize, numbers: Vec<usize>) {
        self.marks.push(Mark { range: at..at + length, numbers });
    }

    /// Takes a quotation; marks before its end are citations, not part of it.
    fn quotation(&mut self, source: &str, range: Range<usize>, close: usize) {
        let opening = source.get(range.start..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
        let start = range.start + opening;
        let inner = source.get(start..range.end - close).unwrap_or("");
        let kept = strip_marks(inner, start, &mut self.marks);
        self.quotations.push(Quotation { range, text: plain(kept) });
    }
}

/// Takes the marks off the end of a text, whose place in the answer is given.
pub(super) fn strip_marks<'a>(text: &'a str, place: usize, marks: &mut Vec<Mark>) -> &'a str {
    let mut kept = text.trim_end();
    while kept.ends_with([']', '】']) {
        let Some(open) = kept.rfind(['[', '【']) else { break };
        let Some((length, numbers)) = kept.get(open..).and_then(mark_at) else { break };
        if open + length != kept.len() {
            break;
        }
        marks.push(Mark { range: place + open..place + open + length, numbers });
        kept = kept.get(..open).unwrap_or("").trim_end();
    }
    kept
}

/// Without the marks of strong emphasis, which a model adds to what it quotes.
pub(super) fn plain(text: &str) -> String {
    text.replace("**", "")
}

/// Reads on behind a full stop: marks, closing brackets, a note of the source.
fn behind(text: &str, mut end: usize, place: usize, parts: &mut Parts) -> usize {
    loop {
        let rest = text.get(end..).unwrap_or("");
        let trimmed = rest.trim_start();
        let blank = rest.len() - trimmed.len();
        if let Some((length, numbers)) = mark_at(trimmed) {
            parts.mark(place + end + blank, length, numbers);
            end += blank + length;
        } else if rest.starts_with(['）', ')', '*']) {
            end += rest.chars().next().map_or(0, char::len_utf8);
        } else if let Some((length, marks)) = source_note(trimmed) {
            for (at, length, numbers) in marks {
                parts.mark(place + end + blank + at, length, numbers);
            }
            end += blank + length;
        } else {
            return end;
        }
    }
}

type NotedMarks = Vec<(usize, usize, Vec<usize>)>;

fn source_note(text: &str) -> Option<(usize, NotedMarks)> {
    let close = match text.chars().next()? {
        '（' => '）',
        '(' => ')',
        _ => return None,
    };
    let (at, _) = text.char_indices().take(SOURCE_NOTE).find(|(_, c)| *c == close)?;
    let mut note = text.get(..at)?.trim_start_matches(['（', '(']).trim_start();
    for label in ["出典", "根拠", "参照", "資料", "：", ":"] {
        note = note.strip_prefix(label).unwrap_or(note).trim_start();
    }
    let mut marks = Vec::new();
    let base = text.get(..at)?;
    while let Some((length, numbers)) = mark_at(note) {
        marks.push((base.len() - note.len(), length, numbers));
        note = note.get(length..)?.trim_start_matches([' ', '、', ',']);
    }
    (note.trim().is_empty() && !marks.is_empty()).then_some((at + close.len_utf8(), marks))
}

fn closer(c: char) -> Option<char> {
    Some(match c {
        '「' => '」',
        '『' => '』',
        '“' => '”',
        '‘' => '’',
        '〝' => '〟',
        '｢' => '｣',
        '﹁' => '﹂',
        '﹃' => '﹄',
        '"' => '"',
        '＂' => '＂',
        _ => return None,
    })
}

/// Marks by which a quotation is opened too, but which mean nothing within another: the closing one at both ends, as some
/// keyboards write it, double angles, and the plain single one where it is no apostrophe.
fn irregular(text: &str, at: usize, c: char) -> Option<char> {
    Some(match c {
        '”' => '”',
        '〟' => '〟',
        '《' => '》',
        '\'' | '’' | '＇' if !behind_latin(text, at) && !is_apostrophe(text, at, c) => c,
        _ => return None,
    })
}

/// Whether a Latin letter or digit stands before a place: in `users' rights` and `A'` nothing is opened.
fn behind_latin(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// Whether a single mark stands within a Latin word or before a short year, and closes nothing: `it's`, `'96年`.
fn is_apostrophe(text: &str, at: usize, c: char) -> bool {
    if !matches!(c, '\'' | '’' | '＇') {
        return false;
    }
    let after = text.get(at + c.len_utf8()..).unwrap_or("");
    let short = after.get(2..).is_some_and(|rest| rest.starts_with('年'));
    let latin = |c: char| c.is_ascii_alphanumeric();
    behind_latin(text, at) && after.starts_with(latin) || short && after.starts_with(|c: char| c.is_ascii_digit())
}
