//! The filters of streams, under a bound. What they make is only counted.

use flate2::{Decompress, FlushDecompress, Status};
use hayro_syntax::Filter;

/// Why a filter was not applied to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Excess {
    TooMuch,
    /// Readers differ in what they make of damaged data, so nothing can be counted.
    Damaged,
}

/// What a filter makes of `data`; nothing when it is a filter of pictures.
pub(super) fn apply(filter: Filter, data: &[u8], most: usize) -> Result<Option<Vec<u8>>, Excess> {
    match filter {
        Filter::FlateDecode => inflate(data, most).map(Some),
        Filter::LzwDecode => lzw(data, most).map(Some),
        Filter::RunLengthDecode => run_length(data, most).map(Some),
        Filter::AsciiHexDecode => Ok(Some(hex(data))),
        Filter::Ascii85Decode => Ok(Some(base85(data))),
        Filter::Crypt => Ok(Some(data.to_vec())),
        Filter::CcittFaxDecode | Filter::Jbig2Decode | Filter::DctDecode | Filter::JpxDecode => Ok(None),
    }
}

/// With a zlib header or without one; the checksum at the end is not asked.
fn inflate(data: &[u8], most: usize) -> Result<Vec<u8>, Excess> {
    let mut rest = match *data {
        [method, flags, ref rest @ ..]
            if method & 0x0f == 8
                && (u16::from(method) << 8 | u16::from(flags)).is_multiple_of(31)
                && flags & 0x20 == 0 =>
        {
            rest
        }
        _ => data,
    };
    let mut inflater = Decompress::new(false);
    let mut out = Vec::new();
    loop {
        out.reserve(out.capacity().clamp(4096, 1 << 20));
        let (read, written) = (inflater.total_in(), out.len());
        let status = inflater.decompress_vec(rest, &mut out, FlushDecompress::None).map_err(|_| Excess::Damaged)?;
        if out.len() > most {
            return Err(Excess::TooMuch);
        }
        let read = usize::try_from(inflater.total_in() - read).unwrap_or(rest.len());
        rest = rest.get(read..).unwrap_or_default();
        if status == Status::StreamEnd || (read == 0 && out.len() == written) {
            return Ok(out);
        }
    }
}

/// LZW as in TIFF. Whether codes grow one early is a parameter; what comes out longer counts.
fn lzw(data: &[u8], most: usize) -> Result<Vec<u8>, Excess> {
    match (lzw_with(data, most, 1), lzw_with(data, most, 0)) {
        (Err(Excess::TooMuch), _) | (_, Err(Excess::TooMuch)) => Err(Excess::TooMuch),
        (Ok(early), Ok(late)) => Ok(if early.len() >= late.len() { early } else { late }),
        (early, late) => early.or(late),
    }
}

fn lzw_with(data: &[u8], most: usize, early: usize) -> Result<Vec<u8>, Excess> {
    const FIRST: usize = 258;
    let mut table: Vec<Vec<u8>> = Vec::new();
    let mut out: Vec<u8> = Vec::new();
    let mut before: Option<Vec<u8>> = None;
    let (mut bits, mut count) = (0_u32, 0_u32);
    for &byte in data {
        bits = bits << 8 | u32::from(byte);
        count += 8;
        let width = match table.len() + FIRST + early {
            ..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
        if count < width {
            continue;
        }
        count -= width;
        let code = (bits >> count & ((1 << width) - 1)) as usize;
        let said = match (code, &before) {
            (0..=255, _) => vec![u8::try_from(code).unwrap_or(0)],
            (256, _) => {
                table.clear();
                before = None;
                continue;
            }
            (257, _) => return Ok(out),
            (code, before) => match (table.get(code - FIRST), before) {
                (Some(known), _) => known.clone(),
                (None, Some(before)) if code - FIRST == table.len() => {
                    before.iter().chain(before.first()).copied().collect()
                }
                _ => return Err(Excess::Damaged),
            },
        };
        if let Some(mut entry) = before
            && table.len() + FIRST < 4096
        {
            entry.extend(said.first());
            table.push(entry);
        }
        out.extend(&said);
        if out.len() > most {
            return Err(Excess::TooMuch);
        }
        before = Some(said);
    }
    Ok(out)
}

fn run_length(data: &[u8], most: usize) -> Result<Vec<u8>, Excess> {
    let mut out = Vec::new();
    let mut rest = data;
    while let Some((&length, after)) = rest.split_first() {
        let taken = match length {
            128 => break,
            0..128 => {
                let literal = after.get(..after.len().min(usize::from(length) + 1)).unwrap_or_default();
                out.extend(literal);
                literal.len()
            }
            _ => {
                out.extend(
                    after.first().iter().flat_map(|&&byte| std::iter::repeat_n(byte, 257 - usize::from(length))),
                );
                1
            }
        };
        if out.len() > most {
            return Err(Excess::TooMuch);
        }
        rest = after.get(taken..).unwrap_or_default();
    }
    Ok(out)
}

fn hex(data: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = data
        .iter()
        .take_while(|&&byte| byte != b'>')
        .filter_map(|&byte| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit) << (4 * (2 - pair.len())))
        .collect()
}

fn base85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut group: Vec<u8> = Vec::new();
    let mut write = |group: &mut Vec<u8>| {
        let missing = 5 - group.len();
        group.resize(5, 84);
        let word = group.iter().fold(0_u32, |word, &digit| word.wrapping_mul(85).wrapping_add(u32::from(digit)));
        out.extend(word.to_be_bytes().iter().take(4 - missing.min(4)));
        group.clear();
    };
    for &byte in data {
        match byte {
            b'~' => break,
            b'z' if group.is_empty() => {
                group.resize(5, 0);
                write(&mut group);
            }
            b'!'..=b'u' => {
                group.push(byte - b'!');
                if group.len() == 5 {
                    write(&mut group);
                }
            }
            _ => {}
        }
    }
    if !group.is_empty() {
        write(&mut group);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_deflated_comes_out_up_to_the_bound() {
        let data = "架空省".repeat(100_000);
        let packed = zlib(data.as_bytes());
        assert_eq!(inflate(&packed, 1 << 20).unwrap(), data.as_bytes());
        assert_eq!(inflate(&packed, 1 << 16), Err(Excess::TooMuch));
        let cut = inflate(&packed[..packed.len() - 40], 1 << 20).unwrap();
        assert!(data.as_bytes().starts_with(&cut));
        assert_eq!(inflate(&[0x78, 0x9c, 0xff, 0xff, 0xff], 100), Err(Excess::Damaged));
    }

    #[test]
    fn the_older_filters_are_known() {
        // The example of the standard (ISO 32000-1, 7.4.4.2).
        let packed = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(lzw(&packed, 100).unwrap(), [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
        assert_eq!(run_length(&[2, 1, 2, 3, 254, 9, 128, 7], 100).unwrap(), [1, 2, 3, 9, 9, 9]);
        assert_eq!(hex(b"4A 6b7>"), [0x4a, 0x6b, 0x70]);
        assert_eq!(base85(b"87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(base85(b"zz~>"), [0; 8]);
    }
}
