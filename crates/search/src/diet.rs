//! Records of the Diet: speeches and the exchanges they make, written questions and their answers.
//!
//! Everything here is pure: bytes of a page or a row come in, records go out. Whoever fetches them asks the sites
//! politely, keeps the bytes, and hands them over.

pub mod citation;
pub mod exchange;
pub mod house;
pub mod number;
pub mod record;
pub mod speaker;
pub mod written;

#[cfg(test)]
mod real;
