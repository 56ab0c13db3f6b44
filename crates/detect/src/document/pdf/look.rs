//! A look at the text of a PDF's objects before the library reads them: at the file, and at each object stream.
//!
//! The library makes a list of all pages when it opens a document, a kilobyte for each, before anybody can ask how many
//! there are; and it allocates a row of a predictor as long as the document says it is.

use memchr::memmem;

use super::bounds::{Refusal, skip_space};

/// No row of a predictor is longer, and a longer one would be allocated at once.
const COLUMN_DIGITS: usize = 6;
/// Entries of page trees, name trees and forms, which share the key; and dictionaries that may be pages where the entries
/// are not written as programs write them. Documents of thousands of pages have some ten thousand.
const KIDS: usize = 200_000;
const DICTIONARIES: usize = 200_000;

/// What has been seen so far.
#[derive(Default)]
pub(super) struct Look {
    kids: usize,
    contents: usize,
    dictionaries: usize,
    unusual: bool,
}

impl Look {
    /// Looks at some bytes; `begin` is where they stand in the file.
    pub(super) fn at(&mut self, bytes: &[u8], begin: usize) -> Result<(), Refusal> {
        no_tricks(bytes, begin)?;
        for kids in memmem::find_iter(bytes, b"/Kids") {
            let at = skip_space(bytes, kids + 5);
            let list = bytes.get(at..).unwrap_or_default();
            let is_entry = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_whitespace() || *byte == b'R';
            let length = list.iter().skip(1).take_while(|byte| is_entry(byte)).count();
            let entries = list.iter().take(length + 1).filter(|&&byte| byte == b'R').count();
            self.kids = self.kids.saturating_add(entries);
            // References between brackets; anything else is allowed and hardly met.
            self.unusual |= list.first() != Some(&b'[') || list.get(length + 1) != Some(&b']');
        }
        self.contents = self.contents.saturating_add(memmem::find_iter(bytes, b"/Contents").count());
        self.dictionaries = self.dictionaries.saturating_add(memmem::find_iter(bytes, b"<<").count());
        Ok(())
    }

    /// Whether all together is no more than a document may have.
    pub(super) fn finish(&self) -> Result<(), Refusal> {
        let too_many = self.kids > KIDS || self.contents > KIDS || (self.unusual && self.dictionaries > DICTIONARIES);
        if too_many { Err(Refusal::TooManyPages) } else { Ok(()) }
    }
}

/// Refuses what only an attacker writes: names of the format in a disguise, and rows of a predictor that are so long that
/// to allocate one would end the process.
fn no_tricks(bytes: &[u8], begin: usize) -> Result<(), Refusal> {
    const KNOWN: [&[u8]; 22] = [
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
        b"Kids",
        b"Pages",
        b"Page",
        b"Contents",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_disguise_are_refused_and_others_are_not() {
        assert!(no_tricks(b"<< /#45ncrypt 5 0 R >>", 0).is_err());
        assert!(no_tricks(b"<</Fil#74er/X>>", 0).is_err());
        assert!(no_tricks(b"/BaseFont /#82l#82r#83S /N (100 #1) /A#20B /F 1 #", 0).is_ok());
    }

    #[test]
    fn rows_of_a_predictor_have_an_end() {
        assert!(no_tricks(b"/Columns 288230376151711744", 0).is_err());
        assert!(no_tricks(b"/Columns 5 0 R", 0).is_err());
        assert!(no_tricks(b"/Columns 5/Predictor 12", 0).is_ok());
        assert!(no_tricks(b"/Columns 5 /Predictor 12", 0).is_ok());
    }

    #[test]
    fn entries_of_trees_are_counted() {
        let look = |bytes: &[u8]| {
            let mut look = Look::default();
            assert!(look.at(bytes, 0).is_ok());
            (look.kids, look.unusual)
        };
        assert_eq!(look(b"<</Kids[3 0 R 4 0 R]>> <</Kids [ 5 0 R ] >>"), (3, false));
        assert_eq!(look(b"<</Kids[<</Type/Page>>]>>"), (0, true));
        assert_eq!(look(b"<</Kids 7 0 R>>"), (1, true));
    }
}
