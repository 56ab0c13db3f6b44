//! The streams of an encrypted document, decrypted and not unpacked.
//!
//! The library decrypts a stream only as part of a document, and opening the document is what unpacks. So a second
//! document is made of the same bytes with a table of its own: it lists the objects that lie in the file as they are,
//! has one empty page, and leads to no object stream. What it gives out is decrypted and counted; then it is dropped.

use std::collections::BTreeMap;
use std::fmt::Write;

use hayro_syntax::object::dict::Dict;
use hayro_syntax::object::{Array, FromBytes, ObjectIdentifier, Stream, String as PdfString};
use hayro_syntax::{LoadPdfError, Pdf};
use memchr::memmem;

use super::bounds::{Refusal, skip_space};

/// How many versions of one object (of an edited document) are looked at.
const VERSIONS: usize = 8;

/// A document that lists some streams.
pub(super) struct Listing {
    pdf: Pdf,
    ids: Vec<ObjectIdentifier>,
}

impl Listing {
    /// Calls `look` for each stream of it.
    pub(super) fn each(&self, mut look: impl FnMut(Stream<'_>) -> Result<(), Refusal>) -> Result<(), Refusal> {
        for id in &self.ids {
            if let Some(stream) = self.pdf.xref().get::<Stream<'_>>(*id) {
                look(stream)?;
            }
        }
        Ok(())
    }
}

/// The streams of `bytes` as they are after decryption; nothing when the document is not encrypted. `found` are its
/// streams as they lie in the file.
pub(super) fn streams(bytes: &[u8], found: &[usize]) -> Result<Option<Vec<Listing>>, Refusal> {
    let mut mentions = memmem::rfind_iter(bytes, b"/Encrypt").peekable();
    let Some(&first) = mentions.peek() else { return Ok(None) };
    let Some(trailer) = mentions.take(16).find_map(|at| trailer(bytes, at)) else {
        return Err(Refusal::Broken { at: first, detail: "its encryption is not described where it should be" });
    };
    let mut versions: BTreeMap<(u32, i32), Vec<usize>> = BTreeMap::new();
    for &begin in found {
        let Some((id, at)) = header(bytes, begin) else {
            return Err(Refusal::Broken { at: begin, detail: "an object without a number" });
        };
        versions.entry(id).or_default().push(at);
    }
    let rounds = versions.values().map(Vec::len).max().unwrap_or(0);
    if rounds > VERSIONS {
        return Err(Refusal::Broken { at: 0, detail: "too many versions of one object" });
    }
    let others = plain_objects(bytes);
    let mut listings = Vec::new();
    for round in 0..rounds {
        let chosen = versions.iter().filter_map(|(&id, places)| Some((id, *places.get(round)?)));
        let mut table = others.clone();
        let ids: Vec<(u32, i32)> = versions.iter().filter(|(_, p)| p.len() > round).map(|(&id, _)| id).collect();
        table.extend(chosen);
        let pdf = Pdf::new(document(bytes, &table, &trailer)).map_err(|e| match e {
            LoadPdfError::Decryption(_) => Refusal::Encrypted,
            LoadPdfError::Invalid => Refusal::Broken { at: first, detail: "its encryption is broken" },
        })?;
        let ids = ids.into_iter().map(|(number, generation)| ObjectIdentifier::new(number, generation)).collect();
        listings.push(Listing { pdf, ids });
    }
    Ok(Some(listings))
}

/// `/Encrypt` and `/ID` of the trailer around the mention at `at`, written anew.
fn trailer(bytes: &[u8], at: usize) -> Option<String> {
    let before = bytes.get(..at)?;
    let words = [(b"trailer".as_slice(), 7), (b"obj".as_slice(), 3)];
    let begin = words.iter().filter_map(|(word, length)| Some(memmem::rfind(before, word)? + length)).max()?;
    let dict = Dict::from_bytes(bytes.get(skip_space(bytes, begin)..)?)?;
    let mut written = match (dict.get_ref("Encrypt"), dict.get::<Dict<'_>>("Encrypt")) {
        (Some(reference), _) => {
            let id = ObjectIdentifier::from(reference);
            format!("/Encrypt {} {} R", id.obj_number, id.gen_number)
        }
        // Nobody writes it out in the trailer, but it is allowed.
        (None, Some(inline)) => format!("/Encrypt {}", std::str::from_utf8(inline.data()).ok()?),
        (None, None) => return None,
    };
    written.push_str(" /ID [");
    for part in dict.get::<Array<'_>>("ID").iter().flat_map(|list| list.iter::<PdfString<'_>>()) {
        written.push('<');
        for byte in part.as_bytes() {
            let _ = write!(written, "{byte:02x}");
        }
        written.push('>');
    }
    written.push(']');
    Some(written)
}

/// The number and generation in front of an object, and where they begin.
fn header(bytes: &[u8], begin: usize) -> Option<((u32, i32), usize)> {
    let obj = memmem::rfind(bytes.get(..begin)?, b"obj")?;
    let mut rest = bytes.get(..obj)?;
    let mut number = || {
        while rest.last().is_some_and(u8::is_ascii_whitespace) {
            rest = rest.get(..rest.len() - 1)?;
        }
        let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count().min(10);
        let (before, digits) = rest.split_at(rest.len() - digits);
        rest = before;
        std::str::from_utf8(digits).ok()?.parse::<u32>().ok()
    };
    let generation = i32::try_from(number()?).ok()?;
    let number = number()?;
    Some(((number, generation), rest.len()))
}

/// Every object of the file with its number, the last version of each: what the description of the encryption and the
/// lengths of streams refer to.
fn plain_objects(bytes: &[u8]) -> BTreeMap<(u32, i32), usize> {
    memmem::find_iter(bytes, b"obj").filter_map(|at| header(bytes, at + 3)).collect()
}

fn document(bytes: &[u8], objects: &BTreeMap<(u32, i32), usize>, trailer: &str) -> Vec<u8> {
    let mut document = bytes.to_vec();
    // Should the library ever find the table wanting and look for objects itself, it must not unpack any.
    for at in memmem::find_iter(bytes, b"/ObjStm") {
        if let Some(last) = document.get_mut(at + 6) {
            *last = b'x';
        }
    }
    let free = objects.keys().map(|&(number, _)| number).max().unwrap_or(0).min(u32::MAX - 4) + 1;
    let (root, pages, page) = (free, free + 1, free + 2);
    let mut table = String::from("xref\n");
    for (&(number, generation), at) in objects {
        let _ = write!(table, "{number} 1\n{at:010} {generation:05} n \n");
    }
    let own = [
        (root, format!("<</Type/Catalog/Pages {pages} 0 R>>")),
        (pages, format!("<</Type/Pages/Count 1/Kids[{page} 0 R]>>")),
        (page, format!("<</Type/Page/Parent {pages} 0 R>>")),
    ];
    document.push(b'\n');
    for (number, object) in own {
        let _ = write!(table, "{number} 1\n{:010} 00000 n \n", document.len());
        document.extend(format!("{number} 0 obj\n{object}\nendobj\n").into_bytes());
    }
    let begin = document.len();
    let size = free.saturating_add(3);
    document.extend(table.into_bytes());
    document.extend(
        format!("trailer\n<</Size {size}/Root {root} 0 R {trailer}>>\nstartxref\n{begin}\n%%EOF\n").into_bytes(),
    );
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_in_front_of_an_object_is_found() {
        let bytes = b"endobj\n12 0 obj\n<<";
        assert_eq!(header(bytes, 16), Some(((12, 0), 7)));
        assert_eq!(header(b"obj<<", 3), None);
    }

    #[test]
    fn the_trailer_is_written_anew() {
        let bytes = b"trailer\n<</Root 1 0 R/Info 3 0 R/Encrypt 5 0 R/ID[(ab)<4142>]>>";
        let at = memmem::find(bytes, b"/Encrypt").unwrap();
        assert_eq!(trailer(bytes, at).unwrap(), "/Encrypt 5 0 R /ID [<6162><4142>]");
    }
}
