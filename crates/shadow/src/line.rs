//! A line, found out in two steps: what stands where, which is done to every line, and what it means, which is done only
//! where the host belongs to a service of the catalogue.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::time::{self, Clock, TimeDefect};

/// What kind of trace a line is. The limits of each are part of what is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A request with its address.
    Request,
    /// A `CONNECT`: the proxy saw the name of the host and the size of the tunnel, nothing of what went through.
    Tunnel,
    /// A question to a name server: somebody asked for an address. That is not a use yet.
    Question,
    /// The answer to such a question, where the log has both.
    Answer,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It went out.
    Allowed,
    /// The proxy stopped it.
    Denied,
    /// The proxy asked who it is first (407). The request comes again if the client answers, so this one counts as
    /// neither.
    Challenged,
    /// The log does not say.
    Unknown,
}

/// A field of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub(crate) enum Defect {
    /// Too few fields, or not divided as the format says.
    Shape,
    /// The time.
    Time,
    /// The time has no year and nothing says which.
    YearUnknown,
    /// The client.
    Client,
    /// The status.
    Status,
    /// A size.
    Size,
    /// The address asked for.
    Target,
}

/// Words of an action that decide, beside the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action<'l> {
    /// The log has none.
    None,
    /// squid's result code: `TCP_DENIED`, `TCP_TUNNEL`.
    Squid(&'l [u8]),
    /// Already judged by the mapping of the format.
    Judged(Verdict),
}

/// Where in a line everything stands. Nothing is converted yet.
#[derive(Debug, Clone)]
pub(crate) struct Located<'l> {
    pub(crate) kind: Kind,
    /// The date, where it stands apart from the time; else nothing.
    pub(crate) date: &'l [u8],
    pub(crate) time: Cow<'l, [u8]>,
    /// An address, or whatever the log has.
    pub(crate) client: Cow<'l, [u8]>,
    /// `-` and nothing mean nobody.
    pub(crate) user: Cow<'l, [u8]>,
    /// The host; `None` where the line names none.
    pub(crate) host: Option<Cow<'l, [u8]>>,
    pub(crate) status: Cow<'l, [u8]>,
    pub(crate) action: Action<'l>,
    pub(crate) up: Cow<'l, [u8]>,
    pub(crate) down: Cow<'l, [u8]>,
    /// The format writes times in UTC without saying so.
    pub(crate) utc: bool,
}

/// A line that speaks of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation {
    pub(crate) kind: Kind,
    pub(crate) at: Timestamp,
    pub(crate) year_assumed: bool,
    pub(crate) zone_assumed: bool,
    pub(crate) verdict: Verdict,
    pub(crate) up: Option<u64>,
    pub(crate) down: Option<u64>,
}

/// A line of a format, taken apart or known to be of no interest.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it lives on the stack for the length of one line")]
pub(crate) enum Seen<'l> {
    Access(Located<'l>),
    /// A line the format knows and that tells of no client's wish: `forwarded example.com to 192.0.2.1`.
    Aside,
}

impl Located<'_> {
    /// The line's meaning.
    pub(crate) fn read(&self, clock: &Clock) -> Result<Observation, Defect> {
        let utc;
        let clock = if self.utc {
            utc = Clock { zone: jiff::tz::TimeZone::UTC, reference: clock.reference };
            &utc
        } else {
            clock
        };
        let time = if self.date.is_empty() {
            Cow::Borrowed(&*self.time)
        } else {
            Cow::Owned([self.date, &self.time].join(&b' '))
        };
        let moment = time::read(&time, clock).map_err(|defect| match defect {
            TimeDefect::Malformed => Defect::Time,
            TimeDefect::YearUnknown => Defect::YearUnknown,
        })?;
        Ok(Observation {
            kind: self.kind,
            at: moment.at,
            year_assumed: moment.year_assumed,
            zone_assumed: moment.zone_assumed && !self.utc,
            verdict: self.verdict()?,
            up: size(&self.up)?,
            down: size(&self.down)?,
        })
    }

    fn verdict(&self) -> Result<Verdict, Defect> {
        let status = status(&self.status)?;
        if status == Some(407) {
            return Ok(Verdict::Challenged);
        }
        Ok(match self.action {
            Action::Judged(verdict) => verdict,
            Action::Squid(tag) if memchr::memmem::find(tag, b"DENIED").is_some() => Verdict::Denied,
            Action::Squid(_) if status.is_some_and(|status| (100..600).contains(&status)) => Verdict::Allowed,
            // 000 is a client that went away before anything came back.
            Action::Squid(_) => Verdict::Unknown,
            Action::None => match status {
                Some(100..=399) => Verdict::Allowed,
                // Without the proxy's own word it cannot be told whether the proxy or the service refused.
                _ => Verdict::Unknown,
            },
        })
    }
}

fn absent(field: &[u8]) -> bool {
    matches!(field, b"" | b"-")
}

fn status(field: &[u8]) -> Result<Option<u16>, Defect> {
    if absent(field) {
        return Ok(None);
    }
    // "200 OK", as some products write it.
    let code = field.split(|&byte| byte == b' ').next().unwrap_or(field);
    number(code).and_then(|code| u16::try_from(code).ok()).map(Some).ok_or(Defect::Status)
}

fn size(field: &[u8]) -> Result<Option<u64>, Defect> {
    if absent(field) { Ok(None) } else { number(field).map(Some).ok_or(Defect::Size) }
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, byte| {
        byte.is_ascii_digit().then(|| sum.checked_mul(10)?.checked_add(u64::from(byte - b'0')))?
    })
}
