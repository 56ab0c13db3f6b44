//! The figures of a use report, held against a plain count of the same uses.

use crate::town::{CLOUD, Town, day, id, request, sha};
use jiff::civil::Date;
use proptest::prelude::*;
use sekisho_domain::budget::{Force, Period, Tally, Unit, Whom};
use sekisho_domain::command::{Command, SetBudget, SetPrice};
use sekisho_domain::decision::Outcome;
use sekisho_domain::entry::Entry;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{OrganizationId, PermitId};
use sekisho_domain::usage::{
    Aborted, Closed, DecisionRecord, FindingCount, Finish, Opened, Refused, UseAborted, UseClosed, UseOpened,
    UseRefused,
};
use sekisho_domain::use_report::small_groups::FEWEST;
use sekisho_domain::use_report::{BadScope, BudgetFigures, Group, Kind, Recount, Scope, Sums, UseReport};
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: [(&str, &str, &str); 4] = [
    ("staff", "jinji", "kakaricho"),
    ("colleague", "soumu", ""),
    ("outsider", "keizai", "kacho"),
    ("caio", "kanbo", ""),
];
const MODELS: [&str; 2] = ["kakuu-chat", "model-b"];
const REASONS: [&str; 2] = ["GRADE_ABOVE_CEILING 統一基準R3 4.2.1", "NO_APPROVAL 統一基準R3 4.2.2(2)(b)"];

/// What becomes of a use.
#[derive(Debug, Clone, Copy)]
enum End {
    Refused(usize),
    Open,
    Aborted,
    Closed(Finish, u64),
}

#[derive(Debug, Clone)]
struct One {
    who: usize,
    /// Days after 2026-06-01.
    day: i64,
    model: usize,
    app: bool,
    permit: bool,
    hits: u32,
    answer_hits: u32,
    end: End,
}

impl One {
    fn day(&self) -> Date {
        day("2026-06-01").checked_add(jiff::Span::new().days(self.day)).unwrap()
    }

    fn refused(&self) -> bool {
        matches!(self.end, End::Refused(_))
    }

    fn tokens(&self) -> u64 {
        if let End::Closed(_, tokens) = self.end { tokens } else { 0 }
    }

    fn failed(&self) -> bool {
        match self.end {
            End::Aborted => true,
            End::Closed(finish, _) => finish != Finish::Completed,
            End::Refused(_) | End::Open => false,
        }
    }
}

fn ones() -> impl Strategy<Value = Vec<One>> {
    let end = prop_oneof![
        (0..2_usize).prop_map(End::Refused),
        Just(End::Open),
        Just(End::Aborted),
        (prop::sample::select(vec![Finish::Completed, Finish::Cut, Finish::UpstreamError]), 0..900_u64)
            .prop_map(|(finish, tokens)| End::Closed(finish, tokens)),
    ];
    let one = (0..4_usize, 0..40_i64, 0..2_usize, any::<[bool; 2]>(), 0..3_u32, 0..3_u32, end).prop_map(
        |(who, day, model, [app, permit], hits, answer_hits, end)| One {
            who,
            day,
            model,
            app,
            permit,
            hits,
            answer_hits,
            end,
        },
    );
    prop::collection::vec(one, 0..60)
}

fn found(count: u32) -> Vec<FindingCount> {
    (count > 0).then(|| FindingCount { count, rule: "ID-PHONE".into() }).into_iter().collect()
}

/// The entries of the uses, from an index on: all openings, then all endings, as under load.
fn entries(ones: &[One], permit: &PermitId, first: u64) -> Vec<Entry> {
    let org: OrganizationId = id("kakuu");
    let mut entries = Vec::new();
    let mut open = Vec::new();
    for (number, one) in ones.iter().enumerate() {
        let at = format!("{}T12:00:00+09:00", one.day()).parse().unwrap();
        let mut asked = request(at, PEOPLE[one.who].0, MODELS[one.model], 1);
        asked.app = if one.app { "summary".into() } else { String::new() };
        let use_id = id(&format!("use-{number}"));
        let decision =
            |outcome, reasons: Vec<String>| DecisionRecord { outcome, reasons, register: 0, rules: sha('r') };
        if let End::Refused(reason) = one.end {
            let data = Refused {
                bytes: 1,
                code: "CODE".into(),
                commitment: String::new(),
                decision: Some(decision(Outcome::Deny, vec![REASONS[reason].into()])),
                findings: found(one.hits),
                grade: Grade(1),
                node: "n".into(),
                person: asked.person.clone(),
                redacted: false,
                request: Some(asked),
                service: Some(id(CLOUD)),
                id: use_id,
            };
            entries.push(Entry::UseRefused(Box::new(UseRefused::new(at, org.clone(), data))));
            continue;
        }
        let data = Opened {
            bytes: 1,
            commitment: sha('c'),
            decision: decision(Outcome::Allow, Vec::new()),
            findings: found(one.hits),
            grade: Grade(1),
            node: "n".into(),
            permit: one.permit.then(|| permit.clone()),
            redacted: false,
            request: asked,
            service: Some(id(CLOUD)),
            id: use_id,
        };
        open.push((first + entries.len() as u64, one, at));
        entries.push(Entry::UseOpened(Box::new(UseOpened::new(at, org.clone(), data))));
    }
    for (opened, one, at) in open {
        let use_id = id(&format!("end-{opened}"));
        match one.end {
            End::Closed(finish, tokens) => {
                let data = Closed {
                    bytes: 1,
                    commitment: sha('c'),
                    detected: Grade(0),
                    error: String::new(),
                    findings: found(one.answer_hits),
                    finish,
                    hung_up: false,
                    input_tokens: tokens,
                    opened,
                    output_tokens: 2 * tokens,
                    redacted: false,
                    status: 200,
                    id: use_id,
                };
                entries.push(Entry::UseClosed(Box::new(UseClosed::new(at, org.clone(), data))));
            }
            End::Aborted => {
                let data = Aborted { opened, id: use_id };
                entries.push(Entry::UseAborted(Box::new(UseAborted::new(at, org.clone(), data))));
            }
            End::Open | End::Refused(_) => {}
        }
    }
    entries
}

fn report(town: &Town, entries: &[Entry], scope: Scope, fewest: u64) -> UseReport {
    let first = town.entries.len() as u64;
    let size = first + entries.len() as u64;
    let mut recount = Recount::new(scope, size);
    for (index, entry) in (first..).zip(entries) {
        recount.add(&town.register, index, entry);
    }
    recount.finish(&town.register, fewest)
}

fn scope(unit: Option<&str>) -> Scope {
    Scope::new(day("2026-06-05"), day("2026-06-30"), unit.map(id)).unwrap()
}

/// Uses and people of each group, as a plain loop counts them.
fn plainly(ones: &[&One], name: impl Fn(&One) -> String) -> BTreeMap<String, (u64, u64, u64, u64, u64)> {
    let mut groups: BTreeMap<String, Vec<&One>> = BTreeMap::new();
    for one in ones {
        groups.entry(name(one)).or_default().push(one);
    }
    let counted = |ones: Vec<&One>| {
        let users: BTreeSet<usize> = ones.iter().filter(|one| !one.refused()).map(|one| one.who).collect();
        let uses = ones.iter().filter(|one| !one.refused()).count() as u64;
        let failed = ones.iter().filter(|one| one.failed()).count() as u64;
        let refused = ones.iter().filter(|one| one.refused()).count() as u64;
        (users.len() as u64, uses, failed, refused, ones.iter().map(|one| one.tokens()).sum())
    };
    groups.into_iter().map(|(name, ones)| (name, counted(ones))).collect()
}

fn shown(groups: &[Group]) -> BTreeMap<String, (u64, u64, u64, u64, u64)> {
    let of = |group: &Group| {
        let a = group.amount.unwrap();
        assert_eq!(a.output_tokens, 2 * a.input_tokens);
        (group.name.clone(), (a.people, a.uses, a.failed, a.refused, a.input_tokens))
    };
    groups.iter().map(of).collect()
}

proptest! {
    /// Given any uses of a month, when they are counted for the body or a unit, then every figure is that of a plain loop
    /// over them.
    #[test]
    fn every_figure_is_that_of_a_plain_count(all in ones(), soumu in any::<bool>()) {
        let (town, permit) = Town::permitted();
        let entries = entries(&all, &permit, town.entries.len() as u64);
        let report = report(&town, &entries, scope(soumu.then_some("soumu")), 0);
        let inside = |one: &&One| {
            (4..30).contains(&one.day) && (!soumu || ["jinji", "soumu"].contains(&PEOPLE[one.who].1))
        };
        let ones: Vec<&One> = all.iter().filter(inside).collect();
        let purpose = town.register.permit(&permit).unwrap().draft.purpose.clone();
        let refused_without = |one: &One| one.refused() || !one.permit;
        let app = |one: &One| if one.app { "summary".to_owned() } else { String::new() };
        prop_assert_eq!(shown(&report.by.app), plainly(&ones, app));
        prop_assert_eq!(shown(&report.by.model), plainly(&ones, |one| MODELS[one.model].to_owned()));
        prop_assert_eq!(shown(&report.by.department), plainly(&ones, |one| PEOPLE[one.who].1.to_owned()));
        prop_assert_eq!(shown(&report.by.post), plainly(&ones, |one| PEOPLE[one.who].2.to_owned()));
        // A refused request is looked up again, and whom a permit reaches the register knows.
        let granted: Vec<&One> = ones.iter().copied().filter(|one| !one.refused()).collect();
        let by_purpose = |one: &One| if refused_without(one) { String::new() } else { purpose.clone() };
        let uses = |groups: BTreeMap<String, (u64, u64, u64, u64, u64)>| -> BTreeMap<String, u64> {
            groups.into_iter().filter(|(_, group)| group.1 > 0).map(|(name, group)| (name, group.1)).collect()
        };
        prop_assert_eq!(uses(shown(&report.by.purpose)), uses(plainly(&granted, by_purpose)));
        let whole = plainly(&ones, |_| String::new()).remove("").unwrap_or_default();
        let a = report.whole.unwrap();
        prop_assert_eq!((a.people, a.uses, a.failed, a.refused, a.input_tokens), whole);
        let by_day: BTreeMap<String, (u64, u64)> =
            report.days.iter().map(|d| (d.day.to_string(), (d.amount.unwrap().uses, d.amount.unwrap().refused))).collect();
        let days = plainly(&ones, |one| one.day().to_string());
        prop_assert_eq!(by_day, days.into_iter().map(|(day, g)| (day, (g.1, g.3))).collect::<BTreeMap<_, _>>());
        for (reason, refusals) in REASONS.iter().enumerate().map(|(at, reason)| (reason, ones.iter().filter(move |one| matches!(one.end, End::Refused(r) if r == at)).count() as u64)) {
            let counted = report.refusals.iter().find(|r| r.reason == *reason).map_or(0, |r| r.amount.unwrap().refused);
            prop_assert_eq!(counted, refusals);
        }
        let hits: u64 = ones.iter().map(|one| u64::from(one.hits)).sum();
        let closed = |one: &&&One| matches!(one.end, End::Closed(..));
        let answer_hits: u64 = ones.iter().filter(closed).map(|one| u64::from(one.answer_hits)).sum();
        let findings = report.findings.first().and_then(|f| f.amount).unwrap_or_default();
        prop_assert_eq!((findings.request_hits, findings.answer_hits), (hits, answer_hits));
        let of_unit = |department: &str| !soumu || ["jinji", "soumu"].contains(&department);
        let active = |person: &&sekisho_domain::person::Person| person.active && of_unit(person.department.as_str());
        let staff = town.register.persons().filter(active).count() as u64;
        prop_assert_eq!(report.staff, staff);
        let mut per_person: BTreeMap<usize, u64> = BTreeMap::new();
        granted.iter().for_each(|one| *per_person.entry(one.who).or_default() += 1);
        let steps: Vec<u64> = report.distribution.iter().map(|step| step.people.unwrap()).collect();
        let within = |from: u64, to: u64| per_person.values().filter(|n| (from..=to).contains(*n)).count() as u64;
        let expected =
            vec![staff - per_person.len() as u64, within(1, 4), within(5, 19), within(20, 99), within(100, u64::MAX)];
        prop_assert_eq!(steps, expected);
    }

    /// Given a report with hidden groups, then no figure of fewer than five people stands in it, and what is hidden cannot
    /// be had by taking the others from the sum.
    #[test]
    fn a_report_for_all_shows_no_small_group(all in ones()) {
        let (town, permit) = Town::permitted();
        let entries = entries(&all, &permit, town.entries.len() as u64);
        let report = report(&town, &entries, scope(None), FEWEST);
        // Four people use it: nothing may be shown of anyone.
        prop_assert!(report.whole.is_none() || report.whole.unwrap().people == 0);
        let groups = [&report.by.app, &report.by.model, &report.by.department, &report.by.post, &report.by.grade];
        prop_assert!(groups.into_iter().flatten().all(|group| group.amount.is_none()));
        prop_assert!(report.findings.iter().all(|finding| finding.amount.is_none()));
        prop_assert!(report.days.iter().all(|day| day.amount.is_none()));
        prop_assert!(report.refusals.iter().all(|refusal| refusal.amount.is_none()));
    }
}

/// A town with two budgets of a department with one below it, one of a permit, one of a person, and a model whose price
/// changes in the middle of June.
fn with_budgets() -> (Town, PermitId) {
    let (mut town, permit) = Town::permitted();
    // No budget begins before it is set.
    town.on("2026-05-30");
    let soumu = || Whom::Department(id("soumu"));
    for (name, whom, unit, period, limit) in [
        ("of-days", soumu(), Unit::Uses, Period::Day, 2),
        ("of-months", soumu(), Unit::Tokens, Period::Month, 1_000),
        ("of-permit", Whom::Permit(permit.clone()), Unit::Yen, Period::FiscalYear, 1),
        ("of-person", Whom::Person(id("staff")), Unit::Uses, Period::Day, 1),
    ] {
        let set =
            SetBudget { budget: id(name), whom, unit, period, limit, force: Force::Soft, tell_at: 80, from: None };
        town.does("manager", Command::SetBudget(set));
    }
    for (input, output, from) in [(100, 200, None), (300, 400, Some(day("2026-06-15")))] {
        let price = SetPrice { service: id(CLOUD), model: id(MODELS[0]), input, output, from };
        town.does("manager", Command::SetPrice(price));
    }
    (town, permit)
}

fn of<'r>(report: &'r UseReport, budget: &str) -> &'r BudgetFigures {
    report.budgets.iter().find(|figures| figures.budget.as_str() == budget).unwrap()
}

proptest! {
    /// Given any uses of June, when a report from its fifth day on is made, then what it says of each budget is what a plain
    /// loop over the uses comes to, and nothing is said of a person's budget.
    #[test]
    fn what_was_used_of_a_budget_is_that_of_a_plain_count(all in ones()) {
        let (town, permit) = with_budgets();
        let entries = entries(&all, &permit, town.entries.len() as u64);
        let report = report(&town, &entries, scope(None), 0);
        let ones: Vec<&One> = all.iter().filter(|one| (4..30).contains(&one.day) && !one.refused()).collect();
        let soumu: Vec<&One> =
            ones.iter().copied().filter(|one| ["jinji", "soumu"].contains(&PEOPLE[one.who].1)).collect();
        let mut days = BTreeMap::new();
        soumu.iter().for_each(|one| *days.entry(one.day()).or_insert(0_u64) += 1);
        let of_days = of(&report, "of-days");
        prop_assert_eq!((of_days.periods, of_days.ceiling), (26, 52));
        prop_assert_eq!(of_days.amount, Some(soumu.len() as u64));
        prop_assert_eq!(of_days.used_up, Some(days.values().filter(|n| **n >= 2).count() as u64));
        let most = days.values().copied().max().unwrap_or(0);
        let first = days.iter().find(|(_, n)| **n == most).map_or(day("2026-06-05"), |(day, _)| *day);
        let fullest = of_days.fullest.as_ref().unwrap();
        prop_assert_eq!((fullest.begin, fullest.amount, fullest.ceiling), (first, most, 2));
        let tokens: u64 = soumu.iter().map(|one| 3 * one.tokens()).sum();
        let of_months = of(&report, "of-months");
        prop_assert_eq!((of_months.amount, of_months.periods), (Some(tokens), 1));
        prop_assert_eq!(of_months.used_up, Some(u64::from(tokens >= 1_000)));
        let priced = ones.iter().filter(|one| one.permit && one.model == 0);
        let yen: u64 = priced
            .map(|one| one.tokens() * if one.day < 14 { 100 + 2 * 200 } else { 300 + 2 * 400 })
            .sum();
        prop_assert_eq!(of(&report, "of-permit").amount, Some(yen));
        prop_assert_eq!(report.budgets.len(), 3);
    }

    /// Four people use it: of no budget may be told what was used of it.
    #[test]
    fn a_report_for_all_tells_of_no_budget_of_a_few(all in ones()) {
        let (town, permit) = with_budgets();
        let entries = entries(&all, &permit, town.entries.len() as u64);
        let report = report(&town, &entries, scope(None), FEWEST);
        let permits = of(&report, "of-permit");
        prop_assert!(permits.amount.is_none() || permits.amount == Some(0));
        let told = |figures: &&BudgetFigures| figures.amount.is_some_and(|n| n > 0) || figures.fullest.is_some();
        prop_assert_eq!(report.budgets.iter().filter(told).count(), 0);
    }
}

/// Given departments of six, six and two people, when small groups are hidden, then a budget of one that shows is told, and
/// none whose figure would tell what the small one used.
#[test]
fn what_is_hidden_of_departments_cannot_be_had_from_their_budgets() {
    let (mut town, permit) = with_budgets();
    let size = [("jinji", 6), ("keizai", 6), ("kanbo", 7), ("soumu", 2)];
    for (name, department) in [("all-of-soumu", "soumu"), ("jinji-alone", "jinji")] {
        let set = SetBudget {
            budget: id(name),
            whom: Whom::Department(id(department)),
            unit: Unit::Uses,
            period: Period::FiscalYear,
            limit: 9,
            force: Force::Soft,
            tell_at: 80,
            from: None,
        };
        town.does("manager", Command::SetBudget(set));
    }
    let first = town.entries.len() as u64;
    let mut count = sekisho_domain::use_report::Count::new(&town.register, scope(None));
    for (department, people) in size {
        for n in 0..people {
            let person = format!("{department}-{n}");
            let kind = Kind {
                person: &person,
                department,
                service: CLOUD,
                permit: permit.as_str(),
                app: "",
                model: MODELS[0],
                grade: 1,
            };
            count.add(&kind, Sums { uses: 1, ..Sums::default() });
        }
        let tally = Tally {
            day: day("2026-06-09"),
            service: CLOUD.into(),
            model: MODELS[0].into(),
            uses: people,
            input_tokens: 0,
            output_tokens: 0,
        };
        count.spend(department, permit.as_str(), &tally);
    }
    let report = count.finish(first, FEWEST);
    let hidden = report.by.department.iter().filter(|group| group.amount.is_none()).map(|group| &*group.name);
    let hidden: BTreeSet<&str> = hidden.collect();
    assert_eq!(hidden, BTreeSet::from(["jinji", "soumu"]), "the smallest of the others goes with the small one");
    assert_eq!(of(&report, "all-of-soumu").amount, Some(8), "both that are hidden: what is left of the sum anyhow");
    assert_eq!(of(&report, "jinji-alone").amount, None, "one of the two would tell the other");
    assert_eq!(of(&report, "of-permit").amount, Some(0), "twenty-one people, and no tokens");
    assert_eq!(of(&report, "all-of-soumu").fullest, None);
}

/// Given a report with one figure changed, when it is counted again, then that figure is named, and nothing else.
#[test]
fn a_figure_that_does_not_follow_is_named() {
    let (town, permit) = Town::permitted();
    let one = One {
        who: 0,
        day: 9,
        model: 0,
        app: true,
        permit: true,
        hits: 1,
        answer_hits: 0,
        end: End::Closed(Finish::Completed, 100),
    };
    let entries = entries(&[one.clone(), one], &permit, town.entries.len() as u64);
    let counted = report(&town, &entries, scope(None), 0);
    assert!(counted.differences(&counted).is_empty());
    let mut reported = counted.clone();
    reported.by.app[0].amount.as_mut().unwrap().uses = 3;
    let differences = reported.differences(&counted);
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(differences[0].place, "/by/app/0/amount/uses");
    assert_eq!((&differences[0].reported, &differences[0].counted), (&3.into(), &2.into()));
    let text = serde_json::to_string(&counted).unwrap();
    assert_eq!(serde_json::from_str::<UseReport>(&text).unwrap(), counted, "a report is read back as it was written");
}

#[test]
fn a_period_has_an_end_and_a_length() {
    assert_eq!(Scope::new(day("2026-06-02"), day("2026-06-01"), None), Err(BadScope::Backwards));
    assert_eq!(Scope::new(day("2000-01-01"), day("2026-06-01"), None), Err(BadScope::TooLong));
    assert!(Scope::new(day("2026-06-01"), day("2026-06-01"), None).is_ok());
}
