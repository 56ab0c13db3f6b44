//! One pass over the content of one file: blocks into lines, lines into sums.

use std::io::{self, Read};
use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};
use memchr::{memchr, memchr_iter, memrchr};

use super::{Ended, OnProgress, Progress, Scan};
use crate::catalogue::ServiceIndex;
use crate::client;
use crate::format::{Format, Header, Taken};
use crate::line::{Located, Seen};
use crate::position::{Mark, Position, TAIL};
use crate::reject::{Place, Reason};
use crate::time::Clock;

/// How a pass ended.
pub(super) type Result = std::result::Result<Ended, io::Error>;

/// A jump of the clock back by more than this is counted.
const BACKWARDS: SignedDuration = SignedDuration::from_hours(1);
/// Clocks of machines differ; what lies further ahead than this is counted as the future.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);

pub(super) struct Pass<'s> {
    scan: &'s mut Scan,
    position: &'s mut Position,
    clock: Clock,
    header: Header,
    /// The format of the line before and how many lines in a row were in it.
    run: Option<(Format, u64)>,
    /// The last bytes of what was counted.
    tail: Vec<u8>,
    began: u64,
}

impl<'s> Pass<'s> {
    pub(super) fn new(scan: &'s mut Scan, position: &'s mut Position, written: Option<Timestamp>) -> Self {
        let mut header = scan.formats.beginning();
        if let Some(line) = &position.header {
            // Only to know the columns again: the line was counted when it was met.
            let _ = scan.formats.take(line.as_bytes(), &mut header);
        }
        if let Some(format) = position.format.as_deref().and_then(|name| scan.formats.by_name(name)) {
            header.current = Some(format);
        }
        let clock = Clock { zone: scan.options.zone.clone(), reference: scan.options.written.or(written) };
        let began = position.offset;
        Self { scan, position, clock, header, run: None, tail: Vec::new(), began }
    }

    /// Reads to the end. The position is right however this ends: behind the last line that was counted.
    pub(super) fn run(
        mut self,
        content: &mut dyn Read,
        buffer: &mut [u8],
        size: Option<u64>,
        takes_unfinished: bool,
        progress: OnProgress<'_>,
    ) -> Result {
        let mut filled = 0;
        // Of a line that is too long only its length so far is kept.
        let mut dropped = 0u64;
        let result = loop {
            let read = match content.read(buffer.get_mut(filled..).unwrap_or_default()) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => break Err(error),
            };
            if read == 0 {
                break Ok(Ended::Complete);
            }
            filled += read;
            let held = buffer.get(..filled).unwrap_or_default();
            let mut used = 0;
            if dropped > 0 {
                used = match memchr(b'\n', held) {
                    Some(end) => {
                        self.too_long(dropped + end as u64 + 1);
                        self.remember_tail(held.get(..=end).unwrap_or_default());
                        dropped = 0;
                        end + 1
                    }
                    None => {
                        dropped += filled as u64;
                        filled
                    }
                };
            }
            let lines = held.get(used..).unwrap_or_default();
            if let Some(end) = memrchr(b'\n', lines) {
                self.block(lines.get(..=end).unwrap_or_default());
                used += end + 1;
            }
            if used == 0 && filled == buffer.len() {
                dropped = filled as u64;
                used = filled;
            }
            buffer.copy_within(used..filled, 0);
            filled -= used;
            let told = Progress {
                file: &self.position.file,
                bytes: self.position.offset,
                size,
                lines: self.scan.reading.lines,
                hits: self.scan.reading.hits,
            };
            if progress(told) == ControlFlow::Break(()) {
                break Ok(Ended::Stopped);
            }
        };
        let rest = buffer.get(..filled).unwrap_or_default();
        self.scan.waiting.remove(&self.position.file);
        if dropped > 0 || !rest.is_empty() {
            match &result {
                Ok(Ended::Stopped) => {}
                // Where a stream is damaged, the line it broke in says nothing that could be trusted.
                Err(_) => self.wait(),
                Ok(Ended::Complete) if !takes_unfinished => self.wait(),
                _ if dropped > 0 => self.too_long(dropped + filled as u64),
                _ => {
                    self.line(rest, memchr(0, rest).is_some(), true);
                    self.position.offset = self.position.offset.saturating_sub(1);
                    self.remember_tail(rest);
                }
            }
        }
        self.end_run();
        let read = self.position.offset.saturating_sub(self.began);
        self.scan.reading.bytes = self.scan.reading.bytes.saturating_add(read);
        self.position.tail = if self.tail.is_empty() { self.position.tail.clone() } else { Mark::of(&self.tail) };
        self.position.format = self.header.current.map(|format| self.scan.formats.name(format).to_owned());
        if let Some(line) = &self.header.line {
            self.position.header = Some(String::from_utf8_lossy(line).into_owned());
        }
        result
    }

    fn wait(&mut self) {
        self.scan.waiting.insert(self.position.file.clone());
    }

    fn remember_tail(&mut self, block: &[u8]) {
        self.tail.extend_from_slice(block.get(block.len().saturating_sub(TAIL)..).unwrap_or(block));
        let over = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..over);
    }

    /// Whole lines, the last with its end.
    fn block(&mut self, block: &[u8]) {
        let has_nul = memchr(0, block).is_some();
        let mut start = 0;
        for end in memchr_iter(b'\n', block) {
            self.line(block.get(start..end).unwrap_or_default(), has_nul, false);
            start = end + 1;
        }
        self.remember_tail(block);
    }

    fn line(&mut self, raw: &[u8], may_hold_nul: bool, unfinished: bool) {
        let start = self.position.offset;
        self.position.offset = start.saturating_add(raw.len() as u64 + 1);
        self.position.lines = self.position.lines.saturating_add(1);
        self.scan.reading.lines += 1;
        let mut line = raw.strip_suffix(b"\r").unwrap_or(raw);
        if start == 0 {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.len() > self.scan.options.longest_line {
            return self.reject(Reason::TooLong, start);
        }
        if may_hold_nul && memchr(0, line).is_some() {
            return self.reject(Reason::NulByte, start);
        }
        if line.first().is_none_or(u8::is_ascii_whitespace) && line.trim_ascii().is_empty() {
            self.scan.reading.blank += 1;
            return;
        }
        if let Some((format, Some(host))) = self.scan.formats.host_alone(line, &self.header)
            && self.scan.catalogue.find(host).is_none()
        {
            self.in_format(format);
            self.scan.reading.accesses += 1;
            return;
        }
        let taken = self.scan.formats.take(line, &mut self.header);
        match taken {
            Taken::Line(format, seen) => {
                self.in_format(format);
                match seen {
                    Seen::Access(located) => {
                        let Some(host) = located.host.as_deref() else {
                            self.scan.reading.accesses += 1;
                            self.scan.reading.without_host += 1;
                            return;
                        };
                        match self.scan.catalogue.find(host) {
                            None => self.scan.reading.accesses += 1,
                            Some(service) => self.hit(&located, service, start),
                        }
                    }
                    Seen::Aside => self.scan.reading.asides += 1,
                }
            }
            Taken::Directive => self.scan.reading.directives += 1,
            Taken::Rejected(_) | Taken::Unknown if unfinished => self.reject(Reason::Unfinished, start),
            Taken::Rejected(defect) => self.reject(defect.into(), start),
            Taken::Unknown => self.reject(Reason::UnknownFormat, start),
        }
    }

    #[inline]
    fn in_format(&mut self, format: Format) {
        match &mut self.run {
            Some((current, lines)) if *current == format => *lines += 1,
            Some(_) => {
                self.end_run();
                self.scan.reading.format_changes += 1;
                self.run = Some((format, 1));
            }
            None => self.run = Some((format, 1)),
        }
    }

    fn end_run(&mut self) {
        if let Some((format, lines)) = self.run.take() {
            *self.scan.reading.formats.entry(self.scan.formats.name(format).to_owned()).or_default() += lines;
        }
    }

    fn hit(&mut self, located: &Located<'_>, service: ServiceIndex, start: u64) {
        let seen = match located.read(&self.clock) {
            Ok(seen) => seen,
            Err(defect) => return self.reject(defect.into(), start),
        };
        let scan = &mut *self.scan;
        scan.reading.accesses += 1;
        scan.reading.hits += 1;
        scan.reading.year_assumed += u64::from(seen.year_assumed);
        scan.reading.zone_assumed += u64::from(seen.zone_assumed);
        if self.position.clock.is_some_and(|before| before.duration_since(seen.at) > BACKWARDS) {
            scan.reading.clock_backwards += 1;
        }
        if seen.at.duration_since(scan.options.now) > AHEAD {
            scan.reading.clock_future += 1;
        }
        self.position.clock = Some(seen.at);
        let client = scan.clients.of(&located.user, &located.client);
        let department = scan.options.departments.of(scan.clients.user(client), || client::address_of(&located.client));
        scan.tally.count(&seen, client, service, department);
    }

    #[cold]
    fn too_long(&mut self, length: u64) {
        let start = self.position.offset;
        self.position.offset = start.saturating_add(length);
        self.position.lines = self.position.lines.saturating_add(1);
        self.scan.reading.lines += 1;
        // Most of it is gone, so the bytes before the place are not known.
        self.tail.clear();
        self.position.tail = Mark::default();
        self.reject(Reason::TooLong, start);
    }

    #[cold]
    fn reject(&mut self, reason: Reason, offset: u64) {
        let most = self.scan.options.places;
        let (file, line) = (&self.position.file, self.position.lines);
        self.scan.reading.rejected.add(reason, most, || Place { file: file.clone(), line, offset });
    }
}
