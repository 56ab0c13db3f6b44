//! 予算: how much of AI a permit, a department or a person may use in a period. The body's own rule; no public document
//! asks for one.
//!
//! What was spent is not in the register: uses are not folded into it. So the gate counts, and what it had counted stands
//! in the recorded request ([`Spent`]): the decision then follows from register and request alone, like any other.
//!
//! A period counts from its beginning, whatever day the budget is from: a limit that is raised within a month does not
//! begin the month anew.

mod price;
mod reason;

pub use price::{Price, PriceList, PriceVersion};
pub use reason::{grouped, in_the_way};

use crate::day::in_japan;
use crate::entry::Governance;
use crate::id::{BudgetId, DepartmentId, PermitId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The largest integer that every reader of JSON reads alike.
pub(crate) const MAX_INTEGER: u64 = (1 << 53) - 1;
/// Yen are counted in millionths, so that the price of a single token is a whole number.
pub const MICRO: u64 = 1_000_000;

/// Whom a budget binds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// All uses under a permit together.
    Permit(PermitId),
    /// All uses of a department and those below it together.
    Department(DepartmentId),
    /// One person's uses.
    Person(PersonId),
    /// Each person's own uses, everybody by the same limit.
    Everyone,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Uses that were let through, whatever became of them.
    Uses,
    /// Tokens in and out, as the upstream counted.
    Tokens,
    /// Yen by the price list.
    Yen,
}

/// When a budget begins anew, in Japan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Every day.
    Day,
    /// On the first of a month.
    Month,
    /// On the first of April.
    FiscalYear,
}

/// Whether a budget stops what goes beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Force {
    /// 止める.
    Hard,
    /// 知らせる.
    Soft,
}

/// One budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Identifier.
    pub budget: BudgetId,
    /// Whom it binds.
    #[serde(rename = "for")]
    pub whom: Whom,
    /// What is counted.
    pub unit: Unit,
    /// When it begins anew.
    pub period: Period,
    /// How much of the unit one period has.
    pub limit: u64,
    /// Whether it stops what goes beyond.
    pub force: Force,
    /// From which part of the limit on people are told, in percent.
    pub tell_at: u8,
    /// First day.
    pub from: Date,
}

/// What had been spent of a budget when a use was decided. Yen are in millionths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spent {
    /// How much.
    pub amount: u64,
    /// Of which.
    pub budget: BudgetId,
}

/// From which part of the limit on people are told when nothing is said, in percent.
pub const fn tell_at() -> u8 {
    80
}

impl Unit {
    /// What one of the unit is in amounts.
    pub const fn scale(self) -> u64 {
        match self {
            Self::Uses | Self::Tokens => 1,
            Self::Yen => MICRO,
        }
    }

    /// The largest limit whose amount still is an integer that every reader of JSON reads alike.
    pub const fn most(self) -> u64 {
        MAX_INTEGER / self.scale()
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Uses => "回数",
            Self::Tokens => "トークン",
            Self::Yen => "円",
        }
    }

    /// What stands behind a number.
    pub const fn counter(self) -> &'static str {
        match self {
            Self::Uses => "回",
            Self::Tokens => "トークン",
            Self::Yen => "円",
        }
    }
}

impl Period {
    /// First day of the period that a day lies in.
    pub fn begin(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Month => day.first_of_month(),
            Self::FiscalYear => {
                let year = if day.month() >= 4 { day.year() } else { day.year().saturating_sub(1) };
                Date::new(year, 4, 1).unwrap_or(day)
            }
        }
    }

    /// First day of the next period.
    pub fn next(self, day: Date) -> Date {
        let begin = self.begin(day);
        let span = match self {
            Self::Day => jiff::Span::new().days(1),
            Self::Month => jiff::Span::new().months(1),
            Self::FiscalYear => jiff::Span::new().years(1),
        };
        begin.saturating_add(span)
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Day => "1日",
            Self::Month => "1か月",
            Self::FiscalYear => "1年度",
        }
    }
}

impl Force {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hard => "超える利用を止める",
            Self::Soft => "知らせるだけ",
        }
    }
}

impl Budget {
    /// The limit in amounts.
    pub const fn ceiling(&self) -> u64 {
        self.limit.saturating_mul(self.unit.scale())
    }

    /// Nothing is left.
    pub const fn is_used_up(&self, amount: u64) -> bool {
        amount >= self.ceiling()
    }

    /// So much is spent that people are told.
    pub fn is_told_at(&self, amount: u64) -> bool {
        u128::from(amount) * 100 >= u128::from(self.ceiling()) * u128::from(self.tell_at)
    }

    /// An amount in the unit, whole: `1234` of 1,234,567,890 millionths of a yen.
    pub const fn in_unit(&self, amount: u64) -> u64 {
        amount / self.unit.scale()
    }
}

/// What a budget was, and from when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetVersion {
    /// When it was said.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Why, in the actor's words.
    pub reason: String,
    /// From which day it counts.
    pub from: Date,
    /// The budget; `None` from when it was ended.
    pub budget: Option<Budget>,
}

/// A budget with all that was said of it, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BudgetRecord {
    versions: Vec<BudgetVersion>,
}

impl BudgetRecord {
    /// The budget as it binds on a day: of what counts by then, what was said last.
    pub fn on(&self, day: Date) -> Option<&Budget> {
        self.versions.iter().rev().find(|version| version.from <= day)?.budget.as_ref()
    }

    /// What was said last, though it may count only from a later day; `None` when that was its end.
    pub fn latest(&self) -> Option<&Budget> {
        self.versions.last()?.budget.as_ref()
    }

    /// All that was said of it, oldest first.
    pub fn versions(&self) -> &[BudgetVersion] {
        &self.versions
    }

    #[cfg(test)]
    pub(crate) fn of(versions: Vec<BudgetVersion>) -> Self {
        Self { versions }
    }
}

/// All budgets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budgets {
    records: BTreeMap<BudgetId, BudgetRecord>,
    by_whom: BTreeMap<Whom, BTreeSet<BudgetId>>,
}

impl Budgets {
    /// None was ever set.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// One budget.
    pub fn get(&self, budget: &BudgetId) -> Option<&BudgetRecord> {
        self.records.get(budget)
    }

    /// All, by identifier.
    pub fn iter(&self) -> impl Iterator<Item = (&BudgetId, &BudgetRecord)> {
        self.records.iter()
    }

    /// Those that bind any of these on a day, by identifier.
    pub fn of(&self, bound: &[Whom], day: Date) -> Vec<&Budget> {
        let named = bound.iter().filter_map(|whom| self.by_whom.get(whom)).flatten();
        let mut budgets: Vec<_> = named.filter_map(|id| self.records.get(id)?.on(day)).collect();
        budgets.sort_by(|a, b| a.budget.cmp(&b.budget));
        budgets
    }

    pub(crate) fn set(&mut self, entry: &Governance, budget: Budget) {
        self.by_whom.entry(budget.whom.clone()).or_default().insert(budget.budget.clone());
        let record = self.records.entry(budget.budget.clone()).or_default();
        record.versions.push(version(entry, budget.from, Some(budget)));
    }

    pub(crate) fn end(&mut self, entry: &Governance, budget: &BudgetId) -> Option<()> {
        self.records.get_mut(budget)?.versions.push(version(entry, in_japan(entry.at), None));
        Some(())
    }
}

fn version(entry: &Governance, from: Date, budget: Option<Budget>) -> BudgetVersion {
    BudgetVersion { at: entry.at, by: entry.actor.clone(), reason: entry.reason.clone(), from, budget }
}

/// What was used on one day of one model: from these the amounts of all units follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The day, in Japan.
    pub day: Date,
    /// The service; empty when unknown.
    pub service: String,
    /// The model, as it was asked for.
    pub model: String,
    /// Uses that were let through.
    pub uses: u64,
    /// Tokens in.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
}

impl Tally {
    /// The amount of a unit.
    pub fn amount(&self, unit: Unit, prices: &PriceList) -> u64 {
        match unit {
            Unit::Uses => self.uses,
            Unit::Tokens => self.input_tokens.saturating_add(self.output_tokens),
            Unit::Yen => prices.cost(&self.service, &self.model, self.day, self.input_tokens, self.output_tokens),
        }
    }
}

/// The amount of many, bounded so that every reader of JSON reads it alike.
pub fn amount<'t>(tallies: impl IntoIterator<Item = &'t Tally>, unit: Unit, prices: &PriceList) -> u64 {
    let sum = tallies.into_iter().fold(0_u64, |sum, tally| sum.saturating_add(tally.amount(unit, prices)));
    sum.min(MAX_INTEGER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_fiscal_year_begins_in_april() {
        for (on, begin, next) in [
            ("2026-03-31", "2025-04-01", "2026-04-01"),
            ("2026-04-01", "2026-04-01", "2027-04-01"),
            ("2026-12-31", "2026-04-01", "2027-04-01"),
        ] {
            assert_eq!(Period::FiscalYear.begin(day(on)), day(begin), "{on}");
            assert_eq!(Period::FiscalYear.next(day(on)), day(next), "{on}");
        }
        assert_eq!(Period::Month.next(day("2026-12-05")), day("2027-01-01"));
        assert_eq!(Period::Day.next(day("2024-02-28")), day("2024-02-29"));
    }

    #[test]
    fn the_largest_limit_of_every_unit_is_an_amount_that_json_holds() {
        for unit in [Unit::Uses, Unit::Tokens, Unit::Yen] {
            assert!(unit.most() * unit.scale() <= MAX_INTEGER);
        }
    }
}
