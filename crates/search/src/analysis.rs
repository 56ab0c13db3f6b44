//! Japanese text as the index sees it: folded so that spellings of one thing are one, then cut in two ways that fail
//! on different questions, into words ([`words`]) and into pairs of characters ([`grams`]).

pub mod fold;
mod glyph;
pub mod grams;
mod numeral;
mod script;
mod token;
mod trace;
pub mod words;

pub use fold::fold;
pub(crate) use numeral::is_kanji_figure;
pub(crate) use script::{Script, of as script};
pub use token::{Grams, Words};
pub(crate) use trace::Trace;
