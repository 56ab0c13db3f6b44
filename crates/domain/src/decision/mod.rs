//! Decisions: facts in, one of three outcomes out, always with every reason.
//!
//! The rules are data: sets of Cedar policies (`rules/*.cedar`), each policy carrying the document and the clause it
//! follows and what to say to the person it stops. [`Rules::compile`] refuses what does not validate;
//! [`Rules::decide`] is pure, so the same facts under the same rules give the same bytes for ever.

mod context;
mod facts;
mod reading;
mod reason;
mod rules;
mod screen;
mod words;

pub use facts::{Facts, PermitStanding, RiskStanding};
pub use reason::{Decision, Effect, Evidence, Outcome, Reason};
pub use rules::{Rule, RuleError, Rules};
