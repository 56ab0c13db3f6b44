//! One piece of text and where in the file it stands.

use serde::Serialize;

/// What a file is, by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Plain text in any of the encodings known here (CSV, Markdown, source code and JSON too).
    Text,
    /// HTML.
    Html,
    /// PDF.
    Pdf,
    /// Word (OOXML).
    Docx,
    /// Excel (OOXML).
    Xlsx,
    /// PowerPoint (OOXML).
    Pptx,
    /// A mail message.
    Mail,
    /// ZIP archive.
    Zip,
    /// A picture, sound or film: nothing to read.
    Media,
}

/// What a piece of text is in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// What a reader sees.
    Body,
    /// Header or footer of pages.
    HeaderFooter,
    /// Footnotes and endnotes.
    Footnote,
    /// Comments and annotations.
    Comment,
    /// Text of a tracked change, deleted text above all.
    Change,
    /// Speaker's notes.
    Notes,
    /// Title, author and other properties.
    Property,
    /// Text that a reader does not see: hidden sheets, rows, runs and slides, `display: none`, white on white.
    Hidden,
    /// The name of a file, a sheet, a mail's subject and addresses.
    Name,
}

/// One piece of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Where it stands, for people: nested files first, then page, sheet, cell or slide, as in
    /// `資料.zip › 名簿.xlsx › シート「一覧」 B3`. Empty for the body of a plain text.
    pub place: String,
    /// The text.
    pub text: String,
}
