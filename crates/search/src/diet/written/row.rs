//! Rows of lists (JSONL): questions of the 衆議院 with their texts, facts of the 参議院 under Japanese keys.

use super::address::{Kind, WrittenRef, address, parse_address};
use super::question::{QuestionPage, from_text, submitter};
use super::{Urls, WrittenQuestion};
use crate::diet::house::House;
use crate::diet::number;
use crate::diet::record::MAX_LINE;
use serde_json::{Map, Value};

/// Why a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// No JSON.
    #[error("is no json: {0}")]
    Json(String),
    /// Too many bytes.
    #[error("has {0} bytes; at most {MAX_LINE} are read")]
    TooLarge(usize),
    /// Something without which the row names no question.
    #[error("`{0}` is missing or cannot be read")]
    Missing(&'static str),
    /// The text is a file that was taken for text.
    #[error("`question` is no text of a written question")]
    NoText,
}

/// A row that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {error}")]
pub struct RowReject {
    /// Which line, from 1.
    pub line: usize,
    /// Why.
    pub error: RowError,
}

/// Rows `{id, house, session, number, title, question, question_url, submitted, submitter}`.
///
/// Where the text says otherwise than the row, the text is right: lists of the site shift titles and cut names.
pub fn shugiin_rows(bytes: &[u8]) -> impl Iterator<Item = Result<WrittenQuestion, RowReject>> {
    rows(bytes, shugiin)
}

/// Rows `{提出回次, 提出番号, 件名, 提出者, 提出人数, 質問本文（html）, …, 提出日, 転送日, 答弁書受領日, 備考}`.
pub fn sangiin_rows(bytes: &[u8]) -> impl Iterator<Item = Result<WrittenQuestion, RowReject>> {
    rows(bytes, sangiin)
}

type Row = Map<String, Value>;

fn rows(
    bytes: &[u8],
    read: fn(&Row) -> Result<WrittenQuestion, RowError>,
) -> impl Iterator<Item = Result<WrittenQuestion, RowReject>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.split(|b| *b == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty()).map(move |(at, line)| {
        let row = match line.len() {
            long if long > MAX_LINE => Err(RowError::TooLarge(long)),
            _ => serde_json::from_slice::<Row>(line).map_err(|error| RowError::Json(error.to_string())),
        };
        row.and_then(|row| read(&row)).map_err(|error| RowReject { line: at + 1, error })
    })
}

/// A value that says something.
fn text(row: &Row, key: &str) -> Option<String> {
    let text = match row.get(key)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn shugiin(row: &Row) -> Result<WrittenQuestion, RowError> {
    let house = text(row, "house").and_then(|house| House::parse(&house)).unwrap_or(House::Shugiin);
    let url = text(row, "question_url");
    let session = text(row, "session").and_then(|session| number::session(&session));
    let number = text(row, "number").and_then(|number| number::numeral(&number));
    let at = match (session, number, url.as_deref().and_then(parse_address)) {
        (Some(session), Some(number), _) => WrittenRef { house, session, number },
        (_, _, Some((at, _))) => at,
        (None, ..) => return Err(RowError::Missing("session")),
        _ => return Err(RowError::Missing("number")),
    };
    let question = text(row, "question").ok_or(RowError::Missing("question"))?;
    // A PDF's bytes taken for text hold control characters that no text has.
    if question.contains(|c: char| c.is_control() && !c.is_whitespace()) {
        return Err(RowError::NoText);
    }
    let question = circles_restored(&question);
    let mut page = from_text(&question).ok_or(RowError::NoText)?;
    page.title = page.title.or_else(|| text(row, "title"));
    page.submitted = page.submitted.or_else(|| text(row, "submitted").and_then(|day| number::date(&day)));
    let mut joined = WrittenQuestion::join(at, page, None, None);
    joined.urls.question = url.or(joined.urls.question);
    Ok(joined)
}

/// Circled digits of a text that was read as Shift_JIS though its page is CP932: the first byte was lost, the second
/// stands for itself (`\u{fffd}@` is ①, `\u{fffd}A` is ②). Only where the count begins with ①; other losses stay seen.
fn circles_restored(text: &str) -> String {
    if !text.contains("\u{fffd}@") {
        return text.to_owned();
    }
    let mut restored = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let circle = |second: &char| u32::from(*second).checked_sub(u32::from('@')).filter(|n| *n < 20);
        match letters.peek().and_then(circle).filter(|_| c == '\u{fffd}') {
            Some(n) => {
                letters.next();
                restored.extend(char::from_u32(u32::from('①') + n));
            }
            None => restored.push(c),
        }
    }
    restored
}

fn sangiin(row: &Row) -> Result<WrittenQuestion, RowError> {
    let session = text(row, "提出回次").and_then(|s| number::session(&s)).ok_or(RowError::Missing("提出回次"))?;
    let number = text(row, "提出番号").and_then(|n| number::numeral(&n)).ok_or(RowError::Missing("提出番号"))?;
    let at = WrittenRef { house: House::Sangiin, session, number };
    let day = |key: &str| text(row, key).and_then(|day| number::date(&day));
    let (name, others) = text(row, "提出者").map_or((None, 0), |name| submitter(&name));
    let count = text(row, "提出人数").and_then(|n| number::numeral(&n)).unwrap_or(1);
    let page = QuestionPage {
        number: Some(number),
        title: Some(text(row, "件名").ok_or(RowError::Missing("件名"))?),
        submitter: name,
        others: others.max(count.saturating_sub(1)),
        submitted: day("提出日"),
        paragraphs: Vec::new(),
    };
    Ok(WrittenQuestion {
        forwarded: day("転送日"),
        answered: day("答弁書受領日"),
        remark: text(row, "備考"),
        urls: Urls {
            question: text(row, "質問本文（html）"),
            answer: text(row, "答弁本文（html）"),
            progress: text(row, "明細URL").or_else(|| Some(address(at, Kind::Progress))),
        },
        ..WrittenQuestion::join(at, page, None, None)
    })
}
