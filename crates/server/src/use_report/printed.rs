//! A report as a printed paper.

use super::chart;
use super::paper::{Cell, Paper, Section};
use jiff::Timestamp;
use sekisho_domain::day::in_japan;
use sekisho_pdf::{Block, Chart, ChartKind, Document, Mark, Table};

/// The document of a report made at a time.
pub(super) fn printed(paper: &Paper, now: Timestamp) -> Document {
    let day = in_japan(now).strftime("%Y年%-m月%-d日");
    let made = format!("{}　作成日 {day}", paper.body);
    let facts = Table {
        summary: "報告の概要".to_owned(),
        head: vec!["項目".to_owned(), "値".to_owned()],
        rows_are_named: true,
        rows: paper.facts.iter().map(|(name, value)| vec![words(name), cell(value)]).collect(),
    };
    let mut blocks = vec![Block::Paragraph(made.trim().to_owned()), Block::Table(facts)];
    for section in &paper.sections {
        blocks.extend(of(section));
    }
    blocks.push(Block::Heading(1, "数え方".to_owned()));
    blocks.push(Block::List(paper.notes.clone()));
    Document {
        title: paper.title.clone(),
        author: paper.body.clone(),
        made: Some(now),
        footer: format!("{}　{}", paper.body, paper.title),
        blocks,
    }
}

fn words(text: &str) -> sekisho_pdf::Cell {
    sekisho_pdf::Cell { text: text.to_owned(), is_figure: false }
}

fn cell(cell: &Cell) -> sekisho_pdf::Cell {
    sekisho_pdf::Cell { text: cell.shown(), is_figure: cell.is_figure() }
}

fn of(section: &Section) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, section.title.to_string())];
    if !section.note.is_empty() {
        blocks.push(Block::Paragraph(section.note.to_owned()));
    }
    if section.rows.is_empty() {
        blocks.push(Block::Paragraph("該当する記録はありません。".to_owned()));
        return blocks;
    }
    let mark = |(name, value): &(String, Option<u64>)| Mark {
        name: name.clone(),
        value: *value,
        figure: chart::figure(*value),
    };
    if !chart::drawn(section).is_empty() {
        blocks.push(Block::Chart(Chart {
            caption: chart::title(section),
            alternative: chart::description(section),
            kind: if section.in_time { ChartKind::Columns } else { ChartKind::Bars },
            marks: chart::drawn(section).iter().map(mark).collect(),
        }));
    }
    blocks.push(Block::Table(Table {
        summary: section.title.to_string(),
        head: section.columns.iter().map(|&column| column.to_owned()).collect(),
        rows_are_named: true,
        rows: section.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
    }));
    blocks
}
