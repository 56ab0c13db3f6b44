//! The gate every use of AI passes: identify → scan → decide → record → forward → record.
//!
//! [`pipeline::Gate::pass`] is the only way to a model. A request leaves only through a value that recording made, so
//! forgetting the record does not compile. Wire formats live in [`upstream`], one file each.

pub mod identify;
pub mod inbound;
pub mod pipeline;
pub mod record;
pub mod scan;
pub mod sse;
pub mod upstream;
pub mod world;
