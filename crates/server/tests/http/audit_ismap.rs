//! Audits on pages: who finds them, and what is told where nothing can be asked yet.

use crate::browser::Browser;
use crate::house::House;

#[test]
fn given_no_audit_when_its_parties_look_then_each_is_told_what_comes_first_and_no_other_record_exists() {
    let house = House::with_scheme();
    let mut provider = Browser::signed_in(&house, "csp");
    let list = provider.get("/ismap/engagements");
    assert_eq!(list.status, 200, "{}", list.text());
    assert!(list.text().contains("あなたに関わる監査はありません"), "{}", list.text());
    let new = provider.get("/ismap/engagements/new");
    assert_eq!(new.status, 200, "{}", new.text());
    assert!(new.text().contains("署名済みの言明書がありません"), "{}", new.text());
    // Only a provider asks for an audit.
    let mut lead = Browser::signed_in(&house, "audit-lead");
    assert_eq!(lead.get("/ismap/engagements/new").status, 404);
    for page in ["", "/plan", "/items", "/items/9.2.3", "/findings", "/evidence", "/evidence/00", "/report"] {
        let path = format!("/ismap/engagements/nothing{page}");
        assert_eq!(lead.get(&path).status, 404, "{path}");
    }
    assert_eq!(lead.get("/ismap/engagements?as_of=2026-01-01").status, 200);
}
