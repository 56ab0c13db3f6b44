//! What could not be read, where, why.

use std::fmt;

/// Where in the input it stands. Indices count from 0 as in JSON, lines from 1 as in editors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `speechRecord[i]`
    Speech(usize),
    /// `meetingRecord[i]`
    Meeting(usize),
    /// `meetingRecord[i].speechRecord[j]`
    MeetingSpeech(usize, usize),
    /// A line of JSONL.
    Line(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Speech(i) => write!(f, "speechRecord[{i}]"),
            Self::Meeting(i) => write!(f, "meetingRecord[{i}]"),
            Self::MeetingSpeech(i, j) => write!(f, "meetingRecord[{i}].speechRecord[{j}]"),
            Self::Line(n) => write!(f, "line {n}"),
        }
    }
}

/// Why an entry is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A line is no JSON.
    #[error("is no json: {0}")]
    Json(String),
    /// More bytes than are read.
    #[error("has {0} bytes; at most {max} are read", max = super::MAX_LINE)]
    TooLarge(usize),
    /// Something other than an object.
    #[error("is no object")]
    NoObject,
    /// A field without which the entry says nothing, and which no other field gives.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A field that says something else than it should.
    #[error("`{field}` cannot be read: `{found}`")]
    Unreadable {
        /// Which.
        field: &'static str,
        /// What stands there, shortened.
        found: String,
    },
}

/// An entry that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Reject {
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}
