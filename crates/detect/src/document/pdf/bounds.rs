//! What a PDF costs is known before the library unpacks anything.
//!
//! The library unpacks object streams and cross-reference streams whole, as often as a document asks for them. So every
//! stream of the file is unpacked here first, counted against the bound, and thrown away. Pictures are not: their bytes
//! are overwritten, because nobody here looks at them and a bomb could call itself a picture. What is written so that
//! this look and the library's could differ (names in a disguise, filters kept elsewhere) is refused; no program writes
//! it.

use hayro_syntax::object::dict::Dict;
use hayro_syntax::object::{FromBytes, MaybeRef, Name, Object, Stream};
use memchr::memmem;

use super::encrypted;
use super::filters::{self, Excess};
use crate::document::reading::{At, Reading};
use crate::document::{Reason, Unreadable};

/// How often the bytes of a file may be looked through in search of the end of a stream.
const SEARCHES: usize = 16;
/// A table of entries takes more memory than its bytes: an entry of one byte becomes some fifty, an object of four some
/// twenty-four.
const TABLE_WEIGHT: usize = 16;
const OBJECTS_WEIGHT: usize = 4;
/// No row of a predictor is longer, and a longer one would be allocated at once.
const COLUMN_DIGITS: usize = 6;

/// Why a document is refused before it is read.
pub(super) enum Refusal {
    TooMuch,
    Encrypted,
    Broken { at: usize, detail: &'static str },
}

/// The bytes of the document with its pictures emptied.
///
/// # Errors
/// What the document costs is more than allowed, or cannot be told.
pub(super) fn bounded(reading: &mut Reading, at: &At, bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut cost = Cost { left: reading.unpack_left(), spent: 0 };
    let safe = count(bytes, &mut cost).map_err(|refusal| match refusal {
        Refusal::TooMuch => at.fail(reading.too_much_unpacked()),
        Refusal::Encrypted => at.fail(Reason::Encrypted),
        Refusal::Broken { at: byte, detail } => at.broken(format!("byte {byte}"), detail),
    })?;
    reading.unpacked(at, cost.spent)?;
    Ok(safe)
}

struct Cost {
    left: usize,
    spent: usize,
}

impl Cost {
    fn spend(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(bytes).ok_or(Refusal::TooMuch)?;
        self.spent += bytes;
        Ok(())
    }
}

fn count(bytes: &[u8], cost: &mut Cost) -> Result<Vec<u8>, Refusal> {
    vet(bytes, 0)?;
    searches(bytes)?;
    let mut safe = bytes.to_vec();
    let (mut plain, mut places) = (Vec::new(), Vec::new());
    for after in objects(bytes) {
        let Some(stream) = bytes.get(after..).and_then(Stream::from_bytes) else { continue };
        let raw = stream.raw_data();
        let begin = (raw.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
        if is_picture(stream.dict()) {
            if let Some(data) = safe.get_mut(begin..begin + raw.len()) {
                data.fill(0xff);
            }
        } else {
            plain.push((begin, stream));
            places.push(after);
        }
    }
    match encrypted::streams(bytes, &places)? {
        Some(listings) => {
            for listing in &listings {
                listing.each(|stream| match unpack(&stream, 0, true, cost) {
                    // These are not encrypted, whatever the document is, and are counted below.
                    Err(Refusal::Broken { .. }) if is_table(stream.dict()) => Ok(()),
                    other => other,
                })?;
            }
            for (begin, stream) in plain.iter().filter(|(_, stream)| is_table(stream.dict())) {
                unpack(stream, *begin, false, cost)?;
            }
        }
        None => {
            for (begin, stream) in &plain {
                unpack(stream, *begin, false, cost)?;
            }
        }
    }
    Ok(safe)
}

/// Where objects begin: behind each `obj` that is no `endobj`, at the next byte that is neither white space nor comment.
fn objects(bytes: &[u8]) -> impl Iterator<Item = usize> {
    memmem::find_iter(bytes, b"obj")
        .filter(|&at| !bytes.get(..at).is_some_and(|before| before.ends_with(b"end")))
        .filter_map(|at| {
            let begin = skip_space(bytes, at + 3);
            bytes.get(begin..)?.starts_with(b"<<").then_some(begin)
        })
}

/// The next byte that is neither white space nor in a comment.
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            at += bytes.get(at..).and_then(|rest| rest.iter().position(|b| matches!(b, b'\n' | b'\r'))).unwrap_or(1);
        } else if !byte.is_ascii_whitespace() && byte != 0 {
            break;
        }
        at += 1;
    }
    at
}

fn is_picture(dict: &Dict<'_>) -> bool {
    let is_image = dict.get::<Name<'_>>("Subtype").is_some_and(|kind| kind.as_ref() == b"Image");
    is_image && !["N", "First", "W", "Index"].iter().any(|key| dict.contains_key(*key))
}

fn is_table(dict: &Dict<'_>) -> bool {
    dict.get::<Name<'_>>("Type").is_some_and(|kind| kind.as_ref() == b"XRef")
}

/// Unpacks one stream and counts what it makes.
fn unpack(stream: &Stream<'_>, begin: usize, resolves: bool, cost: &mut Cost) -> Result<(), Refusal> {
    let dict = stream.dict();
    let broken = |detail| Refusal::Broken { at: begin, detail };
    if !resolves && ["Filter", "F"].iter().any(|key| is_elsewhere(dict, key)) {
        return Err(broken("the filter of a stream is kept elsewhere"));
    }
    let mut data = stream.raw_data().into_owned();
    for filter in stream.filters() {
        data = match filters::apply(filter, &data, cost.left) {
            Ok(Some(data)) => data,
            // A picture after all; its filter is never applied.
            Ok(None) => break,
            Err(Excess::TooMuch) => return Err(Refusal::TooMuch),
            Err(Excess::Damaged) => return Err(broken("a compressed stream is damaged")),
        };
        let weight = match () {
            () if dict.contains_key("W") => TABLE_WEIGHT,
            () if dict.contains_key("First") => OBJECTS_WEIGHT,
            () => 1,
        };
        cost.spend(data.len().saturating_mul(weight))?;
    }
    if dict.contains_key("First") { vet(&data, begin) } else { Ok(()) }
}

fn is_elsewhere(dict: &Dict<'_>, key: &str) -> bool {
    match dict.get_raw::<Object<'_>>(key) {
        Some(MaybeRef::Ref(_)) => true,
        Some(MaybeRef::NotRef(Object::Array(list))) => list.raw_iter().any(|item| matches!(item, MaybeRef::Ref(_))),
        _ => false,
    }
}

/// Refuses what only an attacker writes: names of the format in a disguise, and rows of a predictor that are so long that
/// to allocate one would end the process.
fn vet(bytes: &[u8], begin: usize) -> Result<(), Refusal> {
    const KNOWN: [&[u8]; 18] = [
        b"Encrypt",
        b"Filter",
        b"F",
        b"Type",
        b"ObjStm",
        b"XRef",
        b"Subtype",
        b"Image",
        b"N",
        b"First",
        b"W",
        b"Prev",
        b"Root",
        b"Info",
        b"Columns",
        b"DecodeParms",
        b"DP",
        b"Length",
    ];
    for hash in memchr::memchr_iter(b'#', bytes) {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"/<>[]()%{}\0".contains(byte);
        // The name that the hash is in, if it is in one: back to the slash, on to the next delimiter.
        let before = bytes.get(hash.saturating_sub(40)..hash).unwrap_or_default();
        let begin_of_name = match before.iter().rposition(is_end) {
            Some(slash) if before.get(slash) == Some(&b'/') => hash - before.len() + slash + 1,
            _ => continue,
        };
        let name = bytes.get(begin_of_name..bytes.len().min(begin_of_name + 60)).unwrap_or_default();
        let end = name.iter().position(is_end).unwrap_or(name.len());
        let plain = unescaped(name.get(..end).unwrap_or_default());
        if KNOWN.contains(&plain.as_slice()) {
            return Err(Refusal::Broken { at: begin + hash, detail: "a name is written in a disguise" });
        }
    }
    for columns in memmem::find_iter(bytes, b"/Columns") {
        let at = skip_space(bytes, columns + 8);
        let number: Vec<u8> =
            bytes.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).copied().collect();
        let next = skip_space(bytes, at + number.len());
        let is_reference = next > at + number.len() && bytes.get(next).is_some_and(u8::is_ascii_digit);
        if number.len() > COLUMN_DIGITS || is_reference {
            return Err(Refusal::Broken { at: begin + columns, detail: "a predictor with endless rows" });
        }
    }
    Ok(())
}

fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = name;
    while let Some((&first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(byte) if first == b'#' => {
                plain.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                plain.push(first);
                rest = after;
            }
        }
    }
    plain
}

/// The end of a stream of which the length is wrong is searched for. Where many have none, the search would be repeated
/// through the whole file.
fn searches(bytes: &[u8]) -> Result<(), Refusal> {
    let mut end = bytes.len();
    let mut looked_through = 0_usize;
    for at in memmem::rfind_iter(bytes, b"stream") {
        if bytes.get(..at).is_some_and(|before| before.ends_with(b"end")) {
            end = at;
        } else {
            looked_through = looked_through.saturating_add(end - at);
        }
    }
    if looked_through > bytes.len().saturating_mul(SEARCHES) {
        return Err(Refusal::Broken { at: 0, detail: "too many streams without an end" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_disguise_are_refused_and_others_are_not() {
        assert!(vet(b"<< /#45ncrypt 5 0 R >>", 0).is_err());
        assert!(vet(b"<</Fil#74er/X>>", 0).is_err());
        assert!(vet(b"/BaseFont /#82l#82r#83S /N (100 #1) /A#20B /F 1 #", 0).is_ok());
    }

    #[test]
    fn rows_of_a_predictor_have_an_end() {
        assert!(vet(b"/Columns 288230376151711744", 0).is_err());
        assert!(vet(b"/Columns 5 0 R", 0).is_err());
        assert!(vet(b"/Columns 5/Predictor 12", 0).is_ok());
        assert!(vet(b"/Columns 5 /Predictor 12", 0).is_ok());
    }

    #[test]
    fn objects_begin_behind_white_space_and_comments() {
        let bytes = b"1 0 obj % c <<\n << /A 1 >> endobj 2 0 obj 5 endobj 3 0 obj<<";
        assert_eq!(objects(bytes).collect::<Vec<_>>(), [16, 58]);
    }
}
