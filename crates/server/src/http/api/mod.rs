//! The project's own JSON API: one file per concern.

pub(super) mod budgets;
pub(super) mod commands;
pub(super) mod criteria;
pub(super) mod files;
pub(super) mod handlings;
pub(super) mod invoke;
pub(super) mod list_import;
pub(super) mod me;
pub(super) mod oscal;
pub(super) mod register;
pub(super) mod scheme;
pub(super) mod tools;
pub(super) mod uses;
