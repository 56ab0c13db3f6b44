//! The scan: files and folders in, sums out.

mod error;
mod file;
mod pass;

use std::collections::BTreeSet;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, tz::TimeZone};

pub use error::ScanError;
pub(crate) use file::Visit;
use pass::Pass;

use crate::catalogue::Catalogue;
use crate::client::{Clients, Opening, PseudonymKey};
use crate::department::Departments;
use crate::findings::{Failure, Findings, Reading, Row};
use crate::format::{Formats, Mapping};
use crate::position::{Position, Positions};
use crate::tally::{Limits, Tally};

/// How to scan.
#[derive(Debug, Clone)]
pub struct Options {
    /// The key of the pseudonyms.
    pub key: PseudonymKey,
    /// What time it is: lines from later are counted as lying in the future.
    pub now: Timestamp,
    /// The zone of days, and of times that name none.
    pub zone: TimeZone,
    /// When the logs were written, for times without a year. Left out: when each file was last changed.
    pub written: Option<Timestamp>,
    /// The name of the format that is tried before all others.
    pub format: Option<String>,
    /// The body's own formats.
    pub mappings: Vec<Mapping>,
    /// Whose address or user belongs to which department.
    pub departments: Departments,
    /// Limits of what is held in memory.
    pub limits: Limits,
    /// The longest line in bytes; longer ones are counted and located, not read.
    pub longest_line: usize,
    /// How many places are kept of each reason.
    pub places: usize,
}

impl Options {
    /// Days and times in Japan, everything else as it comes.
    ///
    /// The time zone data stand in the program, so `Asia/Tokyo` is always found; were it not, its offset is the same.
    pub fn new(key: PseudonymKey, now: Timestamp) -> Self {
        Self {
            key,
            now,
            zone: TimeZone::get("Asia/Tokyo").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(9))),
            written: None,
            format: None,
            mappings: Vec::new(),
            departments: Departments::default(),
            limits: Limits::default(),
            longest_line: 64 * 1024,
            places: 20,
        }
    }
}

/// How far it is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'p> {
    /// The file that is read.
    pub file: &'p str,
    /// Bytes of its content so far.
    pub bytes: u64,
    /// How many there are in all, where that is known: not of compressed files.
    pub size: Option<u64>,
    /// Lines of the whole scan so far.
    pub lines: u64,
    /// Hits of the whole scan so far.
    pub hits: u64,
}

/// Called between blocks of about a megabyte; `Break` stops the scan at the end of the block.
pub type OnProgress<'p> = &'p mut dyn FnMut(Progress<'_>) -> ControlFlow<()>;

/// Whether everything was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything.
    Complete,
    /// The caller stopped it. What was counted until then counts, and the positions say where to go on.
    Stopped,
}

/// What a scan leaves.
#[derive(Debug)]
pub struct Outcome {
    /// What was found, under pseudonyms.
    pub findings: Findings,
    /// Who stands behind the pseudonyms. Seal it, or drop it.
    pub openings: Vec<Opening>,
    /// How far each file was read.
    pub positions: Positions,
}

/// A scan.
pub struct Scan {
    catalogue: Catalogue,
    options: Options,
    formats: Formats,
    clients: Clients,
    tally: Tally,
    reading: Reading,
    positions: Positions,
    /// Whether a last line without its end is left for the next run.
    leaves_unfinished: bool,
    /// Files whose last line waits for its end.
    waiting: BTreeSet<String>,
    buffer: Vec<u8>,
}

impl Scan {
    /// A scan that begins with nothing known: a last line without its end is read as it stands.
    ///
    /// # Errors
    /// No format has the name that is asked for.
    pub fn new(catalogue: Catalogue, options: Options) -> Result<Self, ScanError> {
        let formats = Formats::new(options.mappings.clone(), options.format.as_deref())?;
        let buffer = vec![0; (1 << 20).max(options.longest_line.saturating_add(1 << 16))];
        Ok(Self {
            clients: Clients::new(options.key.clone(), options.limits.clients),
            tally: Tally::new(options.limits, options.zone.clone()),
            catalogue,
            options,
            formats,
            reading: Reading::default(),
            positions: Positions::default(),
            leaves_unfinished: false,
            waiting: BTreeSet::new(),
            buffer,
        })
    }

    /// Goes on where an earlier run stopped. A last line without its end is left for the next run, since its end may be
    /// on the way.
    #[must_use]
    pub fn resuming(mut self, positions: Positions) -> Self {
        self.positions = positions;
        self.leaves_unfinished = true;
        self
    }

    /// The names of the formats, in the order in which they are tried.
    pub fn formats(&self) -> Vec<&str> {
        self.formats.names()
    }

    /// How far each file was read so far.
    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    /// How the reading goes.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Reads a file, or a folder with everything below it in the order of names. Symbolic links below a folder are not
    /// followed; they and what is no file are listed under [`Reading::failures`], as is every file that cannot be read.
    ///
    /// # Errors
    /// Nothing is at this path, or it may not be read.
    pub fn read_path(&mut self, path: &Path, progress: OnProgress<'_>) -> Result<Ended, ScanError> {
        let metadata = std::fs::metadata(path).map_err(|source| ScanError::path(path, source))?;
        if metadata.is_dir() {
            std::fs::read_dir(path).map_err(|source| ScanError::path(path, source))?;
            return Ok(self.read_folder(path, progress));
        }
        let file = std::fs::File::open(path).map_err(|source| ScanError::path(path, source))?;
        if !metadata.is_file() {
            // A pipe has a name and can be read once.
            return Ok(self.stream(&path.display().to_string(), file, progress));
        }
        drop(file);
        Ok(self.read_file(path, progress))
    }

    /// Reads a stream, such as standard input: wrapped or not, known by its first bytes. Nothing of it can be resumed.
    pub fn read_stream(&mut self, name: &str, stream: impl Read, progress: OnProgress<'_>) -> Ended {
        self.stream(name, stream, progress)
    }

    /// Ends the scan.
    pub fn finish(mut self) -> Outcome {
        self.reading.names_damaged = self.clients.damaged();
        self.reading.waiting = self.waiting.len() as u64;
        let merged = self.tally.merged();
        let rows = self.tally.into_rows().map(|(key, counts)| Row {
            day: key.day,
            client: self.clients.pseudonym(key.client).to_owned(),
            service: self.catalogue.service(key.service).map(|service| service.id.clone()).unwrap_or_default(),
            department: key.department.and_then(|at| self.options.departments.name(at)).map(str::to_owned),
            counts,
        });
        let rows = rows.collect();
        let zone = self.options.zone.iana_name().unwrap_or("+09:00").to_owned();
        Outcome {
            findings: Findings::new(&self.catalogue, &zone, merged, self.reading, rows),
            openings: self.clients.into_openings(),
            positions: self.positions,
        }
    }

    fn read_folder(&mut self, folder: &Path, progress: OnProgress<'_>) -> Ended {
        let mut entries: Vec<PathBuf> = Vec::new();
        let listed = std::fs::read_dir(folder).and_then(|listing| {
            for entry in listing {
                entries.push(entry?.path());
            }
            Ok(())
        });
        if let Err(error) = listed {
            self.fail(folder, 0, 0, &error::Unread::Io(error));
        }
        entries.sort();
        for path in entries {
            let ended = match std::fs::symlink_metadata(&path) {
                Err(error) => {
                    self.fail(&path, 0, 0, &error::Unread::Io(error));
                    continue;
                }
                Ok(metadata) if metadata.is_dir() => self.read_folder(&path, progress),
                Ok(metadata) if metadata.is_file() => self.read_file(&path, progress),
                Ok(metadata) => {
                    let what = if metadata.is_symlink() { error::Unread::Link } else { error::Unread::NoFile };
                    self.fail(&path, 0, 0, &what);
                    continue;
                }
            };
            if ended == Ended::Stopped {
                return Ended::Stopped;
            }
        }
        Ended::Complete
    }

    fn fail(&mut self, file: &Path, offset: u64, lines: u64, what: &error::Unread) {
        self.reading.fail(Failure {
            file: file.display().to_string(),
            offset,
            lines,
            reason_ja: what.japanese(),
            reason: what.to_string(),
        });
    }

    /// Reads on from a position until the stream ends, fails or the caller stops.
    fn pass(
        &mut self,
        position: &mut Position,
        written: Option<Timestamp>,
        size: Option<u64>,
        content: &mut dyn Read,
        takes_unfinished: bool,
        progress: OnProgress<'_>,
    ) -> pass::Result {
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = Pass::new(self, position, written).run(content, &mut buffer, size, takes_unfinished, progress);
        self.buffer = buffer;
        result
    }
}

#[cfg(test)]
mod tests;
