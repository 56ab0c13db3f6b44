//! 事例: what a member of staff tells of a use, for others to learn from. Somebody else accepts it before all may read it.
//!
//! The ledger knows which content was accepted, not the content.

use crate::entry::Governance;
use crate::event::StoryPublished;
use crate::id::PersonId;
use jiff::Timestamp;
use serde::Serialize;

/// That it is no longer shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retracted {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Why.
    pub reason: String,
}

/// A story that is or was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoryRecord {
    /// The content that was accepted last.
    pub published: StoryPublished,
    /// When it was published first; a new edition keeps it.
    pub since: Timestamp,
    /// When this content was accepted.
    pub at: Timestamp,
    /// By whom.
    pub reviewer: PersonId,
    /// That it is no longer shown, if so.
    pub retracted: Option<Retracted>,
}

impl StoryRecord {
    pub(crate) fn published(entry: &Governance, published: StoryPublished, since: Timestamp) -> Self {
        Self { published, since, at: entry.at, reviewer: entry.actor.clone(), retracted: None }
    }

    pub(crate) fn retract(&mut self, entry: &Governance) {
        self.retracted = Some(Retracted { at: entry.at, by: entry.actor.clone(), reason: entry.reason.clone() });
    }

    /// Everybody may read it.
    pub fn is_public(&self) -> bool {
        self.retracted.is_none()
    }
}
