//! How our records are named in OSCAL: namespace, UUIDs, control ids, file names and date-times.

use crate::error::ExportError;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, Zoned};
use sekisho_domain::ismap::criterion::{CriterionId, Level};
use uuid::Uuid;

/// The namespace of every prop of ours, and the scheme of our identifiers.
pub const NS: &str = "https://github.com/sekisho/sekisho/ns/oscal";

/// The namespace OSCAL itself names; a prop without `ns` belongs to it.
pub(crate) const OSCAL_NS: &str = "http://csrc.nist.gov/ns/oscal";

/// The version of OSCAL that is written.
pub const OSCAL_VERSION: &str = "1.2.1";

/// A UUID that follows from what it names, so that two exports of one record are one document. OSCAL takes v4 and v5
/// alone; the identifiers of the register are no UUIDs at all.
pub(crate) fn uuid(kind: &str, of: &[&str]) -> String {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, NS.as_bytes());
    // The separator stands in no identifier.
    let name = [&[kind], of].concat().join("\u{1f}");
    Uuid::new_v5(&namespace, name.as_bytes()).to_string()
}

/// The id of a control. Ids cannot begin with a digit.
pub(crate) fn control_id(id: CriterionId) -> String {
    format!("ismap-{id}")
}

/// The id of the part that holds a control's text.
pub(crate) fn statement_id(id: CriterionId) -> String {
    format!("ismap-{id}_smt")
}

/// The id of a chapter's group.
pub(crate) fn chapter_id(chapter: u16) -> String {
    format!("ismap-chapter-{chapter}")
}

/// The number that an id, a label or the id of a part speaks of.
pub(crate) fn criterion(token: &str) -> Option<CriterionId> {
    let token = token.strip_suffix("_smt").unwrap_or(token);
    CriterionId::parse(token.strip_prefix("ismap-").unwrap_or(token)).ok()
}

/// The chapter that the id or the label of a group speaks of.
pub(crate) fn chapter(token: &str) -> Option<u16> {
    let digits = token.strip_prefix("ismap-chapter-").unwrap_or(token);
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Orders controls as texts as their numbers order them.
pub(crate) fn sort_id(id: CriterionId) -> String {
    let [a, b, c, d] = id.numbers();
    match id.level() {
        Level::Objective => format!("{a:02}.{b:02}.{c:02}"),
        Level::Detail => format!("{a:02}.{b:02}.{c:02}.{d:03}"),
    }
}

/// The name under which a document is referred to by the others, to be kept in one folder.
pub fn file_name(kind: &str, id: &str) -> String {
    format!("{kind}-{id}.json")
}

/// A date-time as OSCAL takes it: with a zone, Japan's.
pub(crate) fn instant(at: Timestamp) -> Result<String, ExportError> {
    written(&at.to_zoned(TimeZone::fixed(offset(9))))
}

/// The first second of a day in Japan.
pub(crate) fn day_begins(day: Date) -> Result<String, ExportError> {
    at(day, 0, 0, 0)
}

/// The last second of a day in Japan.
pub(crate) fn day_ends(day: Date) -> Result<String, ExportError> {
    at(day, 23, 59, 59)
}

fn at(day: Date, hour: i8, minute: i8, second: i8) -> Result<String, ExportError> {
    let zoned = day.at(hour, minute, second, 0).to_zoned(TimeZone::fixed(offset(9)));
    written(&zoned.map_err(|_| ExportError::Year(day.year()))?)
}

fn written(at: &Zoned) -> Result<String, ExportError> {
    // The schema's pattern takes no 29 February before 2000, and the scheme has no record from then.
    if !(2000..=2999).contains(&at.year()) {
        return Err(ExportError::Year(at.year()));
    }
    Ok(format!("{}+09:00", at.datetime()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_follows_from_the_name_and_is_of_version_five() {
        let one = uuid("catalog", &["kakuu", "1"]);
        assert_eq!(one, uuid("catalog", &["kakuu", "1"]));
        assert_ne!(one, uuid("catalog", &["kakuu1", ""]));
        assert_eq!(Uuid::parse_str(&one).unwrap().get_version_num(), 5);
    }

    #[test]
    fn a_time_is_written_with_the_zone_of_japan_and_loses_nothing() {
        let written = instant("2026-11-22T15:00:00.5Z".parse().unwrap()).unwrap();
        assert_eq!(written, "2026-11-23T00:00:00.5+09:00");
        assert_eq!(written.parse::<Timestamp>().unwrap(), "2026-11-22T15:00:00.5Z".parse().unwrap());
        assert_eq!(day_ends("2026-03-31".parse().unwrap()).unwrap(), "2026-03-31T23:59:59+09:00");
        assert_eq!(day_begins("1999-12-31".parse().unwrap()), Err(ExportError::Year(1999)));
    }

    #[test]
    fn numbers_are_found_behind_the_prefix_in_labels_and_alone() {
        for text in ["ismap-9.2.3.11.PB", "A.9.2.3.11.PB", "9.2.3.11.PB", "ismap-9.2.3.11.PB_smt"] {
            assert_eq!(criterion(text).unwrap().to_string(), "9.2.3.11.PB");
        }
        assert_eq!(criterion("ac-2"), None);
        assert_eq!(
            (chapter("ismap-chapter-12"), chapter("12"), chapter("ac"), chapter("")),
            (Some(12), Some(12), None, None)
        );
    }
}
