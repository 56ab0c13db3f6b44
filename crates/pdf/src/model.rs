//! What a document is made of.

use jiff::Timestamp;

/// A whole document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// Stands at the head of the first page and in the title bar of readers. An empty one is set as 無題.
    pub title: String,
    /// Who speaks: the body.
    pub author: String,
    /// When it was made, for the metadata; written as time in Japan. Nothing on the pages follows from it.
    pub made: Option<Timestamp>,
    /// At the foot of every page, beside its number.
    pub footer: String,
    /// What follows the title.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading with its level: 1 stands right below the title. A level that would skip one is raised, because
    /// headings must not skip (PDF/UA-1, 7.4.2).
    Heading(u8, String),
    /// A paragraph; line breaks in it are kept.
    Paragraph(String),
    /// Points, each with a dot.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
}

/// A table. A row shorter than the head is filled with empty cells; what is longer makes the table wider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// What the table shows, for those who hear it; may be empty.
    pub summary: String,
    /// The names of the columns; none for a table whose rows name themselves.
    pub head: Vec<String>,
    /// Whether the first cell of a row names the row.
    pub rows_are_named: bool,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// Stands to the right.
    pub is_figure: bool,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// Lying bars with name and figure, one below the other: for things that are compared.
    Bars,
    /// Standing bars, first and last named: for times.
    Columns,
    /// A line, first and last named: for many times.
    Line,
}

/// A chart. It adds nothing to what a table says and is drawn for the eye.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What is shown; set below the drawing.
    pub caption: String,
    /// The drawing in words, for those who do not see it. An empty one is made of the marks.
    pub alternative: String,
    /// How it is drawn.
    pub kind: ChartKind,
    /// What is drawn, in order.
    pub marks: Vec<Mark>,
}

/// A bar or point of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it is called.
    pub name: String,
    /// How long it is; none draws nothing.
    pub value: Option<u64>,
    /// The figure as people read it.
    pub figure: String,
}
