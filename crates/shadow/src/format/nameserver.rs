//! Query logs of name servers: dnsmasq, BIND, Unbound.

use std::borrow::Cow;

use memchr::{memchr, memmem, memrchr};

use super::NOTHING;
use crate::line::{Action, Defect, Kind, Located, Seen};
use crate::time;

/// `Nov 30 10:00:00 gw dnsmasq[123]: 7 192.0.2.5/51234 query[A] example.com from 192.0.2.5`; number and address only
/// with `log-queries=extra`, the name of the machine only from a syslog.
pub(super) fn dnsmasq(line: &[u8]) -> Result<Seen<'_>, Defect> {
    let at = memmem::find(line.get(..160).unwrap_or(line), b"dnsmasq").ok_or(Defect::Shape)?;
    let (time, _) = time::leading(line).ok_or(Defect::Time)?;
    let rest = line.get(at..).ok_or(Defect::Shape)?;
    let message = memmem::find(rest, b": ").and_then(|at| rest.get(at + 2..)).ok_or(Defect::Shape)?;
    let Some(query) = memmem::find(message, b"query[") else { return Ok(Seen::Aside) };
    let query = message.get(query..).ok_or(Defect::Shape)?;
    let name = memchr(b' ', query).and_then(|at| query.get(at + 1..)).ok_or(Defect::Shape)?;
    let from = memmem::find(name, b" from ").ok_or(Defect::Client)?;
    let client = name.get(from + 6..).ok_or(Defect::Client)?.trim_ascii();
    question(time, client, name.get(..from).ok_or(Defect::Target)?, Kind::Question)
}

/// `30-Nov-2026 10:00:00.123 queries: info: client @0x7f 192.0.2.5#51234 (example.com): query: example.com IN A +E(0)K
/// (192.0.2.1)`, as well without `@0x…`, with `view …:`, or behind a syslog's prefix.
pub(super) fn bind(line: &[u8]) -> Result<Seen<'_>, Defect> {
    let client = memmem::find(line.get(..256).unwrap_or(line), b"client ").ok_or(Defect::Shape)?;
    let query = memmem::rfind(line, b"query: ").ok_or(Defect::Shape)?;
    let (time, _) = time::leading(line).ok_or(Defect::Time)?;
    let mut client = line.get(client + 7..query).ok_or(Defect::Shape)?;
    if client.first() == Some(&b'@') {
        client = memchr(b' ', client).and_then(|at| client.get(at + 1..)).ok_or(Defect::Client)?;
    }
    let client = memchr(b'#', client).and_then(|at| client.get(..at)).ok_or(Defect::Client)?;
    let mut words = line.get(query + 7..).ok_or(Defect::Shape)?.split(|&byte| byte == b' ');
    let (name, class) = (words.next().ok_or(Defect::Target)?, words.next().ok_or(Defect::Target)?);
    if !matches!(class, b"IN" | b"CH" | b"HS" | b"ANY") && !class.starts_with(b"CLASS") {
        return Err(Defect::Shape);
    }
    question(time, client, name, Kind::Question)
}

/// `[1796000400] unbound[123:0] info: 192.0.2.5 example.com. A IN`, and with more behind it where replies are logged.
/// A syslog writes another time in front.
pub(super) fn unbound(line: &[u8]) -> Result<Seen<'_>, Defect> {
    memmem::find(line.get(..160).unwrap_or(line), b"unbound").ok_or(Defect::Shape)?;
    let (time, _) = time::leading(line).ok_or(Defect::Time)?;
    let Some(info) = memmem::find(line, b"info: ") else { return Ok(Seen::Aside) };
    let mut rest = line.get(info + 6..).ok_or(Defect::Shape)?;
    for tag in [b"query: ".as_slice(), b"reply: "] {
        rest = rest.strip_prefix(tag).unwrap_or(rest);
    }
    let mut words = rest.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    let (Some(client), Some(name), Some(_), Some(class)) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Ok(Seen::Aside);
    };
    if !matches!(class, b"IN" | b"CH" | b"HS" | b"ANY") {
        return Ok(Seen::Aside);
    }
    // With a result code behind it, it is the answer.
    let kind = if words.next().is_some() { Kind::Answer } else { Kind::Question };
    let client = memrchr(b'@', client).and_then(|at| client.get(..at)).unwrap_or(client);
    question(time, client, name, kind)
}

fn question<'l>(time: &'l [u8], client: &'l [u8], name: &'l [u8], kind: Kind) -> Result<Seen<'l>, Defect> {
    if client.is_empty() || client.len() > 64 || memchr(b' ', client).is_some() {
        return Err(Defect::Client);
    }
    if name.is_empty() || memchr(b' ', name).is_some() {
        return Err(Defect::Target);
    }
    let host = name.strip_suffix(b".").unwrap_or(name);
    Ok(Seen::Access(Located {
        kind,
        time: Cow::Borrowed(time),
        client: Cow::Borrowed(client),
        user: NOTHING,
        host: (!host.is_empty()).then_some(Cow::Borrowed(host)),
        status: NOTHING,
        action: Action::None,
        up: NOTHING,
        down: NOTHING,
        utc: false,
    }))
}
