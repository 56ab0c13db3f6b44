//! The fields of an entry, read leniently: numbers may be strings, nothing may be null, empty or absent.

use super::{Item, Meeting, Reason, Speech};
use crate::diet::house::House;
use crate::diet::number;
use crate::unit::UnitId;
use jiff::civil::Date;
use serde_json::{Map, Value};

/// Longest piece of the input in a reason, in characters.
const SHOWN: usize = 40;

/// Fields of an entry, else those of what it stands in: speeches of a meeting do not repeat the meeting's.
pub(super) struct Fields<'a> {
    own: &'a Map<String, Value>,
    around: Option<&'a Map<String, Value>>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value, around: Option<&'a Map<String, Value>>) -> Result<Self, Reason> {
        Ok(Self { own: value.as_object().ok_or(Reason::NoObject)?, around })
    }

    fn value(&self, key: &str) -> Option<&'a Value> {
        let own = self.own.get(key).filter(|v| !v.is_null());
        own.or_else(|| self.around?.get(key)).filter(|v| !v.is_null())
    }

    /// A text that says something. Numbers and booleans are texts as well.
    fn text(&self, key: &str) -> Option<String> {
        let text = match self.value(key)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    fn number(&self, key: &'static str) -> Result<Option<u32>, Reason> {
        match self.text(key) {
            None => Ok(None),
            Some(text) => number::numeral(&text).map(Some).ok_or_else(|| unreadable(key, &text)),
        }
    }

    /// The entry as an item.
    ///
    /// # Errors
    /// A field is missing that nothing else gives, or cannot be read.
    pub(super) fn item(&self) -> Result<Item, Reason> {
        let mut meeting = self.meeting()?;
        let order = self.order()?;
        let text = self.body();
        // A header is known by its place and by its name: in old records speech 0 may be a real speech.
        let speaker = self.text("speaker").unwrap_or_default();
        if speaker == "会議録情報" || (order == 0 && speaker.is_empty()) {
            meeting.header = text;
            return Ok(Item { meeting, speech: None });
        }
        let speech = Speech {
            id: UnitId::new(self.text("speechID").unwrap_or_else(|| format!("{}_{order:03}", meeting.issue_id))),
            issue_id: meeting.issue_id.clone(),
            order,
            speaker,
            yomi: self.text("speakerYomi"),
            group: self.text("speakerGroup"),
            position: self.text("speakerPosition"),
            role: self.text("speakerRole"),
            text: text.ok_or(Reason::Missing("speech"))?,
            start_page: self.number("startPage").ok().flatten(),
            url: self.text("speechURL"),
        };
        Ok(Item { meeting, speech: Some(speech) })
    }

    /// The facts of the meeting.
    ///
    /// # Errors
    /// As for [`Fields::item`].
    pub(super) fn meeting(&self) -> Result<Meeting, Reason> {
        let issue_id = match self.text("issueID") {
            Some(id) => id,
            // The speech's name begins with its meeting's.
            None => match self.text("speechID").as_deref().and_then(|id| id.rsplit_once('_')) {
                Some((meeting, _)) => meeting.to_owned(),
                None => return Err(Reason::Missing("issueID")),
            },
        };
        let session = self.number("session")?.ok_or(Reason::Missing("session"))?;
        let house = self.text("nameOfHouse").ok_or(Reason::Missing("nameOfHouse"))?;
        Ok(Meeting {
            session: u16::try_from(session).map_err(|_| unreadable("session", &session.to_string()))?,
            house: House::parse(&house).ok_or_else(|| unreadable("nameOfHouse", &house))?,
            name: self.text("nameOfMeeting").ok_or(Reason::Missing("nameOfMeeting"))?,
            issue: self.text("issue"),
            date: self.date(&issue_id)?,
            closing: self.text("closing").is_some() || self.value("closing") == Some(&Value::Bool(true)),
            kind: self.text("imageKind"),
            url: self.text("meetingURL"),
            pdf_url: self.text("pdfURL"),
            header: None,
            issue_id,
        })
    }

    fn date(&self, issue_id: &str) -> Result<Date, Reason> {
        if let Some(text) = self.text("date") {
            return number::date(&text).ok_or_else(|| unreadable("date", &text));
        }
        // The record's name ends with its day.
        let day = issue_id.len().checked_sub(8).and_then(|at| issue_id.get(at..));
        day.and_then(|d| format!("{}-{}-{}", d.get(..4)?, d.get(4..6)?, d.get(6..)?).parse().ok())
            .ok_or(Reason::Missing("date"))
    }

    fn order(&self) -> Result<u32, Reason> {
        if let Some(order) = self.number("speechOrder")? {
            return Ok(order);
        }
        let last = |key: &str, at: char| self.text(key)?.rsplit_once(at)?.1.parse().ok();
        last("speechID", '_').or_else(|| last("speechURL", '/')).ok_or(Reason::Missing("speechOrder"))
    }

    /// The text with one kind of line end; spaces at the beginning of lines are the record's own.
    fn body(&self) -> Option<String> {
        let text = self.value("speech")?.as_str()?.replace("\r\n", "\n").replace('\r', "\n");
        (!text.trim().is_empty()).then_some(text)
    }
}

pub(super) fn unreadable(field: &'static str, found: &str) -> Reason {
    let found = found.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    Reason::Unreadable { field, found }
}
