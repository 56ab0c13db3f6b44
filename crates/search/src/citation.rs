//! Statements held against the passages they cite, and quotations against the text they claim to quote.
//!
//! A model writes a report from numbered passages; nothing of it is shown before it went through here. The order is
//! [`passages_block`] (what the model is handed), [`Draft`] (its answer as statements), [`Shelf`] (the passages, made
//! ready once) and [`check`] (the verdicts and the Markdown to show).
//!
//! **What is judged.** That each statement names a passage that was handed out; that each quotation stands there
//! character by character; that nothing which turns or limits its meaning was cut off its end or left out of its middle;
//! that each number with its unit and bound outside quotations (amounts, years, articles with their branches) is one that the
//! passage or its citation has somewhere.
//! **What is not judged.** Whether a paraphrase says what the passage says: a statement without quotation whose numbers are
//! right counts as supported though its words may claim the contrary. Only a quotation binds the wording. Nor whether numbers
//! belong together: the year, month and day of a date, and the article, paragraph and item of a place, are each looked for
//! alone, so that 5月1日 stands where 5月 and 1日 do, and 第2条第3項 where 第2条 and another's 第3項 do. Nor kanji numerals before
//! a unit that is not in the list of units (三棟, 五匹), nor the sign of a number (-5 is 5). And words put in 「」 that are short
//! and could state nothing count as terms, whether the passage has them or not.
//!
//! When in doubt the answer is to strike: a true quotation struck costs a look at the source, a false one shown costs
//! the trust in all of them.

mod cut;
mod draft;
mod extract;
mod fold;
mod mark;
mod nearest;
mod negation;
mod omission;
mod passage;
mod quotation;
mod report;
mod statement;
mod term;
#[cfg(test)]
mod tests;
mod value;

pub use draft::{Draft, Kind, Piece, Quotation, Statement};
pub use extract::{Span, extract};
pub use mark::Mark;
pub use nearest::Nearest;
pub use passage::{Passage, Shelf, passages_block};
pub use quotation::{Reason, Standing};
pub use report::{Checked, Coverage, Judged, Reference, Show, Style, check};
pub use statement::Verdict;
