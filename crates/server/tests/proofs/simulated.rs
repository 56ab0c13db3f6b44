//! A simulation of gate, ledger and store: histories of asking, governing, jumping clocks, breaking disks, failing models
//! and crashes, each chosen by one seed.
//!
//! After every history the ledger verifies, every acknowledgement stands in it exactly once, every use that was opened has
//! one end, nothing reached the model without a durable opening, and what is counted beside the ledger agrees with it.
//!
//! `SEKISHO_HISTORIES` sets how many; `SEKISHO_SEED` runs one of them again. The seed fixes every choice; only how the
//! threads of one burst follow each other is the machine's.

use crate::acknowledged::Acknowledged;
use crate::dice::{Dice, seed};
use crate::exported::Exported;
use crate::house::{UPSTREAM, body, scratch};
use crate::simulated_beside::beside;
use crate::simulated_model::{DEEDS, Model};
use crate::simulation::{Broken, Founded, Life, Simulated, govern};
use jiff::SignedDuration;
use rusqlite::Connection;
use sekisho_gate::call::{Call, Narrowing, Passed, Stopped};
use sekisho_gate::identify::identify;
use sekisho_gate::pipeline::Gate;
use sekisho_gate::upstream::Endpoint;
use sekisho_gate::world::World as _;
use sekisho_store::{Journal, JournalSettings};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const HISTORIES: u64 = 24;
/// Histories at once: they wait for models more than they work.
const AT_ONCE: usize = 6;
/// One that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// What someone was told.
#[derive(Debug)]
enum Told {
    /// An answer, or the model's failure, which is recorded as well.
    Answered(String),
    Refused(String),
    Placed(String),
    /// No record: nothing is promised.
    Unavailable,
    /// Governing was refused, which leaves no record.
    Nothing,
}

/// What happened in a history, to see that enough did.
#[derive(Debug, Default, Clone, Copy)]
struct Happened {
    told: usize,
    unavailable: usize,
    crashes: usize,
    aborted: usize,
    entries: usize,
}

struct History<'a> {
    seed: u64,
    dice: Dice,
    founded: &'a Founded,
    model: &'a Model,
    world: Arc<Simulated>,
    place: tempfile::TempDir,
    lives: usize,
    /// Requests made, each of a length of its own.
    asked: usize,
    told: Acknowledged,
    happened: Happened,
}

/// One thing that is done, chosen before it runs.
enum Deed {
    Ask { role: &'static str, body: Vec<u8> },
    Govern { role: &'static str, name: &'static str, content: serde_json::Value },
}

impl<'a> History<'a> {
    fn new(seed: u64, founded: &'a Founded, model: &'a Model) -> Self {
        let world = Arc::new(Simulated::new(seed ^ 0x5eed));
        let (place, dice) = (scratch(), Dice::new(seed));
        let (told, happened) = (Acknowledged::default(), Happened::default());
        Self { seed, dice, founded, model, world, place, lives: 0, asked: 0, told, happened }
    }

    fn folder(&mut self) -> PathBuf {
        self.lives += 1;
        self.place.path().join(format!("life-{}", self.lives))
    }

    fn open(&mut self, data: PathBuf) -> Life {
        self.model.follow(self.seed, &data.join("sekisho.db"));
        // From a node that looks all the time to one that hardly does.
        let settings = JournalSettings {
            checkpoint_interval: Duration::from_millis(*self.dice.one(&[2, 20, 3_600_000])),
            follow_interval: Duration::from_millis(*self.dice.one(&[2, 20, 3_600_000])),
            max_staleness: Duration::from_secs(3_600),
        };
        Life::open(self.founded, &data, &self.world, settings).unwrap_or_else(|e| panic!("it does not open: {e}"))
    }

    fn run(mut self) -> Happened {
        let data = self.folder();
        self.founded.lay(&data);
        let mut life = self.open(data);
        let mut gate = life.gate(self.founded, &self.world);
        for _ in 0..5 + self.dice.below(10) {
            match self.dice.below(100) {
                0..30 => self.do_at_once((&life, &gate), 1, None),
                30..55 => {
                    let many = 2 + self.dice.below(5);
                    self.do_at_once((&life, &gate), many, None);
                }
                55..70 => self.while_broken((&life, &gate)),
                70..76 => self.while_locked((&life, &gate)),
                76..86 => {
                    let hours = i64::try_from(self.dice.below(120)).expect("fits") - 60;
                    self.world.jump(SignedDuration::from_hours(hours));
                }
                _ => {
                    life = self.crash(life, gate);
                    gate = life.gate(self.founded, &self.world);
                }
            }
        }
        let data = life.data.clone();
        drop(gate);
        life.stop();
        // A last life that nobody disturbs: every use has its end now.
        let life = self.open(data);
        self.check(life);
        self.happened
    }

    /// Chooses what to do.
    fn deed(&mut self) -> Deed {
        if self.dice.percent(20) {
            return self.governing();
        }
        self.asked += 1;
        let role = *self.dice.one(&["staff", "staff", "staff", "staff", "applicant"]);
        let model = *self.dice.one(&[UPSTREAM, UPSTREAM, UPSTREAM, UPSTREAM, "no-such-model"]);
        let what = *self.dice.one(&DEEDS);
        let about = *self.dice.one(&["", "", "", "", "【機密性3情報】", "03-1234-5678 ", "a@example.jp "]);
        let streamed = self.dice.percent(40);
        let longer = "x".repeat(self.asked);
        let prompt = |length: usize| format!("{about}history={} length={length:05} deed={what} {longer}", self.seed);
        let length = body(model, &prompt(0), streamed).len();
        let body = body(model, &prompt(length), streamed);
        // Some cannot even be read.
        let body = if self.dice.percent(4) { body[..body.len() - 1].to_vec() } else { body };
        Deed::Ask { role, body }
    }

    fn governing(&mut self) -> Deed {
        let permit = json!({ "permit": self.founded.demo.permits[UPSTREAM] });
        match self.dice.below(8) {
            0 => Deed::Govern { role: "approver", name: "permit.suspend", content: permit },
            1..=3 => Deed::Govern { role: "approver", name: "permit.reapprove", content: permit },
            // Whoever may not is refused.
            4 => Deed::Govern { role: "staff", name: "permit.reapprove", content: permit },
            _ => {
                let department = format!("d-{}-{}", self.seed, self.dice.number() % 1_000_000);
                Deed::Govern { role: "admin", name: "department.place", content: json!({ "department": department }) }
            }
        }
    }

    /// Some deeds at once; with `until`, only for so long: then nobody waits for an answer any more.
    fn do_at_once(&mut self, (life, gate): (&Life, &Arc<Gate>), many: usize, until: Option<Duration>) {
        let deeds: Vec<Deed> = (0..many).map(|_| self.deed()).collect();
        let told = life.runtime.block_on(async {
            let doing = deeds.into_iter().map(|deed| {
                let (gate, journal) = (gate.clone(), life.journal.clone());
                tell(self.founded, self.world.clone(), (gate, journal), deed)
            });
            let doing: Vec<_> = doing.collect();
            match until {
                None => futures_util::future::join_all(doing).await,
                Some(until) => {
                    // What was told by then counts.
                    let told = doing.into_iter().map(|one| async move { tokio::time::timeout(until, one).await.ok() });
                    futures_util::future::join_all(told).await.into_iter().flatten().collect()
                }
            }
        });
        for one in told {
            self.happened.told += 1;
            match one {
                Told::Answered(id) => drop(self.told.answered.insert(id)),
                Told::Refused(id) => drop(self.told.refused.insert(id)),
                Told::Placed(department) => drop(self.told.departments.insert(department)),
                Told::Unavailable => self.happened.unavailable += 1,
                Told::Nothing => {}
            }
        }
    }

    /// The disk fails for a while, in the midst of what is done or before it.
    fn while_broken(&mut self, (life, gate): (&Life, &Arc<Gate>)) {
        let broken = Broken::new(&life.data, &mut self.dice);
        let wait = Duration::from_millis(self.dice.below(40) as u64);
        let mender = std::thread::spawn(move || {
            std::thread::sleep(wait);
            drop(broken);
        });
        let many = 1 + self.dice.below(4);
        self.do_at_once((life, gate), many, None);
        mender.join().expect("mended");
    }

    /// Another connection holds the database for a while.
    fn while_locked(&mut self, (life, gate): (&Life, &Arc<Gate>)) {
        let (path, wait) = (life.data.join("sekisho.db"), Duration::from_millis(self.dice.below(20) as u64));
        let (locked, is_locked) = std::sync::mpsc::channel();
        let holder = std::thread::spawn(move || {
            let connection = Connection::open(path).expect("a connection");
            connection.busy_timeout(Duration::from_secs(5)).expect("patience");
            connection.execute_batch("BEGIN IMMEDIATE").expect("the lock");
            locked.send(()).expect("someone waits");
            std::thread::sleep(wait);
            connection.execute_batch("ROLLBACK").expect("free again");
        });
        is_locked.recv().expect("locked");
        let many = 1 + self.dice.below(4);
        self.do_at_once((life, gate), many, None);
        holder.join().expect("free again");
    }

    /// Everything is dropped, often in the midst of work, and opened again on what lies there.
    fn crash(&mut self, life: Life, gate: Arc<Gate>) -> Life {
        self.happened.crashes += 1;
        let broken = self.dice.percent(20).then(|| Broken::new(&life.data, &mut self.dice));
        if self.dice.percent(80) {
            let until = Duration::from_micros(self.dice.below(25_000) as u64);
            let many = 1 + self.dice.below(5);
            self.do_at_once((&life, &gate), many, Some(until));
        }
        drop(broken);
        let next = self.folder();
        drop(gate);
        life.crash(&next);
        self.open(next)
    }

    fn check(&mut self, life: Life) {
        let (out, data) = (self.place.path().join("ledger"), life.data.clone());
        life.runtime.block_on(life.journal.checkpoint()).expect("signed");
        life.runtime.block_on(life.store.export(&out, |_, _| {})).expect("exported");
        life.stop();
        let ledger = Exported::read(&out);
        let mut faults = self.told.faults(&ledger);
        for (id, told) in &ledger.uses() {
            if told.closed.len() + told.aborted.len() != told.opened.len() {
                faults.push(format!("{id} has no end: {told:?}"));
            }
            self.happened.aborted += told.aborted.len();
        }
        self.happened.entries = ledger.entries.len();
        faults.extend(self.model.faults(self.seed));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        faults.extend(runtime.block_on(beside(&data, &ledger)));
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }
}

/// Does one thing and says what came of it.
async fn tell(founded: &Founded, world: Arc<Simulated>, (gate, journal): (Arc<Gate>, Journal), deed: Deed) -> Told {
    match deed {
        Deed::Govern { role, name, content } => {
            let by = &founded.demo.persons[role];
            match govern(&journal, &*world, by, name, &content).await {
                Ok(Ok(_)) if name == "department.place" => {
                    Told::Placed(content["department"].as_str().expect("a department").to_owned())
                }
                Ok(_) => Told::Nothing,
                Err(_) => Told::Unavailable,
            }
        }
        Deed::Ask { role, body } => {
            let Ok(register) = journal.register() else { return Told::Unavailable };
            let caller =
                identify(&register, Some(founded.demo.keys[role].as_str()), world.now()).expect("a key of the demo");
            let (endpoint, narrowing) = (Endpoint::ChatCompletions, Narrowing::default());
            match gate.pass(Call { caller, endpoint, body: body.into(), narrowing, trace: None }).await {
                Ok(Passed::Whole { id, .. }) | Err(Stopped::Upstream { id, .. }) => Told::Answered(id.to_string()),
                Ok(Passed::Stream { id, mut events, .. }) => {
                    let mut all = Vec::new();
                    while let Some(event) = events.recv().await {
                        all.extend_from_slice(&event);
                    }
                    // An end without a record says so.
                    let unavailable = String::from_utf8_lossy(&all).contains("LEDGER_UNAVAILABLE");
                    if unavailable { Told::Unavailable } else { Told::Answered(id.to_string()) }
                }
                Err(Stopped::Refused { id, .. } | Stopped::Unreadable { id, .. }) => Told::Refused(id.to_string()),
                Err(Stopped::Unavailable { .. }) => Told::Unavailable,
            }
        }
    }
}

#[test]
fn whatever_happens_the_ledger_holds_what_was_told() {
    let model = Model::start();
    let founded = Founded::new((model.url(), crate::stand_in::MODEL.to_owned()));
    let many = std::env::var("SEKISHO_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(HISTORIES);
    let (first, end) = seed().map_or((0, many), |seed| (seed, seed + 1));
    let (next, begun) = (AtomicU64::new(first), Instant::now());
    let lane = || {
        let mut all = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return all;
            }
            let history = History::new(seed, &founded, &model);
            let run = std::panic::AssertUnwindSafe(move || history.run());
            match std::panic::catch_unwind(run) {
                Ok(happened) => all.push(happened),
                Err(fault) => {
                    eprintln!("SEKISHO_SEED={seed} runs the history again that failed");
                    std::panic::resume_unwind(fault);
                }
            }
            assert!(begun.elapsed() < PATIENCE.saturating_mul(u32::try_from(end - first).expect("fits")), "too slow");
        }
    };
    let all: Vec<Happened> = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(lane)).collect();
        lanes.into_iter().flat_map(|lane| lane.join().expect("no history failed")).collect()
    });
    let sum = |of: fn(&Happened) -> usize| all.iter().map(of).sum::<usize>();
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    println!(
        "{} histories ({:.0} a minute): {} told, {} told that there is no record, {} crashes, {} uses ended as aborted, {} \
         entries beyond the first {} of each",
        all.len(),
        all.len() as f64 / minutes,
        sum(|h| h.told),
        sum(|h| h.unavailable),
        sum(|h| h.crashes),
        sum(|h| h.aborted),
        sum(|h| h.entries) - all.len() * usize::try_from(founded.size).expect("fits"),
        founded.size
    );
    let enough = all.len() < 100 || sum(|h| h.unavailable) > 0 && sum(|h| h.crashes) > 0 && sum(|h| h.aborted) > 0;
    assert!(enough, "these histories proved too little");
}
