//! A document as units.

use super::Mark;
use crate::unit::{Facet, Unit};

/// About how many characters a unit holds.
const SIZE: usize = 2_000;
/// A heading begins a unit once the one before it has so many characters.
const SHORT: usize = 200;
/// The longest line that is taken for a heading, in characters.
const HEADING: usize = 40;

/// A piece of a document's text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it stands, for people: page, sheet, slide, the file in a file.
    pub place: String,
    /// The text.
    pub text: String,
}

/// A unit in the making.
#[derive(Default)]
struct Open {
    place: String,
    heading: String,
    text: String,
    chars: usize,
}

/// The units of a document of a name, in order. Nothing of its text is lost.
pub fn units(name: &str, parts: &[Part], mark: &Mark) -> Vec<Unit> {
    let mut done: Vec<Open> = Vec::new();
    let mut open = Open::default();
    for part in parts {
        let place = page(&part.place);
        if place != open.place && open.chars > 0 {
            done.push(std::mem::take(&mut open));
        }
        place.clone_into(&mut open.place);
        for line in part.text.lines().filter(|line| !line.trim().is_empty()) {
            add(line.trim_end(), &mut open, &mut done);
        }
    }
    if open.chars > 0 {
        done.push(open);
    }
    let file = name.rsplit('/').next().unwrap_or(name);
    let title = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let unit = |(order, open): (u32, Open)| Unit {
        id: format!("{name}#{}", order + 1),
        group: name.to_owned(),
        order,
        title: title.to_owned(),
        number: open.place,
        caption: open.heading,
        text: open.text,
        facets: vec![(Facet::Kind, "document".to_owned())],
        readers: mark.readers.clone(),
        grade: mark.grade.clone(),
        ..Unit::default()
    };
    (0_u32..).zip(done).map(unit).collect()
}

/// Adds a line, and begins a new unit where one begins.
fn add(line: &str, open: &mut Open, done: &mut Vec<Open>) {
    let chars = line.chars().count();
    let heading = is_heading(line, chars);
    let full = open.chars > 0 && open.chars + chars > SIZE;
    if full || heading && open.chars > SHORT {
        let next = Open { place: open.place.clone(), heading: open.heading.clone(), ..Open::default() };
        done.push(std::mem::replace(open, next));
    }
    if heading {
        line.trim_start_matches(['#', ' ', '　']).clone_into(&mut open.heading);
    }
    // A line longer than a unit is cut at its sentences.
    let mut rest = line;
    while rest.chars().count() > SIZE {
        let most = rest.char_indices().nth(SIZE).map_or(rest.len(), |(at, _)| at);
        let (head, _) = rest.split_at_checked(most).unwrap_or((rest, ""));
        let end = head.rfind('。').map_or(most, |at| at + '。'.len_utf8());
        let (head, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        push(head, open);
        let next = Open { place: open.place.clone(), heading: open.heading.clone(), ..Open::default() };
        done.push(std::mem::replace(open, next));
        rest = tail;
    }
    push(rest, open);
}

fn push(text: &str, open: &mut Open) {
    if text.is_empty() {
        return;
    }
    if !open.text.is_empty() {
        open.text.push('\n');
    }
    open.text.push_str(text);
    open.chars += text.chars().count();
}

/// `# …`, `第三章　…`, `第5条（…）`, `１　…`, `2. …`, `(3) …`, `■…`: short, and no sentence.
fn is_heading(line: &str, chars: usize) -> bool {
    let text = line.trim_start();
    if chars > HEADING || text.ends_with(['。', '、', '，', '．']) {
        return false;
    }
    if text.starts_with(['#', '■', '●', '◆', '【']) {
        return true;
    }
    let figure = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c) || "一二三四五六七八九十百".contains(c);
    let inner = text.trim_start_matches(['第', '（', '(']);
    let after = inner.trim_start_matches(figure);
    if after.len() == inner.len() {
        return false;
    }
    let ends = ["編", "章", "節", "款", "条", "　", " ", ".", "．", "、", "）", ")"];
    ends.iter().any(|end| after.starts_with(end)) && after.chars().count() > 1
}

/// A place without the cell: rows of a sheet belong together.
fn page(place: &str) -> &str {
    let Some((page, cell)) = place.rsplit_once(' ') else { return place };
    let is_cell = cell.starts_with(|c: char| c.is_ascii_uppercase())
        && cell.ends_with(|c: char| c.is_ascii_digit())
        && cell.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':');
    if is_cell { page } else { place }
}
