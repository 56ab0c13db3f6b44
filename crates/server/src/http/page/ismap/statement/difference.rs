//! What two statements differ in, item by item.

use super::editor::{Head, framed, period};
use super::items::{changes, decision};
use super::opened::open;
use super::service::in_words;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::statement::{Answer, StatementContent};
use std::collections::BTreeMap;

/// A line: what, before, after.
type Changed = (String, String, String, String);

fn texts(answer: &Answer) -> [(&'static str, String); 5] {
    [
        ("採否", decision(answer.decision).to_owned()),
        ("個別管理策", answer.control.clone()),
        ("理由", answer.reason.clone()),
        ("前回の監査からの変更", changes(answer.changed.iter())),
        ("変更の内容", answer.change_note.clone()),
    ]
}

/// Items are compared by their numbers: a version of the criteria may give the same item another suffix.
fn differences(earlier: &StatementContent, later: &StatementContent) -> Vec<Changed> {
    let mut lines: Vec<Changed> = Vec::new();
    for ((label, before), (_, after)) in in_words(&earlier.service).into_iter().zip(in_words(&later.service)) {
        if before != after {
            lines.push(("サービスの説明".to_owned(), label.to_owned(), before, after));
        }
    }
    let nothing = Answer::default();
    let mut all: BTreeMap<[u16; 4], CriterionId> = earlier.answers.keys().map(|id| (id.numbers(), *id)).collect();
    all.extend(later.answers.keys().map(|id| (id.numbers(), *id)));
    for id in all.into_values() {
        let (before, after) = (earlier.beside(id).unwrap_or(&nothing), later.beside(id).unwrap_or(&nothing));
        for ((label, before), (_, after)) in texts(before).into_iter().zip(texts(after)) {
            if before.trim() != after.trim() {
                lines.push((id.to_string(), label.to_owned(), before, after));
            }
        }
    }
    lines
}

#[derive(Template)]
#[template(path = "ismap/statement/difference.html")]
struct DifferencePage {
    frame: Frame,
    head: Head,
    other: String,
    other_period: String,
    other_state: &'static str,
    table: Table,
}

const COLUMNS: [Column; 4] =
    [Column::plain("項目"), Column::plain("どこが"), Column::plain("比べる版"), Column::plain("この版")];

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, other)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    let other = open(&app, &register, &signed, &other, None).await?;
    let slice = asked.slice(differences(other.said()?, opened.said()?), &[]);
    let to = format!("/ismap/statements/{}/difference/{}", opened.id, other.id);
    let table =
        Table::new(to, ("違うところ", "違うところはありません。"), &COLUMNS, &asked, slice, |line| {
            let (item, what, before, after) = line;
            vec![Cell::text(item), Cell::text(what), Cell::text(before), Cell::text(after)]
        });
    if let Some(file) = table.file("statement-difference")? {
        return Ok(file);
    }
    let shown = DifferencePage {
        frame: framed(&app, &signed, &register, &opened, "二つの言明書の違い").await?,
        head: Head::of(&register, &opened),
        other: other.id.to_string(),
        other_period: period(&other.statement),
        other_state: other.statement.state.label(),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_domain::id::CatalogueId;
    use sekisho_domain::ismap::statement::{Decision, Edit, ServiceProfile};

    #[test]
    fn given_two_versions_then_only_what_differs_is_told_whatever_the_suffix() {
        let said = |id: &str, control: &str| {
            let mut content = StatementContent {
                catalogue: CatalogueId::new("kakuu").unwrap(),
                from: "2025-04-01".parse().unwrap(),
                to: "2026-03-31".parse().unwrap(),
                service: ServiceProfile { service_name: control.into(), ..ServiceProfile::default() },
                answers: BTreeMap::new(),
            };
            let edit = Edit { decision: Some(Decision::Adopted), control: control.into(), ..Edit::default() };
            content.edit(id.parse().unwrap(), None, &edit).unwrap();
            content
        };
        let lines = differences(&said("5.1.1.1", "一"), &said("5.1.1.1.PB", "二"));
        let lines: Vec<(&str, &str)> = lines.iter().map(|line| (line.0.as_str(), line.1.as_str())).collect();
        assert_eq!(lines, [("サービスの説明", "サービス名"), ("5.1.1.1.PB", "個別管理策")]);
        assert!(differences(&said("5.1.1.1", "一"), &said("5.1.1.1", "一")).is_empty());
    }
}
