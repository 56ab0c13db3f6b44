//! From pieces of text with their places to lines of text.

/// A matrix of PDF: `[a b c d e f]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(super) fn translation(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// This one first, then the other.
    pub(super) fn then(&self, other: &Self) -> Self {
        let ([a, b, c, d, e, f], [oa, ob, oc, od, oe, of]) = (self.0, other.0);
        Self([
            a * oa + b * oc,
            a * ob + b * od,
            c * oa + d * oc,
            c * ob + d * od,
            e * oa + f * oc + oe,
            e * ob + f * od + of,
        ])
    }

    pub(super) fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    fn turn(&self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, ..] = self.0;
        (a * x + c * y, b * x + d * y)
    }

    pub(super) fn length(&self, x: f64, y: f64) -> f64 {
        let (x, y) = self.turn(x, y);
        x.hypot(y)
    }

    pub(super) fn direction(&self, x: f64, y: f64) -> (f64, f64) {
        let length = self.length(x, y);
        let (x, y) = self.turn(x, y);
        if length > 0.0 { (x / length, y / length) } else { (1.0, 0.0) }
    }

    /// The area that the unit square takes.
    pub(super) fn area(&self) -> f64 {
        let [a, b, c, d, ..] = self.0;
        (a * d - b * c).abs()
    }
}

/// A piece of text that is shown at once.
pub(super) struct Run {
    pub(super) start: (f64, f64),
    pub(super) end: (f64, f64),
    /// Where it goes, as a vector of length one.
    pub(super) direction: (f64, f64),
    pub(super) size: f64,
    pub(super) text: String,
}

/// The lines so far.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    last: Option<Run>,
}

impl Lines {
    /// Adds a piece: right behind the one before when it stands there, behind a space or a tab when there is a gap, and
    /// on a new line otherwise.
    pub(super) fn add(&mut self, run: Run) {
        if let Some(last) = &self.last {
            let size = last.size.max(run.size).max(0.01);
            let same_place = (run.start.0 - last.start.0).hypot(run.start.1 - last.start.1) < size * 0.2;
            if same_place && run.text == last.text {
                // Painted twice to look bold.
                return;
            }
            let (x, y) = (run.start.0 - last.end.0, run.start.1 - last.end.1);
            let along = x * run.direction.0 + y * run.direction.1;
            let across = (x * run.direction.1 - y * run.direction.0).abs();
            // Latin words are closer together than the characters of a spaced number.
            let between_letters = [self.text.chars().next_back(), run.text.chars().next()]
                .iter()
                .any(|c| c.is_some_and(|c| c.is_ascii_alphabetic()));
            let same_way = last.direction.0 * run.direction.0 + last.direction.1 * run.direction.1 > 0.9;
            let separator = if !same_way || across > size * 0.5 || along < -size {
                '\n'
            } else if along > size * 2.0 {
                '\t'
            } else if along > size * if between_letters { 0.15 } else { 0.25 } {
                ' '
            } else {
                '\0'
            };
            let spaced = self.text.ends_with(char::is_whitespace) || run.text.starts_with(char::is_whitespace);
            if separator == '\n' || (separator != '\0' && !spaced) {
                self.text.push(separator);
            }
        }
        self.text.push_str(&run.text);
        self.last = Some(run);
    }

    /// Adds text that has no place of its own.
    pub(super) fn say(&mut self, text: &str) {
        self.text.push('\n');
        self.text.push_str(text);
        self.text.push('\n');
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(x: f64, y: f64, width: f64, text: &str) -> Run {
        Run { start: (x, y), end: (x + width, y), direction: (1.0, 0.0), size: 10.0, text: text.to_owned() }
    }

    fn lines(runs: Vec<Run>) -> String {
        let mut lines = Lines::default();
        runs.into_iter().for_each(|run| lines.add(run));
        lines.finish()
    }

    #[test]
    fn pieces_that_touch_are_one_word() {
        assert_eq!(lines(vec![run(0.0, 0.0, 20.0, "1234"), run(20.5, 0.0, 20.0, "5678")]), "12345678");
    }

    #[test]
    fn gaps_lines_and_double_painting() {
        assert_eq!(
            lines(vec![
                run(0.0, 0.0, 20.0, "氏名"),
                run(25.0, 0.0, 10.0, "欄"),
                run(100.0, 0.0, 20.0, "電話"),
                run(0.0, -15.0, 20.0, "架空"),
                run(0.3, -15.0, 20.0, "架空"),
            ]),
            "氏名 欄\t電話\n架空"
        );
    }

    #[test]
    fn text_that_is_turned_has_lines_too() {
        let up = |x: f64, y: f64, text: &str| Run {
            start: (x, y),
            end: (x, y + 20.0),
            direction: (0.0, 1.0),
            size: 10.0,
            text: text.to_owned(),
        };
        assert_eq!(lines(vec![up(0.0, 0.0, "12"), up(0.0, 20.0, "34"), up(15.0, 0.0, "56")]), "1234\n56");
    }
}
