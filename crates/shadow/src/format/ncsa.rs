//! squid's `common` and `combined`, which are the formats of NCSA with squid's own result at the end:
//! `%>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st ("%{Referer}>h" "%{User-Agent}>h") %Ss:%Sh`.

use std::borrow::Cow;

use memchr::{memchr, memrchr};

use super::NOTHING;
use crate::host;
use crate::line::{Action, Defect, Kind, Located, Seen};

pub(super) fn line(line: &[u8], combined: bool) -> Result<Seen<'_>, Defect> {
    let (client, rest) = word(line)?;
    let (_, rest) = word(rest)?;
    let (user, rest) = word(rest)?;
    let rest = rest.strip_prefix(b"[").ok_or(Defect::Time)?;
    let end = memchr(b']', rest).ok_or(Defect::Time)?;
    let (time, rest) = rest.split_at_checked(end).ok_or(Defect::Time)?;
    if time.len() < 20 {
        return Err(Defect::Time);
    }
    let rest = rest.strip_prefix(b"] \"").ok_or(Defect::Shape)?;
    let (request, rest) = quoted(rest)?;
    let (status, rest) = word(rest.strip_prefix(b" ").ok_or(Defect::Shape)?)?;
    if !status.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-') {
        return Err(Defect::Status);
    }
    let (down, rest) = word(rest).or_else(|_| rest_of(rest))?;
    if !down.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-') {
        return Err(Defect::Size);
    }
    let rest = match (combined, rest.strip_prefix(b"\"")) {
        (true, Some(rest)) => {
            let (_, rest) = quoted(rest)?;
            let rest = rest.strip_prefix(b" \"").ok_or(Defect::Shape)?;
            quoted(rest)?.1.trim_ascii_start()
        }
        (false, None) => rest,
        _ => return Err(Defect::Shape),
    };
    let tag = match memchr(b':', rest) {
        Some(at) => Action::Squid(rest.get(..at).unwrap_or(rest)),
        None if rest.is_empty() => Action::None,
        None => return Err(Defect::Shape),
    };
    let space = memchr(b' ', request).ok_or(Defect::Target)?;
    let (method, target) = request.split_at_checked(space).ok_or(Defect::Target)?;
    let target = target.get(1..).unwrap_or(b"");
    let target = memrchr(b' ', target).and_then(|at| target.get(..at)).unwrap_or(target);
    Ok(Seen::Access(Located {
        kind: if method == b"CONNECT" { Kind::Tunnel } else { Kind::Request },
        date: b"",
        time: Cow::Borrowed(time),
        client: Cow::Borrowed(client),
        user: Cow::Borrowed(user),
        host: host::of_target(target).map(Cow::Borrowed),
        status: Cow::Borrowed(status),
        action: tag,
        up: NOTHING,
        down: Cow::Borrowed(down),
        utc: false,
    }))
}

fn word(text: &[u8]) -> Result<(&[u8], &[u8]), Defect> {
    let at = memchr(b' ', text).filter(|&at| at > 0).ok_or(Defect::Shape)?;
    let (word, rest) = text.split_at_checked(at).ok_or(Defect::Shape)?;
    Ok((word, rest.get(1..).unwrap_or(b"")))
}

fn rest_of(text: &[u8]) -> Result<(&[u8], &[u8]), Defect> {
    if text.is_empty() { Err(Defect::Shape) } else { Ok((text, b"")) }
}

/// Up to the quotation mark that is not escaped, and what follows it.
fn quoted(text: &[u8]) -> Result<(&[u8], &[u8]), Defect> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', text.get(from..).unwrap_or(b"")).ok_or(Defect::Shape)?;
        let before = text.get(..at).unwrap_or(b"");
        if before.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 0 {
            return Ok((before, text.get(at + 1..).unwrap_or(b"")));
        }
        from = at + 1;
    }
}
