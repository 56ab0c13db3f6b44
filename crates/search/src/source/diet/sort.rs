//! Which of the shapes of Diet records a piece has, and what comes out of it.

use std::collections::HashMap;

use serde::de::IgnoredAny;

use crate::diet::record::{Item, lines, page};
use crate::diet::written::{
    AnswerPage, Kind, Progress, QuestionPage, WrittenQuestion, WrittenRef, answer_page, parse_address, progress_page,
    question_page, sangiin_rows, shugiin_rows,
};
use crate::source::feed::{Content, Piece};
use crate::source::{Place, Reject};

/// What comes out of a piece.
#[derive(Clone, Debug)]
pub(super) enum Found {
    Item(Box<Item>),
    Row(Box<WrittenQuestion>),
    Question(WrittenRef, Box<QuestionPage>),
    Answer(WrittenRef, Box<AnswerPage>),
    Progress(WrittenRef, Box<Progress>),
}

impl Found {
    /// The name of the group it belongs to.
    pub(super) fn group(&self) -> String {
        match self {
            Self::Item(item) => item.meeting.issue_id.clone(),
            Self::Row(row) => row.at.to_string(),
            Self::Question(at, _) | Self::Answer(at, _) | Self::Progress(at, _) => at.to_string(),
        }
    }
}

pub(super) fn sort(piece: &Piece) -> Vec<Result<Found, Reject>> {
    match &piece.content {
        Content::Html(bytes) => vec![of_page(piece, bytes)],
        Content::Json(bytes) => of_json(piece, bytes),
        Content::Xml(_) => vec![Err(reject(
            piece.place.clone(),
            "会議録や質問主意書としては読めない XML です。API の JSON で取り直してください。",
            "XML that holds no record of the Diet; fetch it as JSON (`recordPacking=json`)",
        ))],
    }
}

fn of_json(piece: &Piece, bytes: &[u8]) -> Vec<Result<Found, Reject>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let keys: HashMap<String, IgnoredAny> = match serde_json::from_slice(bytes) {
        Ok(keys) => keys,
        Err(error) => {
            let line = piece.place.line.map_or(error.line(), |line| line + error.line() - 1);
            let place = Place { line: Some(line), column: Some(error.column()), ..piece.place.clone() };
            return vec![Err(reject(
                place,
                &format!("JSON として壊れているか、途中で切れています（{error}）。取り直してください。"),
                &format!("broken JSON, or cut short ({error}); fetch it again"),
            ))];
        }
    };
    let has = |key: &str| keys.contains_key(key);
    if has("speechID") || has("issueID") && has("speech") {
        return lines(&one_line(bytes)).map(|read| found(read, piece)).collect();
    }
    if has("提出回次") {
        return sangiin_rows(&one_line(bytes)).map(|read| row(read, piece)).collect();
    }
    if has("question") || has("question_url") {
        return shugiin_rows(&one_line(bytes)).map(|read| row(read, piece)).collect();
    }
    match page(bytes) {
        Ok(page) => page.into_iter().map(|read| found(read, piece)).collect(),
        Err(error) => vec![Err(reject(
            piece.place.clone(),
            &format!("会議録検索 API の回答でも、質問主意書の行でもありません（{error}）。"),
            &format!("no answer of the Diet-record API and no row of a written question: {error}"),
        ))],
    }
}

/// JSON on one line, as readers of lines want it: line breaks between its tokens say nothing, and within texts there
/// are none.
fn one_line(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect()
}

fn found(read: Result<Item, crate::diet::record::Reject>, piece: &Piece) -> Result<Found, Reject> {
    read.map(|item| Found::Item(Box::new(item))).map_err(|error| {
        let entry = match error.place {
            crate::diet::record::Place::Line(_) => None,
            place => Some(place.to_string()),
        };
        let place = Place { entry, ..piece.place.clone() };
        let (ja, en) = (format!("発言として読めません（{}）。", error.reason), format!("no speech: {}", error.reason));
        Reject::new(place, ja, en)
    })
}

fn row(read: Result<WrittenQuestion, crate::diet::written::RowReject>, piece: &Piece) -> Result<Found, Reject> {
    read.map(|row| Found::Row(Box::new(row))).map_err(|error| {
        let (ja, en) =
            (format!("質問主意書の行として読めません（{}）。", error.error), format!("no row: {}", error.error));
        Reject::new(piece.place.clone(), ja, en)
    })
}

/// A page says its number but not its session; its name says both.
fn of_page(piece: &Piece, bytes: &[u8]) -> Result<Found, Reject> {
    let Some((at, kind)) = address(&piece.name) else {
        return Err(reject(
            piece.place.clone(),
            "どの質問主意書のページか分かりません。元のファイル名（a217003.htm、t217003.htm など）のままで渡してください。",
            "it is unknown which written question this page is of; keep its own name (a217003.htm, t217003.htm, …)",
        ));
    };
    let read = match kind {
        Kind::Question => question_page(bytes).map(|page| Found::Question(at, Box::new(page))),
        Kind::Answer => answer_page(bytes).map(|page| Found::Answer(at, Box::new(page))),
        Kind::Progress => progress_page(bytes).map(|page| Found::Progress(at, Box::new(page))),
    };
    read.map_err(|error| {
        reject(
            piece.place.clone(),
            &format!("ページから読み取れません（{error}）。取り直してください。"),
            &format!("{error}; fetch it again"),
        )
    })
}

fn address(name: &str) -> Option<(WrittenRef, Kind)> {
    let bases = [
        "https://www.shugiin.go.jp/internet/itdb_shitsumon.nsf/html/shitsumon/",
        "https://www.sangiin.go.jp/japanese/joho1/kousei/syuisyo/",
    ];
    bases.iter().find_map(|base| parse_address(&format!("{base}{name}")))
}

fn reject(place: Place, ja: &str, en: &str) -> Reject {
    Reject::new(place, ja, en)
}
