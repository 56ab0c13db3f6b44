//! A provision: an article, the paragraphs of a law without articles, an appended table.

use std::fmt::Write as _;
use std::ops::Range;

use super::address::{Address, plain_label};
use super::article_number::{ArticleNumber, ItemNumber};
use super::law_id::LawNumber;

/// A part of a law that people cite as one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provision {
    /// Its name within the law, unique there: `36_2`, `p` (paragraphs without an article), `s505AC63.1` (article 1 of
    /// the supplement of 令和五年法律第六十三号), `s.1` (of the law's own), `table1`, `form3_2`. A second of one name has
    /// `#2` after it.
    pub key: String,
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub kind: ProvisionKind,
    /// The number of an article; of several in one (第三条から第五条まで　削除), the first.
    pub number: Option<ArticleNumber>,
    /// The last, of several in one.
    pub last_number: Option<ArticleNumber>,
    /// The title as printed: 第三十六条の二, 別表第一（第五条関係）; empty for paragraphs without an article.
    pub title: String,
    /// The caption without its brackets; empty where there is none.
    pub caption: String,
    /// The headings above it as printed, from the outside in: 編, 章, 節, 款, 目.
    pub path: Vec<String>,
    /// Whether it is deleted and only its number stands.
    pub deleted: bool,
    /// Its paragraphs; none in an appended part.
    pub paragraphs: Vec<Paragraph>,
    /// What an appended part holds, and what stands after the paragraphs of an article.
    pub rest: Vec<Part>,
}

/// Where a provision stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the main provisions, or appended to the law.
    Main,
    /// In the preamble.
    Preamble,
    /// In a supplement.
    Supplement {
        /// Which, counted from zero in the order of the file.
        index: usize,
        /// The law whose supplement it is, as printed; `None` for the law's own.
        amended_by: Option<String>,
        /// The same, read; `None` also where it cannot be read.
        number: Option<LawNumber>,
    },
}

/// The kinds of provisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProvisionKind {
    /// 条
    Article,
    /// Paragraphs without an article.
    Paragraphs,
    /// 別表
    Table,
    /// 様式
    Form,
    /// 別図
    Figure,
    /// 別記, and other notes.
    Note,
    /// 書式
    Format,
    /// 付録
    Appendix,
}

impl ProvisionKind {
    /// The word in the name of an appended part.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Article => "",
            Self::Paragraphs => "p",
            Self::Table => "table",
            Self::Form => "form",
            Self::Figure => "figure",
            Self::Note => "note",
            Self::Format => "format",
            Self::Appendix => "appendix",
        }
    }

    /// The appended part of a word; see [`Self::word`].
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let appended = [Self::Table, Self::Form, Self::Figure, Self::Note, Self::Format, Self::Appendix];
        appended.into_iter().find(|kind| kind.word() == word)
    }
}

/// A paragraph (項).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paragraph {
    /// Its number, counted from one.
    pub number: u32,
    /// The number as printed, ２ or ②; empty where none is printed.
    pub label: String,
    /// A caption of its own, as printed with brackets.
    pub caption: String,
    /// Its sentences.
    pub text: String,
    /// What stands below the sentences, in order.
    pub parts: Vec<Part>,
}

/// What stands below the sentences of a paragraph or item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// 号, or イ, （１） below it.
    Item(Item),
    /// A table, list, figure or note, as lines of text.
    Block(String),
}

/// An item (号), or one below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Its number where it is counted by one: 二の三 is `2_3`.
    pub number: Option<ItemNumber>,
    /// The label as printed: 一, イ, （１）.
    pub label: String,
    /// Its sentences; columns are kept apart by a full-width space, as they are printed.
    pub text: String,
    /// What stands below.
    pub parts: Vec<Part>,
}

/// A piece of a provision, found by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The whole.
    Provision(&'a Provision),
    /// A paragraph.
    Paragraph(&'a Paragraph),
    /// An item or subitem.
    Item(&'a Item),
}

impl Piece<'_> {
    /// The piece as text, with what stands below it.
    pub fn text(&self) -> String {
        let mut out = Lines::default();
        match self {
            Self::Provision(provision) => return provision.text(),
            Self::Paragraph(paragraph) => paragraph.write(&mut out),
            Self::Item(item) => item.write(&mut out),
        }
        out.text
    }
}

/// A provision as text, and which line is which paragraph or item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The bytes of each line, without its line break, and the address of the paragraph or item it belongs to.
    pub lines: Vec<(Range<usize>, Address)>,
}

impl Provision {
    /// The text alone: paragraphs, items and tables each on lines of their own, labels before them, without title and
    /// caption.
    pub fn text(&self) -> String {
        let mut out = Lines::default();
        self.write(&mut out);
        out.text
    }

    /// The text with the address of each line.
    pub fn rendered(&self) -> Rendered {
        let mut out = Lines { keep: true, ..Lines::default() };
        self.write(&mut out);
        Rendered { text: out.text, lines: out.lines }
    }

    /// The piece at an address. An address without a paragraph means the only, or the first, paragraph.
    pub fn at(&self, address: &Address) -> Option<Piece<'_>> {
        if address.is_whole() {
            return Some(Piece::Provision(self));
        }
        let paragraph = match address.paragraph {
            Some(number) => self.paragraphs.iter().find(|paragraph| paragraph.number == number)?,
            None => self.paragraphs.first()?,
        };
        let Some(wanted) = address.item else {
            return Some(Piece::Paragraph(paragraph));
        };
        let mut item = items(&paragraph.parts).find(|item| item.number == Some(wanted))?;
        for label in &address.subitems {
            item = items(&item.parts).find(|item| plain_label(&item.label) == *label)?;
        }
        Some(Piece::Item(item))
    }

    fn write(&self, out: &mut Lines) {
        for paragraph in &self.paragraphs {
            paragraph.write(out);
        }
        out.address = Address::default();
        write_parts(&self.rest, out, 0);
    }
}

impl Paragraph {
    /// Its items, without tables and lists.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        items(&self.parts)
    }

    fn write(&self, out: &mut Lines) {
        out.address = Address::paragraph(self.number);
        if !self.caption.is_empty() {
            out.line("", &self.caption);
        }
        if !self.text.is_empty() || !self.label.is_empty() {
            out.line(&self.label, &self.text);
        }
        write_parts(&self.parts, out, 0);
    }
}

impl Item {
    /// The items below it.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        items(&self.parts)
    }

    fn write(&self, out: &mut Lines) {
        out.line(&self.label, &self.text);
        write_parts(&self.parts, out, 1);
    }
}

fn items(parts: &[Part]) -> impl Iterator<Item = &Item> {
    parts.iter().filter_map(|part| match part {
        Part::Item(item) => Some(item),
        Part::Block(_) => None,
    })
}

/// Depth is bounded by that of the tree it was made from.
fn write_parts(parts: &[Part], out: &mut Lines, level: usize) {
    for part in parts {
        match part {
            Part::Block(text) => text.lines().for_each(|line| out.line("", line)),
            Part::Item(item) => {
                let before = out.address.clone();
                if level == 0 {
                    out.address.item = item.number;
                } else {
                    out.address.subitems.push(plain_label(&item.label));
                }
                out.line(&item.label, &item.text);
                write_parts(&item.parts, out, level + 1);
                out.address = before;
            }
        }
    }
}

#[derive(Default)]
struct Lines {
    text: String,
    lines: Vec<(Range<usize>, Address)>,
    address: Address,
    keep: bool,
}

impl Lines {
    fn line(&mut self, label: &str, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        // Writing to a String cannot fail.
        let _ = match (label.is_empty(), text.is_empty()) {
            (false, false) => write!(self.text, "{label}　{text}"),
            _ => write!(self.text, "{label}{text}"),
        };
        if self.keep {
            self.lines.push((start..self.text.len(), self.address.clone()));
        }
    }
}
