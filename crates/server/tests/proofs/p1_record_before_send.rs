//! P1: nothing leaves for a model before its record is durable, and no answer is complete before its end is recorded.
//!
//! Seen from outside the program, in the order of its system calls: the log of the database is synchronised, *then* the
//! request goes to the socket of the model. The counter-proof runs the same program on a database that does not wait
//! for the disk: everything still works, and the same reading of the same calls finds every single use at fault.

use crate::house::{House, Program, UPSTREAM, founded, unsynced};
use crate::order::{Order, Seen};
use crate::stand_in::StandIn;
use crate::strace::Watch;

const ONE_AFTER_THE_OTHER: usize = 20;
const AT_ONCE: usize = 50;

/// Serves requests one after the other and then at once, every third one streamed, and reads what the calls say.
fn observe(program: &Program) -> (Vec<Seen>, Order) {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let watch = Watch::everything_that_leaves(&folder.path().join("strace"));
    let house = House::start_as(&folder.path().join("data"), &upstream, program, Some(&watch)).expect("it serves");
    let ask = |number: usize| {
        let token = format!("word-{number:04}-of-this-request");
        let answer = match number % 3 {
            0 => house.client().ask_streamed(UPSTREAM, &token),
            _ => house.client().ask(UPSTREAM, &token, &[]),
        };
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
        Seen { id: answer.use_id().expect("the id of the use"), token }
    };
    let mut uses: Vec<Seen> = (0..ONE_AFTER_THE_OTHER).map(ask).collect();
    uses.extend(std::thread::scope(|scope| {
        let ask = &ask;
        let threads: Vec<_> = (0..AT_ONCE).map(|n| scope.spawn(move || ask(ONE_AFTER_THE_OTHER + n))).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect::<Vec<_>>()
    }));
    house.stop();
    let order = Order::read(&watch.log(), upstream.port());
    assert_eq!(uses.len(), upstream.requests(), "the stand-in got something else than what was asked");
    assert_eq!(uses.len(), order.sent(), "strace did not see everything that left");
    (uses, order)
}

#[test]
fn nothing_leaves_for_a_model_before_its_record_is_durable() {
    let (uses, order) = observe(&Program::Sekisho);
    let violations = order.violations(&uses);
    assert!(violations.is_empty(), "{} of {} uses:\n{}", violations.len(), uses.len(), violations.join("\n"));
    // Fewer commits than records: requests that came at once did share a synchronisation, and the order held.
    let records = 2 * uses.len();
    assert!(order.committed() < records, "{} commits for {records} records: nothing was shared", order.committed());
}

#[test]
fn without_synchronisation_the_same_reading_finds_every_use_at_fault() {
    let (uses, order) = observe(&Program::Other(unsynced()));
    let violations = order.violations(&uses);
    for seen in &uses {
        let of_this_use = violations.iter().filter(|v| v.starts_with(&seen.id)).count();
        assert_eq!(
            of_this_use, 2,
            "{}: its opening and its end were not durable, and the proof did not see it",
            seen.id
        );
    }
}
