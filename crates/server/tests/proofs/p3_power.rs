//! P3: a power cut loses no acknowledged record.
//!
//! Every call of a real run that changes a file is recorded, and with it when each answer left for its client. From that a
//! disk is made as a power cut would leave it at any moment: all that was synchronised is there, all else is there, gone or
//! torn, as the dice fall ([`crate::disk`]). On that disk the real program opens, its ledger verifies, and every answer
//! that had begun to leave before the cut is in it exactly once. The counter-proof runs the program on a database that does
//! not wait for the disk: the same cuts lose what was acknowledged.
//!
//! `SEKISHO_POWER_CUTS` sets the number of cuts; `SEKISHO_SEED` runs the one cut again that has failed with this seed.

use crate::acknowledged::Acknowledged;
use crate::dice::{Dice, seed};
use crate::disk::{Disk, Luck, Names};
use crate::exported::Exported;
use crate::house::{Client, House, Program, UPSTREAM, founded, run, scratch, unsynced};
use crate::order::Order;
use crate::stand_in::StandIn;
use crate::strace::Watch;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const CUTS: u64 = 60;
/// Cuts looked at at once.
const AT_ONCE: usize = 3;
const CLIENTS: usize = 3;
const ASKED_BY_EACH: usize = 4;
/// Of so many cuts one is followed by a whole start; the others only open.
const WHOLE_START: u64 = 10;

/// Runs of the program, one after the other, as they were recorded.
struct Lives {
    disk: Disk,
    told: Acknowledged,
    /// When each of them began to be known, in lines of the log.
    since: BTreeMap<String, usize>,
    /// Where each life begins.
    begins: Vec<usize>,
}

/// How a life ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// In order: the log of the database is copied back into it and removed.
    Stopped,
    /// Killed when it has answered.
    Killed,
    /// Killed when the n-th synchronisation of the log of the database was about to begin: what was just written is not
    /// yet safe, and the next life finds it.
    KilledAtSync(usize),
}

impl Lives {
    /// Lives a number of lives in a folder.
    fn record(folder: &Path, upstream: &StandIn, program: &Program, ends: &[End]) -> Self {
        let data = folder.join("data");
        let (disk, told) = (Disk::before(&data), Acknowledged::default());
        let mut lives = Self { disk, told, since: BTreeMap::new(), begins: Vec::new() };
        for (number, end) in ends.iter().enumerate() {
            let watch = Watch::everything_that_stays(&folder.join(format!("strace-{number}")));
            let house = House::start_as(&data, upstream, program, Some(&watch)).expect("it serves");
            let told = clients(&house, number);
            match end {
                End::Stopped => drop(house.stop()),
                End::Killed | End::KilledAtSync(_) => drop(house.kill()),
            }
            let first = lives.add(&watch.log(), told, upstream.port());
            if let End::KilledAtSync(nth) = end {
                let line = lives.disk.sync_of("sekisho.db-wal", first, *nth);
                lives.disk.kill_at(line);
                lives.told = lives.known_at(line);
            }
        }
        lives
    }

    fn add(&mut self, log: &str, told: Acknowledged, port: u16) -> usize {
        let first = self.disk.add(log);
        let order = Order::read(log, port);
        let ids = told.answered.iter().chain(&told.refused).map(|id| (id, format!("x-sekisho-use: {id}\r\n")));
        let departments = told.departments.iter().map(|one| (one, format!(r#""department":"{one}""#)));
        for (one, text) in ids.chain(departments) {
            let line = order.told(&text).unwrap_or_else(|| panic!("`{text}` never left for a client"));
            self.since.insert(one.clone(), first + line);
        }
        self.told.add(told);
        self.begins.push(first);
        first
    }

    /// What clients may have known at a line.
    fn known_at(&self, line: usize) -> Acknowledged {
        self.told.filtered(|one| self.since[one] < line)
    }
}

fn clients(house: &House, life: usize) -> Acknowledged {
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let with = house.client();
                scope.spawn(move || ask(&with, life, client))
            })
            .collect();
        let mut all = Acknowledged::default();
        for thread in asking {
            all.add(thread.join().expect("clients do not fail"));
        }
        all
    })
}

/// Answers whole and streamed, refusals, and commands, until nobody answers.
fn ask(client: &Client, life: usize, number: usize) -> Acknowledged {
    let mut told = Acknowledged::default();
    for round in 0..ASKED_BY_EACH {
        let prompt = format!("life {life}, client {number}, round {round}");
        let answer = match (number + round) % 4 {
            0 => client.ask("no-such-model", &prompt, &[]),
            1 => client.ask_streamed(UPSTREAM, &prompt),
            _ => client.ask(UPSTREAM, &prompt, &[]),
        };
        let Ok(answer) = answer else { break };
        let id = answer.use_id().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text()));
        match answer.status {
            200 => told.answered.insert(id),
            403 => told.refused.insert(id),
            other => panic!("{other}: {}", answer.text()),
        };
        if round % 2 == number % 2 {
            let department = format!("d-{life}-{number}-{round}");
            let answer = client.command("admin", "department.place", &json!({ "department": department }));
            let Ok(answer) = answer else { break };
            assert_eq!(answer.status, 201, "{}", answer.text());
            told.departments.insert(department);
        }
    }
    told
}

/// One cut, chosen by its seed alone.
struct Cut {
    seed: u64,
    line: usize,
    luck: Luck,
    names: Names,
    dice: Dice,
}

impl Cut {
    fn choose(seed: u64, lives: &Lives) -> Self {
        let mut dice = Dice::new(seed);
        // Right behind an answer, right behind a synchronisation, right before or behind a change of the disk, anywhere.
        let line = match dice.below(4) {
            0 => {
                let told: Vec<usize> = lives.since.values().map(|line| line + 1).collect();
                (*dice.one(&told)).min(lives.disk.lines())
            }
            1 => *dice.one(&lives.disk.synced_from(0)),
            2 => *dice.one(&lives.disk.moments()),
            _ => 1 + dice.below(lives.disk.lines()),
        };
        let luck = *dice.one(&[Luck::AllIsLost, Luck::AllIsLost, Luck::Mixed, Luck::LittleIsLost]);
        let names = *dice.one(&[Names::Journalled, Names::Free]);
        Self { seed, line, luck, names, dice }
    }

    /// Lays out what is left of the disk.
    fn lay(&self, lives: &Lives, data: &Path) -> usize {
        lives.disk.cut(self.line, (self.luck, self.names), &mut self.dice.clone(), data)
    }
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, line, luck, names, .. } = self;
        write!(f, "SEKISHO_SEED={seed} (cut before line {line}, {luck:?}, names {names:?})")
    }
}

/// The cuts to try.
fn cuts(lives: &Lives) -> Vec<Cut> {
    let cuts = std::env::var("SEKISHO_POWER_CUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(CUTS);
    let seeds = seed().map_or_else(|| (0..cuts).collect(), |seed| vec![seed]);
    seeds.into_iter().map(|seed| Cut::choose(seed, lives)).collect()
}

/// Looks at every cut, several at once; returns what was seen, and panics with all that failed.
fn at_every<T: Send>(cuts: &[Cut], look: impl Fn(&Cut) -> Result<T, String> + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let (mut seen, mut failed) = (Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        let look_on = || {
            let at = || cuts.get(next.fetch_add(1, Ordering::Relaxed));
            std::iter::from_fn(at).map(&look).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(look_on)).collect();
        for result in threads.into_iter().flat_map(|thread| thread.join().expect("no panic")) {
            match result {
                Ok(one) => seen.push(one),
                Err(fault) => failed.push(fault),
            }
        }
    });
    assert!(failed.is_empty(), "{} of {} cuts:\n{}", failed.len(), cuts.len(), failed.join("\n"));
    seen
}

/// What one cut showed.
struct Held {
    known: usize,
    in_doubt: usize,
    /// Uses that a whole start ended; none where there was none.
    aborted: Option<usize>,
}

/// The program on the disk after a cut, and all it must still know.
fn hold(lives: &Lives, upstream: &StandIn, cut: &Cut) -> Result<Held, String> {
    let place = scratch();
    let data = place.path().join("data");
    let in_doubt = cut.lay(lives, &data);
    let mut told = lives.known_at(cut.line);
    let known = told.count();
    let whole = cut.seed.is_multiple_of(WHOLE_START);
    if whole {
        let house = House::start_as(&data, upstream, &Program::Sekisho, None);
        let house = house.map_err(|error| format!("{cut}: does not start: {error:?}"))?;
        let answer = house.client().ask(UPSTREAM, "after the cut", &[]).map_err(|e| format!("{cut}: {e}"))?;
        if answer.status != 200 {
            return Err(format!("{cut}: {}", answer.text()));
        }
        told.answered.extend(answer.use_id());
        house.stop();
        let found = run(&[&"doctor", &"--data", &data, &"--format", &"json"]);
        if !found.status.success() {
            return Err(format!("{cut}: the doctor finds: {}", String::from_utf8_lossy(&found.stdout)));
        }
    }
    let ledger = Exported::try_of(&data, &place.path().join("ledger")).map_err(|e| format!("{cut}: {e}"))?;
    let mut faults = told.faults(&ledger);
    let mut aborted = 0;
    for (id, told) in ledger.uses().iter().filter(|_| whole) {
        if told.closed.len() + told.aborted.len() != told.opened.len() {
            faults.push(format!("{id} has no end: {told:?}"));
        }
        aborted += told.aborted.len();
    }
    if faults.is_empty() {
        Ok(Held { known, in_doubt, aborted: whole.then_some(aborted) })
    } else {
        Err(format!("{cut}: {}", faults.join("; ")))
    }
}

#[test]
fn a_power_cut_anywhere_loses_no_acknowledged_record() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    // The first is killed before anything of the log of the database is safe, its name neither; the third, between an
    // entry and its synchronisation. What they wrote is what the next one finds, and believes.
    let ends = [End::KilledAtSync(1), End::Stopped, End::KilledAtSync(9), End::Killed];
    let lives = Lives::record(folder.path(), &upstream, &Program::Sekisho, &ends);
    let held = at_every(&cuts(&lives), |cut| hold(&lives, &upstream, cut));
    let (known, in_doubt): (usize, usize) = held.iter().fold((0, 0), |(k, d), one| (k + one.known, d + one.in_doubt));
    let started: Vec<usize> = held.iter().filter_map(|one| one.aborted).collect();
    println!(
        "{} cuts, {known} acknowledgements held at them, {in_doubt} changes of the disk in doubt; {} whole starts ended {} \
         open uses",
        held.len(),
        started.len(),
        started.iter().sum::<usize>()
    );
    assert!(seed().is_some() || known > 0 && in_doubt > 0 && !started.is_empty(), "this run proved too little");
}

/// Given a run that was killed between an entry and its synchronisation, when the next one finds the entry, then it signs
/// nothing over it that could outlive it: a checkpoint of a tree that is gone would lock the house for good.
#[test]
fn what_a_killed_run_left_unsynchronised_is_made_safe_before_anything_is_built_on_it() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let ends = [End::KilledAtSync(9), End::Killed];
    let lives = Lives::record(folder.path(), &upstream, &Program::Sekisho, &ends);
    let (luck, names) = (Luck::AllIsLost, Names::Journalled);
    let cut = |line| Cut { seed: 1, line, luck, names, dice: Dice::new(0) };
    let cuts: Vec<Cut> = lives.disk.synced_from(lives.begins[1]).into_iter().take(12).map(cut).collect();
    assert_eq!(cuts.len(), 12, "the second life hardly synchronises");
    at_every(&cuts, |cut| hold(&lives, &upstream, cut));
}

#[test]
fn without_synchronisation_the_same_cuts_lose_what_was_acknowledged() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let lives = Lives::record(folder.path(), &upstream, &Program::Other(unsynced()), &[End::Killed]);
    let losses = at_every(&cuts(&lives), |cut| {
        let place = scratch();
        let data = place.path().join("data");
        cut.lay(&lives, &data);
        match Exported::try_of(&data, &place.path().join("ledger")) {
            Ok(ledger) => Ok(usize::from(!lives.known_at(cut.line).faults(&ledger).is_empty())),
            // What was signed is not there any more.
            Err(error) if error.contains("was signed before") => Ok(1),
            Err(error) => Err(format!("{cut}: {error}")),
        }
    });
    let (cuts, losses) = (losses.len(), losses.iter().sum::<usize>());
    println!("{losses} of {cuts} cuts lost what was acknowledged or signed");
    assert!(losses * 4 > cuts, "only {losses} of {cuts} cuts lost something: the proof does not see losses");
}
