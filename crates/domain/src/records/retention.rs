//! 保存期間: classes, the body's schedule, and what single uses were found to be.

use super::made::Made;
use crate::id::{PermitId, PersonId, UseId};
use crate::refusal::Refusal;
use imbl::OrdMap;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Why a record may be kept for less than a year (domain rules §6, PR-LT1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShortGround {
    /// A copy whose original is kept elsewhere.
    Copy,
    /// Routine messages of the day.
    Routine,
    /// Material a publication was made from.
    Publication,
    /// An answer to a question of fact.
    Inquiry,
    /// Plainly wrong, and of no use to anybody.
    Mistaken,
    /// A stage on the way to a decision that left no mark on it.
    Interim,
    /// The body's own schedule says so.
    Scheduled,
}

impl ShortGround {
    /// Every ground, in the order in which people are shown them.
    pub const ALL: [Self; 7] =
        [Self::Copy, Self::Routine, Self::Publication, Self::Inquiry, Self::Mistaken, Self::Interim, Self::Scheduled];

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Routine => "routine",
            Self::Publication => "publication",
            Self::Inquiry => "inquiry",
            Self::Mistaken => "mistaken",
            Self::Interim => "interim",
            Self::Scheduled => "scheduled",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Copy => "正本が別にある写し",
            Self::Routine => "定型的・日常的な連絡",
            Self::Publication => "出版物・公表物を編集した際の材料",
            Self::Inquiry => "事実関係の照会への応答",
            Self::Mistaken => "明らかな誤りがあり、利用に適さないもの",
            Self::Interim => "意思決定の途中で、決定に影響しないもの",
            Self::Scheduled => "保存期間表で別に定めたもの",
        }
    }

    /// The account on which the ground rests was read; the others are 要確認.
    pub fn was_read(self) -> bool {
        matches!(self, Self::Copy | Self::Routine | Self::Mistaken)
    }
}

/// How many years a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Years(u8);

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Years {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        u8::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Years {}

/// A number of years no class has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} years is no class of retention: 1, 3, 5, 10 or 30")]
pub struct NoClass(u8);

impl Years {
    /// One year.
    pub const ONE: Self = Self(1);
    /// Every class.
    pub const ALL: [Self; 5] = [Self(1), Self(3), Self(5), Self(10), Self(30)];

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Years {
    type Error = NoClass;
    fn try_from(years: u8) -> Result<Self, NoClass> {
        Self::ALL.into_iter().find(|class| class.0 == years).ok_or(NoClass(years))
    }
}

impl From<Years> for u8 {
    fn from(years: Years) -> Self {
        years.0
    }
}

/// How long content is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Term {
    /// Whole years, counted from the first of April after the day of making (要確認).
    Years(Years),
    /// Less than a year: days from the day of making, with the ground.
    Days {
        /// How many, 1 to 364.
        days: u16,
        /// Why so short.
        ground: ShortGround,
    },
}

impl Term {
    /// The number of days lies below a year.
    ///
    /// # Errors
    /// Another number.
    pub fn check(self) -> Result<Self, Refusal> {
        match self {
            Self::Days { days, .. } if !(1..365).contains(&days) => Err(Refusal::invalid(
                "1年未満の保存期間は 1 日から 364 日で指定してください。1年以上は年の区分を選んでください。",
                "a term below a year has 1 to 364 days; choose a class of years otherwise",
            )),
            _ => Ok(self),
        }
    }

    /// The last day of retention of what was made on a day.
    pub fn last_day(self, made: Date) -> Date {
        let far = Date::MAX;
        match self {
            Self::Days { days, .. } => made.checked_add(i32::from(days).days()).unwrap_or(far),
            Self::Years(years) => {
                let fiscal = if made.month() >= 4 { made.year() } else { made.year() - 1 };
                let end = fiscal.checked_add(1 + i16::from(years.0)).and_then(|year| Date::new(year, 3, 31).ok());
                end.unwrap_or(far)
            }
        }
    }

    /// For people, such as `3年`.
    pub fn label(self) -> String {
        match self {
            Self::Years(years) => format!("{}年", years.0),
            Self::Days { days, ground } => format!("{days}日（1年未満: {}）", ground.label()),
        }
    }
}

/// What the content of a use is (PR-DEF, PR-MEMO). Without a word of anybody it is 未判定 and counts as 行政文書.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum Status {
    /// 行政文書.
    OfficialDocument {
        /// Under what name it is found.
        title: String,
        /// How long it is kept.
        term: Term,
    },
    /// 個人的メモ: neither used by others nor needed to trace a decision.
    PersonalMemo {
        /// Others use it as well.
        shared: bool,
        /// It shows how a decision came about.
        traces_decision: bool,
    },
    /// 未判定 again.
    Undetermined,
}

impl Status {
    /// For people.
    pub fn label(&self) -> &'static str {
        match self {
            Self::OfficialDocument { .. } => "行政文書",
            Self::PersonalMemo { .. } => "個人的メモ",
            Self::Undetermined => "未判定",
        }
    }
}

/// What somebody found a use's content to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// What.
    pub status: Status,
    /// Who said so.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// What a line of the schedule is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// What nobody looked at and no other line speaks of.
    Undetermined,
    /// 個人的メモ.
    Memo,
    /// The uses under one permit, hence of one 業務.
    Permit(PermitId),
}

/// 保存期間表.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    lines: OrdMap<Line, Term>,
}

impl Schedule {
    /// Of 未判定 when the body has said nothing: the program's proposal.
    pub const UNDETERMINED: Term = Term::Years(Years::ONE);

    /// What the body has said.
    pub fn lines(&self) -> impl Iterator<Item = (&Line, Term)> {
        self.lines.iter().map(|(line, term)| (line, *term))
    }

    /// A line as it holds, the program's proposal where the body has said nothing.
    pub fn line(&self, line: &Line) -> Term {
        self.lines.get(line).copied().unwrap_or(Self::UNDETERMINED)
    }

    pub(crate) fn set(&mut self, line: Line, term: Option<Term>) {
        match term {
            Some(term) => self.lines.insert(line, term),
            None => self.lines.remove(&line),
        };
    }

    pub(super) fn term(&self, made: &Made, found: Option<&Classification>) -> Term {
        match found.map(|found| &found.status) {
            Some(Status::OfficialDocument { term, .. }) => *term,
            Some(Status::PersonalMemo { .. }) => self.line(&Line::Memo),
            Some(Status::Undetermined) | None => self.without_a_word(made),
        }
    }

    /// How long the content of a use is kept of which nobody has said anything.
    pub fn without_a_word(&self, made: &Made) -> Term {
        let of_permit = made.permit.as_ref().and_then(|permit| self.lines.get(&Line::Permit(permit.clone())));
        of_permit.copied().unwrap_or_else(|| self.line(&Line::Undetermined))
    }
}

/// A classification's use, for the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classified {
    /// Of which use.
    #[serde(rename = "use")]
    pub of: UseId,
    /// What its content is.
    pub status: Status,
}
