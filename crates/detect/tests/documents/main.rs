//! What comes out of documents, and what they cost. The files are made here; persons, places and numbers are made up.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic; helpers stand outside #[test]"
)]

mod archive;
mod hostile;

mod make;
mod office;
mod pdf;

use sekisho_detect::document::{Document, Limits, PartKind, Reason, Unreadable, read};

fn open(name: &str, bytes: &[u8]) -> Document {
    read(name, bytes, &Limits::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn refusal(name: &str, bytes: &[u8]) -> Unreadable {
    read(name, bytes, &Limits::default()).expect_err("it should have been refused")
}

/// The texts of one kind, each with its place.
fn texts(document: &Document, kind: PartKind) -> Vec<(&str, &str)> {
    document
        .parts
        .iter()
        .filter(|part| part.kind == kind)
        .map(|part| (part.place.as_str(), part.text.as_str()))
        .collect()
}

fn unseen(document: &Document) -> Vec<(&str, &str)> {
    document.unseen.iter().map(|unseen| (unseen.path.as_str(), unseen.reason.code())).collect()
}

fn too_large(limit: &'static str, most: usize) -> Reason {
    Reason::TooLarge { limit, most }
}
