//! The labels: closed sets, all of them. What a person, an upstream or a rule of the body's own could invent is counted as
//! [`OTHER`], so nobody can make a new time series by what they send.

/// What is not on a list.
pub(super) const OTHER: &str = "OTHER";

/// Codes with which the rules of this program refuse.
const REFUSALS: [&str; 27] = [
    "ADVISORY_OPEN",
    "BUDGET_EXCEEDED",
    "CAIO_REVIEW",
    "CONSULTATION_PENDING",
    "CREDENTIAL",
    "EXPIRED",
    "FINDING_BLOCKED",
    "FINDING_UNCONFIRMED",
    "GRADE_CEILING",
    "GRADE_RESTRICTED",
    "INCIDENT_OPEN",
    "INFO_OUT_OF_SCOPE",
    "LIU_SCOPE",
    "MY_NUMBER",
    "NOT_CATALOGUED",
    "NOT_REGISTERED",
    "NO_APPROVAL",
    "OUT_OF_SCOPE",
    "PERMIT_SUSPENDED",
    "REGULATION_INCOMPLETE",
    "REMOVED",
    "RENEWAL_PENDING",
    "SENDING_RESTRICTED",
    "STANDARD_TERMS",
    "SUSPENDED",
    "USER_RANGE",
    "ZONE_RESTRICTED",
];

/// The code of a refusal, if it is one of the program's.
pub(super) fn refusal(code: &str) -> &'static str {
    REFUSALS.into_iter().find(|known| *known == code).unwrap_or(OTHER)
}

/// The rule of a finding, if it is one of the program's.
pub(super) fn rule(id: &str) -> &'static str {
    sekisho_detect::rules().iter().map(|rule| rule.id).find(|known| *known == id).unwrap_or(OTHER)
}

/// All rules of detection.
pub(super) fn rules() -> impl Iterator<Item = &'static str> {
    sekisho_detect::rules().iter().map(|rule| rule.id)
}

/// All codes of refusals.
pub(super) fn refusals() -> impl Iterator<Item = &'static str> {
    REFUSALS.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_domain::decision::Rules;
    use sekisho_domain::rule_set::RuleSet;

    #[test]
    fn every_code_of_the_built_in_rules_is_on_the_list_and_nothing_else() {
        let rules = Rules::compile(&RuleSet::builtin()).unwrap();
        let mut codes: Vec<&str> = rules.rules().iter().map(|rule| rule.code.as_str()).collect();
        // Budgets refuse without a rule of Cedar's.
        codes.push("BUDGET_EXCEEDED");
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes, REFUSALS);
    }

    #[test]
    fn what_others_invent_has_no_label_of_its_own() {
        assert_eq!((refusal("MY_NUMBER"), refusal("ours-no-3"), refusal("")), ("MY_NUMBER", OTHER, OTHER));
        assert_eq!((rule("MK-05"), rule("x")), ("MK-05", OTHER));
    }
}
