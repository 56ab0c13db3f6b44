//! Civil days in Asia/Tokyo.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};

/// The day in Japan at an instant. Japan has kept UTC+9 without summer time since 1952, so no time-zone database is
/// needed to run on a machine that has none.
pub fn in_japan(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::fixed(offset(9))).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_fifteen_hundred_utc() {
        let at = |text: &str| in_japan(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-11-22T14:59:59Z"), "2026-11-22");
        assert_eq!(at("2026-11-22T15:00:00Z"), "2026-11-23");
    }
}
