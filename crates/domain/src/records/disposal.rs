//! 廃棄: a list, its approval by another person, the destruction, and the certificate (PR-RS: no silent deletion).

pub use super::listing::Listed;
use super::listing::UsesDigest;
use super::made::Made;
use super::{Ground, Records};
use crate::id::{DisposalId, PersonId};
use crate::register::Register;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Counts a list: feed it every use in the order of the ledger.
#[derive(Debug, Clone)]
pub struct Listing {
    as_of: Date,
    digest: UsesDigest,
}

impl Listing {
    /// A list of what may be destroyed as of a day.
    pub fn new(as_of: Date) -> Self {
        Self { as_of, digest: UsesDigest::default() }
    }

    /// Takes up the use if it may be destroyed, and says so.
    pub fn add(&mut self, records: &Records, made: &Made) -> bool {
        let disposable = records.is_disposable(made, self.as_of);
        if disposable {
            self.digest.add(&made.of);
        }
        disposable
    }

    /// The list.
    pub fn finish(self) -> Listed {
        self.digest.finish()
    }
}

/// How a disposal came to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Sealed contents that were destroyed: what was sent and what came back each count.
    pub contents: u64,
    /// Conversations and other papers that went with them.
    #[serde(default)]
    pub papers: u64,
    /// Uses of the list with a ledger index below this one are destroyed.
    pub through: u64,
}

/// Where a disposal stands.
#[derive(Debug, Clone)]
pub enum DisposalState {
    /// The list waits for another person.
    Drafted,
    /// May begin.
    Approved,
    /// Was not approved.
    Refused,
    /// Is destroying what its list holds, on the ground of that moment.
    Running {
        /// The ground.
        ground: Box<Ground>,
        /// Uses with an index from this one on are not on the list.
        entries: u64,
    },
    /// A hold or a request for disclosure came while it ran: nothing more is destroyed.
    Halted {
        /// The ground.
        ground: Box<Ground>,
        /// Uses with an index from this one on are not on the list.
        entries: u64,
    },
    /// Ended, with its certificate.
    Done {
        /// The ground.
        ground: Box<Ground>,
        /// Uses with an index from this one on were not on the list.
        entries: u64,
        /// What was destroyed.
        certificate: Certificate,
    },
}

impl DisposalState {
    /// For people.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Drafted => "承認待ち",
            Self::Approved => "承認済み（未実施）",
            Self::Refused => "不承認",
            Self::Running { .. } => "実施中",
            Self::Halted { .. } => "停止（対象が変わるおそれ）",
            Self::Done { .. } => "完了",
        }
    }
}

/// One step of a disposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisposalStep {
    /// What was done.
    pub what: &'static str,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why, or what was added.
    pub reason: String,
}

/// One disposal.
#[derive(Debug, Clone)]
pub struct Disposal {
    /// Identifier.
    pub disposal: DisposalId,
    /// What may be destroyed as of this day is on the list.
    pub as_of: Date,
    /// The list.
    pub list: Listed,
    /// Who drew it up.
    pub drafted_by: PersonId,
    /// Where it stands.
    pub state: DisposalState,
    /// What happened, oldest first.
    pub history: Vec<DisposalStep>,
}

impl Disposal {
    /// The use is on the list of a disposal that has begun.
    pub fn lists(&self, made: &Made) -> bool {
        let (ground, entries) = match &self.state {
            DisposalState::Running { ground, entries } | DisposalState::Halted { ground, entries } => {
                (ground, *entries)
            }
            DisposalState::Done { ground, certificate, entries } => (ground, certificate.through.min(*entries)),
            DisposalState::Drafted | DisposalState::Approved | DisposalState::Refused => return false,
        };
        made.opened < entries && ground.is_over(made, self.as_of)
    }

    /// The use's content was destroyed by this disposal. What is being destroyed is not counted yet.
    pub(crate) fn took(&self, made: &Made) -> bool {
        matches!(self.state, DisposalState::Done { .. }) && self.lists(made)
    }
}

/// A list that an entry of the ledger speaks of and that its uses do not follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfollowed {
    /// Of which disposal.
    pub disposal: DisposalId,
    /// What the entry says.
    pub said: Listed,
    /// What the entries of the uses amount to.
    pub counted: Listed,
}

/// Counts the list of one disposal from the entries themselves.
#[derive(Debug, Clone)]
pub struct DisposalRecount {
    disposal: DisposalId,
    said: Listed,
    /// The register on which it began.
    at: Register,
    listing: Listing,
}

impl DisposalRecount {
    /// Of a disposal that begins on this register with this list; `None` when the register knows no such disposal.
    pub fn new(at: &Register, disposal: &DisposalId, said: Listed) -> Option<Self> {
        let as_of = at.records().disposal(disposal)?.as_of;
        Some(Self { disposal: disposal.clone(), said, at: at.clone(), listing: Listing::new(as_of) })
    }

    /// Adds a use that was opened before the disposal's beginning, in the order of the ledger.
    pub fn add(&mut self, made: &Made) {
        self.listing.add(self.at.records(), made);
    }

    /// What would not follow.
    ///
    /// # Errors
    /// The count is another one.
    pub fn finish(self) -> Result<DisposalId, Unfollowed> {
        let counted = self.listing.finish();
        if counted == self.said {
            Ok(self.disposal)
        } else {
            Err(Unfollowed { disposal: self.disposal, said: self.said, counted })
        }
    }
}
