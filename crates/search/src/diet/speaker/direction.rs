//! Stage directions: what the record says of the room, not what the speaker said.

/// Longest remark in round brackets and in tortoise-shell brackets, in characters.
const LONGEST_REMARK: usize = 80;
const LONGEST_NOTE: usize = 300;

/// A piece of a displayed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What was said.
    Said(&'a str),
    /// （拍手）, 〔架空花子君登壇〕, rules.
    Direction(&'a str),
}

/// Parts a text into what was said and stage directions. Joined again the pieces are the text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = direction(rest);
        if length > 0 {
            pieces.extend(text.get(from..at).filter(|said| !said.is_empty()).map(Piece::Said));
            pieces.extend(text.get(at..at + length).map(Piece::Direction));
            from = at + length;
        }
        at += if length > 0 { length } else { rest.chars().next().map_or(1, char::len_utf8) };
    }
    pieces.extend(text.get(from..).filter(|said| !said.is_empty()).map(Piece::Said));
    pieces
}

/// The text without stage directions; lines that held nothing else are left out.
pub fn searched(text: &str) -> String {
    let said: String = pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Said(said) => said,
            Piece::Direction(_) => "",
        })
        .collect();
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// The length in bytes of the direction with which a text begins; 0 if it begins with none.
fn direction(text: &str) -> usize {
    match text.chars().next() {
        Some('（') => enclosed(text, '（', '）', LONGEST_REMARK).filter(|(_, inside)| is_remark(inside)),
        Some('〔') => enclosed(text, '〔', '〕', LONGEST_NOTE),
        Some('―' | '─' | '━' | '…' | '—' | '◇') => return rule(text),
        _ => None,
    }
    .map_or(0, |(length, _)| length)
}

/// The bracket with which a text begins, brackets within it included.
fn enclosed(text: &str, open: char, close: char, longest: usize) -> Option<(usize, &str)> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().take(longest) {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some((at + c.len_utf8(), text.get(open.len_utf8()..at)?));
            }
        } else if c == '\n' {
            return None;
        }
    }
    None
}

/// Whether a bracket tells of the room. What speakers put in brackets themselves (abbreviations, numbers) is said.
fn is_remark(inside: &str) -> bool {
    const WHOLE: [&str; 12] = [
        "拍手",
        "笑声",
        "笑い",
        "笑い、拍手",
        "笑声、拍手",
        "資料提示",
        "パネル提示",
        "パネルを示す",
        "資料を示す",
        "図表掲示",
        "速記中止",
        "録音・録画なし",
    ];
    let inside = inside.trim();
    WHOLE.contains(&inside)
        || inside.ends_with("と呼ぶ者あり")
        || inside.ends_with("する者あり")
        || inside.ends_with("する者多し")
        || inside.ends_with("と呼ぶ者多し")
        || inside.ends_with("と呼び、拍手")
}

/// A rule: dashes or dots in a row, with a lozenge between. Two dashes or dots are a speaker's pause.
fn rule(text: &str) -> usize {
    let mut end = 0;
    let (mut dashes, mut lozenge) = (0, false);
    for (at, c) in text.char_indices().take(LONGEST_NOTE) {
        match c {
            '―' | '─' | '━' | '…' | '—' => dashes += 1,
            '◇' => lozenge = true,
            _ => break,
        }
        end = at + c.len_utf8();
    }
    if dashes >= 4 || (lozenge && dashes >= 2) { end } else { 0 }
}
