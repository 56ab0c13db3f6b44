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

use super::filters::{self, Excess};
use super::look::Look;
use super::{Patience, encrypted};
use crate::document::reading::{At, Reading};
use crate::document::{Reason, Unreadable};

/// How often the bytes of a file may be looked through in search of the end of a stream.
const SEARCHES: usize = 16;
/// A table of entries takes more memory than its bytes: an entry of one byte becomes some fifty, an object of four some
/// twenty-four.
const TABLE_WEIGHT: usize = 16;
const OBJECTS_WEIGHT: usize = 4;

/// Why a document is refused before it is read.
pub(super) enum Refusal {
    TooMuch,
    TooManyPages,
    Encrypted,
    Broken { at: usize, detail: &'static str },
}

/// The bytes of the document with its pictures emptied.
///
/// # Errors
/// What the document costs is more than allowed, or cannot be told.
pub(super) fn bounded(
    reading: &mut Reading,
    at: &At,
    bytes: &[u8],
    patience: &Patience,
) -> Result<Vec<u8>, Unreadable> {
    let mut cost = Cost { left: reading.unpack_left(), spent: 0, look: Look::default(), patience };
    let safe = count(bytes, &mut cost).map_err(|refusal| match refusal {
        Refusal::TooMuch => at.fail(reading.too_much_unpacked()),
        Refusal::TooManyPages => at.fail(reading.too_many_pages()),
        Refusal::Encrypted => at.fail(Reason::Encrypted),
        Refusal::Broken { at: byte, detail } => at.broken(format!("byte {byte}"), detail),
    })?;
    reading.unpacked(at, cost.spent)?;
    Ok(safe)
}

struct Cost<'p> {
    left: usize,
    spent: usize,
    look: Look,
    patience: &'p Patience,
}

impl Cost<'_> {
    fn spend(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(bytes).ok_or(Refusal::TooMuch)?;
        self.spent += bytes;
        Ok(())
    }
}

fn count(bytes: &[u8], cost: &mut Cost<'_>) -> Result<Vec<u8>, Refusal> {
    cost.look.at(bytes, 0)?;
    searches(bytes)?;
    let mut safe = bytes.to_vec();
    let (mut plain, mut places) = (Vec::new(), Vec::new());
    for after in objects(bytes) {
        if cost.patience.is_over() {
            return Err(Refusal::TooMuch);
        }
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
    cost.look.finish()?;
    Ok(safe)
}

/// Where objects begin: behind each `obj` that is no `endobj`, at the next byte that is neither white space nor comment.
fn objects(bytes: &[u8]) -> impl Iterator<Item = usize> {
    memmem::find_iter(bytes, b"obj").filter(|&at| !is_ended(bytes, at)).filter_map(|at| {
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
fn unpack(stream: &Stream<'_>, begin: usize, resolves: bool, cost: &mut Cost<'_>) -> Result<(), Refusal> {
    let dict = stream.dict();
    if cost.patience.is_over() {
        return Err(Refusal::TooMuch);
    }
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
    if dict.contains_key("First") { cost.look.at(&data, begin) } else { Ok(()) }
}

fn is_elsewhere(dict: &Dict<'_>, key: &str) -> bool {
    match dict.get_raw::<Object<'_>>(key) {
        Some(MaybeRef::Ref(_)) => true,
        Some(MaybeRef::NotRef(Object::Array(list))) => list.raw_iter().any(|item| matches!(item, MaybeRef::Ref(_))),
        _ => false,
    }
}

/// Where a stream or a dictionary does not end, its end is searched for. Where many do not, the search would be repeated
/// through the whole file.
fn searches(bytes: &[u8]) -> Result<(), Refusal> {
    let streams = memmem::rfind_iter(bytes, b"stream");
    let (ends, begins): (Vec<usize>, Vec<usize>) = streams.partition(|&at| is_ended(bytes, at));
    let dictionaries: Vec<usize> = objects(bytes).collect();
    let closed = memmem::rfind_iter(bytes, b">>");
    let far = looked_through(bytes.len(), begins.into_iter(), ends.into_iter()).max(looked_through(
        bytes.len(),
        dictionaries.into_iter().rev(),
        closed,
    ));
    if far > bytes.len().saturating_mul(SEARCHES) {
        return Err(Refusal::Broken { at: 0, detail: "too many objects without an end" });
    }
    Ok(())
}

/// Whether the word at this place is the second half of `endobj` or `endstream`.
fn is_ended(bytes: &[u8], at: usize) -> bool {
    bytes.get(..at).is_some_and(|before| before.ends_with(b"end"))
}

/// The way from each begin to the next end, all together; both come from the end of the file on.
fn looked_through(length: usize, begins: impl Iterator<Item = usize>, ends: impl Iterator<Item = usize>) -> usize {
    let mut ends = ends.peekable();
    let (mut end, mut far) = (length, 0_usize);
    for begin in begins {
        while let Some(next) = ends.next_if(|&next| next > begin) {
            end = next;
        }
        far = far.saturating_add(end - begin);
    }
    far
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_begin_behind_white_space_and_comments() {
        let bytes = b"1 0 obj % c <<\n << /A 1 >> endobj 2 0 obj 5 endobj 3 0 obj<<";
        assert_eq!(objects(bytes).collect::<Vec<_>>(), [16, 58]);
    }
}
