//! ISMAP: the records of the scheme, from the criteria to the look-up at procurement. See the domain notes, section 8.
//!
//! Every record is a [`chronicle::Chronicle`]: what is true now is the fold of its steps, and what was known on a past day
//! the fold of those recorded by then. Each file holds one record: its steps, its states, and who may take which step.

pub mod catalogue;
pub mod caution;
pub mod change_notice;
pub mod chronicle;
pub mod committee;
pub mod criterion;
pub mod deadline;
pub(crate) mod deciding;
pub mod engagement;
pub mod filing;
pub mod firm;
pub mod incident;
pub mod list;
pub mod look_up;
pub mod party;
pub mod preliminary;
mod registration;
pub mod rule_document;
pub mod scheme;
pub mod statement;
mod term;

pub(crate) use registration::region_in_words;
pub use registration::{DeclaredScope, ListSource, ListStatus, Registration, RegistrationState, Scheme};
pub use term::{computed_expiry, last_day};
