//! Why a command was refused, in words for the person and a stable code for programs.

use serde::Serialize;

/// A refused command: nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{en}")]
pub struct Refusal {
    /// Stable code, such as `NOT_ALLOWED`.
    pub code: &'static str,
    /// For people, with what to do next.
    pub ja: String,
    /// The same in English.
    pub en: String,
    /// The clause it rests on, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<&'static str>,
}

impl Refusal {
    /// A refusal without a clause.
    pub fn new(code: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, ja: ja.into(), en: en.into(), clause: None }
    }

    /// Names the clause.
    pub fn under(mut self, clause: &'static str) -> Self {
        self.clause = Some(clause);
        self
    }

    /// Nothing of that name exists.
    pub fn unknown(what_ja: &str, what_en: &str, id: &dyn std::fmt::Display) -> Self {
        Self::new(
            "UNKNOWN",
            format!("{what_ja} `{id}` は登録されていません。一覧で識別子を確かめてください。"),
            format!("there is no {what_en} `{id}`; look up its identifier in the list"),
        )
    }

    /// Something of that name exists already.
    pub fn exists(what_ja: &str, what_en: &str, id: &dyn std::fmt::Display) -> Self {
        Self::new(
            "EXISTS",
            format!("{what_ja} `{id}` は既に登録されています。別の識別子を使うか、変更の手続を使ってください。"),
            format!(
                "the {what_en} `{id}` exists already; choose another identifier or use the command that changes it"
            ),
        )
    }

    /// The thing is in a state from which the step does not lead on.
    pub fn wrong_state(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new("WRONG_STATE", ja, en)
    }

    /// A field does not hold what it must.
    pub fn invalid(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new("INVALID", ja, en)
    }
}
