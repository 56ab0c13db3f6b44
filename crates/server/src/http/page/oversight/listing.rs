//! Long lists: newest first, a page at a time from a place in the list, never counted whole.

use crate::http::page::error::PageError;
use crate::http::page::list::{Asked, Cell, Column, Slice, Table};
use axum::response::Response;
use jiff::Timestamp;
use sekisho_store::Cursor;

/// Rows of a page.
pub(super) const ROWS: u64 = 50;
/// Most rows of a file.
pub(super) const MOST: u64 = 20_000;

/// A list as its page shows it; rendered by the macro `listing`.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) path: &'static str,
    pub(super) caption: &'static str,
    pub(super) empty: &'static str,
    pub(super) columns: &'static [&'static str],
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) filtered: bool,
    pub(super) newest: Option<String>,
    pub(super) older: Option<String>,
    pub(super) csv: String,
    pub(super) xlsx: String,
}

/// The filters of a list as they stand in its address.
#[derive(Debug, Default)]
pub(super) struct Filters(Vec<(&'static str, String)>);

impl Filters {
    pub(super) fn keeping(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.0.push((name, value.to_owned()));
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The list's address with one more parameter.
    pub(super) fn address(&self, path: &str, more: Option<(&str, &str)>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            query.append_pair(name, value);
        }
        if let Some((name, value)) = more {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// What a list is, apart from its rows.
pub(super) struct About {
    pub(super) path: &'static str,
    pub(super) caption: &'static str,
    pub(super) empty: &'static str,
    pub(super) columns: &'static [&'static str],
}

impl Listing {
    /// Makes a page of rows; `last` is the place of its last row when there are more.
    pub(super) fn new(
        about: &About,
        filters: &Filters,
        rows: Vec<Vec<Cell>>,
        begun: bool,
        last: Option<Cursor>,
    ) -> Self {
        let path = about.path;
        Self {
            path,
            caption: about.caption,
            empty: about.empty,
            columns: about.columns,
            rows,
            filtered: !filters.is_empty(),
            newest: begun.then(|| filters.address(path, None)),
            older: last.map(|cursor| filters.address(path, Some(("before", &written(cursor))))),
            csv: filters.address(path, Some(("format", "csv"))),
            xlsx: filters.address(path, Some(("format", "xlsx"))),
        }
    }
}

/// Whether a file is asked for.
pub(super) fn exports(format: &str) -> bool {
    matches!(format, "csv" | "xlsx")
}

/// The rows as the file that was asked for. One that does not hold all says so in its name.
pub(super) fn file(
    about: &About,
    format: &str,
    name: &str,
    rows: Vec<Vec<Cell>>,
    cut: bool,
) -> Result<Response, PageError> {
    let asked = Asked { format: format.to_owned(), ..Asked::default() };
    let columns: Vec<Column> = about.columns.iter().map(|label| Column::plain(label)).collect();
    let slice = Slice { total: rows.len(), rows, page: 1, pages: 1 };
    let table = Table::new(about.path, (about.caption, about.empty), &columns, &asked, slice, |row| row);
    let name = if cut { format!("{name}-newest-{MOST}") } else { name.to_owned() };
    table.file(&name)?.ok_or(PageError::Missing)
}

/// A place in a list as it stands in an address.
fn written(cursor: Cursor) -> String {
    format!("{}.{}", cursor.at.as_microsecond(), cursor.index)
}

/// Reads a place in a list; what is none begins at the newest.
pub(super) fn cursor(text: &str) -> Option<Cursor> {
    let (at, index) = text.split_once('.')?;
    Some(Cursor { at: Timestamp::from_microsecond(at.parse().ok()?).ok()?, index: index.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_nonsense_is_the_beginning() {
        let place = Cursor { at: "2026-11-25T01:02:03.000004Z".parse().unwrap(), index: 77 };
        assert_eq!(cursor(&written(place)), Some(place));
        for bad in ["", ".", "1", "x.1", "1.-1", "99999999999999999999.1", "1.99999999999999999999999"] {
            assert_eq!(cursor(bad), None, "{bad}");
        }
    }
}
