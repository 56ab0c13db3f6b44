//! Query logs of name servers: dnsmasq, BIND, Unbound.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::{Finder, FinderRev};
use memchr::{memchr, memrchr};

use super::NOTHING;
use crate::line::{Action, Defect, Kind, Located, Seen};
use crate::time;

// Made once: a search costs less than getting ready for it.
static CLIENT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("client "));
static QUERY: LazyLock<FinderRev<'static>> = LazyLock::new(|| FinderRev::new("query: "));
static INFO: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("info: "));

/// `Nov 30 10:00:00 gw dnsmasq[123]: 7 192.0.2.5/51234 query[A] example.com from 192.0.2.5`; number and address only
/// with `log-queries=extra`, the name of the machine only from a syslog.
pub(super) fn dnsmasq(line: &[u8]) -> Result<Seen<'_>, Defect> {
    let (time, rest) = time::leading(line).ok_or(Defect::Time)?;
    let rest = written_by(rest, b"dnsmasq").ok_or(Defect::Shape)?;
    let colon = memchr(b':', rest).ok_or(Defect::Shape)?;
    let message = rest.get(colon + 1..).ok_or(Defect::Shape)?.trim_ascii_start();
    let Some(query) = [Some(message), behind_word(message).and_then(behind_word)]
        .into_iter()
        .flatten()
        .find(|message| message.starts_with(b"query["))
    else {
        return Ok(Seen::Aside);
    };
    let name = behind_word(query).ok_or(Defect::Target)?;
    let end = memchr(b' ', name).ok_or(Defect::Client)?;
    let (name, rest) = name.split_at_checked(end).ok_or(Defect::Target)?;
    let client = rest.strip_prefix(b" from ").ok_or(Defect::Client)?;
    question(time, client.trim_ascii(), name, Kind::Question)
}

/// What a program wrote, behind the name of the machine if a syslog put one in front.
fn written_by<'l>(rest: &'l [u8], program: &[u8]) -> Option<&'l [u8]> {
    [Some(rest), behind_word(rest)].into_iter().flatten().find(|rest| rest.starts_with(program))
}

fn behind_word(text: &[u8]) -> Option<&[u8]> {
    text.get(memchr(b' ', text)? + 1..)
}

/// `30-Nov-2026 10:00:00.123 queries: info: client @0x7f 192.0.2.5#51234 (example.com): query: example.com IN A +E(0)K
/// (192.0.2.1)`, as well without `@0x…`, with `view …:`, or behind a syslog's prefix.
pub(super) fn bind(line: &[u8]) -> Result<Seen<'_>, Defect> {
    let client = CLIENT.find(line.get(..256).unwrap_or(line)).ok_or(Defect::Shape)?;
    let query = QUERY.rfind(line).ok_or(Defect::Shape)?;
    let (time, _) = time::leading(line).ok_or(Defect::Time)?;
    let mut client = line.get(client + 7..query).ok_or(Defect::Shape)?;
    if client.first() == Some(&b'@') {
        client = behind_word(client).ok_or(Defect::Client)?;
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
    let (time, rest) = time::leading(line).ok_or(Defect::Time)?;
    let rest = written_by(rest, b"unbound").ok_or(Defect::Shape)?;
    let Some(info) = INFO.find(rest) else { return Ok(Seen::Aside) };
    let mut rest = rest.get(info + 6..).ok_or(Defect::Shape)?;
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
        date: b"",
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
