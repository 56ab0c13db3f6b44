//! The body of an HTTP/1.1 answer, decoded as it arrives.

/// How far the body has been read.
pub enum Body {
    /// So many bytes are still to come.
    Length(u64),
    /// Chunks, each with its size line.
    Chunks(Chunk),
    /// Everything until the server closes.
    UntilClose,
}

/// Where in the chunked framing the reading stands.
#[derive(Clone, Copy)]
pub enum Chunk {
    /// In the digits of a size.
    Size(u64),
    /// Behind the digits, before the end of the line.
    Extension(u64),
    /// In the data.
    Data(u64),
    /// In the line end behind the data.
    DataEnd,
    /// At the start of a line behind the last chunk.
    Trailer,
    /// Within such a line.
    TrailerLine,
    /// Complete.
    Done,
}

impl Body {
    /// Whether the whole body has been read.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunks(Chunk::Done))
    }

    /// Reads `input`, adds what belongs to the content to `content` and returns how much was used.
    pub fn feed(&mut self, input: &[u8], content: &mut Vec<u8>) -> Result<usize, &'static str> {
        match self {
            Self::UntilClose => {
                content.extend_from_slice(input);
                Ok(input.len())
            }
            Self::Length(left) => Ok(take(left, input, content)),
            Self::Chunks(chunk) => {
                let mut used = 0;
                while let Some(rest) = input.get(used..).filter(|rest| !rest.is_empty()) {
                    if matches!(chunk, Chunk::Done) {
                        break;
                    }
                    used += step(chunk, rest, content)?;
                }
                Ok(used)
            }
        }
    }
}

fn take(left: &mut u64, input: &[u8], content: &mut Vec<u8>) -> usize {
    let count = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
    content.extend_from_slice(input.get(..count).unwrap_or_default());
    *left -= count as u64;
    count
}

fn step(chunk: &mut Chunk, input: &[u8], content: &mut Vec<u8>) -> Result<usize, &'static str> {
    if let Chunk::Data(left) = chunk {
        let count = take(left, input, content);
        if *left == 0 {
            *chunk = Chunk::DataEnd;
        }
        return Ok(count);
    }
    let byte = input.first().copied().unwrap_or_default();
    *chunk = match (*chunk, byte) {
        (Chunk::Size(0) | Chunk::Extension(0), b'\n') => Chunk::Trailer,
        (Chunk::Size(size) | Chunk::Extension(size), b'\n') => Chunk::Data(size),
        (Chunk::Size(size), b'\r' | b';' | b' ') | (Chunk::Extension(size), _) => Chunk::Extension(size),
        (Chunk::Size(size), digit) => {
            let digit = char::from(digit).to_digit(16).ok_or("chunk size is not a number")?;
            let size = size.checked_mul(16).ok_or("chunk size is too large")?;
            Chunk::Size(size + u64::from(digit))
        }
        (Chunk::DataEnd, b'\r') => Chunk::DataEnd,
        (Chunk::DataEnd, b'\n') => Chunk::Size(0),
        (Chunk::DataEnd, _) => return Err("chunk is longer than its size"),
        (Chunk::Trailer, b'\r') => Chunk::Trailer,
        (Chunk::Trailer, b'\n') | (Chunk::Done, _) => Chunk::Done,
        (Chunk::TrailerLine, b'\n') => Chunk::Trailer,
        (Chunk::Trailer | Chunk::TrailerLine, _) => Chunk::TrailerLine,
        (Chunk::Data(left), _) => Chunk::Data(left),
    };
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::{Body, Chunk};

    const CHUNKED: &[u8] = b"5\r\nhello\r\n10;x=y\r\n, stand-in world\r\n0\r\nt: 1\r\n\r\nHTTP";

    #[test]
    fn chunks_are_joined_however_they_arrive() {
        for cut in 0..CHUNKED.len() {
            let (mut body, mut content) = (Body::Chunks(Chunk::Size(0)), Vec::new());
            let mut used = body.feed(&CHUNKED[..cut], &mut content).unwrap();
            assert_eq!(used, cut.min(CHUNKED.len() - 4));
            used += body.feed(&CHUNKED[cut..], &mut content).unwrap();
            assert!(body.is_done());
            assert_eq!((used, content.as_slice()), (CHUNKED.len() - 4, b"hello, stand-in world".as_slice()));
        }
    }

    #[test]
    fn a_length_ends_the_body_and_nonsense_is_refused() {
        let (mut body, mut content) = (Body::Length(3), Vec::new());
        assert_eq!(body.feed(b"abcd", &mut content), Ok(3));
        assert!(body.is_done());
        assert_eq!(Body::Chunks(Chunk::Size(0)).feed(b"xyz", &mut content), Err("chunk size is not a number"));
        assert_eq!(Body::Chunks(Chunk::Size(0)).feed(b"1\r\nab", &mut content), Err("chunk is longer than its size"));
        let wide = Body::Chunks(Chunk::Size(0)).feed(b"fffffffffffffffff", &mut content);
        assert_eq!(wide, Err("chunk size is too large"));
    }
}
