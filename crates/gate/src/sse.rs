//! Server-sent events, cut out of a byte stream without changing a byte.
//!
//! [`Splitter`] takes chunks as the network cuts them, anywhere, and gives back whole events with their closing blank
//! line. [`Event`] reads one of them. Joining the events gives the stream again, byte for byte.

use std::borrow::Cow;
use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// An event grew beyond the size the splitter was built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {limit} bytes")]
pub struct EventTooLong {
    /// The limit that was passed.
    pub limit: usize,
}

/// Cuts a byte stream into events.
#[derive(Debug)]
pub struct Splitter {
    rest: BytesMut,
    scan: Scan,
    limit: usize,
}

/// How far the unfinished event has been looked at, so that no byte is looked at twice.
#[derive(Debug, Clone, Copy, Default)]
struct Scan {
    /// Bytes of the unfinished event already looked at.
    seen: usize,
    /// The current line has a byte in it.
    in_line: bool,
    /// The last byte looked at was a carriage return, whose line end may still take a line feed.
    after_cr: bool,
}

impl Scan {
    /// The length of the first event in `bytes`, if its end is there.
    fn event_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let from = self.seen;
        for (at, &byte) in bytes.iter().enumerate().skip(from) {
            let cr_before = std::mem::take(&mut self.after_cr);
            match byte {
                b'\n' if cr_before && !self.in_line => return Some(at + 1),
                b'\n' if cr_before => self.in_line = false,
                b'\n' if !self.in_line => return Some(at + 1),
                b'\n' => self.in_line = false,
                _ if cr_before && !self.in_line => {
                    // A blank line closed by a lone CR: this byte is the next event's first.
                    return Some(at);
                }
                b'\r' => {
                    if cr_before {
                        self.in_line = false;
                    }
                    self.after_cr = true;
                }
                _ => self.in_line = true,
            }
        }
        self.seen = bytes.len();
        None
    }
}

impl Splitter {
    /// A splitter that refuses events longer than `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { rest: BytesMut::new(), scan: Scan::default(), limit }
    }

    /// Takes the next chunk and appends every event it completes to `out`. An event that lies in one chunk is a slice
    /// of it, not a copy.
    ///
    /// # Errors
    /// [`EventTooLong`] when an event, finished or not, passes the limit. Events before it are in `out`.
    pub fn push(&mut self, mut chunk: Bytes, out: &mut VecDeque<Bytes>) -> Result<(), EventTooLong> {
        let too_long = EventTooLong { limit: self.limit };
        if !self.rest.is_empty() {
            self.rest.extend_from_slice(&chunk);
            while let Some(end) = self.scan.event_end(&self.rest) {
                self.scan = Scan::default();
                if end > self.limit {
                    return Err(too_long);
                }
                out.push_back(self.rest.split_to(end).freeze());
            }
        } else {
            while let Some(end) = self.scan.event_end(&chunk) {
                self.scan = Scan::default();
                if end > self.limit {
                    return Err(too_long);
                }
                out.push_back(chunk.split_to(end));
            }
            self.rest.extend_from_slice(&chunk);
        }
        if self.rest.len() > self.limit { Err(too_long) } else { Ok(()) }
    }

    /// What is left after the last whole event, when the stream has ended.
    #[must_use]
    pub fn finish(&mut self) -> Bytes {
        self.scan = Scan::default();
        self.rest.split().freeze()
    }
}

/// The fields of one event that matter here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event<'a> {
    /// The `event:` field.
    pub name: Option<&'a str>,
    /// The `data:` lines, joined with line feeds; `None` for a comment or an empty event.
    pub data: Option<Cow<'a, str>>,
}

/// The event is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is not UTF-8")]
pub struct NotUtf8;

impl<'a> Event<'a> {
    /// Reads an event as [`Splitter`] gives it.
    ///
    /// # Errors
    /// [`NotUtf8`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotUtf8> {
        let text = std::str::from_utf8(bytes).map_err(|_| NotUtf8)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut event = Self::default();
        for line in text.split(['\n', '\r']) {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "data" => match &mut event.data {
                    None => event.data = Some(Cow::Borrowed(value)),
                    Some(data) => {
                        let data = data.to_mut();
                        data.push('\n');
                        data.push_str(value);
                    }
                },
                "event" => event.name = Some(value),
                _ => {}
            }
        }
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(stream: &[u8], cuts: &[usize]) -> (Vec<Bytes>, Bytes) {
        let mut splitter = Splitter::new(1 << 16);
        let mut out = VecDeque::new();
        let mut from = 0;
        for &to in cuts.iter().chain([&stream.len()]) {
            splitter.push(Bytes::copy_from_slice(&stream[from..to]), &mut out).unwrap();
            from = to;
        }
        (out.into(), splitter.finish())
    }

    const STREAMS: [&str; 3] = [
        "data: 関\n\n: ping\n\nevent: x\ndata: a\ndata: b\n\ndata: [DONE]\n\n",
        "data: 関\r\n\r\n: ping\r\n\r\nevent: x\r\ndata: a\r\ndata: b\r\n\r\ndata: [DONE]\r\n\r\n",
        "data: 関\n\n: ping\r\n\r\nevent: x\ndata: a\r\ndata: b\n\r\ndata: [DONE]\n\n",
    ];

    #[test]
    fn every_pair_of_cuts_gives_the_same_events() {
        for stream in STREAMS {
            let (whole, rest) = cut(stream.as_bytes(), &[]);
            assert_eq!(whole.len(), 4, "{stream:?}");
            assert!(rest.is_empty());
            assert_eq!(whole.concat(), stream.as_bytes());
            for a in 0..=stream.len() {
                for b in a..=stream.len() {
                    assert_eq!(cut(stream.as_bytes(), &[a, b]).0, whole, "{stream:?} cut at {a} and {b}");
                }
            }
            let every: Vec<usize> = (1..stream.len()).collect();
            assert_eq!(cut(stream.as_bytes(), &every).0, whole);
        }
    }

    #[test]
    fn lone_carriage_returns_end_lines_too() {
        let stream = b"data: a\r\rdata: b\r\r";
        let (events, rest) = cut(stream, &[]);
        assert_eq!(events, ["data: a\r\r"]);
        assert_eq!(rest, "data: b\r\r");
        for a in 0..=stream.len() {
            assert_eq!(cut(stream, &[a]).0, events);
        }
    }

    #[test]
    fn fields() {
        let event = Event::parse("\u{feff}event: x\r\ndata: a\r\ndata:b\r\nid: 3\r\n\r\n".as_bytes()).unwrap();
        assert_eq!(event, Event { name: Some("x"), data: Some("a\nb".into()) });
        assert_eq!(Event::parse(b": comment\n\n").unwrap(), Event::default());
        assert_eq!(Event::parse(b"data: \xff\n\n"), Err(NotUtf8));
    }

    #[test]
    fn long_events_are_refused_finished_or_not() {
        let mut out = VecDeque::new();
        let mut splitter = Splitter::new(16);
        assert!(splitter.push(Bytes::from_static(b"data: a\n\n"), &mut out).is_ok());
        assert!(splitter.push(Bytes::from_static(b"data: 0123456"), &mut out).is_ok());
        assert_eq!(splitter.push(Bytes::from_static(b"789abcdef"), &mut out), Err(EventTooLong { limit: 16 }));
        let mut splitter = Splitter::new(8);
        assert!(splitter.push(Bytes::from_static(b"data: 0123456\n\n"), &mut out).is_err());
        assert_eq!(out.len(), 1);
    }
}
