//! A report as files.

use super::chart::{Chart, chart};
use super::paper::{Paper, Section};
use super::printed::printed;
use crate::sheet::harmless;
use askama::Template;
use jiff::Timestamp;
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};
use sekisho_domain::use_report::UseReport;

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Markdown.
    Md,
    /// One HTML file that needs no other.
    Html,
    /// For printing and keeping: tagged (PDF/UA-1), the font inside.
    Pdf,
    /// A workbook with a sheet for each table.
    Xlsx,
    /// Every figure in a line of its own.
    Csv,
    /// The figures as they are counted again.
    Json,
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotWritten {
    /// The workbook.
    #[error("the workbook cannot be made: {0}")]
    Xlsx(#[from] XlsxError),
    /// The table of figures.
    #[error("the CSV cannot be made: {0}")]
    Csv(#[from] csv::Error),
    /// The page.
    #[error("the page cannot be made: {0}")]
    Html(#[from] askama::Error),
    /// The printed paper.
    #[error(transparent)]
    Pdf(#[from] sekisho_pdf::NotPrinted),
    /// The figures.
    #[error("the figures cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

impl Format {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [Self::Html, Self::Pdf, Self::Xlsx, Self::Csv, Self::Md, Self::Json];

    /// The one an address names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == name)
    }

    /// The end of a file's name.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// What people call it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Md => "Markdown",
            Self::Html => "HTML（一つのファイル）",
            Self::Pdf => "PDF（印刷・保存用）",
            Self::Xlsx => "XLSX",
            Self::Csv => "CSV",
            Self::Json => "JSON（検証用）",
        }
    }

    /// The type of its content.
    pub(crate) fn mime(self) -> &'static str {
        match self {
            Self::Md => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// The bytes of the file. `now` dates a PDF.
    ///
    /// # Errors
    /// [`NotWritten`].
    pub(crate) fn write(self, report: &UseReport, paper: &Paper, now: Timestamp) -> Result<Vec<u8>, NotWritten> {
        match self {
            Self::Md => Ok(markdown(paper).into_bytes()),
            Self::Html => Ok(Whole { paper, charts: charts(paper) }.render()?.into_bytes()),
            Self::Pdf => Ok(sekisho_pdf::print(&printed(paper, now))?),
            Self::Xlsx => Ok(xlsx(paper)?),
            Self::Csv => Ok(csv(paper)?),
            Self::Json => Ok(serde_json::to_vec_pretty(report)?),
        }
    }
}

/// The charts of a report, one for each section.
pub(crate) fn charts(paper: &Paper) -> Vec<(&Section, Option<Chart>)> {
    paper.sections.iter().map(|section| (section, chart(section))).collect()
}

#[derive(Template)]
#[template(path = "use_report/whole.html")]
struct Whole<'p> {
    paper: &'p Paper,
    charts: Vec<(&'p Section, Option<Chart>)>,
}

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn markdown(paper: &Paper) -> String {
    use std::fmt::Write as _;
    let mut out = format!("# {}\n\n{}\n\n| 項目 | 値 |\n|---|---:|\n", paper.title, paper.body);
    for (name, value) in &paper.facts {
        let _ = writeln!(out, "| {name} | {} |", cell(&value.shown()));
    }
    for section in &paper.sections {
        let _ = write!(out, "\n## {}\n\n", section.title.replace(['\n', '\r'], " "));
        if !section.note.is_empty() {
            let _ = write!(out, "{}\n\n", section.note);
        }
        if section.rows.is_empty() {
            out.push_str("該当する記録はありません。\n");
            continue;
        }
        let _ = writeln!(out, "| {} |", section.columns.join(" | "));
        let _ = writeln!(out, "|---{}|", "|---:".repeat(section.columns.len().saturating_sub(1)));
        for row in &section.rows {
            let cells: Vec<String> = row.iter().map(|one| cell(&one.shown())).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
    }
    out.push_str("\n## 数え方\n\n");
    for note in &paper.notes {
        let _ = writeln!(out, "- {note}");
    }
    out
}

/// Table, row, column and figure in a line each, so that any program can take what it needs.
fn csv(paper: &Paper) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(["表", "区分", "項目", "値"])?;
    for (name, value) in &paper.facts {
        writer.write_record(["概要", "", name, &harmless(&value.plain())])?;
    }
    for section in &paper.sections {
        for row in &section.rows {
            let Some((name, figures)) = row.split_first() else { continue };
            let name = harmless(&name.plain());
            for (column, figure) in section.columns.iter().skip(1).zip(figures) {
                writer.write_record([&*harmless(&section.title), name.as_str(), column, &figure.plain()])?;
            }
        }
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn xlsx(paper: &Paper) -> Result<Vec<u8>, XlsxError> {
    use super::paper::Cell;
    let mut book = Workbook::new();
    let head = CellFormat::new().set_bold();
    let figure = CellFormat::new().set_num_format("#,##0");
    let percent = CellFormat::new().set_num_format("0.0%");
    let tenths = CellFormat::new().set_num_format("#,##0.0");
    // Figures beyond 2^53 do not occur; what a workbook cannot hold exactly is left to the JSON.
    let float = |n: u64| u32::try_from(n).map_or_else(|_| n as f64, f64::from);
    let put = |sheet: &mut rust_xlsxwriter::Worksheet, row: u32, column: u16, cell: &Cell| -> Result<(), XlsxError> {
        match cell {
            Cell::Number(n) => sheet.write_number_with_format(row, column, float(*n), &figure)?,
            Cell::Share(n) => sheet.write_number_with_format(row, column, float(*n) / 1000.0, &percent)?,
            Cell::Tenths(n) => sheet.write_number_with_format(row, column, float(*n) / 10.0, &tenths)?,
            Cell::Text(text) => sheet.write_string(row, column, text)?,
            Cell::Hidden | Cell::None => sheet.write_string(row, column, cell.shown())?,
        };
        Ok(())
    };
    let sheet = book.add_worksheet().set_name("概要")?;
    sheet.write_string_with_format(0, 0, &paper.title, &head)?;
    sheet.write_string(1, 0, &paper.body)?;
    for (row, (name, value)) in (3_u32..).zip(&paper.facts) {
        sheet.write_string(row, 0, *name)?;
        put(sheet, row, 1, value)?;
    }
    for (row, note) in (4 + paper.facts.len() as u32..).zip(&paper.notes) {
        sheet.write_string(row, 0, note)?;
    }
    sheet.set_column_width(0, 30)?;
    for section in &paper.sections {
        let sheet = book.add_worksheet().set_name(section.sheet.as_deref().unwrap_or(&section.title))?;
        for (column, name) in (0_u16..).zip(&section.columns) {
            sheet.write_string_with_format(0, column, *name, &head)?;
        }
        for (row, cells) in (1_u32..).zip(&section.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                put(sheet, row, column, cell)?;
            }
        }
        sheet.set_column_width(0, 40)?;
        sheet.set_freeze_panes(1, 0)?;
    }
    book.save_to_buffer()
}
