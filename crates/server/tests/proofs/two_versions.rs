//! Programs of two versions serve from one PostgreSQL while nodes are replaced: the newer one adds what it needs at once and
//! takes away what the older ones need only when none of them is left. Then an older one that comes back is turned away.

use crate::cluster::{Body, Cluster};
use crate::house::{Client, UPSTREAM, example};
use crate::stand_in::StandIn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Longer than a program that wants to take something away waits between two looks.
const SIDE_BY_SIDE: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks one node after the other. Nobody may be told that it did not work.
fn ask(clients: &[Client], over: &AtomicBool) -> usize {
    let mut asked = 0;
    while !over.load(Ordering::Relaxed) {
        let client = &clients[asked % clients.len()];
        let answer = match asked % 2 {
            0 => client.ask(UPSTREAM, "between two versions", &[]),
            _ => client.ask_streamed(UPSTREAM, "between two versions"),
        };
        let answer = answer.expect("an answer");
        assert!(answer.status == 200 && !answer.text().contains("LEDGER_UNAVAILABLE"), "{}", answer.text());
        asked += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    asked
}

/// Sets the sign also when a thread fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_newer_program_takes_nothing_away_while_an_older_one_serves() {
    let upstream = StandIn::start();
    let cluster = Cluster::start();
    let body = Body::founded(&cluster, &upstream);
    cluster.execute("CREATE TABLE old_form (n BIGINT PRIMARY KEY)");
    let is_there = |table: &str| cluster.value(&format!("SELECT to_regclass('{table}') IS NOT NULL")) == "t";
    let (a, b) = (body.node("a"), body.node("b"));
    let (over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let c = std::thread::scope(|scope| {
        let (over, asked) = (&over, &asked);
        let ends_with_this = Over(over);
        let older = [a.client(), b.client()];
        let load = scope.spawn(move || asked.fetch_add(ask(&older, over), Ordering::Relaxed));
        let c = body.node_of("c", &example("newer"));
        assert!(is_there("new_form"), "what it adds is there at once");
        let newer = [c.client()];
        let more = scope.spawn(move || asked.fetch_add(ask(&newer, over), Ordering::Relaxed));
        std::thread::sleep(SIDE_BY_SIDE);
        assert!(is_there("old_form"), "it was taken away under the feet of the older programs");
        drop(ends_with_this);
        load.join().expect("the older programs go on as if nothing had happened");
        more.join().expect("the newer one serves");
        c
    });
    assert!(asked.load(Ordering::Relaxed) > 100, "{asked:?} requests prove too little");

    // One older program is enough to wait for.
    assert!(a.stop().success());
    std::thread::sleep(SIDE_BY_SIDE);
    assert!(is_there("old_form"), "one older program still serves");
    assert!(b.stop().success());
    let begun = Instant::now();
    while is_there("old_form") {
        assert!(begun.elapsed() < PATIENCE, "the last older program has gone: {}", body.log("c"));
        std::thread::sleep(Duration::from_millis(100));
    }
    let again = body.begin("a").ended();
    assert!(!again.success(), "an older program serves what it does not know");
    let log = body.log("a");
    assert!(log.contains("a newer sekisho has changed its schema"), "{log}");
    let answer = c.client().ask(UPSTREAM, "afterwards", &[]).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(c.stop().success(), "{}", body.log("c"));
}
