//! No record, no request: while the ledger cannot be written nothing leaves.

use crate::client::CHAT;
use crate::database::Lock;
use crate::house::House;
use crate::stand_in::{StandIn, completion};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn while_no_record_can_be_written_nothing_is_served_and_nothing_leaves() {
    let upstream = StandIn::answering(&completion("はい"));
    let house = House::with(&upstream);
    let staff = house.by("staff");
    assert_eq!(staff.chat("kakuu-upstream", "要約してください").said(), "はい");
    let before = house.uses().len();

    let locked = Lock::hold(&house.database);
    std::thread::scope(|scope| {
        let allowed = scope.spawn(|| staff.chat("kakuu-upstream", "要約してください"));
        let refused = scope.spawn(|| staff.chat("kakuu-open", "【機密性2情報】"));
        let unreadable = scope.spawn(|| staff.request("POST", CHAT).bytes("{").send());
        let command = scope
            .spawn(|| house.by("manager").command("permit.suspend", &json!({ "permit": house.permit("kakuu-local") })));
        for reply in [allowed, refused, unreadable, command] {
            let reply = reply.join().unwrap();
            assert_eq!(reply.error(503, "LEDGER_UNAVAILABLE")["type"], "server_error");
        }
    });
    assert_eq!(upstream.seen().len(), 1, "something left without a record");
    locked.release();

    // It comes back by itself, and what was refused left no trace of having been served.
    let begun = Instant::now();
    loop {
        let reply = staff.chat("kakuu-upstream", "要約してください");
        if reply.status == 200 {
            break;
        }
        reply.error(503, "LEDGER_UNAVAILABLE");
        assert!(begun.elapsed() < crate::client::PATIENCE, "it does not recover");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(upstream.seen().len(), 2);
    assert_eq!(house.uses().len(), before + 1, "{:?}", house.uses());
    assert_eq!(staff.chat("kakuu-local", "要約してください").status, 200, "the command of then did not happen later");
}
