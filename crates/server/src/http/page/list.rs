//! Lists: one page of rows at a time, filtered and sorted on the server, and the whole of it as CSV or XLSX.

use super::error::PageError;
use super::frame::download;
use crate::sheet::harmless;
use axum::response::Response;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Deserialize;
use std::cmp::Ordering;

/// Rows of a page.
const ROWS: usize = 50;

/// What the address of a list asks for. Filters of a single list stand beside it in a struct of their own.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    /// Words to look for.
    #[serde(default)]
    pub(super) q: String,
    /// Column to sort by; with `-` before it, backwards.
    #[serde(default)]
    pub(super) sort: String,
    /// Page, from 1.
    #[serde(default)]
    pub(super) page: String,
    /// `csv` or `xlsx`.
    #[serde(default)]
    pub(super) format: String,
    /// What has just been done.
    #[serde(default)]
    pub(super) done: Option<String>,
}

impl Asked {
    /// Whether all of `q`'s words stand in one of the texts.
    pub(super) fn finds(&self, texts: &[&str]) -> bool {
        self.q.split_whitespace().all(|word| texts.iter().any(|text| text.contains(word)))
    }

    /// Whether the whole list is wanted as a file.
    pub(super) fn exports(&self) -> bool {
        matches!(self.format.as_str(), "csv" | "xlsx")
    }

    /// Sorts the rows and cuts out the page; the whole when it is exported. Each order has the key of its column; the
    /// first one is used when the address names none.
    pub(super) fn slice<T>(&self, mut rows: Vec<T>, orders: &[Order<'_, T>]) -> Slice<T> {
        let (key, backwards) = self.sort.strip_prefix('-').map_or((self.sort.as_str(), false), |key| (key, true));
        let named = orders.iter().find(|(known, _)| *known == key);
        match (named, orders.first()) {
            (Some((_, order)), _) if backwards => rows.sort_by(|one, other| order(other, one)),
            (Some((_, order)), _) | (None, Some((_, order))) => rows.sort_by(|one, other| order(one, other)),
            (None, None) => {}
        }
        let total = rows.len();
        if self.exports() {
            return Slice { rows, total, page: 1, pages: 1 };
        }
        let pages = total.div_ceil(ROWS).max(1);
        let page = self.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
        let rows = rows.into_iter().skip((page - 1) * ROWS).take(ROWS).collect();
        Slice { rows, total, page, pages }
    }
}

/// An order of rows under the key of its column.
pub(super) type Order<'a, T> = (&'a str, &'a dyn Fn(&T, &T) -> Ordering);

/// The rows of one page.
#[derive(Debug)]
pub(super) struct Slice<T> {
    pub(super) rows: Vec<T>,
    pub(super) total: usize,
    pub(super) page: usize,
    pub(super) pages: usize,
}

/// How a cell's text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tone {
    #[default]
    Plain,
    /// A state in which nothing is to be done.
    Good,
    /// A state that wants attention.
    Look,
    /// A state that stops something.
    Bad,
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "tag",
            Self::Look => "tag look",
            Self::Bad => "tag bad",
        }
    }
}

/// One cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) href: Option<String>,
    pub(super) tone: Tone,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(super) fn link(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self { text: text.into(), href: Some(href.into()), tone: Tone::Plain }
    }

    pub(super) fn tag(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), href: None, tone }
    }
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Key to sort by; empty when one cannot.
    pub(super) key: &'static str,
    pub(super) label: &'static str,
}

impl Column {
    pub(super) const fn sorted(key: &'static str, label: &'static str) -> Self {
        Self { key, label }
    }

    pub(super) const fn plain(label: &'static str) -> Self {
        Self { key: "", label }
    }
}

/// A list as its page shows it; rendered by the macro `table` of `list.html`. The first column names the row.
#[derive(Debug)]
pub(super) struct Table {
    /// Path of the page.
    pub(super) path: String,
    /// What the rows are.
    pub(super) caption: &'static str,
    /// What the list is for and how to fill it.
    pub(super) empty: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) total: usize,
    pub(super) page: usize,
    pub(super) pages: usize,
    asked: Asked,
    /// The list's own filters, kept in its links.
    filters: Vec<(&'static str, String)>,
}

impl Table {
    /// Makes a list of a slice; `cells` gives each row as many cells as there are columns.
    pub(super) fn new<T>(
        path: impl Into<String>,
        (caption, empty): (&'static str, &'static str),
        columns: &[Column],
        asked: &Asked,
        slice: Slice<T>,
        mut cells: impl FnMut(T) -> Vec<Cell>,
    ) -> Self {
        Self {
            path: path.into(),
            caption,
            empty,
            columns: columns.to_vec(),
            rows: slice.rows.into_iter().map(&mut cells).collect(),
            total: slice.total,
            page: slice.page,
            pages: slice.pages,
            asked: asked.clone(),
            filters: Vec::new(),
        }
    }

    /// Keeps a filter of the list's own in its links.
    pub(super) fn keeping(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.filters.push((name, value.to_owned()));
        }
        self
    }

    /// Whether a filter hides rows: then an empty list means something else.
    pub(super) fn is_filtered(&self) -> bool {
        !self.asked.q.is_empty() || !self.filters.is_empty()
    }

    fn address(&self, sort: &str, page: usize, format: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", self.asked.q.as_str()), ("sort", sort), ("format", format)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        for (name, value) in &self.filters {
            query.append_pair(name, value);
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }

    /// The list sorted by this column; the other way round if it is already.
    pub(super) fn sorting(&self, column: &Column) -> String {
        let sort = if self.asked.sort == column.key { format!("-{}", column.key) } else { column.key.to_owned() };
        self.address(&sort, 1, "")
    }

    /// For `aria-sort`.
    pub(super) fn order(&self, column: &Column) -> &'static str {
        match self.asked.sort.strip_prefix('-') {
            _ if column.key.is_empty() => "",
            Some(key) if key == column.key => "descending",
            None if self.asked.sort == column.key => "ascending",
            Some(_) | None => "",
        }
    }

    pub(super) fn before(&self) -> Option<usize> {
        self.page.checked_sub(1).filter(|page| *page > 0)
    }

    pub(super) fn after(&self) -> Option<usize> {
        (self.page < self.pages).then_some(self.page + 1)
    }

    pub(super) fn turn(&self, page: &usize) -> String {
        self.address(&self.asked.sort, *page, "")
    }

    pub(super) fn export(&self, format: &str) -> String {
        self.address(&self.asked.sort, 1, format)
    }

    /// The whole list as the file that was asked for; `None` when a page was.
    pub(super) fn file(&self, name: &str) -> Result<Option<Response>, PageError> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "a list could not be exported");
            PageError::Inside
        };
        match self.asked.format.as_str() {
            "csv" => {
                let bytes = self.csv().map_err(|e| failed(&e))?;
                Ok(Some(download("text/csv; charset=utf-8", &format!("{name}.csv"), bytes)))
            }
            "xlsx" => {
                let bytes = self.xlsx().map_err(|e| failed(&e))?;
                let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                Ok(Some(download(kind, &format!("{name}.xlsx"), bytes)))
            }
            _ => Ok(None),
        }
    }

    /// UTF-8 with a byte order mark, for Excel. A cell that a spreadsheet would take for a formula gets a `'` before it.
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut bytes = "\u{feff}".as_bytes().to_vec();
        {
            let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
            writer.write_record(self.columns.iter().map(|column| column.label))?;
            for row in &self.rows {
                writer.write_record(row.iter().map(|cell| harmless(&cell.text)))?;
            }
            writer.flush()?;
        }
        Ok(bytes)
    }

    fn xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("一覧")?;
        let head = Format::new().set_bold();
        for (at, column) in (0u16..).zip(&self.columns) {
            sheet.write_string_with_format(0, at, column.label, &head)?;
            sheet.set_column_width(at, 20)?;
        }
        for (line, row) in (1u32..).zip(&self.rows) {
            for (at, cell) in (0u16..).zip(row) {
                // A string is never a formula here, whatever it begins with. Excel holds 32,767 characters in a cell.
                let text: String = cell.text.chars().take(32_000).collect();
                sheet.write_string(line, at, text)?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        book.save_to_buffer()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(asked: &Asked, rows: Vec<&'static str>) -> Table {
        let by_name = |one: &&str, other: &&str| one.cmp(other);
        let slice = asked.slice(rows, &[("name", &by_name)]);
        let columns = [Column::sorted("name", "名前"), Column::plain("長さ")];
        Table::new("/x", ("もの", "ありません。"), &columns, asked, slice, |name| {
            vec![Cell::text(name), Cell::text(name.len().to_string())]
        })
    }

    #[test]
    fn a_page_at_a_time_sorted_either_way_and_no_address_breaks_it() {
        let many: Vec<String> = (0..120).map(|n| format!("{n:03}")).collect();
        let many: Vec<&'static str> = many.into_iter().map(|name| &*name.leak()).collect();
        let asked = |sort: &str, page: &str| Asked { sort: sort.into(), page: page.into(), ..Asked::default() };
        let first = |asked: &Asked| table(asked, many.clone()).rows[0][0].text.clone();
        assert_eq!(first(&asked("", "")), "000");
        assert_eq!(first(&asked("-name", "")), "119");
        assert_eq!(first(&asked("name", "3")), "100");
        assert_eq!(first(&asked("nothing", "9999999999999999999999")), "000");
        assert_eq!(first(&asked("", "99")), "100");
        let shown = table(&asked("name", "2"), many.clone()).keeping("state", "a b&c");
        assert_eq!(shown.turn(&3), "/x?sort=name&state=a+b%26c&page=3");
        assert_eq!(shown.sorting(&shown.columns[0]), "/x?sort=-name&state=a+b%26c");
        assert_eq!((shown.order(&shown.columns[0]), shown.order(&shown.columns[1])), ("ascending", ""));
    }

    #[test]
    fn the_whole_list_is_exported_and_no_cell_becomes_a_formula() {
        let asked = Asked { format: "csv".into(), ..Asked::default() };
        let rows = vec!["=1+1", "改行\n\"引用\"", "+81", "b"];
        let text = String::from_utf8(table(&asked, rows.clone()).csv().unwrap()).unwrap();
        assert_eq!(text, "\u{feff}名前,長さ\r\n'+81,3\r\n'=1+1,4\r\nb,1\r\n\"改行\n\"\"引用\"\"\",15\r\n");
        let many = vec!["x"; 130];
        assert_eq!(table(&asked, many).csv().unwrap().iter().filter(|b| **b == b'x').count(), 130);
        assert!(table(&asked, rows).xlsx().unwrap().starts_with(b"PK"));
    }
}
