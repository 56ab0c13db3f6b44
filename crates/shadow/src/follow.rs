//! A log that is still being written.
//!
//! The caller asks again and again ([`Follow::poll`]) and sleeps in between; no clock is asked here. What is not promised:
//! what a program writes and cuts away again (`copytruncate`) between two polls is gone, for nobody can read it any more.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::position::Inode;
use crate::scan::{Ended, OnProgress, Scan, ScanError, Visit};

/// After a rename the writer may go on writing into the old file until it is told to open the new one. So often in a row
/// the old file must have had nothing new before it is left.
const QUIET: u32 = 3;

/// A file that is followed through rotation.
#[derive(Debug)]
pub struct Follow {
    path: PathBuf,
    current: Option<Open>,
    rotated: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    inode: Option<Inode>,
    quiet: u32,
}

/// What a poll found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Polled {
    /// Whether lines were read.
    pub is_new: bool,
    /// Whether the file was there.
    pub exists: bool,
    /// Whether the caller stopped.
    pub ended: Ended,
}

impl Follow {
    /// Follows this path, whatever file it leads to. Use a scan that resumes, so that a line that is half written is left
    /// until its end is there.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), current: None, rotated: Vec::new() }
    }

    /// Reads what came since the last time.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn poll(&mut self, scan: &mut Scan, progress: OnProgress<'_>) -> Result<Polled, ScanError> {
        let mut polled = Polled { is_new: false, exists: true, ended: Ended::Complete };
        let mut failed = None;
        for mut open in std::mem::take(&mut self.rotated) {
            let last = open.quiet + 1 >= QUIET;
            match self.read(scan, &open, Visit { is_final: last, is_first: false }, progress, &mut polled) {
                Ok(true) => open.quiet = 0,
                Ok(false) => open.quiet += 1,
                Err(error) => failed = failed.or(Some(error)),
            }
            if open.quiet < QUIET {
                self.rotated.push(open);
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        if let Some(open) = &self.current {
            self.read(scan, open, Visit { is_final: false, is_first: false }, progress, &mut polled)?;
        }
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Renamed, and the new one is not there yet.
                polled.exists = false;
                return Ok(polled);
            }
            Err(source) => return Err(self.failed(source)),
        };
        let inode = file.metadata().map(|metadata| Inode::of(&metadata)).map_err(|source| self.failed(source))?;
        if self.current.as_ref().is_none_or(|open| open.inode != inode) {
            let open = Open { file, inode, quiet: 0 };
            self.read(scan, &open, Visit { is_final: false, is_first: true }, progress, &mut polled)?;
            self.rotated.extend(self.current.replace(open));
        }
        Ok(polled)
    }

    fn read(
        &self,
        scan: &mut Scan,
        open: &Open,
        visit: Visit,
        progress: OnProgress<'_>,
        polled: &mut Polled,
    ) -> Result<bool, ScanError> {
        if polled.ended == Ended::Stopped {
            return Ok(false);
        }
        let name = self.path.display().to_string();
        match scan.read_opened(&name, &open.file, visit, progress) {
            Ok((ended, is_new)) => {
                polled.is_new |= is_new;
                polled.ended = ended;
                Ok(is_new)
            }
            Err((_, _, error)) => Err(self.failed(io::Error::other(error.to_string()))),
        }
    }

    fn failed(&self, source: io::Error) -> ScanError {
        ScanError::Path { path: self.path.display().to_string(), source }
    }
}
