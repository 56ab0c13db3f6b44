//! The model's Markdown as statements: the smallest pieces that carry a citation of their own.
//!
//! Read by lines, not by a Markdown library: what matters here is that every byte of the answer belongs to a piece, so that
//! nothing can be shown that was not looked at. Emphasis stays in the text; code and HTML are read as text, and shown as
//! text by [`super::check`].

mod block;
mod sentence;

use super::mark::Mark;
use std::ops::Range;

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A heading or head of a column that states something (one that does not is [`Piece::Title`]).
    Heading,
    /// A sentence of a paragraph.
    Paragraph,
    /// A sentence of a list item.
    Item,
    /// A sentence of a table cell. Its row's marks count for it when it has none.
    Cell,
    /// A block quotation as a whole; the marks of the statement before it count for it when it has none.
    Block,
}

/// A quotation in a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// Bytes of the answer, quotation marks included.
    pub range: Range<usize>,
    /// What is claimed to be quoted, without the marks around it.
    pub text: String,
}

/// A sentence, cell or block quotation of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Where it stands.
    pub kind: Kind,
    /// Bytes of the answer.
    pub range: Range<usize>,
    /// Its own citation marks.
    pub marks: Vec<Mark>,
    /// Its outermost quotations; one inside another is part of it.
    pub quotations: Vec<Quotation>,
    /// Its words outside marks and quotations.
    pub words: String,
    /// Numbers of the passages that count for it: its own marks', or those it stands under.
    pub cited: Vec<usize>,
}

/// A piece of the answer. All pieces one after the other are the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Blank lines, markers of lists and headings, bars of tables: nothing stated.
    Layout(Range<usize>),
    /// A heading or head of a table that only names what follows.
    Title(Range<usize>),
    /// A statement.
    Statement(Statement),
}

/// An answer as pieces.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    source: &'a str,
    pieces: Vec<Piece>,
}

impl<'a> Draft<'a> {
    /// Reads an answer. Any text has a reading; the time is linear in its length.
    pub fn read(source: &'a str) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        for block in block::blocks(source) {
            block::read(source, &block, &mut pieces);
        }
        let mut draft = Self { source, pieces: whole(pieces, source.len()) };
        draft.lend_marks();
        draft
    }

    /// The pieces in their order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The statements in their order.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Statement(statement) => Some(statement),
            _ => None,
        })
    }

    /// The answer's bytes at a place of it.
    pub fn text(&self, range: &Range<usize>) -> &'a str {
        self.source.get(range.clone()).unwrap_or("")
    }

    /// A block quotation without marks stands under those of the statement before it.
    fn lend_marks(&mut self) {
        let mut before: Vec<usize> = Vec::new();
        for piece in &mut self.pieces {
            match piece {
                Piece::Statement(statement) => {
                    if statement.kind == Kind::Block && statement.cited.is_empty() {
                        statement.cited.clone_from(&before);
                    }
                    before.clone_from(&statement.cited);
                }
                Piece::Title(_) => before.clear(),
                Piece::Layout(_) => {}
            }
        }
    }
}

impl Piece {
    /// Bytes of the answer.
    pub fn range(&self) -> &Range<usize> {
        match self {
            Self::Layout(range) | Self::Title(range) => range,
            Self::Statement(statement) => &statement.range,
        }
    }
}

/// Fills what lies between the pieces with layout.
fn whole(pieces: Vec<Piece>, length: usize) -> Vec<Piece> {
    let mut out = Vec::with_capacity(pieces.len() * 2 + 1);
    let mut at = 0;
    for piece in pieces {
        let range = piece.range().clone();
        if range.start > at {
            out.push(Piece::Layout(at..range.start));
        }
        at = range.end;
        out.push(piece);
    }
    if at < length {
        out.push(Piece::Layout(at..length));
    }
    out
}
