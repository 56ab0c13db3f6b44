//! The program `sekisho`: configuration, HTTP, command line and the demo around the gate.
//!
//! A library so that tests and proofs start the very same application; `main.rs` only calls [`cli::run`].

pub mod account;
pub mod app;
mod backup;
mod budgets;
mod checklist;
pub mod cli;
mod command;
pub mod config;
mod cosignatures;
pub mod demo;
mod doctor;
pub mod figures;
pub mod first_run;
pub mod http;
pub mod installation;
mod ismap;
mod lang;
mod mcp;
pub mod metrics;
mod observed;
mod records;
pub mod research;
mod shadow;
mod sharing;
mod sheet;
mod story;
mod survey;
mod traces;
mod use_report;
mod witness;
pub mod world;
