//! How long a start takes: `cargo run --release -p sekisho-domain --example fold_speed [entries]` makes a million entries
//! of a large ministry in memory, reads and folds them, and prints JSON.

use sekisho_domain::entry::Entry;
use sekisho_domain::register::Register;
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::Instant;

const DEPARTMENTS: u64 = 400;
const SERVICES: u64 = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let entries: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let written = history(entries);
    let bytes: usize = written.iter().map(Vec::len).sum();

    let started = Instant::now();
    for entry in &written {
        black_box(Entry::read(entry)?);
    }
    let reading = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let mut register = Register::default();
    for (index, entry) in (0..).zip(&written) {
        if let Entry::Governance(entry) = Entry::read(entry)? {
            register.apply(index, &entry)?;
        }
    }
    let seconds = started.elapsed().as_secs_f64();

    // What a node does with each command: fold on a copy while requests go on reading the old one.
    let mut last = Vec::new();
    for entry in written.iter().rev().take(1_000) {
        if let Entry::Governance(entry) = Entry::read(entry)? {
            last.push(entry);
        }
    }
    let started = Instant::now();
    for entry in &last {
        let mut copy = register.clone();
        copy.apply(register.position(), entry)?;
        register = copy;
    }
    let each = started.elapsed().as_secs_f64() / last.len().max(1) as f64;

    println!(
        "{}",
        json!({
            "entries": written.len(),
            "bytes": bytes,
            "seconds": round(seconds),
            "per_second": (written.len() as f64 / seconds).round(),
            "reading_alone_seconds": round(reading),
            "copy_and_apply_us": round(each * 1e6),
            "persons": register.persons().count(),
            "keys": register.keys().count(),
            "permits": register.permits().count(),
        })
    );
    Ok(())
}

fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// Entries as the ledger holds them: the body and its services first, then people with keys, applications, permits and
/// changes in turn.
fn history(entries: u64) -> Vec<Vec<u8>> {
    let mut log = Log { written: Vec::new() };
    let grades = json!([
        {"code": "C1", "label": "機密性1", "sensitive": false},
        {"code": "C2", "label": "機密性2", "sensitive": true},
        {"code": "C3", "label": "機密性3", "sensitive": true},
    ]);
    let body = json!({"organization": "kakuu-sho", "name": "架空省", "sector": "national", "grades": grades});
    log.write("organization.established", "", &body);
    for at in 0..DEPARTMENTS {
        let parent = (at > 0).then(|| format!("d-{}", at / 8));
        let mut department = json!({"department": format!("d-{at}")});
        if let (Some(map), Some(parent)) = (department.as_object_mut(), parent) {
            map.insert("parent".into(), parent.into());
        }
        log.write("department.placed", "", &department);
    }
    for at in 0..SERVICES {
        log.write("service.registered", "統一基準R3 4.2.2(2)(a)", &service(at, "jp"));
    }
    let mut at = 0;
    while (log.written.len() as u64) < entries {
        let person = format!("p-{:032x}", at * 0x9e37_79b9_7f4a_7c15_u64 as u128);
        let joined =
            json!({"person": person, "department": format!("d-{}", at % u128::from(DEPARTMENTS)), "post": "kakaricho"});
        log.write("person.joined", "", &joined);
        let hash = format!("{:064x}", at);
        log.write(
            "key.issued",
            "",
            &json!({"key": format!("k-{at:08}"), "hash": hash, "person": person, "declared": 0}),
        );
        if at % 10 == 0 {
            let (application, permit, service) =
                (format!("ap-{at:032x}"), format!("pm-{at:032x}"), format!("s-{}", at % u128::from(SERVICES)));
            log.write("application.submitted", "統一基準R3 4.2.2(2)(a)", &json!({
                "application": application, "applicant": person, "draft": {
                    "services": [service], "purpose": "国会答弁案の要約と関連資料の検索", "users": {"people": [person]},
                    "ceiling": 1, "from": "2026-11-22", "until": "2027-03-31",
                    "risk_statement": "入力が学習に使われないこと、保存期間、準拠法を約款で確かめた。",
                    "terms_read": {service.as_str(): "a".repeat(64)},
                    "risk": {"users": 1, "work": 1, "learning": 1, "judgement": 0},
                },
            }));
            let basis = json!({service.as_str(): {
                "form": "individual_contract", "ismap": ["KAKUU-0001", "active"], "governing_law": "JP", "advisories": [],
                "hosting_route": "internet", "region": "jp", "base_url": "https://api.example.com/v1", "terms": "a".repeat(64),
            }});
            log.write(
                "application.approved",
                "統一基準R3 4.2.2(2)(b)",
                &json!({
                    "application": application, "permit": permit, "manager": person, "review_on": "2027-02-28",
                    "conditions": ["出力は職員が確かめてから使う"], "basis": basis,
                }),
            );
            if at % 100 == 0 {
                let changes = json!([{"what": "処理する地域", "before": "jp", "after": "us", "service": service}]);
                log.write("permit.suspended", "統一基準R3 4.2.2(2)(b)", &json!({"permit": permit, "changes": changes}));
                log.write("permit.reapproved", "統一基準R3 4.2.2(2)(b)", &json!({"permit": permit, "basis": basis}));
            }
        }
        if at % 20 == 0 {
            let region = if at % 40 == 0 { "us" } else { "jp" };
            log.write("service.changed", "統一基準R3 4.2.2(2)(a)", &self::service(at as u64 % SERVICES, region));
        }
        if at % 7 == 0 {
            log.write("person.moved", "", &json!({"person": person, "department": "d-3", "post": "kacho"}));
        }
        if at % 11 == 0 {
            log.write("key.revoked", "", &json!({"key": format!("k-{at:08}")}));
            log.write("person.left", "", &json!({"person": person}));
        }
        at += 1;
    }
    log.written.truncate(usize::try_from(entries).unwrap_or(usize::MAX));
    log.written
}

struct Log {
    written: Vec<Vec<u8>>,
}

impl Log {
    /// `serde_json` keeps the keys of a value sorted, and these are plain ASCII: the bytes are canonical.
    fn write(&mut self, kind: &str, clause: &str, data: &Value) {
        let mut entry = json!({
            "actor": "p-00000000000000000000000000000001", "at": "2026-11-22T03:00:00.123456Z", "data": data,
            "kind": kind, "org": "kakuu-sho", "reason": "人事異動に伴う変更", "v": 1,
        });
        if let (Some(map), false) = (entry.as_object_mut(), clause.is_empty()) {
            map.insert("clause".into(), clause.into());
        }
        self.written.push(entry.to_string().into_bytes());
    }
}

fn service(at: u64, region: &str) -> Value {
    let models: Vec<Value> = (0..5)
        .map(|n| json!({"model": format!("m-{at}-{n}"), "upstream_model": "gpt-kakuu", "generative": true}))
        .collect();
    json!({
        "service": format!("s-{at}"), "name": "架空クラウドAI", "provider": "架空株式会社", "form": "individual_contract",
        "terms": {"url": "https://example.com/terms", "sha256": "a".repeat(64)}, "models": models, "region": region,
        "governing_law": "JP", "hosting_route": "internet", "ismap": "KAKUU-0001",
        "upstream": {"wire": "open_ai", "base_url": "https://api.example.com/v1", "secret": "kakuu"},
    })
}
