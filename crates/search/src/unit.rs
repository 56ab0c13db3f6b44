//! A unit: the smallest text that people cite as one thing.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The name of a unit, unique in its corpus: `<law id>/<article number>` for law (`129AC0000000089/709`,
/// `…/36_2` for 第三十六条の二), the speech's id for the Diet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(String);

impl UnitId {
    /// Takes a name as its source gives it.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a number that is the same in every segment and on every machine: the first eight bytes of its
    /// SHA-256.
    pub fn number(&self) -> u64 {
        number(&self.0)
    }
}

/// A name as a number; see [`UnitId::number`].
pub(crate) fn number(name: &str) -> u64 {
    use sha2::Digest as _;
    sha2::Sha256::digest(name.as_bytes()).iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A body of texts that is searched as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corpus {
    /// Laws, orders and rules.
    Law,
    /// Records of the Diet: speeches, written questions and answers.
    Diet,
    /// The body's own documents.
    Document,
}

impl Corpus {
    /// Every corpus.
    pub const ALL: [Self; 3] = [Self::Law, Self::Diet, Self::Document];

    /// Its folder and its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Diet => "diet",
            Self::Document => "document",
        }
    }
}

impl fmt::Display for Corpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What somebody who speaks is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Who answers for the government or as a witness called by a committee.
    Answers,
    /// A member of the House who asks.
    Asks,
    /// Who presides.
    Presides,
    /// Anybody else, and every text that nobody speaks.
    #[default]
    Other,
}

/// A property that lists are narrowed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// Type of law (`Act`, `CabinetOrder`, …), or `speech`, `written`.
    Kind,
    /// Field of law (`憲法`, `民事`, …).
    Category,
    /// 衆議院, 参議院.
    House,
    /// Committee or plenary.
    Meeting,
    /// Who speaks.
    Speaker,
    /// Party or group at the time.
    Party,
    /// Post at the time.
    Post,
    /// Number of the session.
    Session,
}

impl Facet {
    /// Every facet.
    pub const ALL: [Self; 8] =
        [Self::Kind, Self::Category, Self::House, Self::Meeting, Self::Session, Self::Speaker, Self::Post, Self::Party];

    /// The facet of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facet| facet.name() == name)
    }

    /// The name in the index and in query strings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Category => "category",
            Self::House => "house",
            Self::Meeting => "meeting",
            Self::Speaker => "speaker",
            Self::Party => "party",
            Self::Post => "post",
            Self::Session => "session",
        }
    }
}

/// A place in a unit's text that names another place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where in the text it begins, in bytes.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The unit it names.
    pub to: UnitId,
    /// The paragraph or item it names there, as printed (第二項第三号); empty for the whole unit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub within: String,
}

/// One unit with all that is shown, searched and cited of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unit {
    /// Its name.
    pub id: String,
    /// What it belongs to and is replaced with: a revision of a law, a meeting.
    pub group: String,
    /// What the group is a state of: the law's id for its revisions; else as the group, and then empty.
    pub work: String,
    /// Its place in the group, from 0.
    pub order: u32,
    /// Title of the law, name of the meeting.
    pub title: String,
    /// Other names of the law.
    pub also: Vec<String>,
    /// 第七百九条, or 第3号 of a meeting.
    pub number: String,
    /// 見出し.
    pub caption: String,
    /// 編・章・節 it stands in.
    pub path: Vec<String>,
    /// The text, as it is quoted.
    pub text: String,
    /// Official address.
    pub url: String,
    /// The day of the record, or of the law's promulgation.
    pub date: Option<Date>,
    /// The first day on which this text is in force; `None` for always.
    pub from: Option<Date>,
    /// The first day on which it no longer is; `None` for never.
    pub until: Option<Date>,
    /// What the speaker is there for.
    pub role: Role,
    /// The properties lists are narrowed by.
    pub facets: Vec<(Facet, String)>,
    /// Places in the text that name other units, in order.
    pub links: Vec<Link>,
    /// Who may read it: empty for all, else any of these marks.
    pub readers: Vec<String>,
    /// The citation in official form, where it does not follow from the other fields.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cite: String,
    /// The question that this answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers_to: Option<UnitId>,
    /// The answers to this question, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answered_by: Vec<UnitId>,
    /// The grade label of the body's own document (機密性2).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub grade: String,
    /// The law's number, 令和五年法律第六十三号.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub law_number: String,
    /// What its group was read from, as a hash, on the first unit of the group; empty where the import does not compare.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
}

impl Unit {
    /// Its name as a value.
    pub fn unit_id(&self) -> UnitId {
        UnitId::new(&*self.id)
    }

    /// The work it belongs to: the law of a revision, else its group.
    pub fn work(&self) -> &str {
        if self.work.is_empty() { &self.group } else { &self.work }
    }

    /// Whether its text is in force on a day.
    pub fn in_force(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    /// Whether somebody who holds these marks may read it.
    pub fn open_to(&self, marks: &[String]) -> bool {
        self.readers.is_empty() || self.readers.iter().any(|mark| marks.contains(mark))
    }

    /// Whether it is for everybody: it names no readers, and no grade that a permit would have to allow.
    pub fn is_for_all(&self) -> bool {
        self.readers.is_empty() && self.grade.is_empty()
    }

    /// The first value of a facet.
    pub fn facet(&self, facet: Facet) -> Option<&str> {
        self.facets.iter().find(|(f, _)| *f == facet).map(|(_, value)| value.as_str())
    }
}
