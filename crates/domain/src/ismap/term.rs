//! 有効期限 and other terms, counted as Civil Code 143 counts.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

/// Last day of a term of whole months that begins on `start`: the day before the corresponding day, or the last day of a
/// month that has no corresponding day (Civil Code 143). `None` only beyond the calendar's end.
pub fn last_day(start: Date, months: i32) -> Option<Date> {
    let span: Span = months.months();
    let there = start.checked_add(span).ok()?;
    // jiff clamps to the last day of a shorter month; then there is no corresponding day and that last day counts.
    if there.day() == start.day() { there.checked_sub(1.day()).ok() } else { Some(there) }
}

/// Expiry computed from the end of the audit period: one year and four months from the day after it (基本規程 3.5, read as a
/// quotation; that months are counted as Civil Code 143 counts them is our reading). An official date wins over it.
///
/// Returns `None` only beyond the calendar's end.
pub fn computed_expiry(audit_period_end: Date) -> Option<Date> {
    last_day(audit_period_end.checked_add(1.day()).ok()?, 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// Vectors of the domain notes, section 3.
    #[test]
    fn expiry_is_sixteen_months_after_the_audit_period_counted_as_the_civil_code_counts() {
        for (end, expiry) in [
            (date(2024, 3, 31), date(2025, 7, 31)),
            (date(2025, 9, 30), date(2027, 1, 31)),
            (date(2024, 10, 31), date(2026, 2, 28)),
            (date(2025, 10, 30), date(2027, 2, 28)),
            (date(2025, 12, 31), date(2027, 4, 30)),
            (date(2024, 2, 29), date(2025, 6, 30)),
            (date(2025, 6, 15), date(2026, 10, 15)),
        ] {
            assert_eq!(computed_expiry(end), Some(expiry), "{end}");
        }
    }
}
