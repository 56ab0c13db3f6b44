//! One file: what is known of it, what it is wrapped in, and where to go on.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::error::Unread;
use super::{Ended, OnProgress, Scan};
use crate::position::{HEAD, Inode, Mark, Position, Stamp, TAIL, modified};
use crate::source::Wrapping;

/// How an opened file is visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visit {
    /// Nothing more will be written to it.
    pub(crate) is_final: bool,
    /// It was not visited since it was opened, so it counts as a file.
    pub(crate) is_first: bool,
}

impl Scan {
    pub(super) fn read_file(&mut self, path: &Path, progress: OnProgress<'_>) -> Ended {
        let opened = File::open(path).and_then(|file| file.metadata().map(|metadata| (file, metadata)));
        let (file, metadata) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.fail(path, 0, 0, &Unread::Io(error));
                return Ended::Complete;
            }
        };
        let (inode, stamp) = (Inode::of(&metadata), Stamp::of(&metadata));
        if self.positions.unchanged(inode, stamp) {
            self.reading.files_known += 1;
            return Ended::Complete;
        }
        let name = path.display().to_string();
        match self.read_opened(&name, &file, Visit { is_final: false, is_first: true }, progress) {
            Ok((ended, _)) => ended,
            Err((offset, lines, error)) => {
                self.fail(path, offset, lines, &error);
                Ended::Complete
            }
        }
    }

    /// Reads a file on from where it is known to have been read. Whether anything was new comes with the end.
    pub(crate) fn read_opened(
        &mut self,
        name: &str,
        file: &File,
        visit: Visit,
        progress: OnProgress<'_>,
    ) -> Result<(Ended, bool), (u64, u64, Unread)> {
        let io = |error| (0, 0, Unread::Io(error));
        let metadata = file.metadata().map_err(io)?;
        let inode = Inode::of(&metadata);
        let mut first = Vec::new();
        { file }.seek(SeekFrom::Start(0)).map_err(io)?;
        file.take(4).read_to_end(&mut first).map_err(io)?;
        let wrapping = Wrapping::of(&first);
        let mut head = Vec::with_capacity(HEAD);
        // What is damaged within its first bytes is read all the same, as far as that goes.
        let _ = content(file, wrapping).and_then(|content| content.take(HEAD as u64).read_to_end(&mut head));
        let known = self.positions.find(inode, &head);
        let mut position = known.clone().unwrap_or_default();
        let mut started = None;
        if known.is_some() {
            started = behind(file, wrapping, &metadata, &position).map_err(io)?;
            if started.is_none() {
                // Another file, though it begins alike: shorter, or with other bytes before the place.
                if position.inode == inode {
                    self.reading.begun_anew += 1;
                    position = Position::default();
                } else if metadata.len() < position.offset && wrapping == Wrapping::Plain {
                    // An older copy of what was read already.
                    self.reading.files_known += 1;
                    return Ok((Ended::Complete, false));
                } else {
                    position = Position::default();
                }
            }
        }
        let replaced = known.filter(|known| started.is_some() || known.inode == inode);
        let mut content = match started {
            Some(content) => content,
            None => content(file, wrapping).map_err(io)?,
        };
        name.clone_into(&mut position.file);
        position.inode = inode;
        if head.len() >= position.head.length() {
            position.head = Mark::of(&head);
        }
        let before = position.offset;
        let lines_before = position.lines;
        let size = (wrapping == Wrapping::Plain).then_some(metadata.len());
        // A compressed file is written once; a plain one may go on.
        let takes_unfinished = visit.is_final || !self.leaves_unfinished || wrapping != Wrapping::Plain;
        let result = self.pass(&mut position, modified(&metadata), size, &mut content, takes_unfinished, progress);
        drop(content);
        position.complete = match result {
            Ok(Ended::Complete) => Some(Stamp::of(&metadata)),
            _ => None,
        };
        let is_new = position.offset > before;
        if !visit.is_first {
            // Counted when it was opened.
        } else if is_new || replaced.is_none() {
            self.reading.files += 1;
        } else {
            self.reading.files_known += 1;
        }
        let (offset, lines) = (position.offset, position.lines.saturating_sub(lines_before));
        self.positions.put(position, replaced.as_ref());
        match result {
            Ok(ended) => Ok((ended, is_new)),
            Err(error) if wrapping == Wrapping::Plain => Err((offset, lines, Unread::Io(error))),
            Err(error) => Err((offset, lines, Unread::Cut(error))),
        }
    }

    pub(super) fn stream(&mut self, name: &str, mut stream: impl Read, progress: OnProgress<'_>) -> Ended {
        let mut first = Vec::new();
        let mut position = Position { file: name.to_owned(), ..Position::default() };
        let head = (&mut stream).take(4).read_to_end(&mut first);
        let wrapping = Wrapping::of(&first);
        let content = head.and_then(|_| wrapping.open(io::Cursor::new(first).chain(stream)));
        let written = Some(self.options.now);
        let result =
            content.and_then(|mut content| self.pass(&mut position, written, None, &mut content, true, progress));
        self.reading.files += 1;
        result.unwrap_or_else(|error| {
            let what = if wrapping == Wrapping::Plain { Unread::Io(error) } else { Unread::Cut(error) };
            self.fail(Path::new(name), position.offset, position.lines, &what);
            Ended::Complete
        })
    }
}

fn content(file: &File, wrapping: Wrapping) -> io::Result<Box<dyn Read + '_>> {
    { file }.seek(SeekFrom::Start(0))?;
    wrapping.open(file)
}

/// The content behind what was read, if what was read still stands before it.
fn behind<'f>(
    file: &'f File,
    wrapping: Wrapping,
    metadata: &std::fs::Metadata,
    position: &Position,
) -> io::Result<Option<Box<dyn Read + 'f>>> {
    let length = position.tail.length() as u64;
    let mut tail = Vec::with_capacity(TAIL);
    if wrapping == Wrapping::Plain {
        if metadata.len() < position.offset {
            return Ok(None);
        }
        { file }.seek(SeekFrom::Start(position.offset.saturating_sub(length)))?;
        file.take(length).read_to_end(&mut tail)?;
        return Ok((Mark::of(&tail) == position.tail || length == 0).then(|| Box::new(file) as Box<dyn Read>));
    }
    let mut content = content(file, wrapping)?;
    let skipped = io::copy(&mut (&mut content).take(position.offset.saturating_sub(length)), &mut io::sink());
    let read = skipped.and_then(|_| (&mut content).take(length).read_to_end(&mut tail));
    Ok((read.is_ok() && (Mark::of(&tail) == position.tail || length == 0)).then_some(content))
}
