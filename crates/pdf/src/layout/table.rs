//! Tables: columns as wide as they need, rows that stay whole where they fit on a page, heads repeated on every page.

use super::{Sheet, base};
use crate::font::Font;
use crate::lines::{Line, lines};
use crate::model::Table;
use crate::page::{BOTTOM, Belongs, HAIR, INK, Ink, Lettering, MARGIN, MEASURE, QUIET, Role, SHADE};
use crate::text::{settable, spoken};

const SIZE: f32 = 9.5;
const LEADING: f32 = 14.0;
/// Space in a cell: beside the text, and above and below it.
const SIDE: f32 = 5.0;
const ABOVE: f32 = 2.5;

/// A cell set in its column.
struct Set {
    lines: Vec<Line>,
    is_figure: bool,
    node: usize,
}

/// What a row is set with.
#[derive(Clone, Copy)]
struct Columns<'w> {
    widths: &'w [f32],
}

impl Columns<'_> {
    /// Left edge and width of each.
    fn places(&self) -> impl Iterator<Item = (f32, f32)> + '_ {
        self.widths.iter().scan(MARGIN, |x, &width| {
            let left = *x;
            *x += width;
            Some((left, width))
        })
    }
}

fn tall(cells: &[Set]) -> usize {
    cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0)
}

fn height(rows_of_text: usize) -> f32 {
    rows_of_text as f32 * LEADING + 2.0 * ABOVE
}

/// The widths of the columns: what they need while it fits, with what is left over for the first; otherwise those that
/// need little get it and the others share the rest alike.
fn widths(needs: &[f32]) -> Vec<f32> {
    let sum: f32 = needs.iter().sum();
    if sum <= MEASURE {
        let over = MEASURE - sum;
        return needs.iter().enumerate().map(|(at, need)| if at == 0 { need + over } else { *need }).collect();
    }
    let mut order: Vec<(usize, f32)> = needs.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (mut left, mut open) = (MEASURE, order.len() as f32);
    let mut widths = vec![0.0; needs.len()];
    for (at, need) in order {
        let given = need.min(left / open);
        if let Some(width) = widths.get_mut(at) {
            *width = given;
        }
        left -= given;
        open -= 1.0;
    }
    widths
}

impl Sheet<'_> {
    pub(super) fn table(&mut self, table: &Table) {
        let font = self.font;
        let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0).max(table.head.len());
        if columns == 0 || (table.rows.is_empty() && table.head.is_empty()) {
            return;
        }
        let head: Vec<String> = table.head.iter().map(|name| settable(name, font)).collect();
        let widths = widths(&needs(table, &head, columns, font));
        let columns = Columns { widths: &widths };
        let figures: Vec<bool> = (0..widths.len())
            .map(|at| table.rows.iter().any(|row| row.get(at).is_some_and(|cell| cell.is_figure)))
            .collect();
        let node = self.node(Role::Table(spoken(&table.summary)), None);
        let set = |text: &str, width: f32| lines(text, font, SIZE, width - 2.0 * SIDE);

        let mut repeated = Vec::new();
        if !head.is_empty() {
            let group = self.node(Role::Head, Some(node));
            let row = self.node(Role::Row, Some(group));
            for (at, width) in widths.iter().enumerate() {
                let name = self.node(Role::ColumnName, Some(row));
                let lines = set(head.get(at).map_or("", String::as_str), *width);
                repeated.push(Set { lines, is_figure: figures.get(at).copied().unwrap_or(false), node: name });
            }
            // A head so tall that no row could stand below it is cut; its text stands whole in no sensible table.
            for cell in &mut repeated {
                cell.lines.truncate(8);
            }
            self.room(height(tall(&repeated)) + height(2));
            self.head(&repeated, columns, true);
        }
        let body = self.node(Role::Rows, Some(node));
        for row in &table.rows {
            let line = self.node(Role::Row, Some(body));
            let cells: Vec<Set> = widths
                .iter()
                .enumerate()
                .map(|(at, width)| {
                    let cell = row.get(at);
                    let named = at == 0 && table.rows_are_named;
                    let text = cell.map_or_else(String::new, |cell| settable(&cell.text, font));
                    Set {
                        lines: set(&text, *width),
                        is_figure: cell.is_some_and(|cell| cell.is_figure),
                        node: self.node(if named { Role::RowName } else { Role::Cell }, Some(line)),
                    }
                })
                .collect();
            self.row(&cells, &repeated, columns);
        }
        self.y += 10.0;
    }

    /// The head of a table: its text the first time, an artifact on every later page.
    fn head(&mut self, cells: &[Set], columns: Columns<'_>, first: bool) {
        let tall = tall(cells);
        let (width, colour) = (columns.widths.iter().sum(), SHADE);
        let shade = Ink::Box { x: MARGIN, y: self.y, width, height: height(tall), colour };
        self.put(Belongs::Ornament, vec![shade]);
        for (cell, place) in cells.iter().zip(columns.places()) {
            let belongs = if first { Belongs::Text(cell.node) } else { Belongs::Repeated };
            self.cell(belongs, &cell.lines, cell.is_figure, place, true);
        }
        self.y += height(tall);
        self.rule(columns);
    }

    /// A row: whole on this page or the next, in pieces where it is taller than a page.
    fn row(&mut self, cells: &[Set], repeated: &[Set], columns: Columns<'_>) {
        let tall = tall(cells);
        let head = if repeated.is_empty() { 0.0 } else { height(self::tall(repeated)) };
        let page = BOTTOM - super::MARGIN - head;
        if self.y + height(tall) > BOTTOM && (height(tall) <= page || self.y + height(3) > BOTTOM) {
            self.again(repeated, columns);
        }
        let mut from = 0;
        while from < tall {
            let fit = ((BOTTOM - self.y - 2.0 * ABOVE) / LEADING).max(1.0) as usize;
            let to = tall.min(from + fit);
            for (cell, place) in cells.iter().zip(columns.places()) {
                let lines = cell.lines.get(from.min(cell.lines.len())..to.min(cell.lines.len())).unwrap_or_default();
                if !lines.is_empty() {
                    self.cell(Belongs::Text(cell.node), lines, cell.is_figure, place, false);
                }
            }
            self.y += height(to - from);
            self.rule(columns);
            from = to;
            if from < tall {
                self.again(repeated, columns);
            }
        }
    }

    /// The next page, with the head again.
    fn again(&mut self, repeated: &[Set], columns: Columns<'_>) {
        self.turn();
        if !repeated.is_empty() {
            self.head(repeated, columns, false);
        }
    }

    fn cell(&mut self, belongs: Belongs, lines: &[Line], is_figure: bool, (left, width): (f32, f32), head: bool) {
        for (at, line) in lines.iter().enumerate() {
            let y = self.y + ABOVE + at as f32 * LEADING + base(SIZE, LEADING);
            let x = if is_figure { (left + width - SIDE - line.width).max(left) } else { left + SIDE };
            let colour = if head { QUIET } else { INK };
            self.line(belongs, (x, y), line.text.clone(), Lettering { size: SIZE, colour, strong: false });
        }
    }

    fn rule(&mut self, columns: Columns<'_>) {
        let right = MARGIN + columns.widths.iter().sum::<f32>();
        let points = vec![(MARGIN, self.y), (right, self.y)];
        self.put(Belongs::Ornament, vec![Ink::Path { points, width: 0.4, colour: HAIR }]);
    }
}

/// What each column would need to stand on one line.
fn needs(table: &Table, head: &[String], columns: usize, font: &Font) -> Vec<f32> {
    let mut needs = vec![0.0_f32; columns];
    let mut need = |at: usize, text: &str| {
        let widest = text.split('\n').map(|line| font.width(line, SIZE)).fold(0.0, f32::max);
        if let Some(need) = needs.get_mut(at) {
            *need = need.max(widest + 2.0 * SIDE + 0.1);
        }
    };
    for (at, name) in head.iter().enumerate() {
        need(at, name);
    }
    for row in &table.rows {
        for (at, cell) in row.iter().enumerate() {
            need(at, &settable(&cell.text, font));
        }
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_get_what_they_need_and_share_what_is_short() {
        let sum = |widths: &[f32]| widths.iter().sum::<f32>();
        let roomy = widths(&[50.0, 30.0]);
        assert_eq!((roomy.get(1), sum(&roomy)), (Some(&30.0), MEASURE), "what is left over goes to the first");
        let tight = widths(&[5000.0, 40.0, 5000.0]);
        assert_eq!(tight.get(1), Some(&40.0));
        assert!((sum(&tight) - MEASURE).abs() < 0.01 && tight.first() == tight.get(2), "{tight:?}");
    }
}
