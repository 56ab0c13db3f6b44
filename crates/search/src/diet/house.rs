//! The Houses.

use serde::{Deserialize, Serialize};

/// Whose meeting it is, or to whose president a written question was handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum House {
    /// 衆議院
    #[serde(rename = "衆議院")]
    Shugiin,
    /// 参議院
    #[serde(rename = "参議院")]
    Sangiin,
    /// 両院: joint meetings (合同審査会, 両院協議会).
    #[serde(rename = "両院")]
    Both,
}

impl House {
    /// Reads the name as the records print it; what stands around it (`衆議院（本会議）`, spaces) does not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (shugiin, sangiin) = (text.contains("衆議院"), text.contains("参議院"));
        match (shugiin, sangiin) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Shugiin),
            (false, true) => Some(Self::Sangiin),
            (false, false) => (text.contains("両院") || text.contains("合同")).then_some(Self::Both),
        }
    }

    /// The name in the records.
    pub fn label(self) -> &'static str {
        match self {
            Self::Shugiin => "衆議院",
            Self::Sangiin => "参議院",
            Self::Both => "両院",
        }
    }

    /// The name in addresses and in unit ids.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Shugiin => "shugiin",
            Self::Sangiin => "sangiin",
            Self::Both => "ryoin",
        }
    }
}

impl std::fmt::Display for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_houses_are_known_by_their_names() {
        assert_eq!(House::parse(" 衆議院"), Some(House::Shugiin));
        assert_eq!(House::parse("参議院"), Some(House::Sangiin));
        assert_eq!(House::parse("両院"), Some(House::Both));
        assert_eq!(House::parse("架空院"), None);
    }
}
