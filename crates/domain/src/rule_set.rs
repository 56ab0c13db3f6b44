//! 決まりの一式: one public document (or one body's own rules) in one edition, as the text of Cedar policies.
//!
//! A set begins with a header of comment lines that say what it is:
//!
//! ```text
//! // id: toitsu-r3
//! // title: 統一基準と生成AIの申合せ
//! // edition: 令和3年度版・申合せ2023-05-08
//! // applies_to: 国の機関等
//! ```

use crate::id::RuleSetId;
use serde::{Deserialize, Serialize};

/// Whom a set of rules binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AppliesTo {
    /// 国の機関等.
    #[serde(rename = "国の機関等")]
    National,
    /// 地方公共団体.
    #[serde(rename = "地方公共団体")]
    Local,
    /// Both.
    #[serde(rename = "both")]
    Both,
}

impl AppliesTo {
    /// Does a set marked so concern a body of this kind? `Both` stands for every kind on either side.
    pub fn concerns(self, body: AppliesTo) -> bool {
        self == body || self == Self::Both || body == Self::Both
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "国の機関等" => Some(Self::National),
            "地方公共団体" => Some(Self::Local),
            "both" => Some(Self::Both),
            _ => None,
        }
    }
}

/// A set of rules in one edition. Only [`crate::decision::Rules::compile`] says whether its policies are sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Names the set, such as `toitsu-r3`.
    pub id: RuleSetId,
    /// What people call it.
    pub title: String,
    /// The edition of the document it follows.
    pub edition: String,
    /// Whom it binds.
    pub applies_to: AppliesTo,
    /// The Cedar policies, header included.
    pub text: String,
}

/// Why a text is not a set of rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    /// The header lacks a line.
    #[error("the header lacks the line `// {0}: …`")]
    Missing(&'static str),
    /// A header line says something that cannot be used.
    #[error("line {line}: `{value}` is not a value of `{key}`: {expected}")]
    Value {
        /// 1 for the first line.
        line: usize,
        /// The key before the colon.
        key: &'static str,
        /// What was given.
        value: String,
        /// What would be accepted.
        expected: String,
    },
    /// A header line stands twice.
    #[error("line {line}: `{key}` stands twice in the header")]
    Twice {
        /// 1 for the first line.
        line: usize,
        /// The key before the colon.
        key: &'static str,
    },
}

const KEYS: [&str; 4] = ["id", "title", "edition", "applies_to"];

impl RuleSet {
    /// The gate's own rules: in force whatever else a body adopts.
    pub const BASE: &'static str = "base";

    /// Reads the header of a text; the header ends at the first line that is not a comment.
    pub fn parse(text: impl Into<String>) -> Result<Self, RuleSetError> {
        let text = text.into();
        let mut found: [Option<(usize, &str)>; 4] = [None; 4];
        for (at, line) in text.lines().enumerate() {
            let Some(comment) = line.strip_prefix("//") else { break };
            let Some((key, value)) = comment.split_once(':') else { continue };
            for (name, slot) in KEYS.into_iter().zip(&mut found) {
                if name != key.trim() {
                    continue;
                }
                if slot.is_some() {
                    return Err(RuleSetError::Twice { line: at + 1, key: name });
                }
                *slot = Some((at + 1, value.trim()));
            }
        }
        let [id, title, edition, applies_to] = found;
        let required = |slot: Option<(usize, &'_ str)>, key| {
            slot.filter(|(_, v)| !v.is_empty()).map(|(line, v)| (line, v.to_owned())).ok_or(RuleSetError::Missing(key))
        };
        let (line, value) = required(id, "id")?;
        let id = RuleSetId::new(&value).map_err(|bad| RuleSetError::Value {
            line,
            key: "id",
            value,
            expected: bad.to_string(),
        })?;
        let (line, value) = required(applies_to, "applies_to")?;
        let applies_to = AppliesTo::parse(&value).ok_or_else(|| RuleSetError::Value {
            line,
            key: "applies_to",
            value,
            expected: "use `国の機関等`, `地方公共団体` or `both`".into(),
        })?;
        let (_, title) = required(title, "title")?;
        let (_, edition) = required(edition, "edition")?;
        Ok(Self { id, title, edition, applies_to, text })
    }

    /// The sets that come with the product, the gate's own first.
    pub fn builtin() -> Vec<Self> {
        BUILTIN.into_iter().map(Self::builtin_set).collect()
    }

    /// The built-in sets that concern a body of this kind.
    pub fn builtin_for(body: AppliesTo) -> Vec<Self> {
        Self::builtin().into_iter().filter(|set| set.applies_to.concerns(body)).collect()
    }

    #[expect(clippy::expect_used, reason = "the texts are compiled in and a test reads each of them")]
    fn builtin_set(text: &str) -> Self {
        Self::parse(text).expect("a built-in set of rules has a sound header")
    }
}

const BUILTIN: [&str; 6] = [
    include_str!("../rules/base.cedar"),
    include_str!("../rules/toitsu-r3.cedar"),
    include_str!("../rules/chiho-r5.cedar"),
    include_str!("../rules/bango-ho.cedar"),
    include_str!("../rules/ismap.cedar"),
    include_str!("../rules/ds-920.cedar"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_set_reads_and_carries_the_name_of_its_file() {
        let ids: Vec<_> = RuleSet::builtin().into_iter().map(|s| s.id.to_string()).collect();
        assert_eq!(ids, ["base", "toitsu-r3", "chiho-r5", "bango-ho", "ismap", "ds-920"]);
    }

    #[test]
    fn a_municipality_is_not_given_the_rules_of_the_state() {
        let ids = |body| RuleSet::builtin_for(body).into_iter().map(|s| s.id.to_string()).collect::<Vec<_>>();
        assert_eq!(ids(AppliesTo::Local), ["base", "chiho-r5", "bango-ho"]);
        assert_eq!(ids(AppliesTo::National), ["base", "toitsu-r3", "bango-ho", "ismap", "ds-920"]);
    }

    #[test]
    fn a_header_that_lacks_a_line_or_repeats_one_is_refused() {
        assert_eq!(RuleSet::parse("// id: a\n// title: 題\n").unwrap_err(), RuleSetError::Missing("applies_to"));
        let twice = RuleSet::parse("// id: a\n// id: b\n").unwrap_err();
        assert_eq!(twice, RuleSetError::Twice { line: 2, key: "id" });
        let bad = RuleSet::parse("// id: a\n// title: 題\n// edition: 1\n// applies_to: 都道府県\n").unwrap_err();
        assert!(bad.to_string().starts_with("line 4: `都道府県`"), "{bad}");
    }
}
