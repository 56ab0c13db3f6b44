//! P2: `kill -9` anywhere loses no acknowledged record.
//!
//! The program is killed at every write to its database, every synchronisation, every other write, and at arbitrary
//! moments; each time it starts again on what was left. Clients note what they were told: an answer that arrived whole
//! with its use id is an acknowledgement. After every kill the folder is copied as it lies, and the copy's ledger must
//! hold all that was ever acknowledged: nothing lost, nothing twice, no gap.
//!
//! `SEKISHO_KILLS` sets the number of kills.

use crate::acknowledged::Acknowledged;
use crate::exported::Exported;
use crate::house::{Client, House, Program, UPSTREAM, copy, founded};
use crate::stand_in::StandIn;
use crate::strace::Watch;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::time::Duration;

const KILLS: usize = 120;
const CLIENTS: usize = 3;
const ASKED_BY_EACH: usize = 4;

/// Asks until there is nothing more to ask or nobody answers.
fn ask(client: &Client, life: usize, number: usize) -> Acknowledged {
    let mut told = Acknowledged::default();
    for round in 0..ASKED_BY_EACH {
        let prompt = format!("life {life}, client {number}, round {round}");
        let answer = match (number + round) % 4 {
            0 => client.ask("no-such-model", &prompt, &[]),
            1 => client.ask_streamed(UPSTREAM, &prompt),
            2 => client.ask("kakuu-local", &prompt, &[]),
            _ => client.ask(UPSTREAM, &prompt, &[]),
        };
        let Ok(answer) = answer else { break };
        let id = answer.use_id().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text()));
        match answer.status {
            200 => told.answered.insert(id),
            403 => told.refused.insert(id),
            other => panic!("{other}: {}", answer.text()),
        };
    }
    told
}

/// Commands are acknowledged as well.
fn place(client: &Client, life: usize) -> Acknowledged {
    let mut told = Acknowledged::default();
    for round in 0..2 {
        let department = format!("d-{life}-{round}");
        match client.command("admin", "department.place", &json!({ "department": department })) {
            Ok(answer) if answer.status == 201 => drop(told.departments.insert(department)),
            Ok(answer) => panic!("{}: {}", answer.status, answer.text()),
            Err(_) => break,
        }
    }
    told
}

fn clients(house: &House, life: usize) -> Acknowledged {
    std::thread::scope(|scope| {
        let mut threads: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let client = house.client();
                scope.spawn(move || ask(&client, life, number))
            })
            .collect();
        let client = house.client();
        threads.push(scope.spawn(move || place(&client, life)));
        let mut all = Acknowledged::default();
        for thread in threads {
            all.add(thread.join().expect("clients do not fail"));
        }
        all
    })
}

/// How the n-th life ends.
enum End {
    /// At the n-th call of a kind, in the thread that makes most of them.
    At(String),
    /// After so long.
    After(Duration),
}

/// Spreads the kills over all calls that a life makes.
fn plan(kills: usize, most: &BTreeMap<String, usize>) -> Vec<End> {
    // Of ten kills: six at writes to the database, two at synchronisations, one at any other write, one at any moment.
    let kinds: [(&str, &[&str], usize); 3] = [
        ("pwrite64", &["pwrite64"], 6),
        ("fsync,fdatasync", &["fsync", "fdatasync"], 2),
        ("write,writev", &["write", "writev"], 1),
    ];
    let mut plan = Vec::new();
    for (calls, names, share) in kinds {
        let number = kills * share / 10;
        let range = names.iter().filter_map(|name| most.get(*name)).max().copied().unwrap_or(1);
        let at = |n: usize| End::At(format!("{calls}:signal=SIGKILL:when={}", 1 + n * range / number.max(1)));
        plan.extend((0..number).map(at));
    }
    // Arbitrary moments: spread over the first half second, in an order that repeats from run to run.
    let rest = kills - plan.len();
    plan.extend((0..rest).map(|n| End::After(Duration::from_millis(n as u64 * 7919 % 500))));
    plan
}

#[test]
fn kill_9_anywhere_loses_no_acknowledged_record() {
    let kills = std::env::var("SEKISHO_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let data = folder.path().join("data");

    // One life without a kill tells how many calls there are to be killed at.
    let watch = Watch::counting(&folder.path().join("strace"), "pwrite64,fsync,fdatasync,write,writev");
    let house = House::start_watched(&data, &upstream, &watch).expect("it serves");
    let mut acknowledged = clients(&house, 0);
    house.stop();
    let most = watch.most_in_a_thread();
    assert!(
        most.get("pwrite64").is_some_and(|n| *n > 30),
        "the program does not write as this proof supposes: {most:?}"
    );

    let (mut struck, mut starts_killed, mut left_open) = (0, 0, BTreeSet::new());
    for (life, end) in (1..).zip(plan(kills, &most)) {
        let (house, when) = match &end {
            End::At(what) => {
                let watch = Watch::injecting(&folder.path().join("strace"), what);
                (House::start_watched(&data, &upstream, &watch), format!("kill {life} ({what})"))
            }
            End::After(pause) => (Ok(House::start(&data, &upstream)), format!("kill {life} after {pause:?}")),
        };
        match house {
            Ok(mut house) => {
                // It came up: whatever the former kill left open is closed before anything new is served.
                let told = match &end {
                    End::At(_) => clients(&house, life),
                    End::After(pause) => std::thread::scope(|scope| {
                        let asking = scope.spawn(|| clients(&house, life));
                        std::thread::sleep(*pause);
                        kill_9(&house);
                        asking.join().expect("clients do not fail")
                    }),
                };
                acknowledged.add(told);
                struck += usize::from(!house.lives());
                let status = house.kill();
                assert_eq!(status.signal(), Some(9), "{when}: ended with {status}");
            }
            Err(not_serving) => {
                assert_eq!(not_serving.status.signal(), Some(9), "{when}: does not start: {not_serving:?}");
                struck += 1;
                starts_killed += 1;
            }
        }
        left_open = check(&data, &folder.path().join(format!("copy-{life}")), &acknowledged, &when, &left_open);
    }

    // A last life that nobody kills: every use that was opened has an end now.
    House::start(&data, &upstream).stop();
    let ledger = Exported::of(&data, &folder.path().join("last"));
    let uses = acknowledged.hold(&ledger, "after the last start");
    let mut aborted = 0;
    for (id, told) in &uses {
        let ended = told.closed.len() + told.aborted.len();
        assert_eq!(ended, told.opened.len(), "{id} has no end: {told:?}");
        aborted += told.aborted.len();
    }
    println!(
        "{kills} kills, {struck} of them by a call or while asking, {starts_killed} during the start; \
         {} acknowledged, {aborted} uses closed as aborted, {} entries",
        acknowledged.count(),
        ledger.entries.len()
    );
    assert!(struck * 2 > kills, "only {struck} of {kills} kills met the program at work");
    assert!(acknowledged.count() > kills, "only {} acknowledgements", acknowledged.count());
    assert!(aborted > 0, "no kill met an open use: this run proved too little");
}

/// Beside the database lie the keys, what was signed last, and the demo's own note. A kill while one of them is written
/// must not lock the house for good: the keys of people in it have been acknowledged, too.
#[test]
fn kill_9_at_a_write_beside_the_database_leaves_a_house_that_opens() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let mut locked = Vec::new();
    // On the very first start, when keys are made, and on a later one.
    for (file, first) in [
        ("keys/log.new", true),
        ("keys/origin.new", true),
        ("keys/content.new", true),
        ("keys/log.new", false),
        ("keys/last-signed.next", false),
        ("demo.new", false),
    ] {
        let place = folder.path().join(format!("{}-{first}", file.replace('/', "-")));
        let data = place.join("data");
        std::fs::create_dir_all(&place).expect("a folder");
        if !first {
            copy(&folder.path().join("data"), &data);
        }
        let watch = Watch::killing_at_write_to(&place.join("strace"), &data.join(file));
        match House::start_watched(&data, &upstream, &watch) {
            // Signing has its own task: the start may be over before the kill.
            Ok(mut house) => {
                for round in 0.. {
                    assert!(round < 6_000, "{file} is never written");
                    if !house.lives() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
            Err(not_serving) => assert_eq!(not_serving.status.signal(), Some(9), "{file}: {not_serving:?}"),
        }
        match House::start_as(&data, &upstream, &Program::Sekisho, None) {
            Ok(house) => {
                let answer = house.client().ask(UPSTREAM, "after the kill", &[]).expect("an answer");
                assert_eq!(answer.status, 200, "{file}: {}", answer.text());
                house.stop();
            }
            Err(not_serving) => locked.push(format!("killed while `{file}` was written: {not_serving:?}")),
        }
    }
    assert!(locked.is_empty(), "\n{}", locked.join("\n"));
}

/// Looks at a copy, so that the next start meets exactly what the kill left.
fn check(data: &Path, place: &Path, told: &Acknowledged, when: &str, before: &BTreeSet<String>) -> BTreeSet<String> {
    copy(data, &place.join("data"));
    let ledger = Exported::of(&place.join("data"), &place.join("ledger"));
    let uses = told.hold(&ledger, when);
    // What a former kill left open ends as aborted, never as closed: nobody knows how it ended.
    for id in before {
        let told = uses.get(id).unwrap_or_else(|| panic!("{when}: {id} was open and is gone"));
        assert!(told.closed.is_empty(), "{when}: {id} was left open by a kill and is closed: {told:?}");
    }
    std::fs::remove_dir_all(place).expect("a copy to remove");
    let open = uses.iter().filter(|(_, told)| told.opened.len() > told.closed.len() + told.aborted.len());
    open.map(|(id, _)| id.clone()).collect()
}

fn kill_9(house: &House) {
    let status = std::process::Command::new("kill").args(["-9", &house.pid().to_string()]).status();
    assert!(status.is_ok_and(|s| s.success()), "kill -9");
}
