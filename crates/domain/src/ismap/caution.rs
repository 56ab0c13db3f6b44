//! 注意: what keeps nothing from going on and should be looked at all the same. Rules that the domain notes mark as
//! recalled only, or as the scheme's own reckoning, warn here and refuse nowhere.

use super::engagement::Engagement;
use super::filing::REPORT_MONTHS;
use super::registration::Registration;
use super::scheme::Scheme;
use super::statement::{Statement, StatementState};
use super::term::last_day;
use jiff::civil::Date;

/// Shortest audit period in whole months (3 to 12; read in a published source).
pub const SHORTEST_PERIOD_MONTHS: i32 = 3;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caution {
    /// Stable code.
    pub code: &'static str,
    /// For people.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

fn caution(code: &'static str, ja: String, en: String) -> Caution {
    Caution { code, ja, en }
}

/// What to look at in a statement: a short period, a gap to the period before or an overlap with it (that periods follow
/// each other is recalled, not confirmed), and criteria that are not in force in the period.
pub fn of_statement(scheme: &Scheme, statement: &Statement) -> Vec<Caution> {
    let (from, to) = (statement.from, statement.to);
    let mut list = Vec::new();
    if let Some(shortest) = last_day(from, SHORTEST_PERIOD_MONTHS).filter(|shortest| to < *shortest) {
        list.push(caution(
            "SHORT_PERIOD",
            format!(
                "監査対象期間 {from}〜{to} が 3 か月より短くなっています。{from} からなら {shortest} 以後までです。"
            ),
            format!("the audit period {from} to {to} is shorter than three months: {shortest} at the earliest"),
        ));
    }
    let before = statement.previous.as_ref().and_then(|id| scheme.statements.now(id));
    if let Some(before) = before.filter(|b| !statement.changes_signed && b.state != StatementState::Withdrawn)
        && before.to.tomorrow().ok() != Some(from)
    {
        list.push(caution(
            "NOT_CONTIGUOUS",
            format!("監査対象期間が前回の末日 {} に続いていません（今回は {from} から）。【要確認】", before.to),
            format!("the audit period does not follow the last one, which ends on {}: it begins on {from}", before.to),
        ));
    }
    if scheme.catalogues.now(&statement.catalogue).is_some_and(|c| !c.is_in_force(to)) {
        list.push(caution(
            "CRITERIA_NOT_IN_FORCE",
            format!("管理基準 {} は監査対象期間の末日 {to} に施行されていません。", statement.catalogue),
            format!("the criteria `{}` are not in force on {to}, the end of the audit period", statement.catalogue),
        ));
    }
    list
}

/// What to look at in an audit: a report later than three months after the period, in the scheme's own reckoning.
pub fn of_engagement(scheme: &Scheme, engagement: &Engagement, today: Date) -> Option<Caution> {
    let to = scheme.statements.now(&engagement.statement)?.to;
    let due = last_day(to.tomorrow().ok()?, REPORT_MONTHS)?;
    let on = engagement.reported_on.unwrap_or(today);
    (engagement.contracted_on.is_some() && on > due).then(|| {
        caution(
            "LATE_REPORT",
            format!("監査の報告は監査対象期間の末日 {to} から 3 か月以内（{due} まで）が目安です（{on}）。"),
            format!("a report is expected within three months of {to}, by {due}, not on {on}"),
        )
    })
}

/// What to look at in a row: an official expiry that is not the computed one. The official one counts.
pub fn of_registration(row: &Registration) -> Option<Caution> {
    let computed = row.computed_until().filter(|computed| *computed != row.valid_until)?;
    Some(caution(
        "EXPIRY_DIFFERS",
        format!(
            "有効期限 {} が、監査対象期間から計算した {computed} と違います。公表された日が優先します。",
            row.valid_until
        ),
        format!("the expiry {} is not the computed one, {computed}; the published one counts", row.valid_until),
    ))
}
