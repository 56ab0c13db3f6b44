//! Counting from the entries themselves, as a verifier does who holds nothing but the ledger.

use super::count::{Count, DayAmount, FindingAmount, Kind, ReasonAmount, Sums};
use super::{Scope, UseReport};
use crate::budget::Tally;
use crate::day::in_japan;
use crate::entry::Entry;
use crate::id::{PermitId, PersonId, ServiceId};
use crate::register::Register;
use crate::replay;
use crate::usage::{FindingCount, Finish};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A kind of use with names of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Owned {
    person: PersonId,
    department: String,
    service: Option<ServiceId>,
    permit: Option<PermitId>,
    app: String,
    model: String,
    grade: u8,
}

impl Owned {
    fn spent(&self, day: Date) -> Spent {
        let (service, permit) = (self.service.clone(), self.permit.clone());
        (day, service, self.model.clone(), self.department.clone(), permit)
    }

    fn kind(&self) -> Kind<'_> {
        Kind {
            person: self.person.as_str(),
            department: &self.department,
            service: self.service.as_ref().map_or("", ServiceId::as_str),
            permit: self.permit.as_ref().map_or("", PermitId::as_str),
            app: &self.app,
            model: &self.model,
            grade: self.grade,
        }
    }
}

/// Day, service, model, department and permit.
type Spent = (Date, Option<ServiceId>, String, String, Option<PermitId>);

#[derive(Debug, Default)]
struct Day {
    people: HashSet<PersonId>,
    uses: u64,
    refused: u64,
}

/// A count from entries. Keeps sums by kind of use, and the uses that are open: not the entries.
#[derive(Debug)]
pub struct Recount {
    scope: Scope,
    /// Entries from this index on are not counted.
    entries: u64,
    sums: HashMap<Owned, Sums>,
    /// With the day, by whose price its tokens are counted.
    open: HashMap<u64, (Owned, Date)>,
    /// What cost and budgets are counted from: uses, tokens in and tokens out.
    spent: BTreeMap<Spent, (u64, u64, u64)>,
    /// By department: which of them the unit holds is known at the end.
    days: BTreeMap<(Date, String), Day>,
    reasons: BTreeMap<(String, String), (u64, HashSet<PersonId>)>,
    findings: BTreeMap<(String, String), FindingAmount>,
}

impl Recount {
    /// A count of the entries before an index.
    pub fn new(scope: Scope, entries: u64) -> Self {
        Self {
            scope,
            entries,
            sums: HashMap::new(),
            open: HashMap::new(),
            spent: BTreeMap::new(),
            days: BTreeMap::new(),
            reasons: BTreeMap::new(),
            findings: BTreeMap::new(),
        }
    }

    /// Adds the entry of an index; `register` is that of the governance entries before it.
    pub fn add(&mut self, register: &Register, index: u64, entry: &Entry) {
        if index >= self.entries {
            return;
        }
        match entry {
            Entry::UseOpened(entry) => {
                let data = &entry.data;
                let day = in_japan(data.request.at);
                if !self.scope.holds(day) {
                    return;
                }
                let kind = Owned {
                    person: data.request.person.clone(),
                    department: replay::consider(register, &data.request).facts.department.clone(),
                    service: data.service.clone(),
                    permit: data.permit.clone(),
                    app: data.request.app.clone(),
                    model: data.request.model.clone(),
                    grade: data.grade.0,
                };
                self.found(&kind.department, &data.findings, true);
                let of_day = self.days.entry((day, kind.department.clone())).or_default();
                of_day.people.insert(kind.person.clone());
                of_day.uses += 1;
                self.spent.entry(kind.spent(day)).or_default().0 += 1;
                self.sums.entry(kind.clone()).or_default().add(Sums { uses: 1, ..Sums::default() });
                self.open.insert(index, (kind, day));
            }
            Entry::UseClosed(entry) => {
                let data = &entry.data;
                let Some((kind, day)) = self.open.remove(&data.opened) else { return };
                let of = self.spent.entry(kind.spent(day)).or_default();
                of.1 += data.input_tokens;
                of.2 += data.output_tokens;
                self.found(&kind.department, &data.findings, false);
                self.sums.entry(kind).or_default().add(Sums {
                    failed: u64::from(data.finish != Finish::Completed),
                    input_tokens: data.input_tokens,
                    output_tokens: data.output_tokens,
                    ..Sums::default()
                });
            }
            Entry::UseAborted(entry) => {
                let Some((kind, _)) = self.open.remove(&entry.data.opened) else { return };
                self.sums.entry(kind).or_default().add(Sums { failed: 1, ..Sums::default() });
            }
            Entry::UseRefused(entry) => {
                let data = &entry.data;
                let at = data.request.as_ref().map_or(entry.at, |request| request.at);
                let day = in_japan(at);
                if !self.scope.holds(day) {
                    return;
                }
                let considered = data.request.as_ref().map(|request| replay::consider(register, request));
                let kind = Owned {
                    person: data.person.clone(),
                    department: considered.as_ref().map(|seen| seen.facts.department.clone()).unwrap_or_default(),
                    service: data.service.clone(),
                    permit: considered.and_then(|seen| seen.permit),
                    app: data.request.as_ref().map(|request| request.app.clone()).unwrap_or_default(),
                    model: data.request.as_ref().map(|request| request.model.clone()).unwrap_or_default(),
                    grade: data.grade.0,
                };
                self.found(&kind.department, &data.findings, true);
                let of_day = self.days.entry((day, kind.department.clone())).or_default();
                of_day.people.insert(kind.person.clone());
                of_day.refused += 1;
                let reasons = data.decision.as_ref().map(|decision| decision.reasons.clone()).unwrap_or_default();
                let reasons = if reasons.is_empty() { vec![data.code.clone()] } else { reasons };
                for reason in reasons.into_iter().collect::<HashSet<_>>() {
                    let of = self.reasons.entry((reason, kind.department.clone())).or_default();
                    of.0 += 1;
                    of.1.insert(kind.person.clone());
                }
                self.sums.entry(kind).or_default().add(Sums { refused: 1, ..Sums::default() });
            }
            Entry::Governance(_) => {}
        }
    }

    fn found(&mut self, department: &str, findings: &[FindingCount], request: bool) {
        let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
        for finding in findings {
            *rules.entry(&finding.rule).or_default() += u64::from(finding.count);
        }
        for (rule, hits) in rules {
            let of = self.findings.entry((rule.to_owned(), department.to_owned())).or_default();
            of.add(if request {
                FindingAmount { requests: 1, request_hits: hits, ..FindingAmount::default() }
            } else {
                FindingAmount { answers: 1, answer_hits: hits, ..FindingAmount::default() }
            });
        }
    }

    /// The figures; `register` is that of all entries before the index.
    pub fn finish(self, register: &Register, fewest: u64) -> UseReport {
        let mut count = Count::new(register, self.scope);
        for (kind, sums) in &self.sums {
            count.add(&kind.kind(), *sums);
        }
        for ((day, service, model, department, permit), (uses, input, output)) in self.spent {
            let service = service.map(|service| service.to_string()).unwrap_or_default();
            count.add_cost(&department, (&service, &model), day, (input, output));
            let tally = Tally { day, service, model, uses, input_tokens: input, output_tokens: output };
            count.spend(&department, permit.as_ref().map_or("", PermitId::as_str), &tally);
        }
        let mut days: BTreeMap<Date, Day> = BTreeMap::new();
        for ((day, department), more) in self.days {
            if count.holds(&department) {
                let of_day = days.entry(day).or_default();
                of_day.people.extend(more.people);
                of_day.uses += more.uses;
                of_day.refused += more.refused;
            }
        }
        for (day, of) in days {
            count.add_day(day, DayAmount { people: of.people.len() as u64, uses: of.uses, refused: of.refused });
        }
        let mut reasons: BTreeMap<String, (u64, HashSet<PersonId>)> = BTreeMap::new();
        for ((reason, department), (refused, people)) in self.reasons {
            if count.holds(&department) {
                let of = reasons.entry(reason).or_default();
                of.0 += refused;
                of.1.extend(people);
            }
        }
        for (reason, (refused, people)) in reasons {
            count.add_reason(&reason, ReasonAmount { refused, people: people.len() as u64 });
        }
        for ((rule, department), amount) in self.findings {
            if count.holds(&department) {
                count.add_findings(&rule, amount);
            }
        }
        count.finish(self.entries, fewest)
    }
}
