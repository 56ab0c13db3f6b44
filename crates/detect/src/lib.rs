//! What is in a text: identifiers of persons, marks of secrecy, credentials and invisible characters.
//!
//! ```
//! use sekisho_detect::{Confidence, Detector, Signal};
//!
//! let detector = Detector::new();
//! let findings = detector.scan("申請者のマイナンバーは１２３４－５６７８－９０１８です。");
//! let first = findings.first().expect("one finding");
//! assert_eq!(first.signal, Signal::MyNumber);
//! assert_eq!(first.confidence, Confidence::High);
//! ```
//!
//! A finding says which rule was met, where in the *original* text, and on what evidence. It never
//! holds the matched text itself, so findings may be logged and recorded.
//!
//! How a scan works: one walk of an Aho-Corasick automaton finds the words that matter (marks,
//! words that stand near an identifier, beginnings of keys); one walk over the characters finds digits,
//! `@`, colons and invisible characters. Only there are the costlier checks made, each in a bounded window,
//! so that the time is proportional to the length of the text whatever it contains.
//!
//! What the confidence means: [`Confidence::Low`] is worth a hint and never a refusal (a word is discussed,
//! a number only looks like something); [`Confidence::Medium`] is what a check digit or a plain form alone gives;
//! [`Confidence::High`] rests on two independent signs, or on a mark set the way marks are set.

mod credential;
mod date;
mod detector;
pub mod document;
mod finding;
pub mod fold;
pub mod identifier;
mod invisible;
mod keyword;
mod lexicon;
mod mark;
mod number;
mod numeral;
mod rule;
mod script;
mod stream;
mod surroundings;

pub use detector::Detector;
pub use finding::{Confidence, Finding, MunicipalLevel, PersonalKind, RuleId, Signal};
pub use rule::{EvidenceGrade, RuleInfo, Source, rules};
pub use stream::StreamScan;
