//! Whether bytes are canonical already: one pass, no tree, no recursion.

use super::{JcsError, MAX_DEPTH, MAX_INTEGER};
use std::cmp::Ordering;
use std::ops::Range;

/// Checks that bytes are a canonical JSON object, in one pass and without building a tree.
///
/// # Errors
/// [`JcsError`] with the kind of the first fault and its place.
pub fn check_canonical(bytes: &[u8]) -> Result<(), JcsError> {
    let text = std::str::from_utf8(bytes).map_err(|error| JcsError::NotUtf8(error.valid_up_to()))?;
    if bytes.first() != Some(&b'{') {
        return Err(JcsError::NotAnObject);
    }
    let mut scanner = Scanner { text, bytes, at: 0, open: Vec::with_capacity(8) };
    let mut complete = scanner.value()?;
    loop {
        complete = if complete {
            match scanner.after_value()? {
                Next::Value => scanner.value()?,
                Next::Closed => true,
                Next::End => return Ok(()),
            }
        } else {
            scanner.value()?
        };
    }
}

/// A container that has been opened and not yet closed. The list of these stands in for recursion,
/// so that hostile nesting cannot exhaust the stack.
enum Open {
    Array,
    Object {
        /// Where the last key stands, between its quotation marks.
        last_key: Range<usize>,
        /// Whether that key can be compared byte by byte.
        plain: bool,
    },
}

enum Next {
    Value,
    Closed,
    End,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    open: Vec<Open>,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Result<(), JcsError> {
        if self.peek() != Some(byte) {
            return Err(JcsError::Syntax(self.at));
        }
        self.at += 1;
        Ok(())
    }

    /// Reads one value, or only the beginning of a container; says whether the value is complete.
    fn value(&mut self) -> Result<bool, JcsError> {
        match self.peek() {
            Some(b'{') => {
                self.enter()?;
                if self.peek() == Some(b'}') {
                    self.at += 1;
                    return Ok(true);
                }
                let (last_key, plain) = self.key()?;
                self.open.push(Open::Object { last_key, plain });
                Ok(false)
            }
            Some(b'[') => {
                self.enter()?;
                if self.peek() == Some(b']') {
                    self.at += 1;
                    return Ok(true);
                }
                self.open.push(Open::Array);
                Ok(false)
            }
            Some(b'"') => self.string().map(|_| true),
            Some(b'-' | b'0'..=b'9') => self.integer().map(|()| true),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            _ => Err(JcsError::Syntax(self.at)),
        }
    }

    fn after_value(&mut self) -> Result<Next, JcsError> {
        let next = self.peek();
        match (self.open.last_mut(), next) {
            (None, None) => Ok(Next::End),
            (Some(Open::Array), Some(b',')) => {
                self.at += 1;
                Ok(Next::Value)
            }
            (Some(Open::Object { .. }), Some(b',')) => {
                self.at += 1;
                let start = self.at;
                let (key, plain) = self.key()?;
                let Some(Open::Object { last_key, plain: last_plain }) = self.open.last_mut() else {
                    return Err(JcsError::Syntax(self.at));
                };
                let (before, now) = (self.text.get(last_key.clone()), self.text.get(key.clone()));
                let order = match (before, now) {
                    (Some(before), Some(now)) if plain && *last_plain => before.as_bytes().cmp(now.as_bytes()),
                    (Some(before), Some(now)) => utf16(before).cmp(utf16(now)),
                    _ => Ordering::Equal,
                };
                if order != Ordering::Less {
                    return Err(JcsError::KeyOrder(start));
                }
                *last_key = key;
                *last_plain = plain;
                Ok(Next::Value)
            }
            (Some(Open::Array), Some(b']')) | (Some(Open::Object { .. }), Some(b'}')) => {
                self.at += 1;
                self.open.pop();
                Ok(Next::Closed)
            }
            _ => Err(JcsError::Syntax(self.at)),
        }
    }

    fn enter(&mut self) -> Result<(), JcsError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(JcsError::TooDeep);
        }
        self.at += 1;
        Ok(())
    }

    fn key(&mut self) -> Result<(Range<usize>, bool), JcsError> {
        if self.peek() != Some(b'"') {
            return Err(JcsError::Syntax(self.at));
        }
        let key = self.string()?;
        self.take(b':')?;
        Ok(key)
    }

    /// The string between its quotation marks, and whether it is plain: only then do its bytes
    /// sort like its UTF-16 code units.
    fn string(&mut self) -> Result<(Range<usize>, bool), JcsError> {
        self.at += 1;
        let start = self.at;
        let mut plain = true;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let run = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0x00..=0x1f | 0x80..));
            self.at += run.unwrap_or(rest.len());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok((start..self.at - 1, plain));
                }
                Some(b'\\') => {
                    plain = false;
                    self.escape()?;
                }
                Some(0x80..) => {
                    plain = false;
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    self.at += rest.iter().position(|byte| *byte < 0x80).unwrap_or(rest.len());
                }
                _ => return Err(JcsError::Syntax(self.at)),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JcsError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = match rest {
            [_, b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r', ..] => 2,
            // Of the control characters, those with a short form of their own must use it.
            [_, b'u', b'0', b'0', b'0', b'0'..=b'7' | b'b' | b'e' | b'f', ..]
            | [_, b'u', b'0', b'0', b'1', b'0'..=b'9' | b'a'..=b'f', ..] => 6,
            _ => return Err(JcsError::Escape(self.at)),
        };
        self.at += length;
        Ok(())
    }

    fn integer(&mut self) -> Result<(), JcsError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        let digits = rest.get(..length).unwrap_or_default();
        let negative = self.at > start;
        match digits {
            [] => return Err(JcsError::Syntax(self.at)),
            [b'0'] if negative => return Err(JcsError::Syntax(start)),
            [b'0', _, ..] => return Err(JcsError::Syntax(start)),
            _ => {}
        }
        if matches!(rest.get(length), Some(b'.' | b'e' | b'E')) {
            return Err(JcsError::Float);
        }
        let magnitude = digits.iter().try_fold(0u64, |sum, digit| {
            sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')).filter(|sum| *sum <= MAX_INTEGER)
        });
        if magnitude.is_none() {
            return Err(JcsError::IntegerRange);
        }
        self.at += length;
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<bool, JcsError> {
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(JcsError::Syntax(self.at));
        }
        self.at += word.len();
        Ok(true)
    }
}

/// The UTF-16 code units of a key whose escapes have been checked already.
fn utf16(raw: &str) -> impl Iterator<Item = u16> {
    let mut chars = raw.chars();
    let unescaped = std::iter::from_fn(move || {
        let first = chars.next()?;
        if first != '\\' {
            return Some(first);
        }
        Some(match chars.next()? {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            'u' => {
                let code = chars.by_ref().take(4).try_fold(0u32, |sum, digit| Some(sum * 16 + digit.to_digit(16)?));
                char::from_u32(code?)?
            }
            literal => literal,
        })
    });
    unescaped.flat_map(|character| {
        let mut units = [0u16; 2];
        let count = character.encode_utf16(&mut units).len();
        units.into_iter().take(count)
    })
}
