//! The file: a line that says what it is, a line of JSON that says what it holds, the rows of the passages, the hashes of
//! the texts, the codes, and the SHA-256 of all that. Numbers stand with their lowest byte first.
//!
//! It is written beside and renamed, so it is there whole or as it was; and it is believed only whole.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Maker, TextHash, Vectors, VectorsError, code};
use crate::unit::Corpus;

/// The first line.
const NAME: &[u8] = b"SEKISHO-VECTORS\n";
/// Counted up whenever the file is laid out, or what is embedded is put together, another way.
const FORMAT: u32 = 1;
/// Longest second line.
const HEAD_BYTES: usize = 8_192;
/// Bytes of a passage's row, of a text's hash and of the sum at the end.
const ROW_BYTES: u64 = 12;
const TEXT_BYTES: u64 = 16;
const SUM_BYTES: u64 = 32;
/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// The second line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    corpus: Corpus,
    model: String,
    prefix: String,
    dimensions: usize,
    passages: u64,
    texts: u64,
}

/// What a file is written of.
pub(super) struct Content<'c> {
    pub(super) corpus: Corpus,
    pub(super) maker: &'c Maker,
    pub(super) dimensions: usize,
    pub(super) rows: &'c [(u64, u32)],
    /// Each text with its codes, in the order of rows.
    pub(super) texts: &'c [(TextHash, &'c [i8])],
}

/// Writes a file, durable and all at once.
pub(super) fn write(path: &Path, content: &Content<'_>) -> Result<(), VectorsError> {
    let because = |source| VectorsError::File { path: path.to_owned(), source };
    let beside = path.with_extension("vectors.new");
    let file = File::create(&beside).map_err(because)?;
    let mut out = Summing { out: BufWriter::with_capacity(PIECE, file), sum: Sha256::new() };
    write_to(&mut out, content).map_err(because)?;
    let Summing { mut out, sum } = out;
    let whole = out.write_all(&sum.finalize()).and_then(|()| out.into_inner().map_err(|error| error.into_error()));
    whole.and_then(|file| file.sync_all()).map_err(because)?;
    std::fs::rename(&beside, path).map_err(because)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(because)
}

fn write_to(out: &mut impl Write, content: &Content<'_>) -> std::io::Result<()> {
    let head = Head {
        format: FORMAT,
        corpus: content.corpus,
        model: content.maker.model.clone(),
        prefix: content.maker.prefix.clone(),
        dimensions: content.dimensions,
        passages: content.rows.len() as u64,
        texts: content.texts.len() as u64,
    };
    out.write_all(NAME)?;
    out.write_all(serde_json::to_string(&head)?.as_bytes())?;
    out.write_all(b"\n")?;
    for (number, row) in content.rows {
        out.write_all(&number.to_le_bytes())?;
        out.write_all(&row.to_le_bytes())?;
    }
    for (text, _) in content.texts {
        out.write_all(&text.0)?;
    }
    let mut bytes = Vec::with_capacity(content.dimensions);
    for (_, codes) in content.texts {
        bytes.clear();
        bytes.extend(codes.iter().map(|code| code.cast_unsigned()));
        out.write_all(&bytes)?;
    }
    Ok(())
}

struct Summing<W> {
    out: W,
    sum: Sha256,
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Why a file was not read.
enum Unread {
    Io(std::io::Error),
    Broken(&'static str),
}

impl From<std::io::Error> for Unread {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == ErrorKind::UnexpectedEof { Self::Broken(SHORT) } else { Self::Io(error) }
    }
}

const SHORT: &str = "its end is missing";

/// Reads a file; `None` where there is none.
pub(super) fn read(path: &Path, corpus: Corpus) -> Result<Option<Vectors>, VectorsError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(VectorsError::File { path: path.to_owned(), source }),
    };
    read_from(file, corpus).map(Some).map_err(|unread| match unread {
        Unread::Io(source) => VectorsError::File { path: path.to_owned(), source },
        Unread::Broken(what) => VectorsError::Broken { path: path.to_owned(), what },
    })
}

fn read_from(file: File, corpus: Corpus) -> Result<Vectors, Unread> {
    let length = file.metadata()?.len();
    let mut from = Source { from: BufReader::with_capacity(PIECE, file), sum: Sha256::new() };
    let mut name = [0; NAME.len()];
    from.fill(&mut name)?;
    if name != NAME {
        return Err(Unread::Broken("it is something else"));
    }
    let line = from.line()?;
    let begun = (NAME.len() + line.len() + 1) as u64;
    // Another version may have another head: it is asked for its number alone first.
    let format = serde_json::from_slice::<serde_json::Value>(&line);
    let format = format.map_err(|_| Unread::Broken("its head cannot be read"))?;
    if format.get("format").and_then(serde_json::Value::as_u64) != Some(u64::from(FORMAT)) {
        return Err(Unread::Broken("it is of another version"));
    }
    let head: Head = serde_json::from_slice(&line).map_err(|_| Unread::Broken("its head cannot be read"))?;
    if head.corpus != corpus {
        return Err(Unread::Broken("it belongs to another corpus"));
    }
    if !(1..=code::MOST_DIMENSIONS).contains(&head.dimensions) {
        return Err(Unread::Broken("its vectors have no possible length"));
    }
    // Nothing is made room for that the file does not hold.
    let each = |count: u64, bytes: u64| count.checked_mul(bytes);
    let dimensions = head.dimensions as u64;
    let expected = [each(head.passages, ROW_BYTES), each(head.texts, TEXT_BYTES), each(head.texts, dimensions)]
        .into_iter()
        .try_fold(begun + SUM_BYTES, |sum, part| sum.checked_add(part?));
    match expected {
        Some(expected) if expected > length => return Err(Unread::Broken(SHORT)),
        Some(expected) if expected == length => {}
        _ => return Err(Unread::Broken("it is longer than it says")),
    }
    let rows = from.each::<12, _>(head.passages, |[a, b, c, d, e, f, g, h, i, j, k, l]| {
        (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u32::from_le_bytes([i, j, k, l]))
    })?;
    let texts = from.each::<16, _>(head.texts, TextHash)?;
    let codes = from.codes(head.texts * dimensions)?;
    let sum: [u8; 32] = from.sum.clone().finalize().into();
    let mut told = [0; 32];
    from.fill(&mut told)?;
    if sum != told {
        return Err(Unread::Broken("its sum does not fit what it holds"));
    }
    let in_order = rows.windows(2).all(|two| matches!(two, [(a, _), (b, _)] if a < b));
    if !in_order || rows.iter().any(|(_, row)| u64::from(*row) >= head.texts) {
        return Err(Unread::Broken("its passages have no vectors"));
    }
    Ok(Vectors {
        corpus,
        maker: Maker { model: head.model, prefix: head.prefix },
        dimensions: head.dimensions,
        scales: codes.chunks_exact(head.dimensions).map(code::scale).collect(),
        rows,
        texts,
        codes,
        places: Mutex::default(),
    })
}

struct Source {
    from: BufReader<File>,
    sum: Sha256,
}

impl Source {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Unread> {
        self.from.read_exact(bytes)?;
        self.sum.update(bytes);
        Ok(())
    }

    /// The bytes up to the end of the line.
    fn line(&mut self) -> Result<Vec<u8>, Unread> {
        let mut line = Vec::new();
        let mut byte = [0];
        loop {
            self.fill(&mut byte)?;
            match byte {
                [b'\n'] => return Ok(line),
                _ if line.len() == HEAD_BYTES => return Err(Unread::Broken("its head has no end")),
                [byte] => line.push(byte),
            }
        }
    }

    fn each<const N: usize, T>(&mut self, count: u64, of: impl Fn([u8; N]) -> T) -> Result<Vec<T>, Unread> {
        let mut all = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        let mut bytes = [0; N];
        for _ in 0..count {
            self.fill(&mut bytes)?;
            all.push(of(bytes));
        }
        Ok(all)
    }

    fn codes(&mut self, count: u64) -> Result<Vec<i8>, Unread> {
        let mut left = usize::try_from(count).map_err(|_| Unread::Broken("it is larger than this machine can hold"))?;
        let mut codes = Vec::with_capacity(left);
        let mut piece = vec![0; PIECE.min(left)];
        while left > 0 {
            piece.truncate(left);
            self.fill(&mut piece)?;
            codes.extend(piece.iter().map(|byte| byte.cast_signed()));
            left -= piece.len();
        }
        Ok(codes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::file_of;
    use super::*;

    fn written(folder: &Path) -> Vec<u8> {
        let path = file_of(folder, Corpus::Law);
        let maker = Maker { model: "架空".into(), prefix: "文書: ".into() };
        let texts: [(TextHash, &[i8]); 2] = [(TextHash([1; 16]), &[3, -4, 0]), (TextHash([2; 16]), &[0, 0, 127])];
        let content =
            Content { corpus: Corpus::Law, maker: &maker, dimensions: 3, rows: &[(5, 1), (9, 0)], texts: &texts };
        write(&path, &content).unwrap();
        std::fs::read(path).unwrap()
    }

    fn opened(folder: &Path, bytes: &[u8]) -> Result<Option<Vectors>, VectorsError> {
        std::fs::write(file_of(folder, Corpus::Law), bytes).unwrap();
        Vectors::open(folder, Corpus::Law)
    }

    #[test]
    fn what_was_written_is_read_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Vectors::open(folder.path(), Corpus::Law).unwrap().is_none());
        written(folder.path());
        let vectors = Vectors::open(folder.path(), Corpus::Law).unwrap().unwrap();
        assert_eq!((vectors.maker.model.as_str(), vectors.maker.prefix.as_str()), ("架空", "文書: "));
        assert_eq!(
            (vectors.rows.as_slice(), vectors.codes.as_slice()),
            (&[(5, 1), (9, 0)][..], &[3, -4, 0, 0, 0, 127][..])
        );
        assert!((vectors.scales[0] - 0.2).abs() < 1e-6);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_breaks_off_anywhere_or_has_any_byte_changed_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let whole = written(folder.path());
        for end in 0..whole.len() {
            let error = opened(folder.path(), &whole[..end]).unwrap_err().to_string();
            assert!(error.contains("law.vectors") && error.contains("sekisho import vectors"), "{error}");
        }
        for at in 0..whole.len() {
            for by in [1, 128] {
                let mut changed = whole.clone();
                changed[at] ^= by;
                assert!(matches!(opened(folder.path(), &changed), Err(VectorsError::Broken { .. })), "byte {at}");
            }
        }
        let more = [&whole[..], b"x"].concat();
        assert!(matches!(opened(folder.path(), &more), Err(VectorsError::Broken { .. })));
        assert!(opened(folder.path(), &whole).unwrap().is_some());
    }

    #[test]
    fn a_file_of_another_corpus_or_version_or_that_claims_the_impossible_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let whole = String::from_utf8_lossy(&written(folder.path())).into_owned();
        let refused = |from: &str, to: &str, what: &str| {
            let changed = whole.replacen(from, to, 1);
            assert_ne!(changed, whole);
            let error = opened(folder.path(), changed.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        };
        refused("\"law\"", "\"diet\"", "another corpus");
        refused("\"format\":1", "\"format\":2,\"new\":3", "another version");
        refused("\"texts\":2", "\"texts\":18446744073709551615", "longer than it says");
        refused("\"texts\":2", "\"texts\":200000000000", "its end is missing");
        refused("\"dimensions\":3", "\"dimensions\":0", "no possible length");
        refused("{\"format\"", &format!("{}{{\"format\"", " ".repeat(HEAD_BYTES)), "no end");
        assert!(
            opened(folder.path(), b"PK\x03\x04 an archive, not what was asked for")
                .unwrap_err()
                .to_string()
                .contains("something else")
        );
    }
}
