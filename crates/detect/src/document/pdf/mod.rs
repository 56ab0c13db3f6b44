//! PDF: the texts of its pages, and what lies beside them.
//!
//! `hayro-syntax` reads the objects, decrypts them and repairs broken tables; `hayro-cmap` knows the Japanese encodings.
//! What is shown is interpreted here, because for a detector it matters more that every character comes out than how the
//! page looks: the libraries that draw pages skip what they cannot draw.

mod beside;
mod bounds;
mod encrypted;
mod filters;
mod font;
mod lines;
mod page;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use hayro_syntax::object::dict::Dict;
use hayro_syntax::object::{Array, Stream};
use hayro_syntax::page::{Page, Resources};
use hayro_syntax::{LoadPdfError, Pdf};

use super::reading::{At, Reading};
use super::{Kind, PartKind, Reason, STACK, Unreadable, encoding};
use beside::Beside;
use font::Fonts;
use page::{Painter, Trouble};

/// Fewer characters than this on a page that is mostly picture: a stamp or a page number on a scan.
const FEW: usize = 100;
/// Different glyphs without a character on one page that may be bullets and ornaments. With more, a text may be missed.
const ORNAMENTS: usize = 2;

/// How long a document may take: far more than an honest one needs. The library's effort is bounded by the document's size
/// but not always in proportion to it: many references to one large object make it read that object many times.
const PATIENCE: Duration = Duration::from_secs(20);
const PATIENCE_PER_MEGABYTE: Duration = Duration::from_secs(1);
/// Documents that were given up and are still being worked on. A call into the library cannot be broken off; what can be
/// done is not to begin more of them.
static GIVEN_UP: AtomicUsize = AtomicUsize::new(0);
const MOST_GIVEN_UP: usize = 2;

/// Reads a PDF, on a thread of its own that is not waited for longer than an honest document takes.
pub(super) fn read(reading: &mut Reading, at: &At, bytes: &[u8]) -> Result<Kind, Unreadable> {
    let too_long = || at.broken("PDF", "reading it takes too long");
    if GIVEN_UP.load(Ordering::Relaxed) >= MOST_GIVEN_UP {
        return Err(at.broken("PDF", "other documents that take too long are still being read; try again later"));
    }
    let megabytes = u32::try_from(bytes.len() >> 20).unwrap_or(u32::MAX);
    let patience = PATIENCE.saturating_add(PATIENCE_PER_MEGABYTE.saturating_mul(megabytes));
    let (sender, receiver) = mpsc::channel();
    let (mut taken, path, bytes) = (reading.take(), at.clone(), bytes.to_vec());
    let state = Arc::new(AtomicUsize::new(WORKING));
    let theirs = Arc::clone(&state);
    let work = move || {
        // The libraries are free of unsafe code and fuzzed, but they do not promise not to panic.
        let result = catch_unwind(AssertUnwindSafe(|| read_document(&mut taken, &path, &bytes)))
            .unwrap_or_else(|_| Err(path.broken("PDF", "the reader gave up")));
        let _ = sender.send((taken, result));
        if theirs.swap(DONE, Ordering::AcqRel) == LEFT {
            GIVEN_UP.fetch_sub(1, Ordering::Relaxed);
        }
    };
    std::thread::Builder::new().name("pdf".into()).stack_size(STACK).spawn(work).map_err(|_| too_long())?;
    match receiver.recv_timeout(patience) {
        Ok((taken, result)) => {
            *reading = taken;
            result
        }
        Err(_) => {
            // Counted first, so that a document that is done in this moment does not count below nothing.
            GIVEN_UP.fetch_add(1, Ordering::Relaxed);
            if state.swap(LEFT, Ordering::AcqRel) == DONE {
                GIVEN_UP.fetch_sub(1, Ordering::Relaxed);
            }
            Err(too_long())
        }
    }
}

const WORKING: usize = 0;
const DONE: usize = 1;
const LEFT: usize = 2;

fn read_document(reading: &mut Reading, at: &At, bytes: &[u8]) -> Result<Kind, Unreadable> {
    let safe = bounds::bounded(reading, at, bytes)?;
    let pdf = Pdf::new(safe).map_err(|e| match e {
        LoadPdfError::Decryption(_) => at.fail(Reason::Encrypted),
        LoadPdfError::Invalid => at.broken("PDF", "no pages are found in it"),
    })?;
    let found = pdf.pages().len();
    reading.pages(at, found)?;
    let mut beside = Beside::new(&pdf);
    // The library repairs what it can; what it could not find would be missed in silence.
    if found == 0 || beside.declared_pages().is_some_and(|declared| declared > found) {
        return Err(at.broken("PDF", format!("only {found} of its pages are found")));
    }
    let mut fonts = Fonts::default();
    let mut work = reading.most_unpacked();
    beside.properties(reading, at)?;
    let (mut scans, mut untold) = (Vec::new(), Vec::new());
    for (number, page) in (1_usize..).zip(pdf.pages().iter()) {
        let place = format!("{number} ページ");
        let mut painter = Painter::new(&mut fonts, &mut work, reading.text_left());
        painter.page(page.raw(), page.resources()).map_err(|trouble| trouble.at(reading, at, &place))?;
        let (text, unknown, pictures) = painter.finish();
        if text.chars().filter(|c| !c.is_whitespace()).count() < FEW && pictures >= area(page) * 0.4 {
            scans.push(number);
        }
        if !text.trim().is_empty() {
            reading.push(at, PartKind::Body, &place, text)?;
        }
        if unknown > ORNAMENTS {
            untold.push(number);
        }
        beside.annotations(reading, at, page.raw(), &place)?;
        for looks in beside.looks(page.raw()) {
            let mut painter = Painter::new(&mut fonts, &mut work, reading.text_left());
            let resources = Resources::new(looks.dict().get::<Dict<'_>>("Resources").unwrap_or_default());
            painter.form(&looks, &resources).map_err(|trouble| trouble.at(reading, at, &place))?;
            let (text, _, _) = painter.finish();
            reading.push(at, PartKind::Comment, &format!("{place} 注釈の表示"), text)?;
        }
    }
    for range in ranges(&scans) {
        reading.unseen(at.member(&range).fail(Reason::Media { format: "scanned page".into() }));
    }
    for range in ranges(&untold) {
        let format = "font that does not tell its characters".to_owned();
        reading.unseen(at.member(&range).fail(Reason::Unsupported { format }));
    }
    beside.outlines(reading, at)?;
    beside.fields(reading, at)?;
    beside.files(reading, at)?;
    Ok(Kind::Pdf)
}

impl Trouble {
    fn at(self, reading: &Reading, at: &At, place: &str) -> Unreadable {
        match self {
            Self::TooMuchWork => at.fail(reading.too_much_unpacked()),
            Self::TooMuchText => at.fail(reading.too_much_text()),
            Self::Damaged => at.broken(place, "its content cannot be unpacked"),
            Self::Disguised => at.broken(place, "its content says that it is a picture"),
        }
    }
}

fn area(page: &Page<'_>) -> f64 {
    let (width, height) = page.base_dimensions();
    f64::from(width) * f64::from(height)
}

/// `1, 2, 3, 7` as `1〜3 ページ` and `7 ページ`.
fn ranges(numbers: &[usize]) -> Vec<String> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let name = |&(first, last): &(usize, usize)| {
        if first == last { format!("{first} ページ") } else { format!("{first}〜{last} ページ") }
    };
    ranges.iter().map(name).collect()
}

/// A text outside pages: UTF-16 or UTF-8 with a mark, or PDFDocEncoding, for which Japanese programs put CP932.
fn text_string(bytes: &[u8]) -> String {
    match encoding::decode(bytes, usize::MAX) {
        Ok(text) => text,
        Err(_) if bytes.starts_with(&[0xfe, 0xff]) => encoding_rs::UTF_16BE.decode(bytes).0.into_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

/// The streams of an array or of a single entry.
fn streams<'a>(dict: &Dict<'a>, key: &str) -> Vec<Stream<'a>> {
    match dict.get::<Stream<'_>>(key) {
        Some(stream) => vec![stream],
        None => dict.get::<Array<'_>>(key).map(|list| list.iter::<Stream<'_>>().collect()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_named_in_ranges() {
        assert_eq!(ranges(&[1, 2, 3, 7]), ["1〜3 ページ", "7 ページ"]);
        assert!(ranges(&[]).is_empty());
    }

    #[test]
    fn texts_outside_pages_are_read_in_their_encodings() {
        assert_eq!(text_string(&[0xfe, 0xff, 0x67, 0xb6, 0x7a, 0x7a]), "架空");
        assert_eq!(text_string("\u{feff}架空".as_bytes()), "架空");
        assert_eq!(text_string(&encoding_rs::SHIFT_JIS.encode("架空").0), "架空");
        assert_eq!(text_string(b"plain"), "plain");
    }
}
