//! 立会い: countersigning the ledgers of other departments (C2SP `tlog-witness`).
//!
//! A witness is a key and a memory. It needs no database and sees no entries: for each log it remembers the last checkpoint
//! it cosigned, and it cosigns only what continues that. The rule stands in `sekisho_ledger::witness`; here are the memory
//! on the disk and the door.

mod memory;
mod service;

pub(crate) use memory::{Memory, MemoryError};
pub(crate) use service::{Service, router};
