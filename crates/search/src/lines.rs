//! Files read line by line: plain or zstd, whatever their names say, and no line of any length.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read, in bytes.
const LONGEST: u64 = 32 * 1024 * 1024;
/// How every zstd frame begins.
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// A line of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// UTF-8 text without its end of line.
    Text(String),
    /// Not UTF-8.
    NotUtf8,
    /// Longer than 32 MiB; the rest of it is skipped.
    TooLong,
}

/// The lines of a file with their numbers, from 1 on. Empty lines are left out.
pub struct Lines {
    reader: Box<dyn BufRead + Send>,
    number: u64,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Lines {
    /// Opens a file. `wrap` may stand between the file and whoever reads it, to count what is read.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub fn open<R: Read + Send + 'static>(path: &Path, wrap: impl FnOnce(File) -> R) -> io::Result<Self> {
        Self::new(wrap(File::open(path)?))
    }

    /// Reads from anything.
    ///
    /// # Errors
    /// The first bytes cannot be read.
    pub fn new(reader: impl Read + Send + 'static) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(1 << 18, reader);
        let compressed = reader.fill_buf()?.starts_with(&ZSTD);
        let reader: Box<dyn BufRead + Send> = if compressed {
            Box::new(BufReader::with_capacity(1 << 18, zstd::Decoder::with_buffer(reader)?))
        } else {
            Box::new(reader)
        };
        Ok(Self { reader, number: 0 })
    }

    /// The rest of a reader of which some lines were read.
    pub(crate) fn of(reader: Box<dyn BufRead + Send>, lines: u64) -> Self {
        Self { reader, number: lines }
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        if self.reader.by_ref().take(LONGEST).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let ended = bytes.last() == Some(&b'\n');
        if !ended && bytes.len() as u64 >= LONGEST {
            self.skip()?;
            return Ok(Some(Line::TooLong));
        }
        while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            bytes.pop();
        }
        Ok(Some(String::from_utf8(bytes).map_or(Line::NotUtf8, Line::Text)))
    }

    fn skip(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let (length, done) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.reader.consume(length);
            if done {
                return Ok(());
            }
        }
    }
}

impl Iterator for Lines {
    type Item = io::Result<(u64, Line)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.line() {
                Ok(Some(Line::Text(text))) if text.trim().is_empty() => {}
                Ok(Some(line)) => return Some(Ok((self.number, line))),
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: Vec<u8>) -> Vec<(u64, Line)> {
        Lines::new(io::Cursor::new(bytes)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn given_plain_and_compressed_files_then_their_lines_are_the_same() {
        let plain = "一\r\n\n二".as_bytes().to_vec();
        let lines = [(1, Line::Text("一".into())), (3, Line::Text("二".into()))];
        assert_eq!(read(plain.clone()), lines);
        assert_eq!(read(zstd::encode_all(&*plain, 3).unwrap()), lines);
    }

    #[test]
    fn given_a_line_that_cannot_be_read_then_the_next_one_is() {
        let mut bytes = vec![b'x'; usize::try_from(LONGEST).unwrap() + 5];
        bytes.extend(b"\n\xFF\xFE\nok\n");
        assert_eq!(read(bytes), [(1, Line::TooLong), (2, Line::NotUtf8), (3, Line::Text("ok".into()))]);
    }

    #[test]
    fn given_a_compressed_file_that_is_cut_short_then_that_is_an_error_and_no_end() {
        let mut bytes = zstd::encode_all(&*b"a line\n".repeat(100_000), 3).unwrap();
        bytes.truncate(bytes.len() / 2);
        assert!(Lines::new(io::Cursor::new(bytes)).unwrap().any(|line| line.is_err()));
    }
}
