//! From when to when: a few ready spans for figures, two days for lists.

use crate::http::page::frame::Problem;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan as _};
use sekisho_domain::day::{begin_in_japan, in_japan};

/// A span that ends today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Today,
    Week,
    Month,
}

impl Period {
    pub(super) const ALL: [Self; 3] = [Self::Today, Self::Week, Self::Month];

    /// The span that the address names; a week when it names none.
    pub(super) fn read(text: &str) -> Self {
        Self::ALL.into_iter().find(|period| period.key() == text).unwrap_or(Self::Week)
    }

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Today => "1",
            Self::Week => "7",
            Self::Month => "30",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Today => "今日",
            Self::Week => "7 日間",
            Self::Month => "30 日間",
        }
    }

    /// The first day.
    pub(super) fn first(self, now: Timestamp) -> Date {
        let before = match self {
            Self::Today => 0,
            Self::Week => 6,
            Self::Month => 29,
        };
        let today = in_japan(now);
        today.checked_sub(before.days()).unwrap_or(today)
    }

    /// The first instant.
    pub(super) fn begin(self, now: Timestamp) -> Timestamp {
        begin_in_japan(self.first(now)).unwrap_or(now)
    }
}

/// `2026-11-25 10:02:03`, in Japan: where the order of things matters.
pub(in crate::http::page) fn exact(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(9))).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Two days as they were typed, both included; either may be left open.
pub(super) fn between(from: &str, until: &str, problems: &mut Vec<Problem>) -> (Option<Timestamp>, Option<Timestamp>) {
    let mut day = |field: &'static str, text: &str| {
        let text = text.trim();
        let read = text.parse::<Date>().ok();
        if !text.is_empty() && read.is_none() {
            problems.push(Problem::at(field, "日付を 2026-04-01 の形で入力してください。"));
        }
        read
    };
    let (from, until) = (day("from", from), day("until", until));
    if let (Some(first), Some(last)) = (from, until)
        && last < first
    {
        problems.push(Problem::at("until", "終わりの日を、始まりの日と同じかそれより後にしてください。"));
    }
    let next = until.and_then(|last| last.checked_add(1.day()).ok());
    (from.and_then(begin_in_japan), next.and_then(begin_in_japan))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_seven_days_with_today() {
        let now = "2026-11-25T14:59:59Z".parse().unwrap();
        assert_eq!(Period::Today.first(now).to_string(), "2026-11-25");
        assert_eq!(Period::Week.first(now).to_string(), "2026-11-19");
        assert_eq!(Period::read("nothing"), Period::Week);
    }

    #[test]
    fn both_days_count_and_bad_ones_are_told() {
        let mut problems = Vec::new();
        let (from, until) = between("2026-11-25", " 2026-11-25 ", &mut problems);
        assert_eq!(from.unwrap().to_string(), "2026-11-24T15:00:00Z");
        assert_eq!(until.unwrap().to_string(), "2026-11-25T15:00:00Z");
        assert!(problems.is_empty());
        between("昨日", "2026-02-30", &mut problems);
        between("2026-11-26", "2026-11-25", &mut problems);
        let at: Vec<_> = problems.iter().map(|p| p.field.clone()).collect();
        assert_eq!(at, ["from", "until", "until"]);
    }
}
