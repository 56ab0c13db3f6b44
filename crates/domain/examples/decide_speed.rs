//! How long a decision takes: `cargo run --release -p sekisho-domain --example decide_speed` prints JSON.

use sekisho_domain::decision::{Facts, Rules};
use sekisho_domain::rule_set::{AppliesTo, RuleSet};
use std::hint::black_box;
use std::time::Instant;

const ALLOWED: &str = r#"{
  "model": "kakuu-chat", "app": "", "zone": "lgwan", "grade": 1, "grade_label": "機密性2", "sensitive": true,
  "out_of_scope_information": false, "my_number": false, "credential": false, "sending_restricted": false,
  "finding_blocked": false, "finding_unconfirmed": false,
  "person": "p-0a1b2c3d", "department": "soumu", "post": "kakaricho",
  "service": "kakuu-cloud", "service_name": "架空クラウドAI", "service_known": true, "form": "individual_contract",
  "generative_ai": true, "hosting_route": "lgwan-asp", "region": "jp", "governing_law": "JP", "advisory_open": false,
  "consultation": "consented", "ismap": "active", "ismap_liu": false, "in_declared_scope": true, "scope_gap": "",
  "incident_open": false, "liu_work_listed_low": false, "permit": "active", "permit_changes": "",
  "permit_covers_service": true, "permit_covers_purpose": true, "in_user_range": true, "ceiling": 1,
  "ceiling_label": "機密性2", "regulation_complete": true, "risk": "low", "acknowledged": []
}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let allowed: Facts = serde_json::from_str(ALLOWED)?;
    let mut denied = allowed.clone();
    denied.form = sekisho_domain::service::ProvisionForm::StandardTerms;
    denied.permit = sekisho_domain::decision::PermitStanding::Expired;

    let mut lines = Vec::new();
    for (name, sets) in [
        ("national", RuleSet::builtin_for(AppliesTo::National)),
        ("local", RuleSet::builtin_for(AppliesTo::Local)),
        ("all", RuleSet::builtin()),
    ] {
        let started = Instant::now();
        let rules = Rules::compile(&sets)?;
        let compile_ms = started.elapsed().as_secs_f64() * 1e3;
        let (allow, _) = median_us(|| rules.decide(black_box(&allowed)).outcome);
        let (deny, deny_p99) = median_us(|| rules.decide(black_box(&denied)).outcome);
        let (cedar, _) = median_us(|| rules.decide_by_cedar_alone(black_box(&denied)).outcome);
        lines.push(serde_json::json!({
            "rule_sets": name, "rules": rules.rules().len(), "compile_ms": round(compile_ms),
            "allow_us": round(allow), "deny_us": round(deny), "deny_p99_us": round(deny_p99),
            "deny_by_cedar_alone_us": round(cedar),
        }));
    }
    println!("{}", serde_json::to_string_pretty(&lines)?);
    Ok(())
}

/// Median and 99th percentile, in microseconds, of batches of ten.
fn median_us<T>(mut act: impl FnMut() -> T) -> (f64, f64) {
    let mut batches: Vec<f64> = (0..3_000)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..10 {
                black_box(act());
            }
            started.elapsed().as_secs_f64() * 1e5
        })
        .collect();
    batches.sort_by(f64::total_cmp);
    let at = |share: usize| batches.get(batches.len() * share / 100).copied().unwrap_or(f64::NAN);
    (at(50), at(99))
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
