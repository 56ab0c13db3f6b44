//! 監査前の差異分析: by chapter, what is adopted, what lacks, what changed, and what is other than last year.

use super::editor::{Head, framed};
use super::opened::{open, previous};
use super::selection::by_item;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::ismap::catalogue::Catalogue;
use sekisho_domain::ismap::statement::{Answer, ControlChange, Decision, Severity, StatementContent, validate};
use std::collections::BTreeMap;

/// What stands in a chapter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Gap {
    items: usize,
    adopted: usize,
    excluded: usize,
    undecided: usize,
    errors: usize,
    /// Basic items that are not adopted.
    basic: usize,
    /// Changes that count as 統制変更.
    changed: usize,
    /// Decided otherwise than last year.
    other: usize,
    /// Excluded last year, adopted now, and not marked as such.
    unmarked: usize,
}

fn gaps(catalogue: &Catalogue, content: &StatementContent, before: Option<&StatementContent>) -> BTreeMap<u16, Gap> {
    let validation = validate(catalogue, content);
    let problems = by_item(&validation);
    let nothing = Answer::default();
    let mut all: BTreeMap<u16, Gap> = BTreeMap::new();
    for criterion in &catalogue.criteria {
        let gap = all.entry(criterion.id.chapter()).or_default();
        let answer = content.answers.get(&criterion.id).unwrap_or(&nothing);
        let last = before.and_then(|before| before.beside(criterion.id)).and_then(|answer| answer.decision);
        let told = problems.get(&criterion.id).into_iter().flatten();
        gap.items += 1;
        gap.errors += told.filter(|p| p.severity == Severity::Error).count();
        match answer.decision {
            Some(Decision::Adopted) => gap.adopted += 1,
            Some(Decision::Excluded) => gap.excluded += 1,
            None => gap.undecided += 1,
        }
        gap.basic += usize::from(criterion.flag_basic && answer.decision != Some(Decision::Adopted));
        gap.changed += usize::from(answer.changed.iter().any(|kind| kind.counts()));
        gap.other += usize::from(before.is_some() && answer.decision.is_some() && answer.decision != last);
        let newly = last == Some(Decision::Excluded) && answer.decision == Some(Decision::Adopted);
        gap.unmarked += usize::from(newly && !answer.changed.contains(&ControlChange::NewlyAdopted));
    }
    all
}

#[derive(Template)]
#[template(path = "ismap/statement/gap.html")]
struct GapPage {
    frame: Frame,
    head: Head,
    compared: bool,
    table: Table,
}

const COLUMNS: [Column; 10] = [
    Column::plain("章"),
    Column::plain("項目"),
    Column::plain("採用"),
    Column::plain("非採用"),
    Column::plain("未決定"),
    Column::plain("要修正"),
    Column::plain("採用していない基本言明要件"),
    Column::plain("統制変更"),
    Column::plain("前の言明書と採否が違う"),
    Column::plain("採用への変更の印がない"),
];

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    if !opened.own {
        return Err(PageError::Missing);
    }
    let before = previous(&app, &register, &opened.statement).await?;
    let rows: Vec<(u16, Gap)> = gaps(&opened.catalogue, opened.said()?, before.as_ref()).into_iter().collect();
    let slice = asked.slice(rows, &[]);
    let to = format!("/ismap/statements/{}/gap", opened.id);
    let worth = |count: usize, tone| match count {
        0 => Cell::text("0"),
        _ => Cell::tag(tone, count.to_string()),
    };
    let table = Table::new(
        to,
        ("章ごとの差異", "項目がありません。"),
        &COLUMNS,
        &asked,
        slice,
        |(chapter, gap)| {
            let title = opened.catalogue.chapters.get(&chapter).map_or("", String::as_str);
            vec![
                Cell::link(
                    format!("/ismap/statements/{}?c={chapter}&show=problems", opened.id),
                    format!("{chapter} {title}"),
                ),
                Cell::text(gap.items.to_string()),
                Cell::text(gap.adopted.to_string()),
                Cell::text(gap.excluded.to_string()),
                worth(gap.undecided, Tone::Look),
                worth(gap.errors, Tone::Bad),
                worth(gap.basic, Tone::Bad),
                Cell::text(gap.changed.to_string()),
                if before.is_some() { Cell::text(gap.other.to_string()) } else { Cell::text("—") },
                if before.is_some() { worth(gap.unmarked, Tone::Look) } else { Cell::text("—") },
            ]
        },
    );
    if let Some(file) = table.file("statement-gap")? {
        return Ok(file);
    }
    let shown = GapPage {
        frame: framed(&app, &signed, &register, &opened, "監査前の差異分析").await?,
        head: Head::of(&register, &opened),
        compared: before.is_some(),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_domain::id::CatalogueId;
    use sekisho_domain::ismap::criterion::Criterion;
    use sekisho_domain::ismap::statement::{Edit, ServiceProfile};

    #[test]
    fn given_last_year_when_an_item_is_adopted_anew_then_the_missing_mark_is_counted() {
        let item = |id: &str, basic| Criterion {
            id: id.parse().unwrap(),
            raw_id: String::new(),
            text: "架空".into(),
            flag_provider: false,
            flag_basic: basic,
            audit_group: String::new(),
            cycle_years: None,
        };
        let all = vec![item("5.1.1", false), item("5.1.1.1", true), item("5.1.1.2.B", true), item("6.1.1", false)];
        let catalogue = Catalogue::new(BTreeMap::new(), all).unwrap();
        let said = |decisions: &[(&str, Decision)]| {
            let mut content = StatementContent {
                catalogue: CatalogueId::new("kakuu").unwrap(),
                from: "2025-04-01".parse().unwrap(),
                to: "2026-03-31".parse().unwrap(),
                service: ServiceProfile::default(),
                answers: BTreeMap::new(),
            };
            for (id, decision) in decisions {
                let edit = Edit { decision: Some(*decision), control: "文".into(), ..Edit::default() };
                content.edit(id.parse().unwrap(), None, &edit).unwrap();
            }
            content
        };
        let last = said(&[("5.1.1", Decision::Adopted), ("5.1.1.1", Decision::Excluded)]);
        let mut now = said(&[("5.1.1", Decision::Adopted), ("5.1.1.1", Decision::Adopted)]);
        let gap = gaps(&catalogue, &now, Some(&last));
        let wanted = Gap {
            items: 3,
            adopted: 2,
            excluded: 0,
            undecided: 1,
            errors: 1,
            basic: 1,
            changed: 0,
            other: 1,
            unmarked: 1,
        };
        assert_eq!(gap[&5], wanted);
        assert_eq!((gap[&6].undecided, gap[&6].other), (1, 0));
        let id = "5.1.1.1".parse().unwrap();
        now.answers.get_mut(&id).unwrap().changed.insert(ControlChange::NewlyAdopted);
        let gap = gaps(&catalogue, &now, Some(&last));
        assert_eq!((gap[&5].unmarked, gap[&5].changed), (0, 1));
    }
}
