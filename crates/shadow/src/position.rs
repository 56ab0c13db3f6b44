//! How far each file was read, so that a later run goes on there and reads nothing twice.
//!
//! A file is known by its content, not by its name: by its first bytes and by the last bytes before the place where
//! reading stopped. So a log that was renamed by rotation, and even compressed afterwards, is known again, and a log that
//! was emptied and filled anew is not taken for the old one. Device and inode help where a file is still too short to
//! be told from others by its beginning.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The version of the JSON form.
const FORMAT: &str = "sekisho-shadow-positions/1";

/// Bytes at the beginning that tell a file from others: more than the header of any log, so that lines are among them.
pub(crate) const HEAD: usize = 4096;
/// With less than this in common, two files of different inodes are not taken for one: both may have a header alone.
const ENOUGH: usize = 256;
/// Bytes before the place where reading stopped.
pub(crate) const TAIL: usize = 256;

/// How many files are remembered.
const MOST: usize = 20_000;

/// Some bytes of a file as a hash: the state file holds nothing that stands in a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    length: usize,
    sha256: String,
}

impl Mark {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { length: bytes.len(), sha256 }
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }
}

/// Device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Inode {
    device: u64,
    inode: u64,
}

impl Inode {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Self { device: metadata.dev(), inode: metadata.ino() })
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_: &std::fs::Metadata) -> Option<Self> {
        None
    }
}

/// A file as it was when it had been read to its end, so that an unchanged one need not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    size: u64,
    modified: Option<Timestamp>,
}

impl Stamp {
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Self {
        Self { size: metadata.len(), modified: modified(metadata) }
    }
}

/// When a file was last written.
pub(crate) fn modified(metadata: &std::fs::Metadata) -> Option<Timestamp> {
    Timestamp::try_from(metadata.modified().ok()?).ok()
}

/// How far a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Position {
    /// Where the file was seen last, for people.
    pub(crate) file: String,
    pub(crate) inode: Option<Inode>,
    pub(crate) head: Mark,
    pub(crate) tail: Mark,
    /// The beginning of the first line that was not counted, in the content.
    pub(crate) offset: u64,
    /// Lines counted.
    pub(crate) lines: u64,
    /// The format of the last line.
    pub(crate) format: Option<String>,
    /// The line that says where the columns are.
    pub(crate) header: Option<String>,
    /// The time of the last hit.
    pub(crate) clock: Option<Timestamp>,
    /// Set once everything was read.
    pub(crate) complete: Option<Stamp>,
}

/// The positions of all files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Positions {
    format: String,
    files: Vec<Position>,
}

impl Default for Positions {
    fn default() -> Self {
        Self { format: FORMAT.to_owned(), files: Vec::new() }
    }
}

/// Why positions could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PositionsError {
    /// The disk.
    #[error("`{file}`: {source}; look whether the folder exists and may be written")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// Not what this program wrote.
    #[error("`{file}` is no state of a scan ({what}); give another file, or delete it to read everything anew")]
    Foreign {
        /// The file.
        file: String,
        /// What does not fit.
        what: String,
    },
}

impl PositionsError {
    /// The same in Japanese.
    pub fn japanese(&self) -> String {
        match self {
            Self::Io { file, source } => {
                format!("{file}: {source}。フォルダーがあるか、書き込めるかを確かめてください。")
            }
            Self::Foreign { file, what } => format!(
                "{file} は調査の続きを記したファイルではありません（{what}）。別のファイルを指定するか、\
                 最初から読み直すなら削除してください。"
            ),
        }
    }
}

impl Positions {
    /// What an earlier run wrote; nothing if there was none.
    ///
    /// # Errors
    /// The file cannot be read, or was not written by [`save`](Self::save).
    pub fn load(path: &Path) -> Result<Self, PositionsError> {
        let file = path.display().to_string();
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(PositionsError::Io { file, source }),
        };
        let foreign = |what| PositionsError::Foreign { file: file.clone(), what };
        let positions: Self = serde_json::from_slice(&text).map_err(|error| foreign(error.to_string()))?;
        if positions.format != FORMAT {
            return Err(foreign(format!("`{}` instead of `{FORMAT}`", positions.format)));
        }
        Ok(positions)
    }

    /// Writes them beside and puts them in place, so that a crash leaves the old ones or the new ones.
    ///
    /// # Errors
    /// The disk.
    pub fn save(&self, path: &Path) -> Result<(), PositionsError> {
        let failed = |source| PositionsError::Io { file: path.display().to_string(), source };
        let text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let mut file = std::fs::File::create(&beside).map_err(failed)?;
        io::Write::write_all(&mut file, &text).and_then(|()| file.sync_all()).map_err(failed)?;
        std::fs::rename(&beside, path).map_err(failed)
    }

    /// How many files are known.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The place of the file with this inode that is as it was when it had been read to its end.
    pub(crate) fn unchanged(&self, inode: Option<Inode>, stamp: Stamp) -> bool {
        inode.is_some() && self.files.iter().any(|known| known.inode == inode && known.complete == Some(stamp))
    }

    /// What is known of a file that begins like this.
    pub(crate) fn find(&self, inode: Option<Inode>, head: &[u8]) -> Option<Position> {
        // Nearly all heads have one length, so the file's is hashed once and not for each that is known.
        let mut heads: BTreeMap<usize, Option<Mark>> = BTreeMap::new();
        let fits = |known: &&Position| {
            let same_inode = inode.is_some() && known.inode == inode;
            let length = known.head.length;
            (same_inode || length >= ENOUGH)
                && length > 0
                && heads.entry(length).or_insert_with(|| head.get(..length).map(Mark::of)).as_ref() == Some(&known.head)
        };
        self.files.iter().filter(fits).max_by_key(|known| (known.inode == inode, known.head.length)).cloned()
    }

    /// Keeps a position in the place of what was known of that file.
    pub(crate) fn put(&mut self, position: Position, before: Option<&Position>) {
        if position.offset == 0 && position.head.length == 0 {
            return;
        }
        if let Some(before) = before {
            self.files.retain(|known| known.head != before.head || known.inode != before.inode);
        }
        self.files.push(position);
        // Rotation makes new files for ever; those not met for longest are the ones that are gone.
        let over = self.files.len().saturating_sub(MOST);
        self.files.drain(..over);
    }
}
