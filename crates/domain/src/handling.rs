//! 検出の取扱い: what the body does when something is found in a request that is not a grade of its own.
//!
//! Marks of grade raise the grade, and the rules decide. Everything else a detector finds (a card number, a name, a
//! picture nobody can look into) is handled as the body says here, rule by rule and apart for services outside and for
//! models it runs itself. What is not set follows the default of the program that scans; what was done is recorded with
//! each use, so a later default changes no earlier decision.

use serde::{Deserialize, Serialize};

/// What is done about a finding, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// 知らせる: it goes on; the finding is recorded and told.
    Warn,
    /// 確かめる: it goes on once the person has confirmed it with a reason.
    Ask,
    /// 伏せる: the place is replaced by a placeholder before anything leaves.
    Mask,
    /// 止める.
    Block,
}

/// What is done about the findings of one rule of detection. `None` is the program's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handling {
    /// On the way to 約款型 and 個別契約.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Action>,
    /// On the way to 自組織運用.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<Action>,
}

/// What was done about the findings of one request. Names are those of the rules of detection, such as `ID-CARD`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handled {
    /// The person has to confirm these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
    /// These stop the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<String>,
    /// The reason with which the person confirmed what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<String>,
    /// These were replaced by placeholders and did not leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
}

impl Handled {
    /// Nothing was found that had to be handled.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Something stops the request.
    pub fn blocks(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// The person still has to confirm something.
    pub fn waits(&self) -> bool {
        !self.asked.is_empty() && self.confirmed.is_none()
    }
}

/// May findings of this rule be handled so on the way to a service outside? Returns what would be accepted.
///
/// 個人番号 may leave for no service outside (番号法 9条・19条・20条・29条), and a key that leaves is lost: these two can
/// be masked or blocked, nothing less. A mark is no thing to mask: without it the text would be graded too low.
pub fn acceptable(rule: &str, action: Action) -> Result<(), &'static [Action]> {
    let most: &'static [Action] = if rule == "ID-MYNUMBER" || rule.starts_with("CR-") {
        &[Action::Mask, Action::Block]
    } else if rule.starts_with("MK-") || rule.starts_with("AT-") {
        &[Action::Warn, Action::Ask, Action::Block]
    } else {
        &[Action::Warn, Action::Ask, Action::Mask, Action::Block]
    };
    if most.contains(&action) { Ok(()) } else { Err(most) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_my_number_can_be_masked_or_blocked_and_nothing_less() {
        for (rule, action, allowed) in [
            ("ID-MYNUMBER", Action::Warn, false),
            ("ID-MYNUMBER", Action::Ask, false),
            ("ID-MYNUMBER", Action::Mask, true),
            ("CR-API-KEY", Action::Ask, false),
            ("CR-API-KEY", Action::Block, true),
            ("MK-12", Action::Mask, false),
            ("AT-UNSEEN", Action::Mask, false),
            ("ID-EMAIL", Action::Mask, true),
            ("ID-EMAIL", Action::Warn, true),
        ] {
            assert_eq!(acceptable(rule, action).is_ok(), allowed, "{rule} {action:?}");
        }
    }

    #[test]
    fn a_confirmation_ends_the_waiting_and_lifts_no_block() {
        let asked = Handled { asked: vec!["AT-UNSEEN".into()], ..Handled::default() };
        assert!(asked.waits());
        let confirmed = Handled { confirmed: Some("公表済みの写真".into()), ..asked };
        assert!(!confirmed.waits());
        assert!(Handled { blocked: vec!["ID-CARD".into()], ..confirmed }.blocks());
    }
}
