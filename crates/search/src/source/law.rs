//! Laws: revisions with their days in force, and links between them.
//!
//! A revision is one group, `<law id>@<first day in force>`; its work is the law. The day on which it ends is the first
//! of the next revision, so a new revision writes the one before it again. A text without a day (`<law id>@`) is taken
//! only while the law has no other.

mod catalogue;
mod chain;
mod import;
mod known;
mod link;
mod revision;
mod survey;

pub use import::import;
pub use link::link;
pub use revision::{Revision, category_of, group};

#[cfg(test)]
mod tests;
