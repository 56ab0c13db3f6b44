#![doc = include_str!("../README.md")]

pub mod bundle;
pub mod checkpoint;
pub mod entry;
pub mod export;
pub mod hash;
pub mod jcs;
mod jcs_value;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
pub mod tlog_proof;
pub mod tree;
pub mod verify;
pub mod witness;
