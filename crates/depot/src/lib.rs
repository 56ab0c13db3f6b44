//! The depot: a folder or a bucket in which shelves lie that were built once, for every node to take its own copy.
//!
//! A published shelf is a **generation**: files that never change, each under its SHA-256 (`files/<hash>`), and a
//! [`Manifest`] that names them (`law/<number>`). The number is created if it is not there, and by one who had the number
//! before it: so of two who publish at once one is told that the other came first, and nothing of either is lost. What two
//! generations have in common lies there once.
//!
//! Whoever can write to the depot cannot make a node serve what no node of the installation made: a manifest bears a seal
//! under a key that the nodes share, and of every file that is fetched size and hash are held against it.
//!
//! This crate knows no people, no permits and no clock.

mod error;
mod fetching;
mod file;
mod keeping;
mod manifest;
mod place;
mod publishing;
mod record;
mod seal;
mod wire;

pub use error::DepotError;
pub use fetching::{Fetched, Over};
pub use keeping::{GRACE_SECONDS, KEPT};
pub use manifest::{Maker, Manifest};
pub use place::{Bucket, Depot, Place, PlaceError, Plain, credentials};
pub use publishing::{By, Published, Whole};
pub use record::{generation_of, is_shared};
pub use seal::Seal;
