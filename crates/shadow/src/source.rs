//! Files as streams of text: plain, gzip with any number of members, zstd, UTF-16 as Windows exports it.

use std::io::{self, BufReader, Read};

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};

/// What a file is wrapped in, known by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// None: the bytes are the text.
    Plain,
    Gzip,
    Zstd,
    Utf16Le,
    Utf16Be,
}

impl Wrapping {
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1F, 0x8B, ..] => Self::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Self::Zstd,
            [0xFF, 0xFE, ..] => Self::Utf16Le,
            [0xFE, 0xFF, ..] => Self::Utf16Be,
            _ => Self::Plain,
        }
    }

    /// The text of a stream wrapped like this.
    pub(crate) fn open<'r>(self, inner: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self {
            Self::Plain => Box::new(inner),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, inner))),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::new(inner)?),
            Self::Utf16Le => Box::new(Utf16::new(inner, UTF_16LE.new_decoder())),
            Self::Utf16Be => Box::new(Utf16::new(inner, UTF_16BE.new_decoder())),
        })
    }
}

/// UTF-16 as UTF-8, without its mark at the beginning.
struct Utf16<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// What of `text` was not handed out yet.
    left: std::ops::Range<usize>,
    ended: bool,
}

impl<R: Read> Utf16<R> {
    const BLOCK: usize = 1 << 16;

    fn new(inner: R, decoder: Decoder) -> Self {
        // Three bytes of UTF-8 for each unit of two bytes, and one for what an earlier block left.
        let text = vec![0; Self::BLOCK * 2 + 16];
        Self { inner, decoder, raw: vec![0; Self::BLOCK], text, left: 0..0, ended: false }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() && !self.ended {
            let read = self.inner.read(&mut self.raw)?;
            self.ended = read == 0;
            let raw = self.raw.get(..read).unwrap_or_default();
            let (_, _, written, _) = self.decoder.decode_to_utf8(raw, &mut self.text, self.ended);
            self.left = 0..written;
        }
        let text = self.text.get(self.left.clone()).unwrap_or_default();
        let read = { text }.read(out)?;
        self.left.start += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_utf16_of_either_order_then_it_reads_as_utf8() {
        let text = "日付\tURL\r\n𠮟る\n".repeat(20_000);
        for little in [true, false] {
            let mut bytes = if little { vec![0xFF, 0xFE] } else { vec![0xFE, 0xFF] };
            for unit in text.encode_utf16() {
                bytes.extend(if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
            }
            let mut read = String::new();
            Wrapping::of(&bytes).open(bytes.as_slice()).unwrap().read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
    }
}
