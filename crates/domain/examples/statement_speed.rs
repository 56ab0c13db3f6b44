//! How long a whole statement takes to check: `cargo run --release -p sekisho-domain --example statement_speed [items]`
//! validates one of 1,500 items in memory and prints JSON.

use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::Catalogue;
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use sekisho_domain::ismap::statement::{Answer, Decision, ServiceProfile, StatementContent, Validated, validate};
use serde_json::json;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let items: usize = std::env::args().nth(1).map_or(Ok(1_500), |text| text.parse())?;
    let (mut criteria, mut chapter, mut objective) = (Vec::new(), 5, 0);
    while criteria.len() < items {
        objective += 1;
        if objective > 20 {
            (chapter, objective) = (chapter + 1, 1);
        }
        for detail in 0..=9 {
            let number = match detail {
                0 => format!("{chapter}.1.{objective}"),
                n => format!("{chapter}.1.{objective}.{n}{}", if n == 1 { ".B" } else { "" }),
            };
            criteria.push(Criterion {
                id: number.parse::<CriterionId>()?,
                raw_id: String::new(),
                text: "架空の管理策。".repeat(12),
                flag_provider: false,
                flag_basic: detail == 1,
                audit_group: String::new(),
                cycle_years: None,
            });
        }
    }
    let catalogue = Catalogue::new(BTreeMap::new(), criteria).map_err(|faults| format!("{faults:?}"))?;
    let id = CatalogueId::new("kakuu")?;
    let service = ServiceProfile { service_name: "架空".into(), scope: "全体".into(), ..ServiceProfile::default() };
    let answer =
        Answer { decision: Some(Decision::Adopted), control: "個別管理策。".repeat(40), ..Answer::default() };
    let answers = catalogue.criteria.iter().map(|c| (c.id, answer.clone())).collect();
    let (from, to) = ("2025-04-01".parse()?, "2026-03-31".parse()?);
    let content = StatementContent { catalogue: id.clone(), from, to, service, answers };
    let empty = StatementContent { answers: BTreeMap::new(), ..content.clone() };
    let time = |work: &dyn Fn()| {
        let started = Instant::now();
        (0..100).for_each(|_| work());
        started.elapsed().as_secs_f64() * 10.0
    };
    let bytes = serde_json::to_vec(&content)?;
    let whole = time(&|| drop(black_box(validate(&catalogue, &content))));
    let nothing = time(&|| drop(black_box(validate(&catalogue, &empty))));
    let reading = time(&|| drop(black_box(serde_json::from_slice::<StatementContent>(&bytes))));
    let validated = time(&|| drop(black_box(Validated::new(&id, &catalogue, &content))));
    let told = json!({
        "items": catalogue.criteria.len(), "bytes": bytes.len(), "validate_complete_ms": whole,
        "validate_empty_ms": nothing, "read_ms": reading, "validate_and_hash_ms": validated,
    });
    println!("{told}");
    Ok(())
}
