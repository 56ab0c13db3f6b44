//! ISMAP: the records of the scheme, from the criteria to the look-up at procurement. See the domain notes, section 8.
//!
//! Every record is a [`chronicle::Chronicle`]: what is true now is the fold of its steps, and what was known on a past day
//! the fold of those recorded by then. Each file holds one record: its steps and its states; who may take which step, and
//! what has to be true, stands there too or in `guards` beneath it.
//!
//! **On what a rule rests.** A comment that names an article rests on a published account of it. "Our reading" or "our design"
//! is what the program makes of a rule whose wording was not at hand, and "recalled" what nobody has confirmed: such rules
//! warn ([`caution`]) and refuse nothing. Day counts that were not read anywhere are settings without a default. The domain
//! notes, section 9, list what an operator has to check against the official texts; pages show it as 要確認.

pub mod catalogue;
pub mod caution;
pub mod change_notice;
pub mod chronicle;
pub mod committee;
pub mod criterion;
pub mod crosswalk;
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
