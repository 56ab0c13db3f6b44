//! What was used of the budgets of permits and departments. Those that bind single people are in no report.
//!
//! A budget counts what its [`Budget`] counts: a department with those below it today, each token by the price of its day,
//! a period from its beginning. Of a period that reaches out of the report, the days of the report are counted.

use super::count::Heap;
use super::small_groups::hidden;
use super::{Group, Scope};
use crate::budget::{Budget, BudgetRecord, MAX_INTEGER, Period, Tally, Unit, Whom};
use crate::id::{BudgetId, DepartmentId, PermitId};
use crate::register::Register;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// What was used of a budget. Amounts of yen are in millionths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetFigures {
    /// The budget. One whose unit or period was changed has a line for each.
    pub budget: BudgetId,
    /// Whom it binds.
    #[serde(rename = "for")]
    pub whom: Whom,
    /// What is counted.
    pub unit: Unit,
    /// When it begins anew.
    pub period: Period,
    /// Periods of the budget that lie in the report, wholly or in part.
    pub periods: u64,
    /// Their limits together.
    pub ceiling: u64,
    /// What was used of them in the days of the report; `None` where it would speak of single people.
    pub amount: Option<u64>,
    /// In how many of them the limit was reached by what was used in the days of the report; `None` as above.
    pub used_up: Option<u64>,
    /// The period of which the largest part was used; `None` as above, and wherever small groups are hidden at all: the
    /// people of a single period are not counted.
    pub fullest: Option<Fullest>,
}

/// The period of a budget of which the largest part was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fullest {
    /// Its first day.
    pub begin: Date,
    /// What was used of it.
    pub amount: u64,
    /// Its limit.
    pub ceiling: u64,
}

/// A period of a budget, as far as it lies in the report.
#[derive(Debug)]
struct Span {
    begin: Date,
    first: Date,
    last: Date,
    ceiling: u64,
    amount: u64,
}

#[derive(Debug)]
struct Line {
    budget: Budget,
    /// In time, not overlapping.
    spans: Vec<Span>,
}

/// The budgets of a report, counted up.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
    /// Numbers of lines by permit and by department, those below included.
    by_permit: HashMap<Box<str>, Vec<usize>>,
    by_department: HashMap<Box<str>, Vec<usize>>,
    /// Who used something, by permit.
    people: HashMap<Box<str>, Heap>,
}

impl Lines {
    /// Those that bind a permit or a department of the scope on one of its days. A permit may reach beyond a unit, so
    /// its budget is in reports of the whole body alone.
    pub(super) fn new(register: &Register, scope: &Scope, unit: Option<&BTreeSet<DepartmentId>>) -> Self {
        let mut made = Self::default();
        for (_, record) in register.budgets().iter() {
            for (budget, spans) in lines(record, scope) {
                let number = made.lines.len();
                match &budget.whom {
                    Whom::Permit(permit) if unit.is_none() => {
                        made.by_permit.entry(permit.as_str().into()).or_default().push(number);
                    }
                    Whom::Department(department) if unit.is_none_or(|unit| unit.contains(department)) => {
                        for below in register.with_those_below(department) {
                            made.by_department.entry(below.as_str().into()).or_default().push(number);
                        }
                    }
                    _ => continue,
                }
                made.lines.push(Line { budget, spans });
            }
        }
        made
    }

    /// The days on which a period of some budget begins or ends anew; empty without budgets.
    pub(super) fn begins(&self) -> BTreeSet<Date> {
        let spans = self.lines.iter().flat_map(|line| &line.spans);
        spans.flat_map(|span| [Some(span.first), span.last.tomorrow().ok()]).flatten().collect()
    }

    /// A person's uses under a permit.
    pub(super) fn person(&mut self, permit: &str, person: usize, sums: super::Sums) {
        if !self.by_permit.is_empty() && !permit.is_empty() {
            match self.people.get_mut(permit) {
                Some(heap) => heap.add(person, sums),
                None => self.people.entry(permit.into()).or_default().add(person, sums),
            }
        }
    }

    /// What a department used under a permit on a day.
    pub(super) fn spend(&mut self, register: &Register, department: &str, permit: &str, tally: &Tally) {
        let of = |names: &HashMap<Box<str>, Vec<usize>>, name: &str| names.get(name).cloned().unwrap_or_default();
        for number in of(&self.by_permit, permit).into_iter().chain(of(&self.by_department, department)) {
            let Some(line) = self.lines.get_mut(number) else { continue };
            let at = line.spans.partition_point(|span| span.last < tally.day);
            if let Some(span) = line.spans.get_mut(at).filter(|span| span.first <= tally.day) {
                let amount = tally.amount(line.budget.unit, register.prices());
                span.amount = span.amount.saturating_add(amount).min(MAX_INTEGER);
            }
        }
    }

    /// The figures, by budget; `shown` when those of all people together may be told.
    pub(super) fn finish(
        self,
        register: &Register,
        scope: &Scope,
        (fewest, shown): (u64, bool),
        (departments, purposes): (&[Group], &[Group]),
    ) -> Vec<BudgetFigures> {
        let secret: BTreeSet<&str> =
            departments.iter().filter(|group| group.amount.is_none()).map(|group| &*group.name).collect();
        let told = |line: &Line| match &line.budget.whom {
            _ if fewest == 0 => true,
            // The people of a part of the report are not counted.
            _ if !shown || !covers(&line.spans, scope) => false,
            // Of the hidden departments none, or all: what the figure adds to those shown speaks of no few of them.
            Whom::Department(department) => {
                let within = register.with_those_below(department);
                let hidden = secret.iter().filter(|name| within.iter().any(|one| one.as_str() == **name)).count();
                hidden == 0 || hidden == secret.len()
            }
            Whom::Permit(permit) => self.told_of(register, permit, purposes, fewest),
            Whom::Person(_) | Whom::Everyone => false,
        };
        let told: Vec<bool> = self.lines.iter().map(told).collect();
        self.lines.into_iter().zip(told).map(|(line, told)| figures(line, told, fewest)).collect()
    }

    /// A permit's figures may be told where neither they nor the rest of its purpose speak of few people.
    fn told_of(&self, register: &Register, permit: &PermitId, purposes: &[Group], fewest: u64) -> bool {
        let Some(record) = register.permit(permit) else { return false };
        let purpose = &record.draft.purpose;
        if purposes.iter().any(|group| group.name == *purpose && group.amount.is_none()) {
            return false;
        }
        let same = |name: &str| {
            let other = PermitId::new(name).ok().and_then(|id| register.permit(&id));
            other.is_some_and(|other| other.draft.purpose == *purpose)
        };
        let mut of_purpose: Vec<(&str, u64)> = self
            .people
            .iter()
            .filter(|(name, _)| same(name))
            .map(|(name, heap)| {
                let amount = heap.amount();
                (&**name, amount.people.max(amount.refused_people))
            })
            .collect();
        of_purpose.sort_unstable();
        let people: Vec<u64> = of_purpose.iter().map(|(_, people)| *people).collect();
        let hidden = hidden(&people, fewest);
        !of_purpose.iter().zip(hidden).any(|((name, _), hidden)| hidden && *name == permit.as_str())
    }
}

fn covers(spans: &[Span], scope: &Scope) -> bool {
    let mut next = scope.from;
    for span in spans {
        if span.first > next {
            return false;
        }
        next = span.last.tomorrow().unwrap_or(span.last);
    }
    next > scope.to
}

fn figures(line: Line, told: bool, fewest: u64) -> BudgetFigures {
    let Budget { budget, whom, unit, period, .. } = line.budget;
    let sum = |of: fn(&Span) -> u64| line.spans.iter().fold(0_u64, |sum, span| sum.saturating_add(of(span)));
    let fuller = |span: &&Span| (u128::from(span.amount) << 64) / u128::from(span.ceiling.max(1));
    // Of equally full ones the first.
    let fullest = line.spans.iter().rev().max_by_key(fuller);
    let fullest = fullest.map(|span| Fullest { begin: span.begin, amount: span.amount, ceiling: span.ceiling });
    BudgetFigures {
        budget,
        whom,
        unit,
        period,
        periods: line.spans.len() as u64,
        ceiling: sum(|span| span.ceiling).min(MAX_INTEGER),
        amount: told.then(|| sum(|span| span.amount).min(MAX_INTEGER)),
        used_up: told.then(|| line.spans.iter().filter(|span| span.amount >= span.ceiling).count() as u64),
        fullest: fullest.filter(|_| told && fewest == 0),
    }
}

/// The periods of a budget within a scope, apart by what it counts and when it begins anew.
fn lines(record: &BudgetRecord, scope: &Scope) -> Vec<(Budget, Vec<Span>)> {
    let mut lines: Vec<(Budget, Vec<Span>)> = Vec::new();
    let changes: BTreeSet<Date> = record.versions().iter().map(|version| version.from).collect();
    let next_change = |after: Date| changes.iter().copied().find(|change| *change > after);
    let mut day = scope.from;
    while day <= scope.to {
        let Some(budget) = record.on(day) else {
            match next_change(day) {
                Some(change) => day = change,
                None => break,
            }
            continue;
        };
        let alike = |other: Option<&Budget>| {
            other.is_some_and(|other| other.unit == budget.unit && other.period == budget.period)
        };
        let begin = budget.period.begin(day);
        let whole = budget.period.next(day).yesterday().unwrap_or(day).min(scope.to);
        let another = changes.iter().find(|change| **change > day && **change <= whole && !alike(record.on(**change)));
        let last = another.and_then(|change| change.yesterday().ok()).unwrap_or(whole);
        // The limit of a period is what it was in the end.
        let in_the_end = record.on(last).unwrap_or(budget);
        let span = Span { begin, first: begin.max(scope.from), last, ceiling: in_the_end.ceiling(), amount: 0 };
        match lines.iter_mut().find(|(line, _)| alike(Some(line))) {
            // A budget that was ended and set again within a period counts the period once.
            Some((_, spans)) => match spans.last_mut().filter(|before| before.begin == begin) {
                Some(before) => (before.last, before.ceiling) = (last, span.ceiling),
                None => spans.push(span),
            },
            None => lines.push((budget.clone(), vec![span])),
        }
        match last.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{BudgetVersion, Force};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn version(from: &str, set: Option<(Unit, Period, u64)>) -> BudgetVersion {
        let budget = set.map(|(unit, period, limit)| Budget {
            budget: BudgetId::new("b").unwrap(),
            whom: Whom::Everyone,
            unit,
            period,
            limit,
            force: Force::Soft,
            tell_at: 80,
            from: day(from),
        });
        let by = crate::id::PersonId::new("p").unwrap();
        BudgetVersion { at: jiff::Timestamp::UNIX_EPOCH, by, reason: String::new(), from: day(from), budget }
    }

    fn spans(versions: Vec<BudgetVersion>, from: &str, to: &str) -> Vec<(Unit, String)> {
        let record = BudgetRecord::of(versions);
        let scope = Scope::new(day(from), day(to), None).unwrap();
        let told = |spans: Vec<Span>| {
            let one = |span: &Span| format!("{}..{}:{}", span.first, span.last, span.ceiling);
            spans.iter().map(one).collect::<Vec<_>>().join(" ")
        };
        lines(&record, &scope).into_iter().map(|(budget, spans)| (budget.unit, told(spans))).collect()
    }

    #[test]
    fn a_period_counts_from_its_beginning_and_by_the_limit_it_had_in_the_end() {
        let set = |from, limit| version(from, Some((Unit::Uses, Period::Month, limit)));
        assert_eq!(
            spans(vec![set("2026-05-15", 10), set("2026-06-20", 30)], "2026-04-10", "2026-07-03"),
            [(Unit::Uses, "2026-05-01..2026-05-31:10 2026-06-01..2026-06-30:30 2026-07-01..2026-07-03:30".to_owned())]
        );
        assert_eq!(spans(vec![set("2026-08-01", 10)], "2026-04-10", "2026-07-03"), []);
        let begun = spans(vec![set("2026-05-15", 10)], "2026-05-20", "2026-05-25");
        assert_eq!(begun, [(Unit::Uses, "2026-05-20..2026-05-25:10".to_owned())]);
    }

    #[test]
    fn a_budget_that_ends_counts_until_then_and_one_set_anew_goes_on() {
        let set = |from| version(from, Some((Unit::Uses, Period::Month, 10)));
        let ended = vec![set("2026-05-01"), version("2026-05-20", None)];
        assert_eq!(
            spans(ended.clone(), "2026-05-01", "2026-06-30"),
            [(Unit::Uses, "2026-05-01..2026-05-19:10".to_owned())]
        );
        let again = [ended, vec![set("2026-05-25")]].concat();
        assert_eq!(
            spans(again, "2026-05-01", "2026-06-30"),
            [(Unit::Uses, "2026-05-01..2026-05-31:10 2026-06-01..2026-06-30:10".to_owned())]
        );
    }

    #[test]
    fn another_unit_or_period_is_another_line() {
        let versions = vec![
            version("2026-05-01", Some((Unit::Uses, Period::Month, 10))),
            version("2026-05-11", Some((Unit::Yen, Period::FiscalYear, 5))),
        ];
        assert_eq!(
            spans(versions, "2026-05-01", "2026-05-31"),
            [
                (Unit::Uses, "2026-05-01..2026-05-10:10".to_owned()),
                (Unit::Yen, "2026-05-01..2026-05-31:5000000".to_owned())
            ]
        );
    }

    #[test]
    fn of_a_day_that_never_was_nothing_is_counted() {
        assert_eq!(spans(vec![], "2026-05-01", "2026-05-31"), []);
    }
}
