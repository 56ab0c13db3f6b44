//! Papers as PDF: tagged (PDF/UA-1), in Japanese, with the font inside.
//!
//! The crate knows nothing of what it prints. A caller describes a [`Document`] of headings, paragraphs, lists, tables
//! and charts, and [`print`] sets it on A4 pages. No clock, no installed fonts, no network: the same document gives the
//! same bytes on any machine.
//!
//! ```
//! use sekisho_pdf::{Block, Document, print};
//!
//! let document = Document {
//!     title: "利用報告".to_owned(),
//!     author: "霞ヶ関市".to_owned(),
//!     made: None,
//!     footer: "霞ヶ関市 利用報告".to_owned(),
//!     blocks: vec![Block::Paragraph("四月の利用は 12 回でした。".to_owned())],
//! };
//! assert!(print(&document)?.starts_with(b"%PDF-1.7"));
//! # Ok::<(), sekisho_pdf::NotPrinted>(())
//! ```
//!
//! # What a reader can rely on
//!
//! - Text is text: it is found, copied and read aloud in the order of the document. Charts carry their figures as
//!   alternate text.
//! - Rules, shading, page numbers, footers and the repeated heads of long tables are artifacts, so nothing reads them
//!   out on every page.
//! - A character the font lacks stands as 〓, on paper and in the text; nothing disappears unseen. What is set is the
//!   composed form (NFC). Variation selectors and joiners, which choose between shapes of a character and have none of
//!   their own, are left out.
//! - Text runs from left to right. Scripts that do not are not in the font and stand as 〓.

mod error;
mod font;
mod layout;
mod lines;
mod model;
mod page;
mod text;
mod write;

pub use error::NotPrinted;
pub use model::{Block, Cell, Chart, ChartKind, Document, Mark, Table};

/// The bytes of a document as PDF/UA-1.
///
/// # Errors
/// [`NotPrinted`], when the library finds that the result would not be what it claims to be.
pub fn print(document: &Document) -> Result<Vec<u8>, NotPrinted> {
    let font = font::Font::shipped()?;
    let laid = layout::lay_out(document, font);
    write::write(document, font, laid)
}
