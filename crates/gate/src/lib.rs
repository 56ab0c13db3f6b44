//! The gate every use of AI passes: identify → scan → decide → record → forward → record.
//!
//! [`pipeline::Gate::pass`] is the only way to a model. A request leaves only through a value that recording made, so
//! forgetting the record does not compile. Wire formats live in [`upstream`], one file each.

pub mod attachment;
pub mod call;
pub mod examine;
pub mod handling;
pub mod identify;
pub mod inbound;
mod mask;
pub mod passage;
mod pieces;
pub mod pipeline;
mod prepare;
pub mod record;
mod relay;
mod restore;
pub mod scan;
pub mod spending;
pub mod sse;
pub mod trace_parent;
mod under_way;
pub mod upload;
pub mod upstream;
pub mod world;
