//! The rules a public body lives under when its staff use generative AI, as pure code: no I/O, no clock, no dice.
//!
//! Three functions carry the crate: [`command::decide`] turns a command into entries or a refusal,
//! [`register::Register::apply`] folds entries into what is true now, and [`replay::decide`] answers a request from it.
//! Time and fresh names are arguments, so every rule is tested in memory and every decision can be repeated.

pub mod account;
pub mod budget;
pub mod command;
pub mod day;
pub mod decision;
pub mod entry;
pub mod event;
pub mod grade;
pub mod handling;
mod headcount;
pub mod history;
pub mod id;
pub mod ismap;
pub mod organization;
pub mod permit;
pub mod person;
pub mod records;
pub mod refusal;
pub mod register;
pub mod regulation;
pub mod rehearsal;
pub mod replay;
pub mod returns;
pub mod rule_set;
pub mod service;
pub mod usage;
pub mod use_report;
