//! Accounts for people at a browser: who may make one, who has one, and with how many factors.
//!
//! The ledger holds that a way in was given and taken; login names, passwords and secrets are private rows.

use crate::id::PersonId;
use crate::person::Role;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest an invitation may stay open.
pub const LONGEST_INVITATION: jiff::SignedDuration = jiff::SignedDuration::from_hours(14 * 24);

/// A one-time way to open an account: the hash of 32 random bytes, never the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// SHA-256 of the secret in the link, lower-case hex.
    pub hash: String,
    /// For whom.
    pub person: PersonId,
    /// Last moment it works.
    pub valid_until: Timestamp,
}

/// By what a person with an account proves who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Means {
    /// A second factor stands beside the password.
    pub second_factor: bool,
}

impl Role {
    /// Roles whose holders govern or read what others did: a password alone is not enough for them.
    pub fn needs_second_factor(self) -> bool {
        matches!(self, Self::Administrator | Self::Approver | Self::Ciso | Self::Auditor | Self::RecordsManager)
    }
}
