//! Where in what was imported something stands, and why it was not taken.

use std::fmt;

use serde::Serialize;

/// A place in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, as it was named or found.
    pub file: String,
    /// The member of an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The entry of an answer in JSON: `meetingRecord[0].speechRecord[3]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
}

impl Place {
    /// A file as a whole.
    pub fn file(name: impl Into<String>) -> Self {
        Self { file: name.into(), ..Self::default() }
    }
}

impl fmt::Display for Place {
    /// `all.zip › law.xml:12:5`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(member) = &self.member {
            write!(f, " › {member}")?;
        }
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        self.entry.as_ref().map_or(Ok(()), |entry| write!(f, " {entry}"))
    }
}

/// Something that was not taken, or taken otherwise than it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// Where.
    #[serde(flatten)]
    pub place: Box<Place>,
    /// Why and what to do, in Japanese.
    #[serde(rename = "reason_ja")]
    pub ja: String,
    /// The same in English.
    #[serde(rename = "reason")]
    pub en: String,
}

impl Reject {
    /// With both texts.
    pub fn new(place: Place, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { place: Box::new(place), ja: ja.into(), en: en.into() }
    }
}
