//! The checked report: what may be shown of an answer, and how much of it is supported.

use super::draft::{Draft, Kind, Piece, Statement};
use super::passage::Shelf;
use super::quotation::{Checker, Reason, Standing};
use super::statement::{Verdict, judge};
use crate::unit::UnitId;
use std::collections::BTreeSet;
use std::ops::Range;

/// What is shown behind a quotation that the stored text limits in the next sentence.
const PROVISO: &str = "（ただし書あり）";

/// What becomes of struck statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// Struck through, with the reason behind.
    #[default]
    Struck,
    /// Left out.
    Omitted,
}

/// How a report is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Style {
    /// What becomes of struck statements.
    pub show: Show,
    /// Where a mark leads: this with the passage's number behind (`#cite-`). Plain brackets without.
    pub link: Option<String>,
}

/// A statement with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The statement.
    pub statement: Statement,
    /// The verdict.
    pub verdict: Verdict,
}

/// A passage that a supported statement cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The number it was handed out with; numbers of passages not cited are left out, not closed up.
    pub number: usize,
    /// The unit it is of.
    pub unit: UnitId,
    /// Citation in official form.
    pub cite: String,
}

/// How many statements there are and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// All statements.
    pub statements: usize,
    /// Supported ones.
    pub supported: usize,
    /// Those that cite nothing.
    pub unsupported: usize,
    /// Struck ones.
    pub struck: usize,
}

/// An answer after checking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What may be shown. Emphasis, lists, headings and tables are the model's; links, images, code and HTML are shown as the
    /// characters they are, so that nothing reads otherwise than it was checked and nothing is fetched.
    pub markdown: String,
    /// The statements in their order.
    pub statements: Vec<Judged>,
    /// The passages that supported statements cite.
    pub references: Vec<Reference>,
    /// The counts.
    pub coverage: Coverage,
}

impl std::fmt::Display for Coverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}の記述のうち{}が出典で裏づけられています", self.statements, self.supported)
    }
}

/// Checks an answer against the passages it was written from.
pub fn check(answer: &str, shelf: &Shelf, style: &Style) -> Checked {
    let draft = Draft::read(answer);
    let checker = Checker::new(shelf);
    let mut out = Checked {
        markdown: String::with_capacity(answer.len() + answer.len() / 8),
        statements: Vec::new(),
        references: Vec::new(),
        coverage: Coverage::default(),
    };
    let mut used = BTreeSet::new();
    let mut quoted = false;
    for (piece, next) in draft.pieces().iter().zip(draft.pieces().iter().skip(1).map(Some).chain([None])) {
        let Piece::Statement(statement) = piece else {
            let text = draft.text(piece.range());
            // A line directly under a block quotation would be shown as part of it.
            let apart = matches!(piece, Piece::Layout(_)) && (quoted || text.contains('>')) && next.is_some_and(is_own);
            match text.rfind('\n').and_then(|at| text.split_at_checked(at)).filter(|_| apart) {
                Some((before, after)) => {
                    write_plain(before, style, &mut out.markdown);
                    out.markdown.push('\n');
                    write_plain(after, style, &mut out.markdown);
                }
                None => write_plain(text, style, &mut out.markdown),
            }
            quoted = false;
            continue;
        };
        quoted = statement.kind == Kind::Block;
        let verdict = judge(&checker, shelf, statement);
        out.coverage.statements += 1;
        match &verdict {
            Verdict::Supported { quotations } => {
                out.coverage.supported += 1;
                used.extend(statement.cited.iter().copied());
                write_statement(&draft, statement, quotations, style, &mut out.markdown);
            }
            Verdict::Unsupported => {
                out.coverage.unsupported += 1;
                write_statement(&draft, statement, &[], style, &mut out.markdown);
                if statement.kind != Kind::Heading {
                    out.markdown.push_str("（出典なし）");
                }
            }
            Verdict::Struck(reasons) => {
                out.coverage.struck += 1;
                if style.show == Show::Struck {
                    write_struck(draft.text(&statement.range), reasons, &mut out.markdown);
                }
            }
        }
        out.statements.push(Judged { statement: statement.clone(), verdict });
    }
    let cited = used.into_iter().filter_map(|number| Some((number, shelf.get(number)?.passage)));
    out.references = cited
        .map(|(number, passage)| Reference { number, unit: passage.unit.clone(), cite: passage.cite.clone() })
        .collect();
    out
}

/// Whether a piece says something that is no block quotation.
fn is_own(piece: &Piece) -> bool {
    match piece {
        Piece::Layout(_) => false,
        Piece::Title(_) => true,
        Piece::Statement(statement) => statement.kind != Kind::Block,
    }
}

/// A statement with its marks, and behind a quotation that the stored text limits in the next sentence, that it does.
fn write_statement(draft: &Draft, statement: &Statement, standings: &[Standing], style: &Style, out: &mut String) {
    let mut at = statement.range.start;
    let limited = |standing: &Standing| matches!(standing, Standing::Found { proviso: true, .. });
    let quotations = statement.quotations.iter().zip(standings).filter(|(_, standing)| limited(standing));
    let notes = quotations.map(|(quotation, _)| (quotation.range.end..quotation.range.end, None));
    let marks = statement.marks.iter().map(|mark| (mark.range.clone(), Some(mark.numbers.as_slice())));
    let mut added: Vec<(Range<usize>, Option<&[usize]>)> = marks.chain(notes).collect();
    // A mark may stand directly behind its quotation; the note comes between them.
    added.sort_by_key(|(range, _)| (range.start, range.end));
    for (range, numbers) in added {
        write_text(draft.text(&(at..range.start)), out);
        match numbers {
            Some(numbers) => write_mark(numbers, style, out),
            None => out.push_str(PROVISO),
        }
        at = range.end;
    }
    write_text(draft.text(&(at..statement.range.end)), out);
}

fn write_mark(numbers: &[usize], style: &Style, out: &mut String) {
    for number in numbers {
        match &style.link {
            Some(link) => out.push_str(&format!("[\\[{number}\\]]({link}{number})")),
            None => out.push_str(&format!("\\[{number}\\]")),
        }
    }
}

/// Layout and titles: marks that belong to a block quotation stand here too.
fn write_plain(text: &str, style: &Style, out: &mut String) {
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find(['[', '【'])) {
        let here = at + open;
        let rest = text.get(here..).unwrap_or("");
        write_text(text.get(at..here).unwrap_or(""), out);
        at = here;
        if let Some((length, numbers)) = super::mark::mark_at(rest) {
            write_mark(&numbers, style, out);
            at += length;
        } else {
            let step = rest.chars().next().map_or(1, char::len_utf8);
            write_text(rest.get(..step).unwrap_or(""), out);
            at += step;
        }
    }
    write_text(text.get(at..).unwrap_or(""), out);
}

/// Text of the model: its own `~~`, code, links, HTML and mathematics lose their power.
fn write_text(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            // Markdown ends a line here too, but the draft does not.
            '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '~' | '[' | ']' | '$' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
}

/// One line, since a struck passage must not end where a line of it begins like a list.
fn write_struck(text: &str, reasons: &[Reason], out: &mut String) {
    let written = |text: &str, out: &mut String| {
        let one_line: Vec<&str> =
            text.split(['\r', '\n']).map(|line| line.trim().trim_start_matches(['>', ' '])).collect();
        let mut escaped = String::new();
        write_text(&one_line.join(" "), &mut escaped);
        // Emphasis or a bar of a table begun inside would not end there.
        out.push_str(&escaped.replace('*', "\\*").replace('|', "\\|"));
    };
    out.push_str("~~");
    written(text.trim(), out);
    out.push_str("~~（");
    let told: BTreeSet<String> = reasons.iter().map(Reason::in_japanese).collect();
    written(&told.into_iter().collect::<Vec<_>>().join("／"), out);
    out.push('）');
}
