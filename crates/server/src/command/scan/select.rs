//! Which findings are told, and which make the answer "no".

use sekisho_detect::{Confidence, Finding, MunicipalLevel, RuleId, Signal, rules};
use std::collections::BTreeSet;

/// How sure a finding must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Level {
    /// 低: 文中の語など。手掛かり / a hint, such as a word in running text
    Low,
    /// 中: 検査数字か、はっきりした形 / a check digit or a plain form
    Medium,
    /// 高: 二つの独立したしるし、または正しく置かれた表示 / two independent signs, or a mark set as marks are set
    High,
}

impl From<Level> for Confidence {
    fn from(level: Level) -> Self {
        match level {
            Level::Low => Self::Low,
            Level::Medium => Self::Medium,
            Level::High => Self::High,
        }
    }
}

/// What makes the answer "no".
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FailOn {
    /// 検出があれば / any finding
    Low,
    /// 確度が中以上 / medium confidence or more
    Medium,
    /// 確度が高 / high confidence
    High,
    /// 個人番号、鍵やパスワード、特定秘密・秘密文書・最高の格付の表示（確度が中以上）/ 個人番号, credentials, and marks of secrets and of the highest grade, of medium confidence or more
    Block,
}

/// Which findings are told.
#[derive(Debug)]
pub(super) struct Selection {
    least: Confidence,
    rules: BTreeSet<RuleId>,
    fail_on: Option<FailOn>,
}

impl Selection {
    /// `only` empty means every rule.
    ///
    /// # Errors
    /// A rule that does not exist, with the nearest one that does.
    pub(super) fn new(
        least: Level,
        only: &[String],
        except: &[String],
        fail_on: Option<FailOn>,
    ) -> Result<Self, String> {
        let only = known(only)?;
        let except = known(except)?;
        let all = rules().iter().map(|rule| rule.id);
        let rules = all.filter(|id| (only.is_empty() || only.contains(id)) && !except.contains(id)).collect();
        Ok(Self { least: least.into(), rules, fail_on })
    }

    pub(super) fn admits(&self, finding: &Finding) -> bool {
        finding.confidence >= self.least && self.rules.contains(finding.rule)
    }

    pub(super) fn fails(&self, finding: &Finding) -> bool {
        match self.fail_on {
            None => false,
            Some(FailOn::Low) => true,
            Some(FailOn::Medium) => finding.confidence >= Confidence::Medium,
            Some(FailOn::High) => finding.confidence >= Confidence::High,
            Some(FailOn::Block) => finding.confidence >= Confidence::Medium && stops(finding.signal),
        }
    }
}

/// What the gate stops whatever the permit says, and what counts as the highest grade there.
fn stops(signal: Signal) -> bool {
    matches!(
        signal,
        Signal::MyNumber
            | Signal::Credential
            | Signal::OutOfScope
            | Signal::Secret
            | Signal::Confidentiality(3..)
            | Signal::Municipal(MunicipalLevel::ThreeA)
    )
}

fn known(wanted: &[String]) -> Result<BTreeSet<RuleId>, String> {
    wanted
        .iter()
        .map(|wanted| {
            let found = rules().iter().find(|rule| rule.id.eq_ignore_ascii_case(wanted));
            found.map(|rule| rule.id).ok_or_else(|| {
                let near = rules().iter().map(|rule| rule.id).max_by(|a, b| {
                    let close = |id: &str| strsim::jaro_winkler(id, &wanted.to_ascii_uppercase());
                    close(a).total_cmp(&close(b))
                });
                let near = near.unwrap_or_default();
                format!("規則 `{wanted}` はありません。`{near}` ですか / there is no rule `{wanted}`; `{near}`?")
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_does_not_exist_is_answered_with_the_nearest() {
        let wanted = ["id-mynumber".to_owned(), "ID-MYNUMBR".to_owned()];
        let error = Selection::new(Level::Low, &wanted, &[], None).unwrap_err();
        assert!(error.contains("`ID-MYNUMBR`") && error.contains("`ID-MYNUMBER`"), "{error}");
    }
}
