//! Checkpoints: the log's signed statement of its size and root (C2SP `tlog-checkpoint`).

use std::fmt;
use std::str::FromStr;

use crate::hash::{EMPTY_ROOT, Hash};
use crate::note::{Note, NoteError, Signer, Verifier};

/// The longest origin, in bytes.
pub const MAX_ORIGIN_BYTES: usize = 255;

/// Name of a log, the same for ever: such as `kansa.example.lg.jp/log1`.
///
/// Visible ASCII without plus sign and without `://`, so that it serves as key name too.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

/// A text that cannot be an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be a log's origin: it takes 1 to 255 visible ascii characters, no plus, no scheme")]
pub struct OriginError(String);

impl Origin {
    /// Takes a text as origin.
    ///
    /// # Errors
    /// [`OriginError`] when it is empty, too long, or holds a space, a plus, a scheme or anything
    /// but ASCII.
    pub fn new(text: &str) -> Result<Self, OriginError> {
        let fit = (1..=MAX_ORIGIN_BYTES).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+')
            && !text.contains("://");
        if !fit {
            return Err(OriginError(text.chars().take(MAX_ORIGIN_BYTES).collect()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        Self::new(text)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a log says of itself: so many entries, with this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree of these entries.
    pub root: Hash,
}

/// A note that is not a checkpoint of the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note is malformed, or not signed as it should be.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The first line is not an origin.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The text has another number of lines than three; in particular, it has extension lines.
    #[error("a checkpoint has three lines: origin, size, root; extension lines are not accepted")]
    Lines,
    /// The second line is not a size.
    #[error("`{0}` is not a tree size")]
    Size(String),
    /// The third line is not a root hash.
    #[error("`{0}` is not a root hash")]
    Root(String),
    /// The size is 0 and the root is not that of the empty tree.
    #[error("the root of an empty tree is another one")]
    EmptyRoot,
    /// The key belongs to another log.
    #[error("the checkpoint is of `{origin}`, the key of `{key}`")]
    OtherLog {
        /// The origin in the checkpoint.
        origin: String,
        /// The name of the key.
        key: String,
    },
}

impl Checkpoint {
    /// The text that is signed: three lines.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64())
    }

    /// Reads what [`Checkpoint::to_text`] writes, and nothing else. Extension lines are refused:
    /// our logs write none, and nobody could audit them.
    ///
    /// # Errors
    /// [`CheckpointError`] says which line is at fault.
    pub fn parse_text(text: &str) -> Result<Self, CheckpointError> {
        let shorten = |line: &str| line.chars().take(100).collect::<String>();
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Lines);
        };
        let origin = Origin::new(origin)?;
        let size = parse_number(size).ok_or_else(|| CheckpointError::Size(shorten(size)))?;
        let root = Hash::from_base64(root).map_err(|_| CheckpointError::Root(shorten(root)))?;
        if size == 0 && root != EMPTY_ROOT {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(Self { origin, size, root })
    }

    /// Signs the checkpoint: the answer is the whole note, as served at `checkpoint`.
    ///
    /// The signer's name must be the origin ([`Signer::for_log`] sees to that), else
    /// [`Checkpoint::open`] will refuse the note.
    #[must_use]
    pub fn sign(&self, signer: &Signer) -> String {
        signer.sign_checked(&self.to_text())
    }

    /// Reads a signed checkpoint and verifies the log's signature.
    ///
    /// # Errors
    /// [`CheckpointError`] when the note is malformed, not signed by this key, not a checkpoint, or
    /// the checkpoint of a log with another name than the key's.
    pub fn open(note: &[u8], verifier: &Verifier) -> Result<Self, CheckpointError> {
        Self::open_note(&Note::parse(note)?, verifier)
    }

    /// As [`Checkpoint::open`], for a note already read.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn open_note(note: &Note, verifier: &Verifier) -> Result<Self, CheckpointError> {
        note.verify(verifier)?;
        let checkpoint = Self::parse_text(note.text())?;
        if checkpoint.origin.as_str() != verifier.name() {
            return Err(CheckpointError::OtherLog {
                origin: checkpoint.origin.to_string(),
                key: verifier.name().to_owned(),
            });
        }
        Ok(checkpoint)
    }
}

/// A decimal number without sign or needless zeros.
pub(crate) fn parse_number(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_example_of_the_specification_is_read_and_written_again() {
        let checkpoint = Checkpoint::parse_text(TEXT).unwrap();
        assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(checkpoint.to_text(), TEXT);
    }

    #[test]
    fn anything_but_three_exact_lines_is_refused() {
        for wrong in [
            String::new(),
            "\n\n\n".to_owned(),
            TEXT.trim_end().to_owned(),
            format!("{TEXT}extension\n"),
            format!("{TEXT}\n"),
            TEXT.replace("20852163", "020852163"),
            TEXT.replace("20852163", "+20852163"),
            TEXT.replace("20852163", "-1"),
            TEXT.replace("20852163", ""),
            TEXT.replace("20852163", "18446744073709551616"),
            TEXT.replace("20852163", "0"),
            TEXT.replace("q2I=", "q2J="),
            TEXT.replace("q2I=", "q2I"),
            TEXT.replace("example", "https://example"),
            TEXT.replace("example", "ex ample"),
            TEXT.replace("example", "ex+ample"),
            TEXT.replace("example", "例"),
        ] {
            assert!(Checkpoint::parse_text(&wrong).is_err(), "{wrong}");
        }
        assert!(Origin::new(&"x".repeat(255)).is_ok());
        assert!(Origin::new(&"x".repeat(256)).is_err());
    }

    #[test]
    fn only_the_log_itself_can_sign_its_checkpoint() {
        let checkpoint = Checkpoint::parse_text(TEXT).unwrap();
        let signer = Signer::for_log(&checkpoint.origin, [1; 32]);
        let note = checkpoint.sign(&signer);
        assert_eq!(Checkpoint::open(note.as_bytes(), &signer.verifier()), Ok(checkpoint.clone()));
        let stranger = Signer::for_log(&checkpoint.origin, [2; 32]);
        assert!(matches!(
            Checkpoint::open(note.as_bytes(), &stranger.verifier()),
            Err(CheckpointError::Note(NoteError::NotSigned(_)))
        ));
        let other = Signer::from_seed("example.com/other", [1; 32]).unwrap();
        let note = checkpoint.sign(&other);
        let refused = Checkpoint::open(note.as_bytes(), &other.verifier());
        assert!(matches!(refused, Err(CheckpointError::OtherLog { .. })));
    }

    proptest! {
        #[test]
        fn every_checkpoint_is_read_back(size: u64, root: [u8; 32]) {
            let root = if size == 0 { EMPTY_ROOT } else { Hash(root) };
            let checkpoint = Checkpoint { origin: Origin::new("a.example/log").unwrap(), size, root };
            prop_assert_eq!(Checkpoint::parse_text(&checkpoint.to_text()), Ok(checkpoint));
        }
    }
}
