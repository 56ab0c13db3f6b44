//! Any past day: `?as_of=2026-03-31` on lists and records. A day that cannot be read, or has not come, is today.

use jiff::civil::Date;
use serde::Deserialize;

/// What stands in the address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AsOf {
    #[serde(default)]
    as_of: String,
}

impl AsOf {
    /// The past day that is asked about; `None` means now.
    pub(super) fn day(&self, today: Date) -> Option<Date> {
        self.as_of.trim().parse().ok().filter(|day: &Date| *day < today)
    }

    /// The day as it stands in the address, for the form that asks.
    pub(super) fn given(&self) -> &str {
        &self.as_of
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_to_come_or_no_day_at_all_is_today() {
        let today = "2026-11-30".parse().unwrap();
        let day = |text: &str| AsOf { as_of: text.into() }.day(today).map(|d| d.to_string());
        assert_eq!(day("2026-11-29").as_deref(), Some("2026-11-29"));
        for text in ["", "2026-11-30", "2027-01-01", "きのう", "2026-13-01"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
