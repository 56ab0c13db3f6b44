//! Rows of a sheet as text: lines are rows, tabs are columns.

/// Rows of one part: few enough to say where something stands, many enough to keep a heading near its column.
const BLOCK: u32 = 100;
/// Empty rows and columns that are kept in the text so that lines are rows and tabs are columns; wider gaps are closed.
const GAP: u32 = 20;

/// Consecutive rows.
#[derive(Default)]
pub(super) struct Rows {
    first: u32,
    last: u32,
    column: u32,
    pub(super) text: String,
}

impl Rows {
    /// Adds a cell; the column counts from 0.
    pub(super) fn put(&mut self, row: u32, column: u32, value: &str) {
        if self.text.is_empty() {
            self.first = row;
            self.last = row;
            self.column = 0;
        }
        if row > self.last {
            for _ in self.last..row {
                self.text.push('\n');
            }
            self.last = row;
            self.column = 0;
        }
        let gap = column.saturating_sub(self.column);
        // Cells never run into each other, also when a file has them out of order.
        let least = u32::from(!self.text.is_empty() && !self.text.ends_with(['\n', '\t']));
        let tabs = if gap > GAP { 1 } else { gap.max(least) };
        self.text.extend((0..tabs).map(|_| '\t'));
        self.column = column;
        // A cell is one field of one line, whatever is in it.
        self.text.extend(value.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }));
    }

    /// Whether these rows are enough, or too far from the row that comes.
    pub(super) fn is_done_before(&self, row: u32) -> bool {
        !self.text.is_empty()
            && (row >= self.first.saturating_add(BLOCK) || row > self.last.saturating_add(GAP) || row < self.last)
    }

    /// Where they stand.
    pub(super) fn place(&self, sheet: &str) -> String {
        if self.first == self.last {
            format!("シート「{sheet}」 {} 行", self.first)
        } else {
            format!("シート「{sheet}」 {}〜{} 行", self.first, self.last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_rows_and_tabs_are_columns() {
        let mut rows = Rows::default();
        rows.put(2, 0, "氏名");
        rows.put(2, 2, "番号\nと枝番");
        rows.put(4, 1, "架空");
        assert_eq!(rows.text, "氏名\t\t番号 と枝番\n\n\t架空");
        assert_eq!(rows.place("一覧"), "シート「一覧」 2〜4 行");
        assert!(!rows.is_done_before(5) && rows.is_done_before(102) && rows.is_done_before(40));
    }
}
