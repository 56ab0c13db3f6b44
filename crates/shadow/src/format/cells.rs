//! Lines divided into cells: by commas, tabs or spaces, in quotation marks or not.

use memchr::memchr;

/// More cells than any log has; a line with more is not of a format that is read here.
pub(super) const MOST: usize = 96;

/// How a line is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Divider {
    /// One such byte ends a cell; two in a row leave an empty one.
    Each(u8),
    /// Runs of spaces and tabs count as one.
    Blanks,
}

/// The cells of a line, without their quotation marks. Doubled marks inside stay doubled.
pub(super) struct Cells<'l> {
    slots: [&'l [u8]; MOST],
    count: usize,
}

impl<'l> Cells<'l> {
    pub(super) fn new() -> Self {
        Self { slots: [b""; MOST], count: 0 }
    }

    /// Divides a line. `false` if a quotation mark is not closed, something follows one, or there are more than [`MOST`]
    /// cells. (Not a constructor with an `Option`: that would move a kilobyte for each line.)
    #[must_use]
    pub(super) fn divide(&mut self, line: &'l [u8], divider: Divider) -> bool {
        self.count = 0;
        self.fill(line, divider).is_some()
    }

    fn fill(&mut self, line: &'l [u8], divider: Divider) -> Option<()> {
        let mut rest = line;
        loop {
            if divider == Divider::Blanks {
                rest = rest.trim_ascii_start();
                if rest.is_empty() && self.count > 0 {
                    return Some(());
                }
            }
            let after;
            let cell;
            if let Some(inner) = rest.strip_prefix(b"\"") {
                let end = closing(inner)?;
                cell = inner.get(..end)?;
                after = inner.get(end + 1..)?;
            } else {
                let end = match divider {
                    Divider::Each(byte) => memchr(byte, rest),
                    Divider::Blanks => rest.iter().position(|byte| matches!(byte, b' ' | b'\t')),
                };
                (cell, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
            }
            *self.slots.get_mut(self.count)? = cell;
            self.count += 1;
            let Some((&first, behind)) = after.split_first() else { return Some(()) };
            let divides = match divider {
                Divider::Each(byte) => first == byte,
                Divider::Blanks => matches!(first, b' ' | b'\t'),
            };
            if !divides {
                return None;
            }
            rest = behind;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The cell at a place counted from 0.
    pub(super) fn get(&self, at: usize) -> Option<&'l [u8]> {
        self.slots.get(..self.count)?.get(at).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'l [u8]> {
        self.slots.iter().take(self.count).copied()
    }
}

fn closing(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', text.get(from..)?)?;
        if text.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(line: &str, divider: Divider) -> Option<Vec<String>> {
        let mut cells = Cells::new();
        cells
            .divide(line.as_bytes(), divider)
            .then(|| cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect())
    }

    #[test]
    fn given_quotation_marks_then_what_divides_inside_them_does_not() {
        assert_eq!(cells(r#""a,b",c,,"d ""e""""#, Divider::Each(b',')).unwrap(), ["a,b", "c", "", r#"d ""e"""#]);
        assert_eq!(cells("a  b\t\"c d\" ", Divider::Blanks).unwrap(), ["a", "b", "c d"]);
        assert_eq!(cells("", Divider::Each(b',')).unwrap(), [""]);
    }

    #[test]
    fn given_marks_that_do_not_fit_then_there_are_no_cells() {
        assert_eq!(cells(r#""a"#, Divider::Each(b',')), None);
        assert_eq!(cells(r#""a"b,c"#, Divider::Each(b',')), None);
        assert_eq!(cells(&",".repeat(MOST), Divider::Each(b',')), None);
    }
}
