//! Civil days in Asia/Tokyo.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};

/// The day in Japan at an instant. Japan has kept UTC+9 without summer time since 1952, so no time-zone database is
/// needed to run on a machine that has none.
pub fn in_japan(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::fixed(offset(9))).date()
}

/// The first instant of a day in Japan; `None` at the ends of time.
pub fn begin_in_japan(day: Date) -> Option<Timestamp> {
    Some(day.to_zoned(TimeZone::fixed(offset(9))).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_fifteen_hundred_utc() {
        let day = "2026-11-23".parse().unwrap();
        assert_eq!(begin_in_japan(day).unwrap().to_string(), "2026-11-22T15:00:00Z");
        assert_eq!(in_japan(begin_in_japan(day).unwrap()), day);
    }

    #[test]
    fn the_day_turns_at_fifteen_hundred_utc() {
        let at = |text: &str| in_japan(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-11-22T14:59:59Z"), "2026-11-22");
        assert_eq!(at("2026-11-22T15:00:00Z"), "2026-11-23");
    }
}
