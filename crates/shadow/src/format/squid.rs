//! squid's native format: `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::NOTHING;
use crate::host;
use crate::line::{Action, Defect, Kind, Located, Seen};

/// Fields of the format; more may follow where somebody added their own at the end.
const FIELDS: usize = 10;

/// The host of a line without a syslog's prefix, if the line is divided as the format says. Most lines of a log name a host
/// that belongs to no service; of those nothing else is wanted.
#[inline]
pub(super) fn host_alone(line: &[u8]) -> Result<Option<&[u8]>, Defect> {
    if line.get(10) != Some(&b'.') {
        return Err(Defect::Shape);
    }
    Ok(host::of_target(divided(line)?.target))
}

/// A line of the native format, also behind the prefix of a syslog (`… squid[123]: `).
pub(super) fn native(line: &[u8]) -> Result<Seen<'_>, Defect> {
    if line.first().is_some_and(u8::is_ascii_digit) && line.get(10) == Some(&b'.') {
        return bare(line);
    }
    let head = line.get(..160).unwrap_or(line);
    let at = memmem::find(head, b"]: ").ok_or(Defect::Shape)?;
    bare(line.get(at + 3..).ok_or(Defect::Shape)?.trim_ascii_start())
}

fn bare(line: &[u8]) -> Result<Seen<'_>, Defect> {
    let Divided { time, client, tag, status, size, method, target, user } = divided(line)?;
    Ok(Seen::Access(Located {
        kind: if method == b"CONNECT" { Kind::Tunnel } else { Kind::Request },
        date: b"",
        time: Cow::Borrowed(time),
        client: Cow::Borrowed(client),
        user: Cow::Borrowed(user),
        host: host::of_target(target).map(Cow::Borrowed),
        status: Cow::Borrowed(status),
        action: Action::Squid(tag),
        up: NOTHING,
        down: Cow::Borrowed(size),
        utc: false,
    }))
}

struct Divided<'l> {
    time: &'l [u8],
    client: &'l [u8],
    tag: &'l [u8],
    status: &'l [u8],
    size: &'l [u8],
    method: &'l [u8],
    target: &'l [u8],
    user: &'l [u8],
}

#[inline]
fn divided(line: &[u8]) -> Result<Divided<'_>, Defect> {
    let mut fields = [b"".as_slice(); FIELDS];
    let mut count = 0;
    let mut start = 0;
    // Spaces are what divides; several of them stand before a short duration.
    for at in Spaces::of(line).chain([line.len()]) {
        if at > start {
            if let (Some(slot), Some(field)) = (fields.get_mut(count), line.get(start..at)) {
                *slot = field;
            }
            count += 1;
            if count == FIELDS {
                break;
            }
        }
        start = at + 1;
    }
    let [time, duration, client, result, size, method, target, user, hierarchy, _] = fields;
    if count < FIELDS {
        return Err(Defect::Shape);
    }
    let (seconds, millis) = time.split_at_checked(10).ok_or(Defect::Time)?;
    if !digits(seconds) || millis.len() != 4 || millis.first() != Some(&b'.') || !digits(millis.get(1..).unwrap_or(b""))
    {
        return Err(Defect::Time);
    }
    let slash = result.len().checked_sub(4).filter(|&at| result.get(at) == Some(&b'/')).ok_or(Defect::Status)?;
    let (tag, status) = (result.get(..slash).unwrap_or(b""), result.get(slash + 1..).unwrap_or(b""));
    if tag.is_empty() || !digits(status) {
        return Err(Defect::Status);
    }
    if !digits(size) || !digits_or_negative(duration) {
        return Err(Defect::Size);
    }
    // A space in the address moves everything behind it: then this is not a hierarchy code.
    if memchr(b'/', hierarchy).is_none() || !method.iter().all(|byte| byte.is_ascii_graphic()) {
        return Err(Defect::Shape);
    }
    Ok(Divided { time, client, tag, status, size, method, target, user })
}

/// Where the spaces of a line are. Fields are a few bytes long: at that distance, looking at eight bytes in one word is
/// quicker than a search that begins anew behind every space.
struct Spaces<'l> {
    line: &'l [u8],
    /// Where the word after this one begins.
    next: usize,
    /// The high bit of each byte of the word that is a space and was not handed out.
    found: u64,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

impl<'l> Spaces<'l> {
    fn of(line: &'l [u8]) -> Self {
        Self { line, next: 0, found: 0 }
    }
}

impl Iterator for Spaces<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            let rest = self.line.get(self.next..)?;
            let word = match rest.first_chunk::<8>() {
                Some(word) => u64::from_le_bytes(*word),
                None if rest.is_empty() => return None,
                None => rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
            };
            let differing = word ^ (ONES * b' ' as u64);
            // A byte's high bit stays clear if and only if the byte is zero; no carry leaves a byte.
            self.found = !(((differing & !HIGH) + !HIGH) | differing) & HIGH;
            self.next += 8;
        }
        let at = self.next - 8 + (self.found.trailing_zeros() / 8) as usize;
        self.found &= self.found - 1;
        Some(at)
    }
}

fn digits(field: &[u8]) -> bool {
    !field.is_empty() && field.iter().all(u8::is_ascii_digit)
}

fn digits_or_negative(field: &[u8]) -> bool {
    digits(field.strip_prefix(b"-").unwrap_or(field)) || field == b"-"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn given_any_bytes_then_the_spaces_are_those_a_byte_by_byte_search_finds(
            line in prop::collection::vec(prop_oneof![Just(b' '), Just(0xA0u8), Just(b'!'), any::<u8>()], 0..100)
        ) {
            let found: Vec<usize> = Spaces::of(&line).collect();
            let wanted: Vec<usize> =
                line.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
