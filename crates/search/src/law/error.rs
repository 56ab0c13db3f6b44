//! What keeps a law from being read, and what was odd in one that could be.

use std::fmt;

/// The largest file that is read as one law, in bytes. The longest law in force has a fifth of it.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// How deep elements may be nested. The schema allows some thirty levels.
pub const DEEPEST: usize = 60;
/// How many elements one law may have.
pub const MOST_ELEMENTS: usize = 2_000_000;
/// How many oddities are kept; what is more is counted.
pub const MOST_ODDITIES: usize = 200;

/// Why a file could not be read as a law.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Larger than [`LARGEST`].
    #[error("the file has {bytes} bytes, more than the {LARGEST} of any law; cut it into one law per file")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("{at}: not UTF-8; save the file as UTF-8, as e-Gov publishes it")]
    NotUtf8 {
        /// Where the first such byte is.
        at: Position,
    },
    /// Not well-formed XML, or XML that breaks off.
    #[error("{at}: {what}; fetch the file again, it may have been cut off or edited")]
    BrokenXml {
        /// Where.
        at: Position,
        /// What is wrong, as the parser says it.
        what: String,
    },
    /// Not JSON of the expected shape, or JSON that breaks off.
    #[error("{at}: {what}; fetch the answer again with `law_full_text_format=json`")]
    BrokenJson {
        /// Where.
        at: Position,
        /// What is wrong, as the parser says it.
        what: String,
    },
    /// A name between `&` and `;` that XML does not know. Entities of one's own are not read: they make XML a bomb.
    #[error("{at}: unknown entity `{name}`; write the character itself")]
    UnknownEntity {
        /// Where.
        at: Position,
        /// The name.
        name: String,
    },
    /// More nested than [`DEEPEST`], or more elements than [`MOST_ELEMENTS`].
    #[error("{at}: nested deeper, or with more elements, than any law; this is not a law as e-Gov publishes it")]
    TooDeep {
        /// Where the bound was passed.
        at: Position,
    },
    /// Well-formed, and no law in it.
    #[error("no `{wanted}` in the file; expected the standard law XML or an answer of the e-Gov law API with its text")]
    NoLaw {
        /// The element that was looked for.
        wanted: &'static str,
    },
    /// The API answered with an error of its own instead of a law.
    #[error("the law API answered code {code}: {message}")]
    Refused {
        /// Its code; `0` and `2` are answers without an error.
        code: String,
        /// Its words.
        message: String,
    },
}

/// A place in a file, counted from one; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Position {
    /// The position of a byte.
    pub(crate) fn of(bytes: &[u8], offset: usize) -> Self {
        let before = bytes.get(..offset.min(bytes.len())).unwrap_or(bytes);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
        Self { line, column }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Something in a law that the reader did not expect. Its text is kept all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// What was found.
    pub what: Odd,
    /// Where: the elements from the outside in, with their numbers, `MainProvision/Article[5_2]/Paragraph[1]`.
    pub path: String,
    /// The line of the file, for XML.
    pub line: Option<usize>,
}

/// The kinds of oddities.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Odd {
    /// An element the standard law XML does not have.
    UnknownElement(String),
    /// A `Num` that is no number; the article keeps its printed title and is named by it.
    UnreadableNumber(String),
    /// Two provisions of one name; the later has `#2` after it.
    DoubleNumber(String),
    /// A date that is none.
    UnreadableDate(String),
    /// A part of the law only (a partial answer of the API).
    Partial,
    /// This many oddities more.
    More(usize),
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Odd::UnknownElement(name) => write!(f, "unknown element `{name}`")?,
            Odd::UnreadableNumber(number) => write!(f, "`{number}` is no number")?,
            Odd::DoubleNumber(number) => write!(f, "`{number}` stands twice")?,
            Odd::UnreadableDate(date) => write!(f, "`{date}` is no date")?,
            Odd::Partial => f.write_str("a part of the law only")?,
            Odd::More(count) => return write!(f, "and {count} oddities more"),
        }
        write!(f, " in `{}`", self.path)?;
        self.line.map_or(Ok(()), |line| write!(f, ", line {line}"))
    }
}
