//! Apps: a form, an instruction, and a way through the gate. What is in this folder knows no HTTP.

pub mod builtin;
pub mod catalog;
pub mod definition;
pub mod form;
pub mod guide;
pub mod ordered;
pub mod prompt;
pub mod protocol;
pub mod request;
pub mod way;
