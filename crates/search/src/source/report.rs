//! What an import did.

use serde::Serialize;

use super::Reject;
use crate::shelf::Tally;

/// Counted by groups: revisions of laws, meetings, written questions, documents.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Groups that were not on the shelf.
    pub new: u64,
    /// Groups whose source says something else than before.
    pub changed: u64,
    /// Groups whose source says the same.
    pub unchanged: u64,
    /// Stored groups that were written again because of another: the end of an earlier revision, a link to a new law.
    pub touched: u64,
    /// Pieces that say the same as another of this import.
    pub repeated: u64,
    /// Files in folders that are of no kind that is read here.
    pub passed_over: u64,
    /// Units and bytes written.
    pub written: Tally,
    /// What was taken, but is not as it should be.
    pub notes: Vec<Reject>,
    /// What was not taken.
    pub rejects: Vec<Reject>,
}
