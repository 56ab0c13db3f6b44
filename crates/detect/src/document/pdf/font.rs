//! From the codes of a string to characters.
//!
//! Japanese texts come in three ways: with a `ToUnicode` map; in one of the predefined encodings (`90ms-RKSJ-H`,
//! `UniJIS-UTF16-H` …) that lead to a number in Adobe's collection and from there to a character; or as bare numbers of
//! that collection. What leads to no character is counted, never guessed.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use encoding_rs::{MACINTOSH, WINDOWS_1252};
use hayro_cmap::{BfString, CMap, CMapName, CidFamily, WritingMode, load_embedded};
use hayro_syntax::object::dict::Dict;
use hayro_syntax::object::{Array, Name, Object, ObjectIdentifier, Stream, String as PdfString};
use memchr::memmem;

/// Fonts and maps that have been read: each is read once, however often it is asked for.
#[derive(Default)]
pub(super) struct Fonts {
    by_reference: HashMap<ObjectIdentifier, Rc<Font>>,
    predefined: HashMap<Vec<u8>, Option<Rc<CMap>>>,
}

/// A font, as far as text needs it.
pub(super) struct Font {
    codes: Codes,
    to_unicode: Option<CMap>,
    widths: BTreeMap<u32, (u32, f64)>,
    default_width: f64,
    pub(super) vertical: bool,
}

enum Codes {
    /// One byte each, with the character each stands for.
    Simple(Box<[Option<char>; 256]>),
    /// Bytes make codes, codes make numbers of a collection, and these make characters.
    Composite { encoding: Option<Rc<CMap>>, unicode: bool, characters: Option<Rc<CMap>> },
}

/// One glyph that is shown.
pub(super) struct Glyph {
    /// What it says; nothing when nothing tells.
    pub(super) text: Option<String>,
    pub(super) code: u32,
    /// In thousandths of the font size.
    pub(super) width: f64,
    /// Whether it is the one-byte code 32, which word spacing widens.
    pub(super) space: bool,
}

impl Fonts {
    /// The font that `name` means in these resources. What its maps cost is taken off `work`; when that is used up, they
    /// are not read.
    pub(super) fn get(&mut self, fonts: &Dict<'_>, name: &Name<'_>, work: &mut usize) -> Option<Rc<Font>> {
        let id = fonts.get_ref(name).map(ObjectIdentifier::from);
        if let Some(font) = id.and_then(|id| self.by_reference.get(&id)) {
            return Some(Rc::clone(font));
        }
        let font = Rc::new(self.read(&fonts.get::<Dict<'_>>(name)?, work));
        if let Some(id) = id {
            self.by_reference.insert(id, Rc::clone(&font));
        }
        Some(font)
    }

    fn read(&mut self, font: &Dict<'_>, work: &mut usize) -> Font {
        let to_unicode = map(font, "ToUnicode", work);
        if font.get::<Name<'_>>("Subtype").is_some_and(|kind| kind.as_ref() == b"Type0") {
            self.read_composite(font, to_unicode, work)
        } else {
            read_simple(font, to_unicode)
        }
    }

    fn read_composite(&mut self, font: &Dict<'_>, to_unicode: Option<CMap>, work: &mut usize) -> Font {
        let descendant = font.get::<Array<'_>>("DescendantFonts").and_then(|list| list.iter::<Dict<'_>>().next());
        let descendant = descendant.unwrap_or_else(Dict::empty);
        let name = font.get::<Name<'_>>("Encoding").map(|name| name.as_ref().to_vec());
        let encoding = match &name {
            Some(name) => self.predefined(name),
            None => map(font, "Encoding", work).map(Rc::new),
        };
        let unicode = name.is_some_and(|name| {
            name.starts_with(b"Uni")
                && [&b"UCS2"[..], b"UTF16"].iter().any(|kind| name.windows(kind.len()).any(|w| w == *kind))
        });
        let of_encoding =
            encoding.as_ref().and_then(|map| map.metadata().character_collection.clone()).map(|c| c.family);
        let family = of_encoding.filter(|family| *family != CidFamily::AdobeIdentity).or_else(|| {
            let info = descendant.get::<Dict<'_>>("CIDSystemInfo")?;
            let text =
                |key: &str| info.get::<PdfString<'_>>(key).map(|text| text.as_bytes().to_vec()).unwrap_or_default();
            Some(CidFamily::from_registry_ordering(&text("Registry"), &text("Ordering")))
        });
        let characters = family.and_then(|family| family.ucs2_cmap()).and_then(|name| self.predefined(name.to_bytes()));
        let vertical = encoding.as_ref().is_some_and(|map| map.metadata().writing_mode == Some(WritingMode::Vertical));
        Font {
            codes: Codes::Composite { encoding, unicode, characters },
            to_unicode,
            widths: descendant.get::<Array<'_>>("W").map(|widths| composite_widths(&widths)).unwrap_or_default(),
            default_width: descendant.get::<f32>("DW").map_or(1000.0, f64::from),
            vertical,
        }
    }

    fn predefined(&mut self, name: &[u8]) -> Option<Rc<CMap>> {
        let read = || match name {
            b"Identity-H" => Some(CMap::identity_h()),
            b"Identity-V" => Some(CMap::identity_v()),
            name => load_embedded(CMapName::from_bytes(name)).and_then(|data| CMap::parse(data, load_embedded)),
        };
        self.predefined.entry(name.to_vec()).or_insert_with(|| read().map(Rc::new)).clone()
    }
}

/// A map of a font. A map in memory is larger than its text, and much larger when it builds on a predefined one.
fn map(font: &Dict<'_>, key: &str, work: &mut usize) -> Option<CMap> {
    let data = font.get::<Stream<'_>>(key)?.decoded_data().ok()?;
    let base = if memmem::find(&data, b"usecmap").is_some() { 1 << 20 } else { 0 };
    let Some(left) = work.checked_sub(data.len().saturating_mul(4).saturating_add(base)) else {
        *work = 0;
        return None;
    };
    *work = left;
    CMap::parse(&data, load_embedded)
}

impl Font {
    /// The glyphs that a string shows.
    pub(super) fn glyphs(&self, bytes: &[u8], mut each: impl FnMut(Glyph)) {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            let (length, glyph) = match &self.codes {
                Codes::Simple(characters) => {
                    let code = u32::from(first);
                    let own = characters.get(usize::from(first)).copied().flatten().map(String::from);
                    let text = self.mapped(code).or(own);
                    (1, Glyph { text, code, width: self.width(code), space: first == b' ' })
                }
                Codes::Composite { encoding, unicode, characters } => {
                    let (code, length, cid) = read_code(encoding.as_deref(), rest);
                    let text = self
                        .mapped(code)
                        .or_else(|| if *unicode { unicode_code(code) } else { None })
                        .or_else(|| said(characters.as_ref()?.lookup_bf_string(cid)?));
                    (length, Glyph { text, code, width: self.width(cid), space: length == 1 && code == 32 })
                }
            };
            each(glyph);
            rest = rest.get(length..).unwrap_or_default();
        }
    }

    fn mapped(&self, code: u32) -> Option<String> {
        said(self.to_unicode.as_ref()?.lookup_bf_string(code)?)
    }

    fn width(&self, code: u32) -> f64 {
        match self.widths.range(..=code).next_back() {
            Some((_, &(last, width))) if code <= last => width,
            _ => self.default_width,
        }
    }
}

/// What a map says, unless it says that it does not know.
fn said(text: BfString) -> Option<String> {
    let text = match text {
        BfString::Char(c) => String::from(c),
        BfString::String(text) => text,
    };
    (!text.is_empty() && !text.contains(['\u{0}', '\u{fffd}'])).then_some(text)
}

/// The next code of a string with its length and its number in the collection.
fn read_code(encoding: Option<&CMap>, bytes: &[u8]) -> (u32, usize, u32) {
    let mut code = 0;
    for (length, &byte) in (1..=4_u8).zip(bytes) {
        code = code << 8 | u32::from(byte);
        if let Some(cid) = encoding.and_then(|map| map.lookup_cid_code(code, length)) {
            return (code, usize::from(length), cid);
        }
    }
    match *bytes {
        [a, b, ..] => (u32::from(a) << 8 | u32::from(b), 2, 0),
        [a] => (u32::from(a), 1, 0),
        [] => (0, 1, 0),
    }
}

/// In the `Uni…` encodings the code is the character, in UTF-16.
fn unicode_code(code: u32) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, reason = "the halves of a code of four bytes")]
    let units = [(code >> 16) as u16, code as u16];
    let units = if units[0] == 0 { &units[1..] } else { &units[..] };
    String::from_utf16(units).ok().filter(|text| text != "\0")
}

fn composite_widths(list: &Array<'_>) -> BTreeMap<u32, (u32, f64)> {
    let mut widths = BTreeMap::new();
    let mut numbers: Vec<u32> = Vec::new();
    for item in list.iter::<Object<'_>>() {
        match item {
            Object::Array(run) => {
                let first = numbers.pop().unwrap_or(0);
                numbers.clear();
                for (code, width) in (first..).zip(run.iter::<f32>()) {
                    widths.insert(code, (code, f64::from(width)));
                }
            }
            Object::Number(number) => match *numbers {
                [first, last] => {
                    widths.insert(first, (last, number.as_f64()));
                    numbers.clear();
                }
                _ => numbers.push(u32::try_from(number.as_i64()).unwrap_or(0)),
            },
            _ => {}
        }
    }
    widths
}

fn read_simple(font: &Dict<'_>, to_unicode: Option<CMap>) -> Font {
    let encoding = font.get::<Dict<'_>>("Encoding");
    let base = font
        .get::<Name<'_>>("Encoding")
        .or_else(|| encoding.as_ref().and_then(|encoding| encoding.get::<Name<'_>>("BaseEncoding")))
        .map(|name| name.as_ref().to_vec());
    let table = if base.as_deref() == Some(b"MacRomanEncoding") { MACINTOSH } else { WINDOWS_1252 };
    let mut characters = Box::new([None; 256]);
    for (byte, character) in (0..=255_u8).zip(characters.iter_mut()) {
        let text = table.decode_without_bom_handling_and_without_replacement(std::slice::from_ref(&byte));
        // Above ASCII, the font's own encoding is known only when it names one.
        let known = byte.is_ascii() || base.is_some();
        *character = text.and_then(|text| text.chars().next()).filter(|c| known && !c.is_control());
    }
    if let Some(differences) = encoding.and_then(|encoding| encoding.get::<Array<'_>>("Differences")) {
        let mut code = 0_usize;
        for item in differences.iter::<Object<'_>>() {
            match item {
                Object::Number(number) => code = usize::try_from(number.as_i64()).unwrap_or(0),
                Object::Name(name) => {
                    if let Some(character) = characters.get_mut(code) {
                        *character = glyph_name(name.as_str());
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }
    let first = font.get::<u32>("FirstChar").unwrap_or(0);
    let list = font.get::<Array<'_>>("Widths");
    let widths =
        list.map(|list| (first..).zip(list.iter::<f32>()).map(|(code, width)| (code, (code, f64::from(width)))));
    // Without widths it is one of the fourteen fonts that every reader has; their digits are 556 or 500 wide.
    Font {
        codes: Codes::Simple(characters),
        to_unicode,
        widths: widths.map(Iterator::collect).unwrap_or_default(),
        default_width: 540.0,
        vertical: false,
    }
}

/// The character that a glyph's name means (Adobe Glyph List, as far as ASCII and the rule for the others go).
fn glyph_name(name: &str) -> Option<char> {
    const NAMES: [(&str, char); 87] = [
        ("space", ' '),
        ("nbspace", ' '),
        ("exclam", '!'),
        ("quotedbl", '"'),
        ("numbersign", '#'),
        ("dollar", '$'),
        ("percent", '%'),
        ("ampersand", '&'),
        ("quotesingle", '\''),
        ("quoteright", '\''),
        ("quoteleft", '`'),
        ("grave", '`'),
        ("parenleft", '('),
        ("parenright", ')'),
        ("asterisk", '*'),
        ("plus", '+'),
        ("comma", ','),
        ("hyphen", '-'),
        ("minus", '-'),
        ("sfthyphen", '-'),
        ("period", '.'),
        ("slash", '/'),
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("colon", ':'),
        ("semicolon", ';'),
        ("less", '<'),
        ("equal", '='),
        ("greater", '>'),
        ("question", '?'),
        ("at", '@'),
        ("bracketleft", '['),
        ("backslash", '\\'),
        ("bracketright", ']'),
        ("asciicircum", '^'),
        ("underscore", '_'),
        ("braceleft", '{'),
        ("bar", '|'),
        ("braceright", '}'),
        ("asciitilde", '~'),
        ("endash", '–'),
        ("emdash", '—'),
        ("bullet", '•'),
        ("yen", '¥'),
        ("quotedblleft", '“'),
        ("quotedblright", '”'),
        ("fi", 'ﬁ'),
        ("fl", 'ﬂ'),
        ("ff", 'ﬀ'),
        ("ffi", 'ﬃ'),
        ("ffl", 'ﬄ'),
        ("copyright", '©'),
        ("registered", '®'),
        ("trademark", '™'),
        ("section", '§'),
        ("paragraph", '¶'),
        ("dagger", '†'),
        ("daggerdbl", '‡'),
        ("degree", '°'),
        ("multiply", '×'),
        ("divide", '÷'),
        ("plusminus", '±'),
        ("periodcentered", '·'),
        ("guillemotleft", '«'),
        ("guillemotright", '»'),
        ("quotedblbase", '„'),
        ("quotesinglbase", '‚'),
        ("ellipsis", '…'),
        ("Euro", '€'),
        ("sterling", '£'),
        ("cent", '¢'),
        ("ae", 'æ'),
        ("oe", 'œ'),
        ("germandbls", 'ß'),
        ("dotlessi", 'ı'),
        ("oslash", 'ø'),
        ("arrowright", '→'),
        ("mu", 'µ'),
        ("exclamdown", '¡'),
    ];
    let name = name.split_once('.').map_or(name, |(name, _)| name);
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Some(only);
    }
    if let Some(&(_, character)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(character);
    }
    let hex = name.strip_prefix("uni").or_else(|| name.strip_prefix('u'));
    if let Some(character) = hex.and_then(|hex| u32::from_str_radix(hex.get(..4.max(hex.len().min(6)))?, 16).ok()) {
        return char::from_u32(character);
    }
    // `eacute` and its like: the letter is enough.
    const ACCENTS: [&str; 9] =
        ["acute", "grave", "circumflex", "dieresis", "tilde", "cedilla", "ring", "caron", "macron"];
    ACCENTS.iter().find_map(|accent| name.strip_suffix(accent)).filter(|rest| rest.len() == 1)?.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_glyphs_are_characters() {
        assert_eq!(glyph_name("seven"), Some('7'));
        assert_eq!(glyph_name("A"), Some('A'));
        assert_eq!(glyph_name("uni67B6"), Some('架'));
        assert_eq!(glyph_name("u20BB7"), Some('𠮷'));
        assert_eq!(glyph_name("eacute"), Some('e'));
        assert_eq!(glyph_name("one.oldstyle"), Some('1'));
        assert_eq!(glyph_name("g123"), None);
    }

    #[test]
    fn codes_of_two_units_are_one_character() {
        assert_eq!(unicode_code(0x67b6).as_deref(), Some("架"));
        assert_eq!(unicode_code(0xd842_dfb7).as_deref(), Some("𠮷"));
        assert_eq!(unicode_code(0xd842), None);
    }
}
