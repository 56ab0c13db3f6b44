//! Records of the Diet: meetings with their exchanges, written questions with their answers.
//!
//! A meeting is one group, and so is a written question. An import first counts what each has, then gathers it and puts
//! it on the shelf when the last of it has come. What the shelf holds of a group and the files do not, stays.

mod gather;
mod import;
mod sitting;
mod sort;
mod written;

pub use import::import;
pub(crate) use sitting::role;
pub use sitting::{speech_of, units as sitting_units};
pub use written::units as written_units;

#[cfg(test)]
mod tests;
