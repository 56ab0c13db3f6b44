//! Where a word stands: set as a mark is set, said of the text itself, quoted, or in running text.

use std::ops::Range;

use crate::finding::Confidence;
use crate::surroundings::{after, backwards, before, forwards, prefix, suffix};

/// Where a word stands, from how marks are set to how they are talked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Alone on its line.
    Line,
    /// In brackets.
    Brackets,
    /// At the beginning or end of a line, set apart from the rest.
    Edge,
    /// Between separators, as in a header.
    Apart,
    /// The text says it of itself.
    Declared,
    /// In quotation marks.
    Quoted,
    /// In running text.
    Running,
}

impl Place {
    pub(super) fn confidence(self) -> Confidence {
        match self {
            Self::Line | Self::Brackets | Self::Edge => Confidence::High,
            Self::Apart | Self::Declared => Confidence::Medium,
            Self::Quoted | Self::Running => Confidence::Low,
        }
    }

    pub(super) fn evidence(self) -> &'static str {
        match self {
            Self::Line => "alone on its line",
            Self::Brackets => "in brackets",
            Self::Edge => "at the edge of a line",
            Self::Apart => "set apart",
            Self::Declared => "said of this text",
            Self::Quoted => "in quotation marks",
            Self::Running => "in running text",
        }
    }
}

pub(super) fn marked(place: Place) -> bool {
    matches!(place, Place::Line | Place::Brackets)
}

pub(super) fn place(text: &str, span: &Range<usize>) -> Place {
    let starts = reaches_edge(backwards(text, span.start), |c| OPENING.contains(c));
    let ends = reaches_edge(forwards(text, span.end), |c| CLOSING.contains(c));
    if starts && ends {
        return Place::Line;
    }
    let (left, right) = (before(text, span.start), after(text, span.end));
    if let (Some(open), Some(close)) = (left, right)
        && let Some(which) = OPENING.chars().position(|c| c == open)
        && CLOSING.chars().nth(which) == Some(close)
    {
        return match open {
            '「' | '『' | '“' | '"' => Place::Quoted,
            '(' | '（' if !(starts || ends) => Place::Apart,
            _ => Place::Brackets,
        };
    }
    match (separates(left), separates(right)) {
        (_, true) if starts => Place::Edge,
        (true, _) if ends => Place::Edge,
        // A bracket that opens after the word explains it, as in （特別防衛秘密（…）をいう。）.
        (true, true) if !right.is_some_and(|c| OPENING.contains(c)) => Place::Apart,
        _ if declared(text, span) => Place::Declared,
        _ => Place::Running,
    }
}

/// How far a line's edge is looked for.
const EDGE: usize = 10;

pub(super) const OPENING: &str = "【〔［[(（<＜《〈「『“\"";
pub(super) const CLOSING: &str = "】〕］])）>＞》〉」』”\"";

/// Whether only blanks, ornaments and brackets of the right kind stand before the end of the line.
fn reaches_edge(chars: impl Iterator<Item = char>, bracket: impl Fn(char) -> bool) -> bool {
    for (count, c) in chars.enumerate() {
        match c {
            '\n' | '\r' => return true,
            _ if count >= EDGE => return false,
            _ if c.is_whitespace() || bracket(c) || "※■◆●○◎□◇★☆・*#>|｜_/／\u{FEFF}".contains(c) =>
                {}
            _ => return false,
        }
    }
    true
}

fn separates(c: Option<char>) -> bool {
    c.is_none_or(|c| {
        c.is_whitespace() || OPENING.contains(c) || CLOSING.contains(c) || "/／|｜:：_・,，;；.-－※■◆●".contains(c)
    })
}

/// Whether the sentence speaks of the text itself, or asks for the handling.
fn declared(text: &str, span: &Range<usize>) -> bool {
    const THIS: &[&str] = &[
        "本資料",
        "この資料",
        "本文書",
        "この文書",
        "本書",
        "本メール",
        "このメール",
        "本件",
        "本ファイル",
        "このファイル",
        "本紙",
        "添付",
        "以下の内容",
        "本データ",
    ];
    const REQUEST: &[&str] = &[
        "でお願い",
        "にてお願い",
        "としてお取",
        "としてくだ",
        "として下さ",
        "として取り扱",
        "として取扱",
        "にてお取",
        "扱いでお願",
    ];
    let lead = prefix(text, span.start, 30);
    let sentence = lead.rsplit(['。', '\n']).next().unwrap_or(lead);
    if THIS.iter().any(|word| sentence.contains(word)) {
        return true;
    }
    let tail = suffix(text, span.end, 8);
    REQUEST.iter().any(|word| tail.starts_with(word))
}

/// Whether a double stroke joins the word to others, as in `SECRET//NOFORN`.
pub(super) fn banner(text: &str, span: &Range<usize>) -> bool {
    prefix(text, span.start, 2) == "//" || suffix(text, span.end, 2) == "//"
}
