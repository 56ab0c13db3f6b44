//! What the stand-in upstream and the load generator share.

pub mod arguments;
pub mod body;
pub mod client;
pub mod cpu;
pub mod figures;
pub mod search;
pub mod ticket;
