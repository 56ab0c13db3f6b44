//! 事例 of members of staff: what their papers hold. What was accepted lies under its hash, which the ledger has.

use crate::installation::Installation;
use crate::ismap::documents::{self, DocumentError};
use sekisho_domain::id::{PersonId, ServiceId};
use sekisho_store::ReadError;
use serde::{Deserialize, Serialize};

/// Papers that hold what is written, under the story's name.
pub(crate) const PAPER: &str = "story";

/// What a member of staff tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Story {
    /// In a line.
    pub(crate) title: String,
    /// The app it was done with; empty when it was another way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) app: String,
    /// The service, where no app is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<ServiceId>,
    /// What it was for.
    pub(crate) purpose: String,
    /// What came of it.
    pub(crate) effect: String,
    /// Minutes saved each time, as the author says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) minutes: Option<u32>,
    /// What others should know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) tips: String,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Progress {
    /// Its author writes.
    Draft,
    /// It waits for somebody else.
    Waiting,
    /// Somebody sent it back.
    Returned {
        /// Who.
        by: PersonId,
        /// Why.
        reason: String,
    },
    /// It was published as it stands.
    Published,
}

/// A story as its author keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// What is told.
    pub(crate) story: Story,
    /// How far it is.
    pub(crate) progress: Progress,
}

impl Story {
    /// The bytes that are hashed and kept.
    ///
    /// # Errors
    /// Never in practice: text and numbers are always written.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Everything that was typed, to be looked through.
    pub(crate) fn typed(&self) -> String {
        [&self.title, &self.purpose, &self.effect, &self.tips].map(String::as_str).join("\n")
    }
}

/// A published story; `None` when it is not there or is not what was accepted.
///
/// # Errors
/// [`ReadError`].
pub(crate) async fn published(app: &Installation, sha256: &str) -> Result<Option<Story>, ReadError> {
    match documents::read(app, sha256).await {
        Ok(story) => Ok(Some(story)),
        Err(DocumentError::Read(error)) => Err(error),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a published story is not at hand");
            Ok(None)
        }
    }
}
