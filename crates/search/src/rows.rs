//! Units as rows: JSON Lines, one unit a line, in the two shapes that others prepare corpora in.
//!
//! A row of law has `id`, `law_id`, `title`, `text` and may have `kind`, `article`, `caption`, `path`; a row of the
//! Diet is a speech as the record's API gives it (`speechID`, `issueID`, `speech`, …).

use serde::Deserialize;

use crate::diet::speaker::Spoken;
use crate::source::diet::{role, speech_of};
use crate::unit::{Corpus, Facet, Unit};

/// A row of either shape.
#[derive(Deserialize)]
#[serde(untagged)]
enum Row {
    Speech(Box<Speech>),
    Law(Law),
}

#[derive(Deserialize)]
struct Law {
    id: String,
    law_id: String,
    title: String,
    #[serde(default)]
    article: String,
    #[serde(default)]
    caption: String,
    #[serde(default)]
    path: Vec<String>,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Speech {
    #[serde(rename = "speechID")]
    id: String,
    #[serde(rename = "issueID")]
    issue_id: String,
    #[serde(default)]
    speech_order: u32,
    session: Option<u32>,
    name_of_house: Option<String>,
    name_of_meeting: Option<String>,
    issue: Option<String>,
    date: Option<jiff::civil::Date>,
    speaker: Option<String>,
    speaker_group: Option<String>,
    speaker_position: Option<String>,
    speech: String,
    #[serde(rename = "speechURL")]
    url: Option<String>,
}

/// Why a line is no unit.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// Not JSON.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON of another shape.
    #[error("neither a row of law (`id`, `law_id`, `title`, `text`) nor a speech (`speechID`, `issueID`, `speech`)")]
    Shape,
    /// A name that is empty.
    #[error("the unit's name is empty")]
    Nameless,
}

/// Reads one line; tells which corpus it belongs to.
///
/// # Errors
/// The line is not JSON, or not a unit.
pub fn read(line: &str) -> Result<(Corpus, Unit), RowError> {
    // Untagged enums answer every failure with one sentence; whether it is JSON at all is told apart first.
    serde_json::from_str::<serde::de::IgnoredAny>(line)?;
    let row = serde_json::from_str::<Row>(line).map_err(|_| RowError::Shape)?;
    let (corpus, unit) = match row {
        Row::Law(row) => (Corpus::Law, of_law(row)),
        Row::Speech(row) => (Corpus::Diet, of_speech(*row)),
    };
    if unit.id.trim().is_empty() { Err(RowError::Nameless) } else { Ok((corpus, unit)) }
}

fn of_law(row: Law) -> Unit {
    Unit {
        url: format!("https://laws.e-gov.go.jp/law/{}", row.law_id),
        id: row.id,
        group: row.law_id,
        title: row.title,
        number: row.article,
        caption: row.caption,
        path: row.path,
        text: row.text,
        ..Unit::default()
    }
}

fn of_speech(row: Speech) -> Unit {
    let facets = [
        (Facet::Kind, Some("speech".to_owned())),
        (Facet::House, row.name_of_house),
        (Facet::Meeting, row.name_of_meeting.clone()),
        (Facet::Speaker, row.speaker),
        (Facet::Party, row.speaker_group),
        (Facet::Post, row.speaker_position),
        (Facet::Session, row.session.map(|session| session.to_string())),
    ];
    let unit = Unit {
        id: row.id,
        group: row.issue_id,
        order: row.speech_order,
        title: row.name_of_meeting.unwrap_or_default(),
        number: row.issue.unwrap_or_default(),
        text: row.speech,
        url: row.url.unwrap_or_default(),
        date: row.date,
        facets: facets
            .into_iter()
            .filter_map(|(facet, value)| Some((facet, value.filter(|v| !v.is_empty())?)))
            .collect(),
        ..Unit::default()
    };
    let role = role(Spoken::read(&speech_of(&unit)).role);
    Unit { role, ..unit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Role;

    #[test]
    fn given_a_row_of_law_then_its_unit() {
        let (corpus, unit) = read(r#"{"id":"999AC0000000001/5_2","law_id":"999AC0000000001","title":"架空法","kind":"article","article":"第五条の二","caption":"届出","path":["第一章　総則"],"text":"架空大臣に届け出る。"}"#).unwrap();
        assert_eq!(
            (corpus, unit.id.as_str(), unit.number.as_str()),
            (Corpus::Law, "999AC0000000001/5_2", "第五条の二")
        );
    }

    #[test]
    fn given_speeches_then_who_speaks_is_known_as_from_the_records_themselves() {
        let role = |head: &str, speaker: &str, post: Option<&str>| {
            let row = serde_json::json!({"speechID": "1_002", "issueID": "1", "speaker": speaker, "speakerPosition": post,
                "speech": format!("○{head}　お答えします。")});
            read(&row.to_string()).unwrap().1.role
        };
        assert_eq!(role("国務大臣（架空花子君）", "架空花子", None), Role::Answers);
        assert_eq!(role("架空政府参考人", "架空太郎", None), Role::Answers);
        assert_eq!(role("架空大臣", "架空花子", Some("架空大臣")), Role::Answers);
        assert_eq!(role("委員長（架空太郎君）", "架空太郎", None), Role::Presides);
        assert_eq!(role("架空（次）委員", "架空次郎", None), Role::Asks);
    }

    #[test]
    fn given_a_line_that_is_no_unit_then_it_is_told_why() {
        assert!(matches!(read("{"), Err(RowError::Json(_))));
        assert!(matches!(read(r#"{"id":"x"}"#), Err(RowError::Shape)));
        assert!(matches!(read(r#"{"id":"","law_id":"a","title":"b","text":"c"}"#), Err(RowError::Nameless)));
    }
}
