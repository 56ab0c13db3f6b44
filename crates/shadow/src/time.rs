//! Times as logs write them. One reader for all forms, because bodies mix them in one folder.
//!
//! | Form | From |
//! |---|---|
//! | `1764464400.123`, `1764464400`, `1764464400123` | squid, Unbound, JSON |
//! | `30/Nov/2026:10:00:00 +0900` | squid common and combined, i-FILTER |
//! | `2026-11-30T10:00:00.5+09:00`, `2026-11-30 10:00:00`, `2026/11/30 10:00:00` | ELFF, rsyslog, exports |
//! | `30-Nov-2026 10:00:00.123` | BIND |
//! | `Mon Nov 30 10:00:00 2026` | Zscaler NSS |
//! | `Nov 30 10:00:00` | syslog: no year, no zone |

use jiff::{Timestamp, civil, tz::Offset, tz::TimeZone};

/// What a time is read with when it does not say everything itself.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// The zone of times that name none.
    pub(crate) zone: TimeZone,
    /// The latest moment a line may come from: the year of a time without one is the last that does not lie more than a
    /// day behind it. Usually when the file was last written.
    pub(crate) reference: Option<Timestamp>,
}

/// A moment, and what was added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The moment.
    pub(crate) at: Timestamp,
    /// The line named no year; it was taken from the reference.
    pub(crate) year_assumed: bool,
    /// The line named no zone; it was taken from the settings.
    pub(crate) zone_assumed: bool,
}

/// Why a time could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeDefect {
    /// No known form, or a day that does not exist.
    Malformed,
    /// The line names no year and nothing says which.
    YearUnknown,
}

/// Longer than any time.
const LONGEST: usize = 64;

/// Reads a time.
pub(crate) fn read(text: &[u8], clock: &Clock) -> Result<Moment, TimeDefect> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"[").unwrap_or(text);
    let text = text.strip_suffix(b"]").unwrap_or(text);
    if text.is_empty() || text.len() > LONGEST {
        return Err(TimeDefect::Malformed);
    }
    let mut cursor = Cursor { rest: text };
    let malformed = TimeDefect::Malformed;
    if text.first().is_some_and(u8::is_ascii_digit) {
        let (first, digits) = cursor.number().ok_or(malformed)?;
        match (cursor.next(), digits) {
            (None | Some(b'.'), 9..=13) => return epoch(first, digits, cursor.rest).ok_or(malformed),
            (Some(separator @ (b'-' | b'/')), 4) => {
                let (month, _) = cursor.number().ok_or(malformed)?;
                (cursor.next() == Some(separator)).then_some(()).ok_or(malformed)?;
                let (day, _) = cursor.number().ok_or(malformed)?;
                matches!(cursor.next(), Some(b'T' | b' ' | b't')).then_some(()).ok_or(malformed)?;
                return cursor.clock_and_zone(first, month, day, clock).ok_or(malformed);
            }
            (Some(separator @ (b'-' | b'/')), 1 | 2) => {
                let month = cursor.month().ok_or(malformed)?;
                (cursor.next() == Some(separator)).then_some(()).ok_or(malformed)?;
                let (year, 4) = cursor.number().ok_or(malformed)? else { return Err(malformed) };
                matches!(cursor.next(), Some(b':' | b' ')).then_some(()).ok_or(malformed)?;
                return cursor.clock_and_zone(year, month, first, clock).ok_or(malformed);
            }
            _ => return Err(malformed),
        }
    }
    let month = match cursor.month() {
        Some(month) => month,
        None => {
            cursor.rest = text.get(3..).ok_or(malformed)?;
            cursor.spaces();
            cursor.month().ok_or(malformed)?
        }
    };
    cursor.spaces();
    let (day, _) = cursor.number().ok_or(malformed)?;
    cursor.spaces();
    let time = cursor.time_of_day().ok_or(malformed)?;
    cursor.spaces();
    if let Some((year, 4)) = cursor.number() {
        let zone = cursor.zone().ok_or(malformed)?;
        return moment(date(year, month, day).ok_or(malformed)?.to_datetime(time), zone, clock).ok_or(malformed);
    }
    if !cursor.rest.is_empty() {
        return Err(malformed);
    }
    without_year(month, day, time, clock)
}

/// Whether something could be a time, without reading it: cheap enough for every line.
pub(crate) fn looks_like_one(text: &[u8]) -> bool {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    text.len() <= LONGEST && digits >= 6
}

fn without_year(month: i8, day: i64, time: civil::Time, clock: &Clock) -> Result<Moment, TimeDefect> {
    let reference = clock.reference.ok_or(TimeDefect::YearUnknown)?;
    let latest = reference + jiff::SignedDuration::from_hours(24);
    let this_year = i64::from(reference.to_zoned(clock.zone.clone()).year());
    // 29 February may lie several years back.
    for year in (0..=8).filter_map(|back| this_year.checked_add(1 - back)) {
        let Some(date) = date(year, month, day) else { continue };
        if let Some(moment) = moment(date.to_datetime(time), None, clock)
            && moment.at <= latest
        {
            return Ok(Moment { year_assumed: true, ..moment });
        }
    }
    Err(TimeDefect::Malformed)
}

fn date(year: i64, month: i8, day: i64) -> Option<civil::Date> {
    civil::Date::new(i16::try_from(year).ok()?, month, i8::try_from(day).ok()?).ok()
}

fn moment(at: civil::DateTime, zone: Option<Offset>, clock: &Clock) -> Option<Moment> {
    let at = match zone {
        Some(offset) => offset.to_timestamp(at).ok()?,
        None => at.to_zoned(clock.zone.clone()).ok()?.timestamp(),
    };
    Some(Moment { at, year_assumed: false, zone_assumed: zone.is_none() })
}

fn epoch(number: i64, digits: usize, fraction: &[u8]) -> Option<Moment> {
    let at = match digits {
        9..=10 => {
            let nanos = nanoseconds(fraction)?;
            Timestamp::new(number, nanos).ok()?
        }
        13 if fraction.is_empty() => Timestamp::from_millisecond(number).ok()?,
        _ => return None,
    };
    Some(Moment { at, year_assumed: false, zone_assumed: false })
}

fn nanoseconds(fraction: &[u8]) -> Option<i32> {
    let mut value = 0i32;
    for place in 0..9 {
        let digit = match fraction.get(place) {
            Some(byte) if byte.is_ascii_digit() => i32::from(byte - b'0'),
            Some(_) => return None,
            None => 0,
        };
        value = value * 10 + digit;
    }
    Some(value)
}

struct Cursor<'t> {
    rest: &'t [u8],
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// A number and how many digits it had.
    fn number(&mut self) -> Option<(i64, usize)> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at_checked(digits)?;
        if !(1..=15).contains(&digits) {
            return None;
        }
        self.rest = rest;
        Some((number.iter().fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0')), digits))
    }

    fn month(&mut self) -> Option<i8> {
        const NAMES: [&[u8; 3]; 12] =
            [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
        let (name, rest) = self.rest.split_first_chunk::<3>()?;
        let name = name.to_ascii_lowercase();
        let at = NAMES.iter().position(|month| month.as_slice() == name.as_slice())?;
        self.rest = rest;
        i8::try_from(at + 1).ok()
    }

    fn time_of_day(&mut self) -> Option<civil::Time> {
        let mut part = |last: bool| {
            let (number, 1..=2) = self.number()? else { return None };
            if !last && self.next() != Some(b':') {
                return None;
            }
            i8::try_from(number).ok()
        };
        let (hour, minute) = (part(false)?, part(false)?);
        let second = part(true)?;
        let mut nanos = 0;
        if let Some(after) = self.rest.strip_prefix(b".").or_else(|| self.rest.strip_prefix(b",")) {
            let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            nanos = nanoseconds(after.get(..digits.min(9))?)?;
            self.rest = after.get(digits..)?;
        }
        // A leap second is the last second of its minute.
        civil::Time::new(hour, minute, if second == 60 { 59 } else { second }, nanos).ok()
    }

    fn clock_and_zone(&mut self, year: i64, month: impl TryInto<i8>, day: i64, clock: &Clock) -> Option<Moment> {
        let date = date(year, month.try_into().ok()?, day)?;
        self.spaces();
        let time = self.time_of_day()?;
        let zone = self.zone()?;
        moment(date.to_datetime(time), zone, clock)
    }

    /// What is left as a zone: nothing, a name of UTC or JST, or an offset.
    #[expect(clippy::option_option, reason = "the outer says whether it could be read, the inner whether there is one")]
    fn zone(&mut self) -> Option<Option<Offset>> {
        self.spaces();
        let rest = std::mem::take(&mut self.rest);
        match rest {
            b"" => return Some(None),
            b"Z" | b"z" | b"GMT" | b"UTC" => return Some(Some(Offset::UTC)),
            b"JST" => return Some(Some(jiff::tz::offset(9))),
            _ => {}
        }
        let (sign, digits) = match rest.split_first()? {
            (b'+', digits) => (1, digits),
            (b'-', digits) => (-1, digits),
            _ => return None,
        };
        let digits: Vec<i32> = digits.iter().filter(|&&byte| byte != b':').map(|byte| i32::from(*byte) - 48).collect();
        let [h, i, m, n] = digits.as_slice() else { return None };
        if digits.iter().any(|digit| !(0..=9).contains(digit)) {
            return None;
        }
        Some(Some(Offset::from_seconds(sign * ((h * 10 + i) * 3600 + (m * 10 + n) * 60)).ok()?))
    }
}

/// The time at the beginning of a line of syslog or of a name server, and what comes after it. Nothing is read yet.
pub(crate) fn leading(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = match line.strip_prefix(b"<") {
        Some(rest) => {
            let end = memchr::memchr(b'>', rest.get(..5).unwrap_or(rest))?;
            rest.get(end + 1..)?
        }
        None => line,
    };
    let words = |count: usize| {
        let mut at = 0;
        for word in 0..count {
            at += memchr::memchr(b' ', line.get(at..)?)?;
            if word + 1 < count {
                at += line.get(at..)?.iter().take_while(|&&byte| byte == b' ').count();
            }
        }
        line.split_at_checked(at)
    };
    let digit = |at: usize| line.get(at).is_some_and(u8::is_ascii_digit);
    let (time, rest) = if line.first() == Some(&b'[') {
        let end = memchr::memchr(b']', line)?;
        line.split_at_checked(end + 1)?
    } else if digit(0) && line.get(4) == Some(&b'-') && matches!(line.get(10), Some(b'T')) {
        words(1)?
    } else if digit(0) {
        words(2)?
    } else {
        words(3)?
    };
    looks_like_one(time).then_some((time, rest.trim_ascii_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(reference: Option<&str>) -> Clock {
        Clock { zone: TimeZone::get("Asia/Tokyo").unwrap(), reference: reference.map(|at| at.parse().unwrap()) }
    }

    fn at(text: &str, reference: Option<&str>) -> Result<String, TimeDefect> {
        read(text.as_bytes(), &clock(reference)).map(|moment| moment.at.to_string())
    }

    #[test]
    fn given_each_form_then_the_same_moment_is_read() {
        for text in [
            "1796000400",
            "1796000400.000",
            "1796000400000",
            "[1796000400]",
            "30/Nov/2026:10:00:00 +0900",
            "[30/Nov/2026:01:00:00 +0000]",
            "2026-11-30T10:00:00+09:00",
            "2026-11-30T01:00:00Z",
            "2026-11-30T01:00:00.000000Z",
            "2026-11-30 10:00:00",
            "2026/11/30 10:00:00 JST",
            "30-Nov-2026 10:00:00.000",
            "Mon Nov 30 10:00:00 2026",
            "Mon Nov 30 01:00:00 2026 GMT",
            "Nov 30 10:00:00",
            "Nov 29 20:00:00 2026 -05:00",
        ] {
            let read = at(text, Some("2026-11-30T02:00:00Z"));
            assert_eq!(read.as_deref(), Ok("2026-11-30T01:00:00Z"), "{text}");
        }
    }

    #[test]
    fn given_no_year_then_it_is_the_last_one_that_fits_and_is_said() {
        assert_eq!(at("Dec 31 23:59:59", Some("2026-01-01T00:00:00Z")).as_deref(), Ok("2025-12-31T14:59:59Z"));
        assert_eq!(at("Jan  1 09:00:00", Some("2026-01-01T00:00:00Z")).as_deref(), Ok("2026-01-01T00:00:00Z"));
        assert_eq!(at("Feb 29 09:00:00", Some("2026-11-30T00:00:00Z")).as_deref(), Ok("2024-02-29T00:00:00Z"));
        let moment = read(b"Jan  1 09:00:00", &clock(Some("2026-01-01T00:00:00Z"))).unwrap();
        assert!(moment.year_assumed && moment.zone_assumed);
        assert_eq!(at("Jan  1 09:00:00", None), Err(TimeDefect::YearUnknown));
    }

    #[test]
    fn given_what_is_no_time_then_it_is_refused() {
        for text in [
            "",
            "-",
            "12",
            "99999999999999999999",
            "31/Nov/2026:10:00:00 +0900",
            "2026-13-01 00:00:00",
            "Nov 30",
            "Nov 30 25:00:00",
            "2026-11-30T10:00:00+9",
            "2026-11-30T10:00:00 somewhere",
            "1796000400.1x",
            "ab",
        ] {
            assert_eq!(at(text, Some("2026-11-30T02:00:00Z")), Err(TimeDefect::Malformed), "{text}");
        }
    }

    #[test]
    fn given_lines_of_syslog_and_name_servers_then_the_time_in_front_is_cut_off() {
        for (line, time, rest) in [
            ("Nov  3 10:00:00 gw dnsmasq[1]: x", "Nov  3 10:00:00", "gw dnsmasq[1]: x"),
            ("<30>Nov 30 10:00:00 gw x", "Nov 30 10:00:00", "gw x"),
            ("2026-11-30T10:00:00+09:00 gw x", "2026-11-30T10:00:00+09:00", "gw x"),
            ("2026-11-30 10:00:00 x", "2026-11-30 10:00:00", "x"),
            ("30-Nov-2026 10:00:00.123 queries: info: x", "30-Nov-2026 10:00:00.123", "queries: info: x"),
            ("[1796000400] unbound[1:0] info: x", "[1796000400]", "unbound[1:0] info: x"),
        ] {
            let (found, after) = leading(line.as_bytes()).unwrap();
            assert_eq!((std::str::from_utf8(found).unwrap(), std::str::from_utf8(after).unwrap()), (time, rest));
        }
        assert_eq!(leading(b"no time at all here"), None);
    }
}
