//! P10: two nodes never disagree on the order.
//!
//! Two programs serve one PostgreSQL under load while either of them and the database are killed. What clients were told is
//! held against the ledger: nothing lost, nothing twice, no gap, one decision where two were asked for the same thing.
//!
//! `SEKISHO_NODE_SECONDS` sets how long.

use crate::cluster::{Body, Cluster, Node};
use crate::exported::Exported;
use crate::house::UPSTREAM;
use crate::stand_in::{HELD_BACK, StandIn};
use crate::told::{Addresses, EndsWithThis, Told, ask};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, RwLock};
use std::time::{Duration, Instant};

const SECONDS: u64 = 20;
const CLIENTS: usize = 4;

/// Both nodes are told that the same person joins at the same moment: only one may have been the first.
fn race(addresses: &Addresses, over: &AtomicBool, joined: &AtomicUsize) -> BTreeMap<String, usize> {
    let mut accepted = BTreeMap::new();
    for round in 0.. {
        if over.load(Ordering::Relaxed) {
            return accepted;
        }
        let name = format!("race-{round}");
        let clients = addresses.read().expect("a list").clone();
        let barrier = Barrier::new(clients.len());
        let wins = std::thread::scope(|scope| {
            let mut threads = Vec::new();
            for client in &clients {
                let (barrier, name) = (&barrier, &name);
                threads.push(scope.spawn(move || {
                    barrier.wait();
                    let answer =
                        client.command("admin", "person.join", &json!({ "person": name, "department": "race" }));
                    usize::from(answer.is_ok_and(|answer| answer.status == 201))
                }));
            }
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<usize>()
        });
        joined.fetch_add(wins, Ordering::Relaxed);
        accepted.insert(name, wins);
        std::thread::sleep(Duration::from_millis(50));
    }
    accepted
}

#[test]
fn two_nodes_on_one_database_never_disagree_whoever_is_killed() {
    let seconds = std::env::var("SEKISHO_NODE_SECONDS").ok().and_then(|n| n.parse().ok()).unwrap_or(SECONDS);
    let upstream = StandIn::start();
    let cluster = Cluster::start();
    let body = Body::founded(&cluster, &upstream);
    let (mut a, mut b) = (body.node("a"), body.node("b"));
    let department = a.client().command("admin", "department.place", &json!({ "department": "race" }));
    assert_eq!(department.expect("an answer").status, 201);
    let clients = |a: &Node, b: &Node| vec![a.client(), b.client()];
    let addresses = Arc::new(RwLock::new(clients(&a, &b)));
    let over = AtomicBool::new(false);
    let joined = AtomicUsize::new(0);
    let mut crashes = 0;
    let (told, accepted) = std::thread::scope(|scope| {
        let (addresses, over, joined) = (&*addresses, &over, &joined);
        let _ends_with_this = EndsWithThis(over);
        let asking: Vec<_> = (0..CLIENTS).map(|number| scope.spawn(move || ask(addresses, over, number))).collect();
        let racing = scope.spawn(move || race(addresses, over, joined));
        let begun = Instant::now();
        for round in 0.. {
            std::thread::sleep(Duration::from_millis(1_700 + round % 3 * 300));
            if begun.elapsed() > Duration::from_secs(seconds) {
                break;
            }
            match round % 3 {
                0 => {
                    b.kill();
                    b = body.node("b");
                }
                1 => {
                    cluster.crash();
                    std::thread::sleep(Duration::from_millis(300));
                    cluster.start_again();
                    crashes += 1;
                }
                _ => {
                    a.kill();
                    a = body.node("a");
                }
            }
            *addresses.write().expect("a list") = clients(&a, &b);
        }
        over.store(true, Ordering::Relaxed);
        let mut told = Told::default();
        for thread in asking {
            told.add(thread.join().expect("clients do not fail"));
        }
        (told, racing.join().expect("clients do not fail"))
    });
    assert!(a.stop().success() && b.stop().success(), "{}\n{}", body.log("a"), body.log("b"));
    // A last start of both: what the kills left open is ended by the node that opened it.
    assert!(body.node("a").stop().success() && body.node("b").stop().success());
    let ledger = Exported::by_config(&body.config("a"), &body.place("ledger"));
    let uses = ledger.uses();
    told.agrees_with(&uses);
    let mut recorded: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in ledger.of_kind("person.joined") {
        *recorded.entry(entry["data"]["person"].as_str().expect("a name")).or_default() += 1;
    }
    for (name, wins) in &accepted {
        let times = recorded.get(name.as_str()).copied().unwrap_or(0);
        assert!(*wins <= 1 && times <= 1 && times >= *wins, "{name}: told {wins}, recorded {times}");
    }
    println!(
        "{} answered, {} refused, {} told that there is no ledger; {} people joined, {crashes} crashes of the database, {} entries",
        told.answered.len(),
        told.refused.len(),
        told.unavailable,
        joined.load(Ordering::Relaxed),
        ledger.entries.len()
    );
    assert!(joined.load(Ordering::Relaxed) > 10, "nobody joined: this run proved too little");
    assert!(told.answered.len() > 100, "{}", told.answered.len());
}

/// Given a signer that is killed, when another node lives, then it signs within two seconds.
#[test]
fn another_node_signs_when_the_signer_is_killed() {
    let upstream = StandIn::start();
    let cluster = Cluster::start();
    let body = Body::founded(&cluster, &upstream);
    let (a, b) = (body.node("a"), body.node("b"));
    let deadline = Instant::now() + Duration::from_secs(20);
    let signs = |node: &str| body.log(node).matches("this node signs checkpoints now").count();
    while signs("a") + signs("b") == 0 {
        assert!(Instant::now() < deadline, "nobody signs");
        std::thread::sleep(Duration::from_millis(20));
    }
    let (mut signer, other, name) = if signs("a") > 0 { (a, b, "b") } else { (b, a, "a") };
    let before = signs(name);
    signer.kill();
    let killed = Instant::now();
    while signs(name) == before {
        assert!(killed.elapsed() < Duration::from_secs(20), "nobody took over: {}", body.log(name));
        std::thread::sleep(Duration::from_millis(5));
    }
    println!("the other node signed {:?} after the kill", killed.elapsed());
    assert_eq!(other.client().ask(UPSTREAM, "after", &[]).expect("an answer").status, 200);
    assert!(other.stop().success());
}

/// Given a node, when another is started with its name, then that one does not serve and says why.
#[test]
fn two_nodes_of_one_name_are_not_served() {
    let upstream = StandIn::start();
    let cluster = Cluster::start();
    let body = Body::founded(&cluster, &upstream);
    let first = body.node("a");
    let second = body.begin("a").ended();
    assert_eq!(second.code(), Some(2), "{}", body.log("a"));
    assert!(body.log("a").contains("running on this database"), "{}", body.log("a"));
    assert!(first.stop().success());
}

/// Given a node that was killed while it served, when another node lives on, then the uses that were left open are ended by
/// it, once.
#[test]
fn what_a_node_that_has_gone_left_open_is_ended_by_another() {
    let upstream = StandIn::start();
    let cluster = Cluster::start();
    let body = Body::founded(&cluster, &upstream);
    let (mut a, b) = (body.node("a"), body.node("b"));
    let client = a.client();
    let asking = std::thread::spawn(move || client.ask(UPSTREAM, HELD_BACK, &[]));
    let begun = Instant::now();
    while !upstream.saw(HELD_BACK) {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not arrive");
        std::thread::sleep(Duration::from_millis(10));
    }
    a.kill();
    assert!(asking.join().expect("no panic").is_err(), "an answer came from a node that was killed");
    let begun = Instant::now();
    loop {
        let uses = b.client().get("auditor", "/api/uses?limit=10").expect("an answer").json();
        let open = uses["uses"].as_array().expect("uses").iter().filter(|one| one["outcome"] == "aborted").count();
        if open == 1 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "still open: {uses}");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(b.stop().success());
}
