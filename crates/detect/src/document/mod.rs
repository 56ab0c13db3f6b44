//! Text of attachments: what a document says, piece by piece, each piece with its place.
//!
//! [`read`] looks at the bytes, never at the name alone, and takes out everything a reader or a model could see and
//! much that a reader would not: comments, tracked changes, notes, properties, hidden sheets. What cannot be read is an
//! [`Unreadable`] with its path inside nested files, a stable code and a remedy; nothing is passed over in silence.
//!
//! ```
//! use sekisho_detect::document::{Limits, Reason, read};
//!
//! let memo = read("メモ.txt", "架空市の会議".as_bytes(), &Limits::default()).expect("plain text");
//! assert_eq!(memo.parts.first().map(|part| part.text.as_str()), Some("架空市の会議"));
//!
//! let cut = read("切れた.txt", &"架空市".as_bytes()[..8], &Limits::default()).expect_err("half a character");
//! assert_eq!(cut.reason, Reason::Encoding { at: 6 });
//! ```
//!
//! A file costs no more than its [`Limits`] allow, whatever it declares about itself: everything is counted while it is
//! unpacked. A reader of a format that panics is reported as [`Reason::Broken`].

mod archive;
mod encoding;
mod html;
mod limits;
mod mail;
mod ooxml;
mod part;
mod pdf;
mod reading;
mod sniff;
mod unreadable;

pub use limits::Limits;
pub use part::{Kind, Part, PartKind};
pub use unreadable::{Reason, Unreadable};

use reading::{At, Reading};

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

/// The stack of the thread that reads a file. The libraries' own recursion is bounded (PDF objects nest to 512, MIME
/// messages as deep as there are headers for it); this is room for the deepest of them, and costs only what is touched.
const STACK: usize = 64 << 20;

/// Reads a file. `name` is for messages and places, and helps only where bytes cannot tell (plain text or HTML).
///
/// The work is done on a thread of its own, so that a caller's small stack is no danger, and waited for.
///
/// # Errors
/// [`Unreadable`] when the file itself cannot be read; what cannot be read *inside* it is in [`Document::unseen`] when
/// it is harmless to miss (media) and an error when it is not (an encrypted or broken member).
pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<Document, Unreadable> {
    let at = At::top(name);
    if bytes.len() > limits.file_bytes {
        return Err(at.fail(Reason::TooLarge { limit: "file_bytes", most: limits.file_bytes }));
    }
    let given_up = || at.fail(Reason::Broken { place: at.path().to_owned(), detail: "the reader gave up".into() });
    std::thread::scope(|scope| {
        let reading = std::thread::Builder::new()
            .name("document".into())
            .stack_size(STACK)
            .spawn_scoped(scope, || read_here(&at, bytes, limits));
        match reading {
            Ok(handle) => handle.join().unwrap_or_else(|_| Err(given_up())),
            Err(_) => Err(given_up()),
        }
    })
}

/// The text of bytes that are plain text, in UTF-8, UTF-16, CP932, EUC-JP or ISO-2022-JP.
///
/// # Errors
/// [`Reason::Encoding`] with the first byte that fits no encoding, [`Reason::Unsupported`] for binary data,
/// [`Reason::TooLarge`] when the text has more than `most` bytes.
pub fn decode_text(bytes: &[u8], most: usize) -> Result<String, Reason> {
    encoding::decode(bytes, most)
}

fn read_here(at: &At, bytes: &[u8], limits: &Limits) -> Result<Document, Unreadable> {
    let mut reading = Reading::new(*limits);
    let kind = reading.file(at, bytes)?;
    let (parts, unseen) = reading.finish();
    Ok(Document { kind, parts, unseen })
}
