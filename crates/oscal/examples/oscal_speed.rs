//! How long documents of 1,500 items take: `cargo run --release -p sekisho-oscal --example oscal_speed` prints JSON.

use sekisho_domain::ismap::catalogue::Catalogue;
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use sekisho_domain::ismap::statement::{Answer, Decision, ServiceProfile, StatementContent};
use sekisho_oscal::{CatalogueMeta, Document, StatementMeta, export_catalog, export_ssp, import_catalog, import_ssp};
use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let (meta, catalogue) = catalogue()?;
    let bytes = export_catalog(&meta, &catalogue)?;
    let written = median_ms(|| export_catalog(&meta, &catalogue).map(|b| b.len()).ok());
    let read = median_ms(|| import_catalog(&Document::read(&bytes).ok()?).map(|r| r.report.notes.len()).ok());
    let foreign = String::from_utf8(bytes.clone())?.replace("\"ismap-", "\"kakuu-").replace("\"label\"", "\"fuda\"");
    let other =
        median_ms(|| import_catalog(&Document::read(foreign.as_bytes()).ok()?).map(|r| r.report.notes.len()).ok());
    let (statement_meta, statement) = statement(&meta, &catalogue)?;
    let plan = export_ssp(&statement_meta, &statement)?;
    let plan_written = median_ms(|| export_ssp(&statement_meta, &statement).map(|b| b.len()).ok());
    let plan_read = median_ms(|| import_ssp(&Document::read(&plan).ok()?).map(|r| r.report.notes.len()).ok());
    let figures = serde_json::json!({
        "items": catalogue.criteria.len(), "catalog_bytes": bytes.len(), "catalog_export_ms": written,
        "catalog_import_ms": read, "foreign_catalog_import_ms": other, "ssp_bytes": plan.len(),
        "ssp_export_ms": plan_written, "ssp_import_ms": plan_read,
    });
    println!("{figures:#}");
    Ok(())
}

fn catalogue() -> Result<(CatalogueMeta, Catalogue), Box<dyn Error>> {
    let mut criteria = Vec::new();
    for n in 0..1_500 {
        let (objective, detail) = (n / 10, n % 10);
        let (chapter, section, objective) = (5 + objective / 15, 1 + objective / 5 % 3, 1 + objective % 5);
        let below = if detail == 0 { String::new() } else { format!(".{detail}") };
        criteria.push(Criterion {
            id: CriterionId::parse(&format!("{chapter}.{section}.{objective}{below}"))?,
            raw_id: String::new(),
            text: "架空の項目の本文。決めたことを書き、年に一度見直し、見直した日を残す。".repeat(4),
            flag_provider: n % 7 == 0,
            flag_basic: n % 5 == 0,
            audit_group: String::new(),
            cycle_years: None,
        });
    }
    let meta = CatalogueMeta {
        id: "kakuu-speed".parse()?,
        title: "架空の管理基準".to_owned(),
        version: "1".to_owned(),
        effective_from: None,
        effective_to: None,
        fictional: true,
        last_modified: "2026-04-01T00:00:00Z".parse()?,
    };
    let catalogue = Catalogue::new(BTreeMap::new(), criteria).map_err(|faults| format!("{faults:?}"))?;
    Ok((meta, catalogue))
}

fn statement(meta: &CatalogueMeta, catalogue: &Catalogue) -> Result<(StatementMeta, StatementContent), Box<dyn Error>> {
    let answer = Answer {
        decision: Some(Decision::Adopted),
        control: "架空の個別管理策。担当が画面で確かめ、印を残す。".repeat(4),
        ..Answer::default()
    };
    let content = StatementContent {
        catalogue: meta.id.clone(),
        from: "2025-04-01".parse()?,
        to: "2026-03-31".parse()?,
        service: ServiceProfile::default(),
        answers: catalogue.criteria.iter().map(|c| (c.id, answer.clone())).collect(),
    };
    let meta = StatementMeta {
        id: "kakuu-statement".parse()?,
        version: "1".to_owned(),
        provider: None,
        last_modified: meta.last_modified,
    };
    Ok((meta, content))
}

/// The median of a few runs, in milliseconds.
fn median_ms<T>(run: impl Fn() -> T) -> f64 {
    let mut times: Vec<f64> = (0..15)
        .map(|_| {
            let started = Instant::now();
            black_box(run());
            started.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times.get(times.len() / 2).copied().unwrap_or_default() * 10.0).round() / 10.0
}
