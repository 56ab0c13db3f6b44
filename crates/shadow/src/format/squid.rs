//! squid's native format: `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memmem};

use super::NOTHING;
use crate::host;
use crate::line::{Action, Defect, Kind, Located, Seen};

/// Fields of the format; more may follow where somebody added their own at the end.
const FIELDS: usize = 10;

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
    let mut fields = [b"".as_slice(); FIELDS];
    let mut count = 0;
    let mut start = 0;
    // Spaces are what divides; several of them stand before a short duration.
    for at in memchr_iter(b' ', line).chain([line.len()]) {
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
    if !digits(seconds) || millis.len() != 4 || millis.first() != Some(&b'.') || !digits(millis.get(1..).unwrap_or(b"")) {
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
    let tunnel = method == b"CONNECT";
    Ok(Seen::Access(Located {
        kind: if tunnel { Kind::Tunnel } else { Kind::Request },
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

fn digits(field: &[u8]) -> bool {
    !field.is_empty() && field.iter().all(u8::is_ascii_digit)
}

fn digits_or_negative(field: &[u8]) -> bool {
    digits(field.strip_prefix(b"-").unwrap_or(field)) || field == b"-"
}
