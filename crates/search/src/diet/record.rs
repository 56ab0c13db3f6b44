//! The Diet-record API (国会会議録検索システム): pages of speeches or of meetings, and lines of speeches.
//!
//! A page answers at speech level (`speechRecord[]`) or at meeting level (`meetingRecord[].speechRecord[]`); both come
//! out as the same items. What cannot be read is a [`Reject`] with its place and reason, and the rest goes on.

mod fields;
mod gather;
mod line;
mod page;
mod reject;

pub use gather::{Gathering, Sitting};
pub use line::lines;
pub use page::{Page, PageError, Paging, page};
pub use reject::{Place, Reason, Reject};

use super::house::House;
use crate::unit::UnitId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Largest page that is read, in bytes: ten meetings of a whole day each have about a tenth of it.
pub const MAX_PAGE: usize = 64 * 1024 * 1024;

/// Largest line of JSONL that is read, in bytes.
pub const MAX_LINE: usize = 8 * 1024 * 1024;

/// Facts of a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// The record's name at the library (会議録ID), 21 characters: `1217…20250205`.
    pub issue_id: String,
    /// Which Diet (国会回次).
    pub session: u16,
    /// Which House.
    pub house: House,
    /// 本会議, 予算委員会, …
    pub name: String,
    /// 第3号, as printed; some joint meetings have none.
    pub issue: Option<String>,
    /// The day in Tokyo.
    pub date: Date,
    /// Held while the Diet was not in session (閉会中).
    pub closing: bool,
    /// 会議録, 目次, 索引, 附録, 追録.
    pub kind: Option<String>,
    /// Where the record is shown.
    pub url: Option<String>,
    /// The record's image.
    pub pdf_url: Option<String>,
    /// 会議録情報: who sat and what was on the agenda. It stands where speech 0 would, and is no speech.
    pub header: Option<String>,
}

/// One speech as the record prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speech {
    /// The library's name for it (発言ID): `<issue_id>_012`.
    pub id: UnitId,
    /// Its meeting.
    pub issue_id: String,
    /// Its place in the meeting, from 1.
    pub order: u32,
    /// The full name, without title; empty if nobody is named.
    pub speaker: String,
    /// The name's reading.
    pub yomi: Option<String>,
    /// The parliamentary group (会派) at the time.
    pub group: Option<String>,
    /// The post at the time (肩書き).
    pub position: Option<String>,
    /// 証人, 参考人, 公述人.
    pub role: Option<String>,
    /// The text with its printed head (`○架空委員長　…`); lines end with `\n`.
    pub text: String,
    /// The page of the printed record on which it begins.
    pub start_page: Option<u32>,
    /// Where it is shown.
    pub url: Option<String>,
}

/// What one entry of a page or a line says: a speech with the facts of its meeting, or those alone (speech 0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The meeting's facts.
    pub meeting: Meeting,
    /// The speech; `None` where the entry is the meeting's header.
    pub speech: Option<Speech>,
}

#[cfg(test)]
mod tests;
