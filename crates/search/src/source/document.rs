//! The body's own documents: text that was taken out of a file, cut at its headings, pages and about 2,000 characters.

mod cut;
mod import;

pub use cut::{Part, units};
pub use import::{Document, Import, Mark};

#[cfg(test)]
mod tests;
