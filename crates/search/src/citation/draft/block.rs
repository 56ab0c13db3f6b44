//! Blocks of Markdown, line by line.

use super::sentence::{self, is_blank, plain, strip_marks};
use super::{Kind, Piece, Quotation, Statement};
use crate::citation::fold::Folded;
use crate::citation::value::values;
use std::ops::Range;

/// A block and the bytes of the answer that hold its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Words(Kind, Range<usize>),
    /// Lines of a block quotation without their `>`.
    Quoted(Vec<Range<usize>>),
    /// Cells of a row, and whether they are the head of a table.
    Row {
        cells: Vec<Range<usize>>,
        head: bool,
    },
}

/// The blocks of an answer in their order. What belongs to none is layout.
pub(super) fn blocks(source: &str) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    let mut at = 0;
    // Whether a line without a marker goes on with the last block.
    let mut open = false;
    // Where the rows of the table begin that is being read.
    let mut table = 0;
    for line in source.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim();
        let from = start + (line.len() - line.trim_start().len());
        let words = from..from + body.len();
        if body.is_empty() || is_rule(body) {
            open = false;
        } else if body.starts_with('>') {
            let inner = from + (body.len() - body.trim_start_matches(['>', ' ']).len())..words.end;
            match out.last_mut().filter(|_| open) {
                Some(Block::Quoted(lines)) => lines.push(inner),
                _ => out.push(Block::Quoted(vec![inner])),
            }
            open = true;
        } else if body.starts_with('|') {
            if !open {
                table = out.len();
            }
            if is_delimiter(body) {
                // Only the first row of a table is its head.
                let first = out.len() == table + 1;
                if let Some(Block::Row { head, .. }) = out.last_mut().filter(|_| open && first) {
                    *head = true;
                }
            } else {
                if !matches!(out.last(), Some(Block::Row { .. })) {
                    table = out.len();
                }
                out.push(Block::Row { cells: cells(body, from), head: false });
            }
            open = true;
        } else if let Some(marker) = heading(body) {
            out.push(Block::Words(Kind::Heading, from + marker..words.end));
            open = false;
        } else if let Some(marker) = quoted_item(body) {
            let inner = from + marker..words.end;
            out.push(Block::Quoted(vec![inner]));
            open = true;
        } else if let Some(marker) = item(body) {
            out.push(Block::Words(Kind::Item, from + marker..words.end));
            open = true;
        } else {
            match out.last_mut().filter(|_| open) {
                Some(Block::Words(Kind::Paragraph | Kind::Item, range)) => range.end = words.end,
                _ => out.push(Block::Words(Kind::Paragraph, words)),
            }
            open = true;
        }
    }
    out
}

/// Adds what a block states.
pub(super) fn read(source: &str, block: &Block, pieces: &mut Vec<Piece>) {
    match block {
        Block::Words(Kind::Heading, range) => title(source, range, pieces),
        Block::Words(kind, range) => sentence::read(source, *kind, range.clone(), pieces),
        Block::Quoted(lines) => pieces.extend(quoted(source, lines).map(Piece::Statement)),
        Block::Row { cells, head } => {
            let before = pieces.len();
            for cell in cells {
                if *head {
                    title(source, cell, pieces);
                } else {
                    sentence::read(source, Kind::Cell, cell.clone(), pieces);
                }
            }
            row_marks(source, cells, pieces.get_mut(before..).unwrap_or(&mut []));
        }
    }
}

/// A heading or the head of a column: a title where it only names what follows, else statements.
fn title(source: &str, range: &Range<usize>, pieces: &mut Vec<Piece>) {
    let before = pieces.len();
    sentence::read(source, Kind::Heading, range.clone(), pieces);
    let added = pieces.get(before..).unwrap_or(&[]);
    if !added.is_empty() && added.iter().all(|piece| matches!(piece, Piece::Statement(s) if names_only(s))) {
        pieces.truncate(before);
        pieces.push(Piece::Title(range.clone()));
    }
}

/// A heading that cites nothing, quotes nothing, counts nothing and does not end like a sentence.
fn names_only(statement: &Statement) -> bool {
    let words = statement.words.trim_end_matches(['*', ' ']);
    statement.marks.is_empty()
        && statement.quotations.is_empty()
        && values(&Folded::of(words)).is_empty()
        && !words.ends_with(['。', 'る', 'た', 'い', 'ん', 'す', 'だ'])
        && !["不要", "必要", "可能", "禁止"].iter().any(|end| words.ends_with(end))
}

/// A cell without marks of its own stands under those of its row.
fn row_marks(source: &str, cells: &[Range<usize>], added: &mut [Piece]) {
    let mut all = Vec::new();
    for cell in cells {
        let mut text = source.get(cell.clone()).unwrap_or("");
        while let Some(open) = text.find(['[', '【']) {
            text = text.get(open..).unwrap_or("");
            let (length, numbers) = crate::citation::mark::mark_at(text).unwrap_or((0, Vec::new()));
            all.extend(numbers);
            let step = length.max(text.chars().next().map_or(1, char::len_utf8));
            text = text.get(step..).unwrap_or("");
        }
    }
    for piece in added {
        if let Piece::Statement(statement) = piece
            && statement.cited.is_empty()
        {
            statement.cited.clone_from(&all);
        }
    }
}

/// A block quotation: all of it is quoted, but for marks at its end and a last line 「― 出典」.
fn quoted(source: &str, lines: &[Range<usize>]) -> Option<Statement> {
    let range = lines.first()?.start..lines.last()?.end;
    let text = |line: &Range<usize>| source.get(line.clone()).unwrap_or("");
    let mut marks = Vec::new();
    let mut words = String::new();
    let mut kept: Vec<&str> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let body = text(line);
        if number > 0 && number + 1 == lines.len() && body.starts_with(['―', '—', '–', '─']) {
            words.push_str(strip_marks(body, line.start, &mut marks));
        } else {
            kept.push(strip_marks(body, line.start, &mut marks));
        }
    }
    let mut inner = plain(&kept.join("\n"));
    if let Some(unwrapped) = unwrapped(inner.trim()) {
        inner = unwrapped.to_owned();
    }
    if is_blank(&inner) && is_blank(&words) {
        return None;
    }
    let cited = marks.iter().flat_map(|mark| mark.numbers.iter().copied()).collect();
    let quotations = vec![Quotation { range: range.clone(), text: inner }];
    Some(Statement { kind: Kind::Block, range, marks, quotations, words, cited })
}

/// The inside of a text that stands as a whole between 「 and 」.
fn unwrapped(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('「')?.strip_suffix('」')?;
    let mut depth = 0_usize;
    for c in inner.chars() {
        match c {
            '「' => depth += 1,
            '」' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    (depth == 0).then_some(inner)
}

/// `---`, `***`, `===` and fences of code, whose inside is read like any text.
fn is_rule(body: &str) -> bool {
    let sign = body.chars().next().unwrap_or(' ');
    let run = body.chars().take_while(|c| *c == sign).count();
    let fence = matches!(sign, '`' | '~') && run >= 3 && body.chars().skip(run).all(|c| c.is_ascii_alphanumeric());
    fence || "-*_=".contains(sign) && run >= 3 && body.chars().all(|c| c == sign || c == ' ')
}

fn heading(body: &str) -> Option<usize> {
    let level = body.bytes().take_while(|b| *b == b'#').count();
    let rest = body.get(level..)?;
    let inner = rest.trim_start_matches([' ', '\u{3000}']);
    ((1..=6).contains(&level) && inner.len() < rest.len()).then_some(body.len() - inner.len())
}

/// The length of a list marker with the blank behind it.
fn item(body: &str) -> Option<usize> {
    let digits = body.len() - body.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let after = if digits > 0 && digits < 10 {
        body.get(digits..)?.strip_prefix(['.', ')'])?
    } else if let Some(rest) = body.strip_prefix(['・', '•', '○', '●', '◦']) {
        return Some(body.len() - rest.trim_start().len());
    } else {
        body.strip_prefix(['-', '*', '+'])?
    };
    let inner = after.trim_start();
    (inner.len() < after.len()).then_some(body.len() - inner.len())
}

/// The length of the markers before a block quotation that is an item of a list.
fn quoted_item(body: &str) -> Option<usize> {
    let mut inner = body;
    while let Some(marker) = item(inner) {
        inner = inner.get(marker..)?;
    }
    let quoted = inner.len() < body.len() && inner.starts_with('>');
    quoted.then(|| body.len() - inner.trim_start_matches(['>', ' ']).len())
}

fn is_delimiter(body: &str) -> bool {
    body.contains('-') && body.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

fn cells(body: &str, from: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = from;
    for cell in body.split('|') {
        let inner = cell.trim();
        let start = at + (cell.len() - cell.trim_start().len());
        if !inner.is_empty() {
            out.push(start..start + inner.len());
        }
        at += cell.len() + 1;
    }
    out
}
