//! What is said when a budget stands in the way.

use super::{Budget, Force, Spent, Whom};
use crate::day::in_japan;
use crate::decision::{Effect, Evidence, Reason};
use jiff::Timestamp;
use jiff::civil::Date;

/// The one reason why budgets stop a use, whichever and however many they are: those that are used up, and those of which
/// the request does not say what was spent. A count that is missing stops, so that a gate that forgets to count lets
/// nothing through.
pub fn in_the_way(budgets: &[&Budget], spent: &[Spent], at: Timestamp) -> Option<Reason> {
    let today = in_japan(at);
    let (mut said, mut begins, mut since): (Vec<String>, Option<Date>, Option<Date>) = (Vec::new(), None, None);
    for budget in budgets.iter().filter(|budget| budget.force == Force::Hard) {
        let amount = spent.iter().find(|spent| spent.budget == budget.budget).map(|spent| spent.amount);
        let what = format!("{}の予算「{}」", whose(&budget.whom), budget.budget);
        match amount {
            None => {
                said.push(format!("{what}の使った量が分からないため、止めています。"));
                since = since.max(Some(budget.from));
            }
            Some(amount) if budget.is_used_up(amount) => {
                let (limit, unit) = (grouped(budget.limit), budget.unit.counter());
                let (period, used) = (budget.period.label(), grouped(budget.in_unit(amount)));
                said.push(format!(
                    "{what}（{period}に {limit} {unit}まで）を使い切りました（使った量 {used} {unit}）。"
                ));
                // Only when the last of them begins anew does it go on.
                begins = begins.max(Some(budget.period.next(today)));
                since = since.max(Some(budget.from));
            }
            Some(_) => {}
        }
    }
    (!said.is_empty()).then(|| Reason {
        code: "BUDGET_EXCEEDED".into(),
        rule: "SK-BUDGET".into(),
        document: "自組織の定め".into(),
        edition: since.map(|day| format!("{day} から")).unwrap_or_default(),
        clause: "予算".into(),
        title: "予算を使い切った".into(),
        explanation: said.concat(),
        remedy: begins.map_or_else(|| "この画面の番号を添えて管理者に知らせてください。".to_owned(), remedy),
        evidence: Evidence::D,
        effect: Effect::Deny,
    })
}

/// What can be done about a budget that begins anew on a day.
fn remedy(begins: Date) -> String {
    format!(
        "{begins} から新しい期間に入り、また使えます。それまでに必要な場合は、外部サービス管理者か統括情報セキュリティ責任者に上限の引上げを相談してください。"
    )
}

fn whose(whom: &Whom) -> String {
    match whom {
        Whom::Permit(permit) => format!("承認 {permit} "),
        Whom::Department(_) => "所属する部局".into(),
        Whom::Person(_) | Whom::Everyone => "あなた".into(),
    }
}

/// `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(super::grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
