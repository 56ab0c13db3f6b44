//! The Extended Log File Format of the W3C: `#Fields` says what stands where, as often as it likes.

use std::borrow::Cow;

use memchr::memchr;

use super::cells::{Cells, Divider};
use crate::host;
use crate::line::{Action, Defect, Kind, Located, Seen, Verdict};
use crate::time;

/// Where the columns are that matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Columns {
    count: usize,
    date: Option<usize>,
    time: Option<usize>,
    /// A moment in one field: an epoch, or a local time with its zone.
    moment: Option<usize>,
    client: Option<usize>,
    user: Option<usize>,
    host: Option<usize>,
    uri: Option<usize>,
    method: Option<usize>,
    status: Option<usize>,
    result: Option<usize>,
    action: Option<usize>,
    up: Option<usize>,
    down: Option<usize>,
}

/// The columns of a `#Fields` line; `None` for other directives.
pub(super) fn columns(line: &[u8]) -> Option<Columns> {
    const NAME: &[u8] = b"#fields:";
    let (name, fields) = line.split_at_checked(NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let mut columns = Columns::default();
    let fields = fields.split(|&byte| matches!(byte, b' ' | b'\t' | b'\r')).filter(|field| !field.is_empty());
    for (at, field) in fields.enumerate() {
        columns.count = at + 1;
        let slot = match field.to_ascii_lowercase().as_slice() {
            b"date" => &mut columns.date,
            b"time" => &mut columns.time,
            b"timestamp" | b"x-timestamp-unix" | b"x-timestamp" | b"gmttime" | b"localtime" => &mut columns.moment,
            b"c-ip" => &mut columns.client,
            b"cs-username" | b"cs-user" | b"cs-userdn" | b"x-cs-user" => &mut columns.user,
            b"cs-host" | b"cs(host)" | b"cs-uri-host" | b"r-host" => &mut columns.host,
            b"cs-uri" | b"c-uri" => &mut columns.uri,
            b"cs-method" | b"s-operation" => &mut columns.method,
            b"sc-status" => &mut columns.status,
            b"sc-filter-result" | b"x-filter-result" => &mut columns.result,
            b"s-action" | b"action" => &mut columns.action,
            b"cs-bytes" => &mut columns.up,
            b"sc-bytes" => &mut columns.down,
            _ => continue,
        };
        slot.get_or_insert(at);
    }
    Some(columns)
}

pub(super) fn line<'l>(line: &'l [u8], columns: &Columns) -> Result<Seen<'l>, Defect> {
    let divider = if memchr(b'\t', line).is_some() { Divider::Each(b'\t') } else { Divider::Blanks };
    let mut cells = Cells::new();
    if !cells.divide(line, divider) || cells.len() != columns.count {
        return Err(Defect::Shape);
    }
    let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).unwrap_or(b"-");
    // The format has its dates and times in UTC.
    let (date, time, utc) = match (columns.date, columns.time, columns.moment) {
        (Some(date), Some(time), _) => (cell(Some(date)), cell(Some(time)), true),
        (_, _, Some(moment)) => (b"".as_slice(), cell(Some(moment)), false),
        _ => return Err(Defect::Time),
    };
    if !time::looks_like_one(time) || date == b"-" {
        return Err(Defect::Time);
    }
    let method = cell(columns.method);
    let target = match cell(columns.host) {
        b"-" | b"" => cell(columns.uri),
        host => host,
    };
    if columns.host.is_none() && columns.uri.is_none() {
        return Err(Defect::Target);
    }
    Ok(Seen::Access(Located {
        kind: if method == b"CONNECT" { Kind::Tunnel } else { Kind::Request },
        date,
        time: Cow::Borrowed(time),
        client: Cow::Borrowed(cell(columns.client)),
        user: Cow::Borrowed(cell(columns.user)),
        host: host::of_target(target).map(Cow::Borrowed),
        status: Cow::Borrowed(cell(columns.status)),
        action: verdict(cell(columns.result), cell(columns.action)).map_or(Action::None, Action::Judged),
        up: Cow::Borrowed(cell(columns.up)),
        down: Cow::Borrowed(cell(columns.down)),
        utc,
    }))
}

fn verdict(result: &[u8], action: &[u8]) -> Option<Verdict> {
    let denied = |word: &[u8]| {
        word.eq_ignore_ascii_case(b"denied")
            || word.eq_ignore_ascii_case(b"blocked")
            || memchr::memmem::find(word, b"DENIED").is_some()
    };
    if denied(result) || denied(action) {
        return Some(Verdict::Denied);
    }
    let observed = |word: &[u8]| {
        ["observed", "proxied", "allowed"].iter().any(|allowed| word.eq_ignore_ascii_case(allowed.as_bytes()))
    };
    observed(result).then_some(Verdict::Allowed)
}
