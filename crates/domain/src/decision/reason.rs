//! What a decision says: the outcome and every reason for it.

use serde::{Deserialize, Serialize};

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It may go on.
    Allow,
    /// It may go on once what the reasons ask for has been done.
    Conditional,
    /// It may not.
    Deny,
}

/// What one rule does to the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Something must be done first.
    Conditional,
    /// Stops the request.
    Deny,
}

/// How well the source of a rule is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Evidence {
    /// The primary text was read: the only grade that may be shown as an official requirement.
    P,
    /// A secondary account was read: shown as a summary.
    S,
    /// Not confirmed: shown as 要確認 until an operator confirms it.
    K,
    /// Design of this product or of the body: not an official rule at all.
    D,
}

impl Evidence {
    /// May the rule be presented as an official requirement?
    pub fn is_official(self) -> bool {
        self == Self::P
    }

    /// What a page prints beside the clause.
    pub fn label(self) -> &'static str {
        match self {
            Self::P => "公式の要件",
            Self::S => "二次資料による要約",
            Self::K => "要確認",
            Self::D => "運用上の設定",
        }
    }
}

/// Why a request is not simply allowed: one rule that applied.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Stable code for programs, such as `STANDARD_TERMS`. Several rules may share one.
    pub code: String,
    /// The rule, such as `TK-R3-421-P`; unique over all rules in force.
    pub rule: String,
    /// The document the rule follows.
    pub document: String,
    /// Its edition.
    pub edition: String,
    /// The place in it, such as `統一基準R3 4.2.1`.
    pub clause: String,
    /// The rule in a few words.
    pub title: String,
    /// What is wrong with this request.
    pub explanation: String,
    /// What the person can do now.
    pub remedy: String,
    /// How well the source is known.
    pub evidence: Evidence,
    /// What the rule does to the outcome.
    pub effect: Effect,
}

/// One outcome with all its reasons, in a fixed order of weight.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What becomes of the request.
    pub outcome: Outcome,
    /// Every rule that stood in the way; empty exactly when the outcome is [`Outcome::Allow`].
    pub reasons: Vec<Reason>,
    /// [`crate::decision::Rules::digest`] of the rules that were in force.
    pub rules: String,
}

impl Decision {
    /// The weightiest reason that carries the outcome: when the request is denied, the first reason that denies, even
    /// if a condition that could be met stands above it.
    pub fn reason(&self) -> Option<&Reason> {
        let decisive = match self.outcome {
            Outcome::Allow => return None,
            Outcome::Conditional => Effect::Conditional,
            Outcome::Deny => Effect::Deny,
        };
        self.reasons.iter().find(|r| r.effect == decisive)
    }

    /// The code of [`Decision::reason`].
    pub fn code(&self) -> Option<&str> {
        self.reason().map(|r| r.code.as_str())
    }

    /// May the request go on without anything further?
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allow
    }
}
