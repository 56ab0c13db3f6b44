//! A unit: the smallest text that people cite as one thing.

use serde::{Deserialize, Serialize};

/// The name of a unit, unique in its corpus: `<law id>/<article number>` for law (`129AC0000000089/709`,
/// `…/36_2` for 第三十六条の二), the speech's id for the Diet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(String);

impl UnitId {
    /// Takes a name as its source gives it.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for UnitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
