//! The generator of synthetic documents, for the tests of this folder and the examples.

#[path = "dice.rs"]
pub(crate) mod dice;
#[path = "documents.rs"]
pub(crate) mod documents;
#[path = "long.rs"]
pub(crate) mod long;
#[path = "makers.rs"]
pub(crate) mod makers;
#[path = "marks.rs"]
pub(crate) mod marks;
#[path = "people.rs"]
pub(crate) mod people;
#[path = "secrets.rs"]
pub(crate) mod secrets;
