//! Law and Diet records: read from what the State publishes, cut into the units people cite, found again, and quoted
//! only as they stand.
//!
//! A [`Shelf`](shelf::Shelf) holds the units of one corpus in one folder: their texts and the index over them are the
//! same files, so that a commit shows both or neither. [`rank`] finds; [`citation`] compares; [`law`] and [`diet`]
//! read the sources. [`dense`] is optional: vectors of meaning, which find what shares no word with the question.
//!
//! This crate knows texts and nothing of people or permits: whoever asks it hands in what the reader may see.

pub mod analysis;
pub mod citation;
pub mod dense;
pub mod diet;
pub mod eval;
pub mod excerpt;
pub mod law;
pub mod library;
pub mod lines;
pub mod rank;
pub mod rows;
pub mod shelf;
pub mod source;
pub mod unit;
