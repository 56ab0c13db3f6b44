//! P9: decisions replay to the byte.
//!
//! A run in which everything happens that changes what is allowed: services change their terms, permits are suspended,
//! approved again and revoked, grades and findings differ, keys are revoked. From the exported ledger alone every
//! single decision comes out again as it was recorded. And a forger who holds the log's own key, and so can sign
//! anything, is found all the same where a decision rests on what he changed: it does not follow from his register.

use crate::exported::Exported;
use crate::house::{House, UPSTREAM, founded, run, run_json};
use crate::stand_in::StandIn;
use sekisho_ledger::checkpoint::{Checkpoint, Origin};
use sekisho_ledger::export::BundleWriter;
use sekisho_ledger::note::Signer;
use sekisho_ledger::tree::Tree;
use serde_json::{Value, json};
use std::path::Path;

/// Asks, and expects an outcome: the empty code for an answer.
fn expect(house: &House, code: &str, model: &str, prompt: &str, headers: &[(&str, &str)]) {
    let answer = house.client().ask(model, prompt, headers).expect("an answer");
    let status = if code.is_empty() { 200 } else { 403 };
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{model}, {prompt}: {}", answer.text());
}

/// A day in the life of a ministry.
fn mixed_run(house: &House) {
    let permit = |model: &str| house.demo["permits"][model].as_str().expect("a permit").to_owned();
    let public = [("x-sekisho-grade", "機密性1")];
    let internal = [("x-sekisho-grade", "機密性2")];

    for model in [UPSTREAM, "kakuu-local", "kakuu-cloud", "kakuu-open"] {
        expect(house, "", model, "公開資料の要約をお願いします。", &public);
    }
    expect(house, "", "kakuu-cloud", "会議の議事録です。", &internal);
    expect(house, "GRADE_CEILING", "kakuu-local", "取扱いに注意。", &[("x-sekisho-grade", "機密性3")]);
    let answer = house.client().ask("kakuu-open", "内部の資料です。", &internal).expect("an answer");
    assert_eq!(answer.status, 403, "機密性2 never goes to a service of 約款型: {}", answer.text());
    expect(house, "NOT_CATALOGUED", "no-such-model", "だれが答えますか。", &[]);

    // New terms suspend the permit by themselves; the approver looks and approves again.
    let terms = json!({ "url": "https://example.invalid/kakuu-cloud/terms", "sha256": "5".repeat(64) });
    house.command("manager", "service.change_terms", &json!({ "service": "kakuu-cloud", "terms": terms }));
    expect(house, "PERMIT_SUSPENDED", "kakuu-cloud", "約款が変わった直後です。", &public);
    house.command("approver", "permit.reapprove", &json!({ "permit": permit("kakuu-cloud") }));
    expect(house, "", "kakuu-cloud", "再承認のあとです。", &public);

    // By hand, and for good.
    house.command("approver", "permit.suspend", &json!({ "permit": permit(UPSTREAM) }));
    expect(house, "PERMIT_SUSPENDED", UPSTREAM, "停止中です。", &public);
    house.command("approver", "permit.reapprove", &json!({ "permit": permit(UPSTREAM) }));
    expect(house, "", UPSTREAM, "再開しました。", &public);
    house.command("approver", "permit.revoke", &json!({ "permit": permit("kakuu-local") }));
    expect(house, "NO_APPROVAL", "kakuu-local", "取り消されました。", &public);

    // An advisory, and an ISMAP registration that is taken from the list.
    house.command("manager", "advisory.open", &json!({ "service": "kakuu-open", "advisory": "架空の注意喚起" }));
    let answer = house.client().ask("kakuu-open", "注意喚起のあとです。", &public).expect("an answer");
    assert_eq!(answer.status, 403, "an open advisory stops the service: {}", answer.text());
    let removal = json!({ "number": "KAKUU-0001", "status": "removed", "on": "2020-01-01" });
    house.command("manager", "registration.change_status", &removal);
    let answer = house.client().ask("kakuu-cloud", "登録の削除のあとです。", &public).expect("an answer");
    assert_eq!(answer.status, 403, "a removed registration carries nothing: {}", answer.text());
}

#[test]
fn every_decision_replays_to_the_byte() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let data = folder.path().join("data");
    let house = House::start(&data, &upstream);
    mixed_run(&house);
    let export = folder.path().join("ledger");
    let ledger = Exported::of(&data, &export);
    house.stop();

    let uses = ledger.uses();
    let refused = uses.values().filter(|told| !told.refused.is_empty()).count();
    assert!(refused >= 7 && uses.len() - refused >= 7, "{refused} of {} refused: not much of a mixture", uses.len());
    let verified = run_json(&[&"ledger", &"verify", &export, &"--json"]);
    assert_eq!(verified["contradictions"], json!([]), "{verified}");
    assert_eq!(verified["decisions_replayed"], uses.len(), "{verified}");

    // One by one, from the stopped installation: the record again, and the reasons that were given.
    for id in uses.keys() {
        let decided = run_json(&[&"decide", &"--data", &data, &"--use", &id, &"--json"]);
        assert_eq!(decided["same_as_recorded"], true, "{id}: {decided}");
    }

    // One bit of one policy's text.
    let bundle = export.join("tile/entries/000.p").join(ledger.entries.len().to_string());
    let mut bytes = std::fs::read(&bundle).expect("the entries");
    let rules = ledger.entries.iter().position(|e| e["kind"] == "rules.adopted").expect("a rule set");
    let text = b"forbid (principal";
    let at = bytes.windows(text.len()).position(|w| w == text).expect("a policy");
    bytes[at] ^= 1;
    std::fs::write(&bundle, bytes).expect("a change");
    let output = run(&[&"ledger", &"verify", &export, &"--json"]);
    assert_eq!(output.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(said["faults"].as_array().is_some_and(|f| f.iter().any(|f| f["entry"] == rules)), "{said}");
}

/// Writes a ledger anew with the log's own key: every hash and signature is right.
fn forge(data: &Path, entries: &[Vec<u8>], out: &Path) {
    let origin = Origin::new("sekisho.invalid/log1").expect("an origin");
    let seed: [u8; 32] = std::fs::read(data.join("keys/log.seed")).expect("the seed").try_into().expect("32 bytes");
    let signer = Signer::for_log(&origin, seed);
    let mut tree = Tree::new();
    let mut bundle = BundleWriter::create(out).expect("a folder");
    for entry in entries {
        tree.append(sekisho_ledger::hash::leaf_hash(entry));
        bundle.push(entry).expect("an entry");
    }
    let note = Checkpoint { origin, size: tree.size(), root: tree.root() }.sign(&signer);
    bundle.finish(note.as_bytes(), &signer.vkey()).expect("a whole export");
}

#[test]
fn a_forger_with_the_key_of_the_log_is_found_by_the_replay() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let data = folder.path().join("data");
    let house = House::start(&data, &upstream);
    mixed_run(&house);
    let ledger = Exported::of(&data, &folder.path().join("ledger"));
    house.stop();

    // Untouched, what the forger signs is beyond reproach: the test below finds lies, not his handwriting.
    let honest = folder.path().join("honest");
    forge(&data, &ledger.bytes, &honest);
    assert_eq!(run_json(&[&"ledger", &"verify", &honest, &"--json"])["ok"], true);

    let opened = ledger.entries.iter().find(|e| e["kind"] == "use.opened").expect("a use");
    let stood = opened["data"]["decision"]["register"].as_u64().expect("the register's position");
    let (stood, older) = (format!(r#""register":{stood}"#), format!(r#""register":{}"#, stood - 1));

    // What he may wish had been otherwise: kind of entry, words in it, other words of any length.
    let lies = [
        ("a refusal by a rule that never stood there", "rules.adopted", "forbid (principal", "permit (principal"),
        ("a permit that reached no further", "application.submitted", r#""ceiling":1"#, r#""ceiling":0"#),
        ("a use of less grave information", "use.refused", r#""declared":1"#, r#""declared":0"#),
        ("a refusal for another reason", "use.refused", r#""outcome":"deny""#, r#""outcome":"conditional""#),
        ("a use decided on an older register", "use.opened", stood.as_str(), older.as_str()),
        ("a suspension that hit another permit", "permit.suspended", "pm-", "pn-"),
        (
            "an approval that came after all",
            "permit.revoked",
            r#""kind":"permit.revoked""#,
            r#""kind":"permit.suspended""#,
        ),
    ];
    for (number, (lie, kind, truth, words)) in lies.into_iter().enumerate() {
        let of_kind = |bytes: &Vec<u8>| {
            let text = String::from_utf8_lossy(bytes);
            text.contains(&format!(r#""kind":"{kind}""#)) && text.contains(truth)
        };
        let Some(place) = ledger.bytes.iter().position(of_kind) else { panic!("{lie}: nothing there to forge") };
        let mut entries = ledger.bytes.clone();
        entries[place] = String::from_utf8_lossy(&entries[place]).replacen(truth, words, 1).into_bytes();
        let out = folder.path().join(format!("forged-{number}"));
        forge(&data, &entries, &out);
        let output = run(&[&"ledger", &"verify", &out, &"--json"]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{lie} (entry {place}) is not found: {said}");
        let said: Value = serde_json::from_str(&said).expect("JSON");
        assert!(said["contradictions"].as_array().is_some_and(|c| !c.is_empty()), "{lie}: {said}");
    }
}
