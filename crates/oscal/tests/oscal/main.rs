//! What is written is valid by the schemas and comes back as it was; what is read is not dropped in silence.

mod exports;
mod foreign;
mod generated;
mod refusals;
mod round_trip;
mod samples;
mod schema;
