//! What is written is valid by the schemas and comes back as it was; what is read is not dropped in silence.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic; what makes samples stands outside #[test]"
)]

mod any_valid;
mod exports;
mod foreign;
mod generated;
mod refusals;
mod round_trip;
mod samples;
mod schema;
