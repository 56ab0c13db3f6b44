//! Charts as SVG: bars with their figures written beside them. The table beside a chart says the same.

use super::paper::{Cell, Section};

/// Bars of a chart; the table has the rest.
const BARS: usize = 12;
/// Days of a chart.
const DAYS: usize = 100;
/// Characters of a name.
const NAME: usize = 16;
/// Width of the chart, and where its bars begin and end, in units of the drawing.
const WIDTH: u64 = 720;
const LEFT: u64 = 250;
const RIGHT: u64 = 620;
/// Height of a row.
const ROW: u64 = 28;
/// Height of columns.
const HIGH: u64 = 180;

/// A drawn chart.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) width: u64,
    pub(crate) height: u64,
    pub(crate) bars: Vec<Bar>,
    /// The highest figure, written at the top of a chart of days.
    pub(crate) top: Option<String>,
    /// What stands below the first and the last column.
    pub(crate) ends: Option<(String, String)>,
}

/// A bar.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) x: u64,
    pub(crate) y: u64,
    pub(crate) width: u64,
    pub(crate) height: u64,
    /// Beside the bar; empty in a chart of days.
    pub(crate) name: String,
    pub(crate) figure: String,
    /// The line of the texts.
    pub(crate) line: u64,
    pub(crate) after: u64,
}

/// What a section's chart shows; nothing where all is zero or hidden.
pub(super) fn drawn(section: &Section) -> &[(String, Option<u64>)] {
    let bars = &section.bars;
    let some = bars.iter().any(|(_, n)| n.is_some_and(|n| n > 0));
    let range = match (some, section.in_time) {
        (false, _) => 0..0,
        (true, true) => bars.len().saturating_sub(DAYS)..bars.len(),
        (true, false) => 0..bars.len().min(BARS),
    };
    bars.get(range).unwrap_or_default()
}

/// What a chart is called.
pub(super) fn title(section: &Section) -> String {
    format!("{}（{}）", section.title, section.charted)
}

/// What a chart shows, in words.
pub(super) fn description(section: &Section) -> String {
    let shown = drawn(section);
    if !section.in_time {
        return shown.iter().map(|(name, n)| format!("{name} {}", figure(*n))).collect::<Vec<_>>().join("、");
    }
    let (from, to) = shown.first().zip(shown.last()).map_or(("", ""), |(first, last)| (&first.0, &last.0));
    let most = section.bars.iter().filter_map(|(_, n)| *n).max();
    format!("{from} から {to} まで。最も多いときで {}。", figure(most))
}

/// The chart of a section; none where there is nothing to show.
pub(crate) fn chart(section: &Section) -> Option<Chart> {
    let most = section.bars.iter().filter_map(|(_, n)| *n).max().filter(|most| *most > 0)?;
    Some(if section.in_time { columns(section, most) } else { rows(section, most) })
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        Some((at, _)) => format!("{}…", name.get(..at).unwrap_or_default()),
        None => name.to_owned(),
    }
}

pub(super) fn figure(n: Option<u64>) -> String {
    n.map_or(Cell::Hidden, Cell::Number).shown()
}

fn rows(section: &Section, most: u64) -> Chart {
    let mut bars = Vec::new();
    for (row, (name, n)) in (0_u64..).zip(drawn(section)) {
        let width = n.unwrap_or(0).saturating_mul(RIGHT - LEFT) / most;
        let y = row * ROW;
        bars.push(Bar {
            x: LEFT,
            y: y + 5,
            width,
            height: ROW - 10,
            name: shortened(name),
            figure: figure(*n),
            line: y + 19,
            after: LEFT + width + 8,
        });
    }
    Chart {
        id: section.id.to_string(),
        title: title(section),
        description: description(section),
        width: WIDTH,
        height: bars.len() as u64 * ROW,
        bars,
        top: None,
        ends: None,
    }
}

fn columns(section: &Section, most: u64) -> Chart {
    let shown = drawn(section);
    let step = (WIDTH / (shown.len().max(1) as u64)).clamp(1, 60);
    let mut bars = Vec::new();
    for (at, (_, n)) in (0_u64..).zip(shown) {
        let height = n.unwrap_or(0).saturating_mul(HIGH) / most;
        bars.push(Bar {
            x: at * step,
            y: 20 + HIGH - height,
            width: (step * 4 / 5).max(1),
            height,
            name: String::new(),
            figure: String::new(),
            line: 0,
            after: 0,
        });
    }
    let ends = shown.first().zip(shown.last()).map(|(first, last)| (first.0.clone(), last.0.clone()));
    Chart {
        id: section.id.to_string(),
        title: title(section),
        description: description(section),
        width: (step * shown.len() as u64).max(200),
        height: HIGH + 46,
        bars,
        top: Some(figure(Some(most))),
        ends,
    }
}
