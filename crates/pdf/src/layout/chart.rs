//! Charts: bars, columns and lines with their figures written beside them.

use crate::font::Font;
use crate::model::{Chart, ChartKind, Mark};
use crate::page::{BLUE, HAIR, INK, Ink, Lettering, MEASURE, QUIET};
use crate::text::{cut, on_one_line, spoken};

const SIZE: f32 = 9.0;
/// Height of a lying bar with its space.
const ROW: f32 = 17.0;
/// Room for names left of the bars, and for figures right of them.
const NAMES: f32 = 170.0;
const FIGURES: f32 = 70.0;
/// Height of standing bars and lines.
const HIGH: f32 = 110.0;
/// The most lying bars that one page holds; the rest is left to the table.
const MOST_BARS: usize = 36;
/// The most columns or points; beyond them they would be thinner than ink.
const MOST_TIMES: usize = 480;

fn shown(chart: &Chart) -> &[Mark] {
    let most = if chart.kind == ChartKind::Bars { MOST_BARS } else { MOST_TIMES };
    chart.marks.get(..most.min(chart.marks.len())).unwrap_or_default()
}

/// How tall a chart is.
pub(super) fn height(chart: &Chart) -> f32 {
    match chart.kind {
        ChartKind::Bars => shown(chart).len() as f32 * ROW,
        ChartKind::Columns | ChartKind::Line => HIGH + 32.0,
    }
}

/// A chart in words, for those who do not see it.
pub(super) fn in_words(chart: &Chart) -> String {
    let marks = shown(chart).iter().map(|mark| format!("{} {}", spoken(&mark.name), spoken(&mark.figure)));
    format!("図: {}", marks.collect::<Vec<_>>().join("、"))
}

/// A part of a whole between 0 and 1. Lengths on paper need no more digits than these floats have.
fn part(value: u64, most: u64) -> f32 {
    if most == 0 { 0.0 } else { (value as f64 / most as f64) as f32 }
}

pub(super) fn draw(chart: &Chart, font: &Font, left: f32, top: f32) -> Vec<Ink> {
    let marks = shown(chart);
    let most = marks.iter().filter_map(|mark| mark.value).max().unwrap_or(0);
    match chart.kind {
        ChartKind::Bars => bars(marks, most, font, left, top),
        ChartKind::Columns | ChartKind::Line => times(chart.kind, marks, most, font, left, top),
    }
}

fn text(x: f32, y: f32, text: String, colour: crate::page::Colour) -> Ink {
    Ink::Text { x, y, text, lettering: Lettering { size: SIZE, colour, strong: false } }
}

fn bars(marks: &[Mark], most: u64, font: &Font, left: f32, top: f32) -> Vec<Ink> {
    let (from, room) = (left + NAMES + 8.0, MEASURE - NAMES - 8.0 - FIGURES);
    let mut inks = Vec::new();
    for (row, mark) in marks.iter().enumerate() {
        let y = top + row as f32 * ROW;
        let line = y + ROW / 2.0 + SIZE * 0.38;
        let name = cut(&on_one_line(&mark.name, font), font, SIZE, NAMES);
        inks.push(text(left + NAMES - font.width(&name, SIZE), line, name, INK));
        let width = mark.value.map_or(0.0, |value| part(value, most) * room);
        if width > 0.0 {
            inks.push(Ink::Box { x: from, y: y + 3.0, width: width.max(0.5), height: ROW - 6.0, colour: BLUE });
        }
        let figure = cut(&on_one_line(&mark.figure, font), font, SIZE, FIGURES - 6.0);
        inks.push(text(from + width + 6.0, line, figure, INK));
    }
    let points = vec![(from, top), (from, top + marks.len() as f32 * ROW)];
    inks.push(Ink::Path { points, width: 0.6, colour: HAIR });
    inks
}

fn times(kind: ChartKind, marks: &[Mark], most: u64, font: &Font, left: f32, top: f32) -> Vec<Ink> {
    let (ceiling, floor) = (top + 16.0, top + 16.0 + HIGH);
    let step = (MEASURE / marks.len().max(1) as f32).min(36.0);
    let mut inks = Vec::new();
    let highest = marks.iter().find(|mark| mark.value == Some(most));
    if let Some(mark) = highest {
        let figure = format!("最大 {}", on_one_line(&mark.figure, font));
        inks.push(text(left, top + SIZE, cut(&figure, font, SIZE, MEASURE), QUIET));
    }
    let end = left + step * marks.len() as f32;
    for y in [ceiling, floor] {
        inks.push(Ink::Path { points: vec![(left, y), (end, y)], width: 0.5, colour: HAIR });
    }
    let middle = |at: usize| left + (at as f32 + 0.5) * step;
    let height = |value: u64| part(value, most) * HIGH;
    match kind {
        ChartKind::Line => {
            for run in runs(marks) {
                let points: Vec<(f32, f32)> =
                    run.iter().map(|&(at, value)| (middle(at), floor - height(value))).collect();
                match points.as_slice() {
                    // One point between two that are hidden is no line.
                    [(x, y)] => inks.push(Ink::Box { x: x - 1.0, y: y - 1.0, width: 2.0, height: 2.0, colour: BLUE }),
                    _ => inks.push(Ink::Path { points, width: 1.4, colour: BLUE }),
                }
            }
        }
        ChartKind::Bars | ChartKind::Columns => {
            for (at, value) in marks.iter().enumerate().filter_map(|(at, mark)| Some((at, mark.value?))) {
                let (width, height) = ((step * 0.8).max(0.3), height(value));
                if height > 0.0 {
                    inks.push(Ink::Box { x: middle(at) - width / 2.0, y: floor - height, width, height, colour: BLUE });
                }
            }
        }
    }
    if let (Some(first), Some(last)) = (marks.first(), marks.last()) {
        let name = |mark: &Mark| cut(&on_one_line(&mark.name, font), font, SIZE, MEASURE / 2.0 - 10.0);
        let (first, last) = (name(first), if marks.len() > 1 { name(last) } else { String::new() });
        let last_from = (end - font.width(&last, SIZE)).max(left + font.width(&first, SIZE) + 12.0);
        inks.push(text(left, floor + 12.0, first, QUIET));
        if !last.is_empty() {
            inks.push(text(last_from, floor + 12.0, last, QUIET));
        }
    }
    inks
}

/// The stretches of points that stand one beside the other; a hidden one breaks the line.
fn runs(marks: &[Mark]) -> Vec<Vec<(usize, u64)>> {
    let mut runs = vec![Vec::new()];
    for (at, mark) in marks.iter().enumerate() {
        match (mark.value, runs.last_mut()) {
            (Some(value), Some(run)) => run.push((at, value)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(kind: ChartKind, values: &[Option<u64>]) -> Chart {
        let mark = |value: &Option<u64>| {
            let figure = value.map_or_else(|| "非表示".to_owned(), |value| value.to_string());
            Mark { name: "部".to_owned(), value: *value, figure }
        };
        Chart { caption: String::new(), alternative: String::new(), kind, marks: values.iter().map(mark).collect() }
    }

    #[test]
    fn what_is_hidden_has_no_bar_and_says_so_and_breaks_a_line() {
        let font = Font::shipped().unwrap();
        let values = [Some(4), None, Some(2)];
        let drawn = draw(&chart(ChartKind::Bars, &values), font, 0.0, 0.0);
        let long: Vec<f32> =
            drawn.iter().filter_map(|ink| if let Ink::Box { width, .. } = ink { Some(*width) } else { None }).collect();
        assert_eq!(long.len(), 2);
        assert!((long[0] - 2.0 * long[1]).abs() < 0.01, "bars are as long as their figures say: {long:?}");
        assert!(drawn.iter().any(|ink| matches!(ink, Ink::Text { text, .. } if text == "非表示")));
        assert_eq!(runs(&chart(ChartKind::Line, &values).marks), [vec![(0, 4)], vec![(2, 2)]]);
    }

    #[test]
    fn nothing_but_zeros_and_the_largest_figures_are_drawn_too() {
        let font = Font::shipped().unwrap();
        for kind in [ChartKind::Bars, ChartKind::Columns, ChartKind::Line] {
            for values in [[Some(0), Some(0)], [Some(u64::MAX), Some(1)], [None, None]] {
                for ink in draw(&chart(kind, &values), font, 0.0, 0.0) {
                    let finite = match ink {
                        Ink::Text { x, y, .. } => x.is_finite() && y.is_finite(),
                        Ink::Box { width, height, .. } => width.is_finite() && height.is_finite() && width <= MEASURE,
                        Ink::Path { points, .. } => points.iter().all(|(x, y)| x.is_finite() && y.is_finite()),
                    };
                    assert!(finite, "{kind:?} {values:?}");
                }
            }
        }
    }
}
