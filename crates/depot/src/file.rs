//! Files of this node: their hashes, and what tells a file of vectors apart.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::DepotError;
use crate::manifest::Hash;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(crate) fn because(path: &Path) -> impl Fn(std::io::Error) -> DepotError + use<> {
    let path = path.to_owned();
    move |source| DepotError::File { path: path.clone(), source }
}

/// Size and hash of a file.
pub(crate) fn measured(path: &Path) -> Result<(u64, Hash), DepotError> {
    let mut file = File::open(path).map_err(because(path))?;
    let (mut sum, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok((bytes, Hash::of(&sum.finalize().into()))),
            Ok(read) => {
                sum.update(piece.get(..read).unwrap_or_default());
                bytes += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(because(path)(error)),
        }
    }
}

/// The last 32 bytes of a file; `None` where there is no file that long.
pub(crate) fn end(path: &Path) -> Result<Option<Hash>, DepotError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(because(path)(error)),
    };
    let mut end = [0; 32];
    let read = file.seek(SeekFrom::End(-32)).and_then(|_| file.read_exact(&mut end));
    Ok(read.is_ok().then(|| Hash::of(&end)))
}

/// Writes a file that is there whole or as it was.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), DepotError> {
    use std::io::Write as _;
    let beside = path.with_extension("part");
    let written = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        File::open(path.parent().unwrap_or_else(|| Path::new(".")))?.sync_all()
    };
    written().map_err(because(path))
}

/// Removes a file or a folder that need not be there.
pub(crate) fn remove(path: &Path) -> Result<(), DepotError> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(because(path)(error)),
        _ => Ok(()),
    }
}
