//! How long a whole statement takes to validate: `cargo run --release -p sekisho-domain --example validate [items]`.
//!
//! Prints the median of 101 runs over 1,500 items (or as many as named). The aim is under 20 ms, so that the rules can run
//! while somebody types.

use sekisho_domain::ismap::catalogue::Catalogue;
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use sekisho_domain::ismap::statement::{Answer, Decision, ServiceProfile, StatementContent, Validated, validate};
use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

const RUNS: usize = 101;

fn main() -> Result<(), Box<dyn Error>> {
    let items: u32 = std::env::args().nth(1).map_or(Ok(1_500), |text| text.parse())?;
    let catalogue = catalogue(items)?;
    let clean = content(&catalogue, false)?;
    let faulty = content(&catalogue, true)?;
    let id = clean.catalogue.clone();
    for (name, content) in [("without a problem", &clean), ("a problem in every third item", &faulty)] {
        let found = validate(&catalogue, content).problems.len();
        let middle = median(|| validate(&catalogue, content).problems.len());
        println!("{} items, {name} ({found} problems): {:.3} ms", catalogue.criteria.len(), millis(middle));
    }
    let middle = median(|| Validated::new(&id, &catalogue, &clean).map_or(0, |(_, bytes)| bytes.len()));
    println!("the same with its bytes and their hash, as it is kept: {:.3} ms", millis(middle));
    Ok(())
}

/// The median of some runs of a work.
fn median(work: impl Fn() -> usize) -> Duration {
    let mut took: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            black_box(work());
            begun.elapsed()
        })
        .collect();
    took.sort_unstable();
    took.get(RUNS / 2).copied().unwrap_or_default()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Objectives with nine details each, every third detail basic, in the shape of real numbers.
fn catalogue(items: u32) -> Result<Catalogue, Box<dyn Error>> {
    let mut criteria = Vec::new();
    for at in 0..items {
        let (objective, detail) = (at / 10, at % 10);
        let [chapter, section, number] = [3 + objective / 81, 1 + objective / 9 % 9, 1 + objective % 9];
        let suffix = if detail > 0 && detail % 3 == 0 { ".B" } else { "" };
        let text = match detail {
            0 => format!("{chapter}.{section}.{number}"),
            _ => format!("{chapter}.{section}.{number}.{detail}{suffix}"),
        };
        let id: CriterionId = text.parse()?;
        criteria.push(Criterion {
            id,
            raw_id: String::new(),
            text: "架空の管理策の本文。".repeat(8),
            flag_provider: false,
            flag_basic: id.says_basic(),
            audit_group: "A".into(),
            cycle_years: Some(3),
        });
    }
    Catalogue::new(BTreeMap::new(), criteria).map_err(|faults| format!("{faults:?}").into())
}

fn content(catalogue: &Catalogue, faulty: bool) -> Result<StatementContent, Box<dyn Error>> {
    let answers = catalogue.criteria.iter().enumerate().map(|(at, criterion)| {
        let answer = Answer {
            decision: if faulty && at % 3 == 1 { Some(Decision::Excluded) } else { Some(Decision::Adopted) },
            control: "手順書に従い、月次で実施し、記録を残す。".repeat(6),
            ..Answer::default()
        };
        (criterion.id, answer)
    });
    Ok(StatementContent {
        catalogue: "kijun-1".parse()?,
        from: "2025-04-01".parse()?,
        to: "2026-03-31".parse()?,
        service: ServiceProfile {
            service_name: "架空ドライブ".into(),
            scope: "東京リージョンのファイル共有".into(),
            ..ServiceProfile::default()
        },
        answers: answers.collect(),
    })
}
