//! Counting: sums of uses come in, in any order; the figures of a report go out.

use super::budgets::Lines;
use super::small_groups::hidden;
use super::{Cost, DayFigures, FORMAT, Findings, Group, Groups, Refusals, Scope, Step, UseReport, voices};
use crate::budget::Tally;
use crate::id::{DepartmentId, ModelId, ServiceId};
use crate::register::Register;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How much was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// People whose uses were let through.
    pub people: u64,
    /// Uses that were let through.
    pub uses: u64,
    /// Of them, those that were not answered whole.
    pub failed: u64,
    /// Refusals.
    pub refused: u64,
    /// People who were refused.
    pub refused_people: u64,
    /// Tokens in.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
}

/// How much was used on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayAmount {
    /// People who asked.
    pub people: u64,
    /// Uses that were let through.
    pub uses: u64,
    /// Refusals.
    pub refused: u64,
}

/// How often something was refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonAmount {
    /// Refusals.
    pub refused: u64,
    /// People who were refused.
    pub people: u64,
}

/// How often a rule of detection hit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingAmount {
    /// Uses and refusals in whose request it hit.
    pub requests: u64,
    /// Hits in requests.
    pub request_hits: u64,
    /// Uses in whose answer it hit.
    pub answers: u64,
    /// Hits in answers.
    pub answer_hits: u64,
}

impl FindingAmount {
    pub(super) fn add(&mut self, more: Self) {
        self.requests += more.requests;
        self.request_hits += more.request_hits;
        self.answers += more.answers;
        self.answer_hits += more.answer_hits;
    }
}

/// Sums of one person's uses of one kind. Empty text stands for what is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind<'a> {
    /// Who.
    pub person: &'a str,
    /// The department then.
    pub department: &'a str,
    /// By which service.
    pub service: &'a str,
    /// Under which permit.
    pub permit: &'a str,
    /// Through which app.
    pub app: &'a str,
    /// Which model.
    pub model: &'a str,
    /// Rank of the grade.
    pub grade: u8,
}

/// The sums themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Uses that were let through.
    pub uses: u64,
    /// Of them, those that were not answered whole.
    pub failed: u64,
    /// Refusals.
    pub refused: u64,
    /// Tokens in.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
}

impl Sums {
    pub(super) fn add(&mut self, more: Self) {
        self.uses += more.uses;
        self.failed += more.failed;
        self.refused += more.refused;
        self.input_tokens += more.input_tokens;
        self.output_tokens += more.output_tokens;
    }
}

/// People by number, one bit each.
#[derive(Debug, Default)]
struct People(Vec<u64>);

impl People {
    fn add(&mut self, number: usize) {
        let (word, bit) = (number / 64, number % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// Sums with the people behind them.
#[derive(Debug, Default)]
pub(super) struct Heap {
    sums: Sums,
    users: People,
    refused: People,
}

impl Heap {
    pub(super) fn add(&mut self, person: usize, sums: Sums) {
        self.sums.add(sums);
        if sums.uses > 0 {
            self.users.add(person);
        }
        if sums.refused > 0 {
            self.refused.add(person);
        }
    }

    pub(super) fn amount(&self) -> Amount {
        Amount {
            people: self.users.count(),
            uses: self.sums.uses,
            failed: self.sums.failed,
            refused: self.sums.refused,
            refused_people: self.refused.count(),
            input_tokens: self.sums.input_tokens,
            output_tokens: self.sums.output_tokens,
        }
    }
}

/// Steps of the distribution: who used it never, up to 4, 19, 99 times, and more.
const STEPS: [(u64, Option<u64>); 5] = [(0, Some(0)), (1, Some(4)), (5, Some(19)), (20, Some(99)), (100, None)];

/// A count under way.
#[derive(Debug)]
pub struct Count<'r> {
    register: &'r Register,
    scope: Scope,
    /// Departments of the unit; `None` for all.
    unit: Option<BTreeSet<DepartmentId>>,
    people: HashMap<Box<str>, usize>,
    uses: Vec<u64>,
    posts: Vec<Box<str>>,
    whole: Heap,
    by: [HashMap<Box<str>, Heap>; 7],
    days: BTreeMap<Date, DayAmount>,
    reasons: BTreeMap<String, ReasonAmount>,
    findings: BTreeMap<String, FindingAmount>,
    /// By model: millionths of a yen, and tokens without a price.
    costs: HashMap<Box<str>, (u64, u64)>,
    budgets: Lines,
}

impl<'r> Count<'r> {
    /// A count for a scope; posts, purposes and the number of staff are those of the register.
    pub fn new(register: &'r Register, scope: Scope) -> Self {
        let unit = scope.unit.as_ref().map(|unit| register.with_those_below(unit));
        let budgets = Lines::new(register, &scope, unit.as_ref());
        Self {
            register,
            scope,
            unit,
            people: HashMap::new(),
            uses: Vec::new(),
            posts: Vec::new(),
            whole: Heap::default(),
            by: Default::default(),
            days: BTreeMap::new(),
            reasons: BTreeMap::new(),
            findings: BTreeMap::new(),
            costs: HashMap::new(),
            budgets,
        }
    }

    /// The days of the period from which on some price is another one, with the first day of the period before them:
    /// within each stretch every token of a model costs the same.
    pub fn stretches(&self) -> Vec<(Date, Date)> {
        let changes = self.register.prices().iter().map(|version| version.price.from);
        let within = changes.filter(|day| self.scope.holds(*day) && *day > self.scope.from);
        self.apart(within.collect())
    }

    /// The days of the period, apart by [`Count::stretches`] and by the periods of budgets; none while no budget is to
    /// be counted.
    pub fn budget_stretches(&self) -> Vec<(Date, Date)> {
        let mut begins = self.budgets.begins();
        if begins.is_empty() {
            return Vec::new();
        }
        begins.retain(|day| self.scope.holds(*day));
        begins.extend(self.stretches().into_iter().map(|(begin, _)| begin));
        self.apart(begins)
    }

    fn apart(&self, mut begins: BTreeSet<Date>) -> Vec<(Date, Date)> {
        begins.insert(self.scope.from);
        let begins: Vec<Date> = begins.into_iter().collect();
        let ends = begins.iter().skip(1).map(|next| next.yesterday().unwrap_or(*next)).chain([self.scope.to]);
        begins.iter().copied().zip(ends).collect()
    }

    /// Adds what tokens cost that were used by a department on a day.
    pub fn add_cost(&mut self, department: &str, (service, model): (&str, &str), day: Date, tokens: (u64, u64)) {
        let prices = self.register.prices();
        if prices.iter().next().is_none() || !self.holds(department) || tokens == (0, 0) {
            return;
        }
        let (input, output) = tokens;
        let priced = match (ServiceId::new(service), ModelId::new(model)) {
            (Ok(service), Ok(model)) => prices.on(&service, &model, day).is_some(),
            _ => false,
        };
        let of = self.costs.entry(model.into()).or_default();
        if priced {
            of.0 = of.0.saturating_add(prices.cost(service, model, day, input, output));
        } else {
            of.1 = of.1.saturating_add(input).saturating_add(output);
        }
    }

    /// Adds what a department used under a permit on a day, or within one of the [`Count::budget_stretches`].
    pub fn spend(&mut self, department: &str, permit: &str, tally: &Tally) {
        if self.holds(department) {
            self.budgets.spend(self.register, department, permit, tally);
        }
    }

    /// The departments that are counted; `None` for all.
    pub fn departments(&self) -> Option<&BTreeSet<DepartmentId>> {
        self.unit.as_ref()
    }

    /// Whether uses of a department are counted.
    pub fn holds(&self, department: &str) -> bool {
        let Some(unit) = &self.unit else { return true };
        DepartmentId::new(department).is_ok_and(|department| unit.contains(&department))
    }

    /// Adds sums of one person's uses within the period. What belongs to another unit is left out.
    pub fn add(&mut self, kind: &Kind<'_>, sums: Sums) {
        if !self.holds(kind.department) {
            return;
        }
        let person = self.person(kind.person);
        if let Some(uses) = self.uses.get_mut(person) {
            *uses += sums.uses;
        }
        self.whole.add(person, sums);
        self.budgets.person(kind.permit, person, sums);
        let permit = crate::id::PermitId::new(kind.permit).ok().and_then(|permit| self.register.permit(&permit));
        let purpose = permit.map_or("", |permit| permit.draft.purpose.as_str());
        let post = self.posts.get(person).cloned().unwrap_or_default();
        let grade = kind.grade.to_string();
        let names = [kind.app, kind.model, kind.service, purpose, kind.department, &*post, &*grade];
        for (heaps, name) in self.by.iter_mut().zip(names) {
            match heaps.get_mut(name) {
                Some(heap) => heap.add(person, sums),
                None => heaps.entry(name.into()).or_default().add(person, sums),
            }
        }
    }

    fn person(&mut self, name: &str) -> usize {
        if let Some(number) = self.people.get(name) {
            return *number;
        }
        let number = self.people.len();
        self.people.insert(name.into(), number);
        self.uses.push(0);
        let id = crate::id::PersonId::new(name).ok();
        let post = id.and_then(|id| self.register.person(&id)).map_or("", |person| person.post.as_str());
        self.posts.push(post.into());
        number
    }

    /// Adds a day of the unit, once.
    pub fn add_day(&mut self, day: Date, amount: DayAmount) {
        if self.scope.holds(day) {
            self.days.insert(day, amount);
        }
    }

    /// Adds refusals of the unit for a reason, once for each reason.
    pub fn add_reason(&mut self, reason: &str, amount: ReasonAmount) {
        self.reasons.insert(reason.to_owned(), amount);
    }

    /// Adds findings of the unit by a rule.
    pub fn add_findings(&mut self, rule: &str, amount: FindingAmount) {
        self.findings.entry(rule.to_owned()).or_default().add(amount);
    }

    /// The figures; groups of fewer than `fewest` people are hidden, 0 hides nothing.
    pub fn finish(self, entries: u64, fewest: u64) -> UseReport {
        // The register counts a department with all below it.
        let staff = match &self.scope.unit {
            None => self.register.active_people(),
            Some(unit) => self.register.people_by_department().get(unit).copied().unwrap_or(0),
        } as u64;
        let whole = self.whole.amount();
        let everyone = whole.people.max(whole.refused_people);
        let [app, model, service, purpose, department, post, grade] = self.by.map(|heaps| groups(&heaps, fewest));
        let shown = everyone == 0 || everyone >= fewest;
        // In the order of the models, and hidden where their tokens are.
        let costs = model.iter().filter_map(|group| {
            let (micro_yen, unpriced) = *self.costs.get(&*group.name)?;
            let told = group.amount.is_some();
            Some(Cost {
                model: group.name.clone(),
                micro_yen: told.then_some(micro_yen),
                unpriced_tokens: told.then_some(unpriced),
            })
        });
        let costs = costs.collect();
        let budgets = self.budgets.finish(self.register, &self.scope, (fewest, shown), (&department, &purpose));
        let active = self.uses.iter().filter(|uses| **uses > 0).count() as u64;
        let surveys = voices::surveys(self.register, &self.scope);
        let stories = voices::stories(self.register, &self.scope, self.unit.as_ref());
        UseReport {
            format: FORMAT.to_owned(),
            scope: self.scope,
            entries,
            fewest,
            staff,
            whole: Some(whole).filter(|_| shown),
            by: Groups { app, model, service, purpose, department, post, grade },
            distribution: distribution(&self.uses, staff.saturating_sub(active), fewest),
            refusals: refusals(self.reasons, fewest),
            findings: findings(self.findings, fewest, shown),
            days: days(self.days, fewest),
            costs,
            budgets,
            surveys,
            stories,
        }
    }
}

fn groups(heaps: &HashMap<Box<str>, Heap>, fewest: u64) -> Vec<Group> {
    let mut all: Vec<(&str, Amount)> = heaps.iter().map(|(name, heap)| (&**name, heap.amount())).collect();
    all.sort_by(|(a, one), (b, other)| (other.uses + other.refused, a).cmp(&(one.uses + one.refused, b)));
    let people: Vec<u64> = all.iter().map(|(_, amount)| amount.people.max(amount.refused_people)).collect();
    let hidden = hidden(&people, fewest);
    let group = |((name, amount), hidden): ((&str, Amount), bool)| Group {
        name: name.to_owned(),
        amount: (!hidden).then_some(amount),
    };
    let mut groups: Vec<Group> = all.into_iter().zip(hidden).map(group).collect();
    // What is hidden must not show in the order.
    groups.sort_by(|one, other| match (&one.amount, &other.amount) {
        (None, None) => one.name.cmp(&other.name),
        (one, other) => one.is_none().cmp(&other.is_none()),
    });
    groups
}

fn distribution(uses: &[u64], never: u64, fewest: u64) -> Vec<Step> {
    let of = |(from, to): (u64, Option<u64>)| {
        let within = |n: &&u64| **n >= from && to.is_none_or(|to| **n <= to);
        if from == 0 { never } else { uses.iter().filter(within).count() as u64 }
    };
    let people: Vec<u64> = STEPS.into_iter().map(of).collect();
    let hidden = hidden(&people, fewest);
    let step = |(((from, to), people), hidden)| Step { from, to, people: if hidden { None } else { Some(people) } };
    STEPS.into_iter().zip(people).zip(hidden).map(step).collect()
}

fn refusals(reasons: BTreeMap<String, ReasonAmount>, fewest: u64) -> Vec<Refusals> {
    let mut all: Vec<Refusals> = reasons
        .into_iter()
        .map(|(reason, amount)| Refusals { reason, amount: Some(amount).filter(|a| a.people >= fewest) })
        .collect();
    let times = |one: &Refusals| one.amount.map_or(0, |amount| amount.refused);
    all.sort_by(|one, other| (times(other), &one.reason).cmp(&(times(one), &other.reason)));
    all
}

fn findings(findings: BTreeMap<String, FindingAmount>, fewest: u64, shown: bool) -> Vec<Findings> {
    let few = |n: u64| n > 0 && n < fewest;
    let of = |(rule, amount): (String, FindingAmount)| Findings {
        rule,
        amount: Some(amount).filter(|amount| shown && !few(amount.requests) && !few(amount.answers)),
    };
    findings.into_iter().map(of).collect()
}

fn days(days: BTreeMap<Date, DayAmount>, fewest: u64) -> Vec<DayFigures> {
    let shown = |amount: DayAmount| Some(amount).filter(|amount| amount.people >= fewest);
    days.into_iter().map(|(day, amount)| DayFigures { day, amount: shown(amount) }).collect()
}
