//! Law and Diet records: read from what the State publishes, cut into the units people cite, found again, and quoted
//! only as they stand.
//!
//! This crate knows texts and nothing of people or permits: whoever asks it hands in what the reader may see.

pub mod analysis;
pub mod citation;
pub mod diet;
pub mod law;
pub mod unit;
pub mod index;
