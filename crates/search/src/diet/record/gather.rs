//! Meetings put together from items that may come twice and in any order.

use super::{Item, Meeting, Speech};
use std::collections::BTreeMap;

/// A meeting with its speeches in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Its facts.
    pub meeting: Meeting,
    /// Its speeches by [`Speech::order`].
    pub speeches: Vec<Speech>,
}

/// Collects items of any number of pages. The later item of the same place wins: records are corrected.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    meetings: BTreeMap<String, (Meeting, BTreeMap<u32, Speech>)>,
    repeated: usize,
}

impl Gathering {
    /// Takes an item.
    pub fn add(&mut self, item: Item) {
        let Item { meeting, speech } = item;
        let (facts, speeches) =
            self.meetings.entry(meeting.issue_id.clone()).or_insert_with(|| (meeting.clone(), BTreeMap::new()));
        // Pages at speech level know less of the meeting than pages at meeting level.
        *facts = Meeting {
            issue: meeting.issue.or_else(|| facts.issue.take()),
            kind: meeting.kind.or_else(|| facts.kind.take()),
            url: meeting.url.or_else(|| facts.url.take()),
            pdf_url: meeting.pdf_url.or_else(|| facts.pdf_url.take()),
            header: meeting.header.or_else(|| facts.header.take()),
            closing: meeting.closing || facts.closing,
            ..meeting
        };
        if let Some(speech) = speech
            && speeches.insert(speech.order, speech).is_some()
        {
            self.repeated += 1;
        }
    }

    /// How many speeches came more than once.
    pub fn repeated(&self) -> usize {
        self.repeated
    }

    /// The meetings, by the library's name for them.
    pub fn finish(self) -> Vec<Sitting> {
        let sitting = |(meeting, speeches): (Meeting, BTreeMap<u32, Speech>)| Sitting {
            meeting,
            speeches: speeches.into_values().collect(),
        };
        self.meetings.into_values().map(sitting).collect()
    }
}

impl Extend<Item> for Gathering {
    fn extend<I: IntoIterator<Item = Item>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.add(item));
    }
}
