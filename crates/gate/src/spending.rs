//! Budgets in the gate: what was spent, counted so that deciding costs no query.
//!
//! A counter is loaded from the store once and then moves with every use of this node. Several nodes on one database learn
//! of one another's uses when a counter is read again, [`RENEWAL`] later at most (or twenty times what the reading costs).
//! A reading says how many entries it saw, so that what this node added meanwhile is neither lost nor counted twice.
//!
//! A use counts as one from the moment it is decided; tokens and yen are known only when it ends. So a limit in uses is
//! exact on one node, and one in tokens or yen may be passed by what was under way when it was reached.

use jiff::civil::Date;
use sekisho_domain::budget::{Budget, Force, Spent, Tally, Unit, Whom, amount};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::Decision;
use sekisho_domain::id::PersonId;
use sekisho_domain::register::Register;
use sekisho_domain::replay::{self, Considered};
use sekisho_domain::usage::UseRequest;
use sekisho_store::{ReadError, Spender, Store, UseRow};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::task::TaskTracker;

/// How long a counter is good for before the store is asked again.
const RENEWAL: Duration = Duration::from_secs(2);
/// How many times its cost a reading is good for.
const WORTH: u32 = 20;
/// From so many counters on, those that nobody asked about lately are forgotten.
const MANY: usize = 10_000;
const LATELY: Duration = Duration::from_secs(600);

/// What a counter counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    whom: Whom,
    unit: Unit,
    begin: Date,
    /// Of the price list; sums of yen by another are no use.
    edition: u64,
}

#[derive(Default)]
struct Counter {
    /// Sum of the days before this one, to which nothing is added any more.
    settled: Option<(Date, u64)>,
    /// Whose uses are in that sum: a department's change with the tree.
    of: Option<Spender>,
    /// Sum of the days since, as read.
    recent: u64,
    /// Entries the reading saw.
    entries: u64,
    read: Option<(Instant, Duration)>,
    /// What this node did and the reading did not see, or may not have seen.
    unseen: Vec<Unseen>,
}

struct Unseen {
    ticket: u64,
    /// Index of the entry, once it is durable.
    index: Option<u64>,
    amount: u64,
}

impl Counter {
    fn amount(&self) -> u64 {
        let unseen = self.unseen.iter().map(|one| one.amount);
        let settled = self.settled.map_or(0, |(_, amount)| amount);
        unseen.fold(settled.saturating_add(self.recent), u64::saturating_add)
    }

    fn is_fresh(&self) -> bool {
        self.read.is_some_and(|(at, cost)| at.elapsed() < RENEWAL.max(cost * WORTH))
    }

    /// An entry became durable: from now on a reading that saw it counts it.
    fn durable(&mut self, ticket: u64, index: u64) {
        if let Some(one) = self.unseen.iter_mut().find(|one| one.ticket == ticket) {
            one.index = Some(index);
        }
        self.drop_seen();
    }

    fn drop_seen(&mut self) {
        let entries = self.entries;
        self.unseen.retain(|one| one.index.is_none_or(|index| index >= entries));
    }
}

#[derive(Default)]
struct Counters {
    all: HashMap<Key, Counter>,
    tickets: u64,
}

/// All counters of this node.
#[derive(Default)]
pub(crate) struct Spending {
    counters: Mutex<Counters>,
    /// One reads at a time, and who waits finds what was read.
    reading: tokio::sync::Mutex<()>,
}

/// How a budget stands for someone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The budget.
    pub budget: Budget,
    /// What was spent in this period; yen in millionths.
    pub amount: u64,
}

impl Standing {
    /// `soumu-month=812/1000`, in whole units.
    pub fn in_short(&self) -> String {
        format!("{}={}/{}", self.budget.budget, self.budget.in_unit(self.amount), self.budget.limit)
    }
}

/// A use that is counted: once it is durable it stays so, and if it never becomes durable it is taken back.
pub(crate) struct Counted {
    spending: Arc<Spending>,
    keys: Vec<Key>,
    ticket: u64,
    durable: bool,
    /// What the caller is told: budgets that run out.
    pub(crate) told: Vec<Standing>,
}

impl Spending {
    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides a request with what was spent of the budgets that bind it, and counts it if it is let through: both at
    /// once, so that of two requests for the last use of a budget one is refused.
    pub(crate) async fn decide(
        self: &Arc<Self>,
        (store, tasks): (&Store, &TaskTracker),
        register: &Register,
        mut request: UseRequest,
    ) -> Result<(UseRequest, Considered, Decision, Option<Counted>), ReadError> {
        if register.budgets().is_empty() {
            let (considered, decision) = replay::decide(register, &request);
            return Ok((request, considered, decision, None));
        }
        let considered = replay::consider(register, &request);
        let today = in_japan(request.at);
        let bound: Vec<(Key, &Budget)> = replay::budgets(register, &considered, &request)
            .into_iter()
            .map(|budget| (key(register, budget, &request.person, today), budget))
            .collect();
        // Budgets over the same uses, such as one that tells and one that stops, share a counter.
        let keys: BTreeSet<Key> = bound.iter().map(|(key, _)| key.clone()).collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        self.renew((store, tasks), register, &keys, today).await?;

        let mut counters = self.counters();
        let spent = |(key, budget): &(Key, &Budget)| Spent {
            amount: counters.all.get(key).map_or(0, Counter::amount),
            budget: budget.budget.clone(),
        };
        request.spent = bound.iter().map(spent).collect();
        let (considered, decision) = replay::decide(register, &request);
        if !decision.is_allowed() {
            return Ok((request, considered, decision, None));
        }
        counters.tickets += 1;
        let ticket = counters.tickets;
        for key in keys.iter().filter(|key| key.unit == Unit::Uses) {
            if let Some(counter) = counters.all.get_mut(key) {
                counter.unseen.push(Unseen { ticket, index: None, amount: 1 });
            }
        }
        let standing = |(key, budget): &(Key, &Budget)| Standing {
            amount: counters.all.get(key).map_or(0, Counter::amount),
            budget: (*budget).clone(),
        };
        let told = bound.iter().map(standing).filter(|one| one.budget.is_told_at(one.amount)).collect();
        let counted = Counted { spending: self.clone(), keys, ticket, durable: false, told };
        Ok((request, considered, decision, Some(counted)))
    }

    /// How budgets stand: each for the person it is asked about, or for all it binds. One that binds each person alone
    /// has no standing of its own.
    pub(crate) async fn standings(
        &self,
        (store, tasks): (&Store, &TaskTracker),
        register: &Register,
        asked: Vec<(Budget, Option<PersonId>)>,
        today: Date,
    ) -> Result<Vec<Standing>, ReadError> {
        let of = |(budget, person): (Budget, Option<PersonId>)| match (&budget.whom, person) {
            (Whom::Everyone, None) => None,
            (_, Some(person)) => Some((key(register, &budget, &person, today), budget)),
            (whom, None) => Some((key_of(register, &budget, whom.clone(), today), budget)),
        };
        let asked: Vec<(Key, Budget)> = asked.into_iter().filter_map(of).collect();
        let keys: Vec<Key> = asked.iter().map(|(key, _)| key.clone()).collect();
        self.renew((store, tasks), register, &keys, today).await?;
        let counters = self.counters();
        let standing = |(key, budget)| Standing { amount: counters.all.get(&key).map_or(0, Counter::amount), budget };
        Ok(asked.into_iter().map(standing).collect())
    }

    async fn renew(
        &self,
        (store, tasks): (&Store, &TaskTracker),
        register: &Register,
        keys: &[Key],
        today: Date,
    ) -> Result<(), ReadError> {
        let fresh = |key: &Key| self.counters().all.get(key).is_some_and(Counter::is_fresh);
        if keys.iter().all(fresh) {
            return Ok(());
        }
        let _turn = self.reading.lock().await;
        for key in keys.iter().filter(|key| !fresh(key)) {
            self.read((store, tasks), register, key, today).await?;
        }
        Ok(())
    }

    async fn read(
        &self,
        (store, tasks): (&Store, &TaskTracker),
        register: &Register,
        key: &Key,
        today: Date,
    ) -> Result<(), ReadError> {
        let begun = Instant::now();
        let of = match &key.whom {
            Whom::Permit(permit) => Spender::Permit(permit.clone()),
            Whom::Department(department) => Spender::Departments(register.with_those_below(department)),
            Whom::Person(person) => Spender::Person(person.clone()),
            // Never asked for: each person has a counter of their own.
            Whom::Everyone => return Ok(()),
        };
        let prices = register.prices();
        // A use that began yesterday may end today and then counts where it began; what is older has ended.
        let unsettled = today.yesterday().unwrap_or(today).max(key.begin);
        let known = self.counters().all.get(key).filter(|known| known.of.as_ref() == Some(&of)).and_then(|c| c.settled);
        let (first, sum) = known.filter(|(day, _)| *day <= unsettled).unwrap_or((key.begin, 0));
        let mut settled = (unsettled, sum);
        if first < unsettled {
            let before = unsettled.yesterday().unwrap_or(unsettled);
            let more = amount(&settled_days(store, tasks, &of, (first, before)).await?, key.unit, prices);
            settled.1 = sum.saturating_add(more);
        }
        let (tallies, entries) = store.tallies(&of, unsettled, today).await?;
        let recent = amount(&tallies, key.unit, prices);
        let mut counters = self.counters();
        if counters.all.len() >= MANY {
            let lately = |counter: &Counter| counter.read.is_some_and(|(at, _)| at.elapsed() < LATELY);
            counters.all.retain(|_, counter| lately(counter) || !counter.unseen.is_empty());
        }
        let counter = counters.all.entry(key.clone()).or_default();
        (counter.settled, counter.of) = (Some(settled), Some(of));
        (counter.recent, counter.entries) = (recent, entries);
        counter.read = Some((Instant::now(), begun.elapsed()));
        counter.drop_seen();
        Ok(())
    }
}

/// Many days of many people take their time: aside, so that no other request waits for a thread.
async fn settled_days(
    store: &Store,
    tasks: &TaskTracker,
    of: &Spender,
    (from, to): (Date, Date),
) -> Result<Vec<Tally>, ReadError> {
    let (store, of, runtime) = (store.clone(), of.clone(), tokio::runtime::Handle::current());
    let work = move || runtime.block_on(store.tallies(&of, from, to));
    let counted = tasks.spawn_blocking(work).await;
    Ok(counted.map_err(|e| ReadError::Corrupt(format!("the count broke off: {e}")))??.0)
}

/// Everybody's budget is each person's own.
fn key(register: &Register, budget: &Budget, person: &PersonId, today: Date) -> Key {
    let whom = match &budget.whom {
        Whom::Everyone => Whom::Person(person.clone()),
        whom => whom.clone(),
    };
    key_of(register, budget, whom, today)
}

fn key_of(register: &Register, budget: &Budget, whom: Whom, today: Date) -> Key {
    let edition = if budget.unit == Unit::Yen { register.prices().edition() } else { 0 };
    Key { whom, unit: budget.unit, begin: budget.period.begin(today), edition }
}

impl Counted {
    /// The opening is durable, at this index.
    pub(crate) fn opened(&mut self, index: u64) {
        self.durable = true;
        let mut counters = self.spending.counters();
        for key in &self.keys {
            if let Some(counter) = counters.all.get_mut(key) {
                counter.durable(self.ticket, index);
            }
        }
    }

    /// The use has ended, by the entry at this index, with so many tokens.
    pub(crate) fn closed(&self, register: &Register, index: u64, row: &UseRow, tokens: (u64, u64)) {
        let tally = Tally {
            day: in_japan(row.at),
            service: row.service.as_ref().map(ToString::to_string).unwrap_or_default(),
            model: row.model.clone(),
            uses: 0,
            input_tokens: tokens.0,
            output_tokens: tokens.1,
        };
        let mut counters = self.spending.counters();
        for key in self.keys.iter().filter(|key| key.unit != Unit::Uses) {
            if let Some(counter) = counters.all.get_mut(key) {
                let amount = tally.amount(key.unit, register.prices());
                counter.unseen.push(Unseen { ticket: self.ticket, index: Some(index), amount });
                counter.drop_seen();
            }
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.durable {
            return;
        }
        let mut counters = self.spending.counters();
        for key in &self.keys {
            if let Some(counter) = counters.all.get_mut(key) {
                counter.unseen.retain(|one| one.ticket != self.ticket);
            }
        }
    }
}

/// Budgets that stop are named before those that only tell.
pub(crate) fn in_order(mut standings: Vec<Standing>) -> Vec<Standing> {
    standings.sort_by_key(|one| (one.budget.force == Force::Soft, one.budget.budget.clone()));
    standings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unseen(ticket: u64, index: Option<u64>, amount: u64) -> Unseen {
        Unseen { ticket, index, amount }
    }

    /// A reading that saw so many entries and found this sum.
    fn read(counter: &mut Counter, entries: u64, recent: u64) {
        (counter.recent, counter.entries) = (recent, entries);
        counter.read = Some((Instant::now(), Duration::ZERO));
        counter.drop_seen();
    }

    #[test]
    fn what_a_reading_saw_is_not_counted_twice_and_what_it_did_not_see_is_not_lost() {
        let mut counter = Counter::default();
        counter.unseen.extend([unseen(1, Some(4), 1), unseen(2, Some(5), 1), unseen(3, None, 1)]);
        assert_eq!(counter.amount(), 3);
        // It saw the entries 0 to 4: the first is in its sum, the others are not.
        read(&mut counter, 5, 1);
        assert_eq!((counter.amount(), counter.unseen.len()), (3, 2));
        counter.durable(3, 6);
        assert_eq!(counter.amount(), 3);
        read(&mut counter, 7, 3);
        assert_eq!((counter.amount(), counter.unseen.len()), (3, 0));
    }

    #[test]
    fn an_opening_that_a_reading_saw_before_its_node_heard_of_it_counts_once() {
        let mut counter = Counter::default();
        counter.unseen.push(unseen(1, None, 1));
        read(&mut counter, 9, 1);
        assert_eq!(counter.amount(), 2, "for a moment it may be in the sum or not: rather too much than too little");
        counter.durable(1, 8);
        assert_eq!(counter.amount(), 1);
    }

    #[test]
    fn settled_days_and_recent_ones_add_up() {
        let settled = Some(("2026-11-29".parse().unwrap(), 40));
        let counter = Counter { settled, recent: 2, unseen: vec![unseen(1, None, 1)], ..Counter::default() };
        assert_eq!(counter.amount(), 43);
        assert!(!counter.is_fresh(), "it was never read");
    }
}
