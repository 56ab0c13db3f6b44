//! The texts of a JSON value one by one, each with its place in the bytes, so that one of them can be changed and every
//! other byte stays as it came.
//!
//! [`read`] walks JSON that a strict parser has accepted, in the order in which [`crate::inbound`] collects texts. It is
//! asked only when something was found, so that an ordinary request pays nothing for it.

use std::ops::Range;

use crate::inbound;

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// The name of a member, if it is long enough to hide anything.
    Key,
    /// A string.
    Text,
    /// A number.
    Number,
}

/// One text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What it is.
    pub(crate) kind: PieceKind,
    /// Where it stands, such as `messages[0].content`.
    pub(crate) path: String,
    /// Its bytes in the JSON, quotes included.
    pub(crate) raw: Range<usize>,
    /// Its bytes in the collected text, without the line break behind it.
    pub(crate) text: Range<usize>,
}

/// All texts of a JSON value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pieces {
    /// The texts, each followed by a line break.
    pub(crate) text: String,
    /// Where each of them stands.
    pub(crate) each: Vec<Piece>,
}

enum Level {
    Object { key: Option<String> },
    Array { at: usize },
}

/// Reads JSON that is known to be well formed; `None` where it is not after all.
pub(crate) fn read(json: &[u8]) -> Option<Pieces> {
    let mut pieces = Pieces::default();
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = json.get(at) {
        match byte {
            b'{' => levels.push(Level::Object { key: None }),
            b'[' => levels.push(Level::Array { at: 0 }),
            b'}' | b']' => {
                levels.pop()?;
            }
            b',' => match levels.last_mut()? {
                Level::Object { key } => *key = None,
                Level::Array { at } => *at += 1,
            },
            b'"' => {
                let end = string_end(json, at)?;
                let said: String = serde_json::from_slice(json.get(at..end)?).ok()?;
                match levels.last_mut() {
                    Some(Level::Object { key }) if key.is_none() => {
                        let long = said.len() > inbound::LONG_KEY;
                        *key = Some(said.clone());
                        if long {
                            pieces.add(PieceKind::Key, &levels, at..end, &said);
                        }
                    }
                    _ => pieces.add(PieceKind::Text, &levels, at..end, inbound::without_data(&said)),
                }
                at = end;
                continue;
            }
            b'-' | b'0'..=b'9' => {
                let rest = json.get(at..)?;
                let length = rest.iter().position(|b| !is_number(*b)).unwrap_or(rest.len());
                let raw = std::str::from_utf8(rest.get(..length)?).ok()?;
                pieces.add(PieceKind::Number, &levels, at..at + length, &number(raw)?);
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    levels.is_empty().then_some(pieces)
}

impl Pieces {
    fn add(&mut self, kind: PieceKind, levels: &[Level], raw: Range<usize>, said: &str) {
        let start = self.text.len();
        self.text.push_str(said);
        let text = start..self.text.len();
        self.text.push('\n');
        self.each.push(Piece { kind, path: path(levels), raw, text });
    }

    /// The piece in which a place of the collected text lies.
    pub(crate) fn at(&self, place: usize) -> Option<&Piece> {
        let next = self.each.partition_point(|piece| piece.text.start <= place);
        self.each.get(next.checked_sub(1)?)
    }

    /// The JSON with some texts changed; `new` says what becomes of each, `None` leaves it as it is.
    pub(crate) fn rewrite(&self, json: &[u8], mut new: impl FnMut(&Piece, &str) -> Option<String>) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(json.len());
        let mut from = 0;
        for piece in &self.each {
            let Some(changed) = new(piece, self.text.get(piece.text.clone())?) else { continue };
            out.extend_from_slice(json.get(from..piece.raw.start)?);
            serde_json::to_writer(&mut out, &changed).ok()?;
            from = piece.raw.end;
        }
        out.extend_from_slice(json.get(from..)?);
        Some(out)
    }
}

/// The end of the string that begins at `at`, behind its closing quote.
fn string_end(json: &[u8], at: usize) -> Option<usize> {
    let mut end = at + 1;
    loop {
        match json.get(end)? {
            b'"' => return Some(end + 1),
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
}

fn is_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

/// A number as the strict reader writes it down.
fn number(raw: &str) -> Option<String> {
    if !raw.contains(['.', 'e', 'E']) {
        if let Ok(n) = raw.parse::<u64>() {
            return Some(n.to_string());
        }
        // `-0` is a float to the reader.
        if let Some(n) = raw.parse::<i64>().ok().filter(|n| *n != 0) {
            return Some(n.to_string());
        }
    }
    raw.parse::<f64>().ok().map(|n| n.to_string())
}

fn path(levels: &[Level]) -> String {
    use std::fmt::Write as _;
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Object { key } => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.extend(key.as_deref().unwrap_or_default().chars().take(40));
            }
            Level::Array { at } => {
                let _ = write!(path, "[{at}]");
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_its_place() {
        let json =
            r#" {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"電話\n03"}]}],"n":12} "#;
        let pieces = read(json.as_bytes()).unwrap();
        let paths: Vec<&str> = pieces.each.iter().map(|piece| piece.path.as_str()).collect();
        assert_eq!(
            paths,
            ["model", "messages[0].role", "messages[0].content[0].type", "messages[0].content[0].text", "n"]
        );
        let at = pieces.text.find("電話").unwrap();
        assert_eq!(pieces.at(at).unwrap().path, "messages[0].content[0].text");
        assert_eq!(&json[pieces.at(at).unwrap().raw.clone()], r#""電話\n03""#);
    }

    #[test]
    fn the_texts_are_those_the_strict_reader_collects_in_its_order() {
        for json in [
            r#"{"model":"m","a":[1,-2,1.50,1e3,-0,18446744073709551615,99999999999999999999],"b":null,"c":[true,{}]}"#,
            r#"{"model":"m","a key that is longer than any known one":{"x":"y"},"\u006b":"\ud83d\ude00\"\\"}"#,
            r#"{"model":"m","x":["data:image/png;base64,QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD"]}"#,
        ] {
            let strict = inbound::read(json.as_bytes()).unwrap();
            assert_eq!(read(json.as_bytes()).unwrap().text, strict.text, "{json}");
        }
    }

    #[test]
    fn only_the_changed_text_changes() {
        let json = r#"{ "z" : 1.0, "a":"\u00e9", "b" : "x" }"#;
        let pieces = read(json.as_bytes()).unwrap();
        let new = pieces.rewrite(json.as_bytes(), |piece, text| (piece.path == "b").then(|| format!("{text}\"y")));
        assert_eq!(new.unwrap(), br#"{ "z" : 1.0, "a":"\u00e9", "b" : "x\"y" }"#);
    }

    #[test]
    fn what_is_cut_off_is_not_read() {
        for json in [r#"{"a":"#, r#"{"a":"b"#, r#"["\"#, "}", "{]}}", ","] {
            assert_eq!(read(json.as_bytes()), None, "{json}");
        }
    }
}
