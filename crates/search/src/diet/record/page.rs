//! One answer of the API.

use super::fields::Fields;
use super::{Item, MAX_PAGE, Place, Reject};
use crate::diet::number;
use serde_json::{Map, Value};

/// Where a page stands in the whole answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    /// All records that fit the query (`numberOfRecords`).
    pub records: Option<u32>,
    /// Records on this page (`numberOfReturn`).
    pub returned: Option<u32>,
    /// The first record's position, from 1 (`startRecord`).
    pub start: Option<u32>,
    /// The position with which to ask for the next page (`nextRecordPosition`); `None` on the last.
    pub next: Option<u32>,
}

/// A page: its place, and its entries in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it stands.
    pub paging: Paging,
    entries: Vec<Result<Item, Reject>>,
}

impl Page {
    /// The entries, each an item or the reason why it is none.
    pub fn items(&self) -> impl Iterator<Item = Result<&Item, &Reject>> {
        self.entries.iter().map(Result::as_ref)
    }
}

impl IntoIterator for Page {
    type Item = Result<Item, Reject>;
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

/// Why an answer is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Too many bytes.
    #[error("the answer has {found} bytes; at most {MAX_PAGE} are read; ask for fewer records at once")]
    TooLarge {
        /// How many it has.
        found: usize,
    },
    /// No JSON, or nested too deeply.
    #[error("the answer is no json: {0}")]
    Json(String),
    /// The API refuses the query.
    #[error("the api answers `{message}`{}", details.iter().map(|d| format!("; {d}")).collect::<String>())]
    Refused {
        /// What it says.
        message: String,
        /// What is wrong with which parameter.
        details: Vec<String>,
    },
    /// JSON that is no answer of the API.
    #[error("the answer holds neither `speechRecord` nor `meetingRecord` nor `numberOfRecords`")]
    Form,
}

/// Reads an answer of the API at speech or at meeting level.
///
/// # Errors
/// It is no page: see [`PageError`]. An entry that cannot be read is no error but a [`Reject`] among the items.
pub fn page(bytes: &[u8]) -> Result<Page, PageError> {
    if bytes.len() > MAX_PAGE {
        return Err(PageError::TooLarge { found: bytes.len() });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // serde_json refuses what is nested more than 128 deep.
    let root: Value = serde_json::from_slice(bytes).map_err(|e| PageError::Json(e.to_string()))?;
    let root = root.as_object().ok_or(PageError::Form)?;
    let list = |key: &str| root.get(key).and_then(Value::as_array);
    let (speeches, meetings) = (list("speechRecord"), list("meetingRecord"));
    if speeches.is_none() && meetings.is_none() {
        if let Some(message) = root.get("message").and_then(Value::as_str) {
            return Err(PageError::Refused { message: message.to_owned(), details: details(root) });
        }
        // An answer without records leaves the list out.
        if !root.contains_key("numberOfRecords") {
            return Err(PageError::Form);
        }
    }
    let mut entries = Vec::new();
    for (i, speech) in speeches.into_iter().flatten().enumerate() {
        entries.push(entry(speech, None, Place::Speech(i)));
    }
    for (i, meeting) in meetings.into_iter().flatten().enumerate() {
        of_meeting(meeting, i, &mut entries);
    }
    Ok(Page { paging: paging(root), entries })
}

/// The entries of one meeting. A meeting without speeches (a list of meetings) gives its facts alone.
fn of_meeting(meeting: &Value, i: usize, entries: &mut Vec<Result<Item, Reject>>) {
    let facts = Fields::of(meeting, None).and_then(|fields| fields.meeting());
    let facts = match facts {
        Ok(facts) => facts,
        Err(reason) => return entries.push(Err(Reject { place: Place::Meeting(i), reason })),
    };
    let speeches = meeting.get("speechRecord").and_then(Value::as_array);
    match speeches.filter(|s| !s.is_empty()) {
        Some(speeches) => {
            for (j, speech) in speeches.iter().enumerate() {
                entries.push(entry(speech, meeting.as_object(), Place::MeetingSpeech(i, j)));
            }
        }
        None => entries.push(Ok(Item { meeting: facts, speech: None })),
    }
}

pub(super) fn entry(value: &Value, around: Option<&Map<String, Value>>, place: Place) -> Result<Item, Reject> {
    Fields::of(value, around).and_then(|fields| fields.item()).map_err(|reason| Reject { place, reason })
}

fn paging(root: &Map<String, Value>) -> Paging {
    let number = |key: &str| match root.get(key)? {
        Value::Number(n) => u32::try_from(n.as_u64()?).ok(),
        Value::String(text) => number::numeral(text.trim()),
        _ => None,
    };
    Paging {
        records: number("numberOfRecords"),
        returned: number("numberOfReturn"),
        start: number("startRecord"),
        next: number("nextRecordPosition").filter(|n| *n > 0),
    }
}

fn details(root: &Map<String, Value>) -> Vec<String> {
    match root.get("details") {
        Some(Value::Array(details)) => {
            details.iter().map(|d| d.as_str().map_or_else(|| d.to_string(), str::to_owned)).collect()
        }
        Some(Value::String(detail)) => vec![detail.clone()],
        _ => Vec::new(),
    }
}
