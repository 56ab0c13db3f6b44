//! How long things wait. That an application should be decided within five working days, and when people are reminded of
//! a report, are settings of this program, not rules of anybody's.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

/// Working days in which an application should be decided.
pub(super) const TARGET: usize = 5;

/// Days after which people are reminded of a report that is owed.
pub(super) const REPORT_DAYS: i64 = 14;

/// Days after which people are reminded that a report was not answered.
pub(super) const ANSWER_DAYS: i64 = 30;

/// Whether so many days have gone by since a day.
pub(super) fn is_late(since: Date, today: Date, days: i64) -> bool {
    since.checked_add(days.days()).is_ok_and(|last| last < today)
}

fn works(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The day by which something that came in on `from` should be decided: weekends do not count.
pub(super) fn due(from: Date) -> Date {
    let mut day = from;
    let mut left = TARGET;
    while left > 0 {
        let Ok(next) = day.checked_add(1.day()) else { return day };
        day = next;
        left -= usize::from(works(day));
    }
    day
}

/// Days, weekends not counted, since something came in.
pub(super) fn waited(from: Date, today: Date) -> usize {
    let days = from.until(today).map_or(0, |span| span.get_days().max(0));
    // Years back nobody counts any more.
    (1..=i64::from(days.min(400))).filter_map(|n| from.checked_add(n.days()).ok()).filter(|day| works(*day)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn weekends_do_not_count() {
        let friday = date(2026, 11, 20);
        assert_eq!(due(friday), date(2026, 11, 27));
        assert_eq!(waited(friday, date(2026, 11, 22)), 0);
        assert_eq!(waited(friday, date(2026, 11, 25)), 3);
        assert_eq!(waited(friday, date(2026, 11, 19)), 0);
    }
}
