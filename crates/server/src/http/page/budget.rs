//! How budgets are shown: to those they bind, and to those who set them.

use super::words;
use crate::http::App;
use crate::http::page::error::PageError;
use jiff::civil::Date;
use sekisho_domain::budget::{Budget, Force, Whom, grouped};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::PersonId;
use sekisho_domain::register::Register;
use sekisho_gate::spending::Standing;

/// A budget as one line with its bar; rendered by the macro `lines` of `budget.html`.
pub(super) struct Line {
    /// `承認「広報」の予算`.
    pub(super) what: String,
    /// `1か月に 1,000 回まで`.
    pub(super) rule: String,
    /// `812 回`.
    pub(super) used: String,
    /// Width of the bar, in percent.
    pub(super) width: u64,
    /// What comes of it.
    pub(super) note: String,
    pub(super) class: &'static str,
    pub(super) told: bool,
}

/// `1か月に 1,000 回まで`.
pub(super) fn rule(budget: &Budget) -> String {
    format!("{}に {} {}まで", budget.period.label(), grouped(budget.limit), budget.unit.counter())
}

/// `812 回`.
pub(super) fn used(standing: &Standing) -> String {
    let budget = &standing.budget;
    format!("{} {}", grouped(budget.in_unit(standing.amount)), budget.unit.counter())
}

/// How much of the limit is spent, in percent, a hundred at most.
pub(super) fn width(standing: &Standing) -> u64 {
    let (amount, ceiling) = (u128::from(standing.amount), u128::from(standing.budget.ceiling().max(1)));
    u64::try_from((amount * 100 / ceiling).min(100)).unwrap_or(100)
}

impl Line {
    fn of(register: &Register, standing: &Standing, today: Date) -> Self {
        let budget = &standing.budget;
        let next = words::day(budget.period.next(today));
        let (note, class) = match (budget.is_used_up(standing.amount), budget.force) {
            (true, Force::Hard) => (format!("使い切りました。{next}から、また使えます。"), "tag bad"),
            (true, Force::Soft) => ("目安を超えました。利用は続けられます。".to_owned(), "tag look"),
            (false, _) if budget.is_told_at(standing.amount) => {
                (format!("残りが少なくなっています。{next}に新しく始まります。"), "tag look")
            }
            (false, _) => (String::new(), ""),
        };
        let what = match &budget.whom {
            Whom::Permit(id) => {
                let purpose = register.permit(id).map_or_else(|| id.to_string(), |p| p.draft.purpose.clone());
                format!("承認「{purpose}」の予算")
            }
            Whom::Department(_) => "所属する部局の予算".to_owned(),
            Whom::Person(_) | Whom::Everyone => "あなたの予算".to_owned(),
        };
        Self {
            what,
            rule: rule(budget),
            used: used(standing),
            width: width(standing),
            note,
            class,
            told: budget.is_told_at(standing.amount),
        }
    }
}

/// The budgets that bind a person.
pub(super) async fn of_person(app: &App, person: &PersonId) -> Result<Vec<Line>, PageError> {
    let register = app.journal.register()?;
    let person = register.person(person).ok_or(PageError::Stale)?;
    let today = in_japan(app.world.now());
    let standings = crate::budgets::that_bind(app, &register, person).await?;
    Ok(standings.iter().map(|standing| Line::of(&register, standing, today)).collect())
}

/// Those of them that run out: shown where one is about to spend.
pub(super) async fn running_out(app: &App, person: &PersonId) -> Result<Vec<Line>, PageError> {
    let mut lines = of_person(app, person).await?;
    lines.retain(|line| line.told);
    Ok(lines)
}
