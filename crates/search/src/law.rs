//! Laws, orders and rules: the standard law XML and its JSON, articles, references, definitions, delegations.
//!
//! Pure: bytes in, values out. Every bound that keeps a hostile file from filling memory or the stack is a public
//! constant ([`LARGEST`], [`DEEPEST`], [`MOST_ELEMENTS`]).

mod address;
mod archive;
mod article_number;
pub mod asked;
pub mod definition;
pub mod delegation;
mod error;
pub mod glossary;
mod inline;
mod json;
mod law_id;
pub mod name;
mod numeral;
mod provision;
mod read;
pub mod reference;
mod revision;
mod schema;
mod structure;
mod text;
mod tree;
mod window;
mod xml;

pub use address::Address;
pub use archive::{ArchiveError, LARGEST_ARCHIVE, MOST_MEMBERS, MOST_TIMES, Member, Members, members, members_named};
pub use article_number::{ArticleNumber, ItemNumber, NotANumber};
pub use error::{DEEPEST, LARGEST, MOST_ELEMENTS, MOST_ODDITIES, Odd, Oddity, Position, ReadError};
pub use law_id::{Era, LawId, LawKind, LawNumber, NotALawNumber};
pub use provision::{Item, Paragraph, Part, Piece, Place, Provision, ProvisionKind, Rendered};
pub use read::{read, read_json, read_xml};
pub use revision::RevisionName;
pub use text::{Heading, LawText};

#[cfg(test)]
mod tests;
