//! The commands of the program, one file each.

pub(crate) mod admin;
pub(crate) mod backup;
pub(crate) mod check_config;
pub(crate) mod decide;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod import;
pub(crate) mod ledger;
pub(crate) mod mcp;
pub(crate) mod migrate_store;
pub(crate) mod oscal;
pub(crate) mod register;
pub(crate) mod report;
pub(crate) mod scan;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod shadow;
pub(crate) mod shelves;
pub(crate) mod witness;
