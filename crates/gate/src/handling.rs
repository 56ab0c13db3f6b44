//! 検出の取扱い: what is done about a finding on the way to a service, by the body's word or by default.
//!
//! The defaults are this product's design (grade D), with two exceptions that follow from the law: a 個人番号 does not
//! leave for a service outside (番号法 9条・19条・20条・29条), and TK-CLS-1 lets marks raise the grade, so marks are left
//! to the rules.

use sekisho_detect::{Confidence, Finding, PersonalKind, RuleId, Signal};
use sekisho_domain::handling::Action;
use sekisho_domain::register::Register;
use sekisho_domain::service::ProvisionForm;

/// The rule for what nobody can look into: pictures, sound, references to other servers.
pub const UNSEEN: RuleId = "AT-UNSEEN";

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// 約款型 or 個別契約, or a model nobody has registered.
    Outside,
    /// 自組織運用.
    Inside,
}

impl Route {
    /// The route to a model.
    pub fn to(register: &Register, model: &str) -> Self {
        match register.service_of_model(model) {
            Some(record) if record.service.form == ProvisionForm::SelfOperated => Self::Inside,
            _ => Self::Outside,
        }
    }
}

/// What this program does about a rule's findings unless the body says otherwise: outside, inside.
pub fn default_actions(rule: &str) -> (Action, Action) {
    match rule {
        "ID-MYNUMBER" => (Action::Block, Action::Warn),
        UNSEEN => (Action::Ask, Action::Warn),
        // rules.md §5, MK-12: ask.
        "MK-12" => (Action::Ask, Action::Warn),
        "ID-RESIDENT-CODE" | "ID-LICENCE" | "ID-PASSPORT" | "ID-RESIDENCE-CARD" | "ID-PENSION" | "ID-EMPLOYMENT"
        | "ID-INSURED" | "ID-ACCOUNT" | "ID-CARD" => (Action::Mask, Action::Warn),
        _ if rule.starts_with("CR-") => (Action::Block, Action::Block),
        _ => (Action::Warn, Action::Warn),
    }
}

/// What is done about the findings of a rule on a route.
pub fn action(register: &Register, rule: &str, route: Route) -> Action {
    let said = register.handling(rule);
    let (outside, inside) = default_actions(rule);
    match route {
        Route::Outside => said.outside.unwrap_or(outside),
        Route::Inside => said.inside.unwrap_or(inside),
    }
}

/// What is done about one finding. One of low confidence (a word in running text, a number that only looks like
/// something) is told and recorded, no more.
pub(crate) fn action_on(register: &Register, finding: &Finding, route: Route) -> Action {
    if finding.confidence < Confidence::Medium { Action::Warn } else { action(register, finding.rule, route) }
}

/// Personal data of which one piece alone names a person or opens an account: unmasked and beyond doubt it makes a text
/// 要機密情報.
pub(crate) fn is_strong(signal: Signal) -> bool {
    matches!(
        signal,
        Signal::PersonalData(
            PersonalKind::ResidentRecordCode
                | PersonalKind::DriverLicence
                | PersonalKind::Passport
                | PersonalKind::ResidenceCard
                | PersonalKind::BasicPension
                | PersonalKind::EmploymentInsurance
                | PersonalKind::Insured
                | PersonalKind::BankAccount
                | PersonalKind::PaymentCard
        )
    )
}

/// What a placeholder calls a finding of the rule.
pub fn label(rule: &str) -> &'static str {
    match rule {
        "ID-MYNUMBER" => "個人番号",
        "ID-CORPORATE" => "法人番号",
        "ID-RESIDENT-CODE" => "住民票コード",
        "ID-LICENCE" => "免許証番号",
        "ID-PASSPORT" => "旅券番号",
        "ID-RESIDENCE-CARD" => "在留カード番号",
        "ID-PENSION" => "年金番号",
        "ID-EMPLOYMENT" => "雇用保険番号",
        "ID-INSURER" => "保険者番号",
        "ID-INSURED" => "被保険者番号",
        "ID-MUNICIPALITY" => "団体コード",
        "ID-ACCOUNT" => "口座番号",
        "ID-CARD" => "カード番号",
        "ID-PHONE" => "電話番号",
        "ID-POSTAL" => "郵便番号",
        "ID-EMAIL" => "メールアドレス",
        "ID-IP" => "IPアドレス",
        "ID-NAME" => "氏名",
        "ID-ADDRESS" => "住所",
        "ID-BIRTH" => "生年月日",
        _ if rule.starts_with("CR-") => "認証情報",
        _ => "伏せ字",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_domain::handling::acceptable;

    #[test]
    fn no_default_is_weaker_than_what_the_law_leaves_open() {
        for rule in sekisho_detect::rules() {
            let (outside, _) = default_actions(rule.id);
            assert_eq!(acceptable(rule.id, outside), Ok(()), "{}", rule.id);
        }
    }

    #[test]
    fn every_rule_that_is_masked_has_a_name_for_its_placeholder() {
        for rule in sekisho_detect::rules().iter().filter(|rule| rule.id.starts_with("ID-")) {
            assert_ne!(label(rule.id), "伏せ字", "{}", rule.id);
        }
    }
}
