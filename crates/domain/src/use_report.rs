//! 利用報告: how much a body used over a period, in figures that anyone can count again from the ledger.
//!
//! The same [`Count`] makes the figures of a running server, from sums it keeps, and those of a verifier, from the entries
//! ([`Recount`]). Whoever holds an exported ledger and a report learns which figure would not follow
//! ([`UseReport::differences`]).

mod budgets;
mod count;
mod recount;
pub mod small_groups;
mod voices;

pub use budgets::{BudgetFigures, Fullest};
pub use count::{Amount, Count, DayAmount, FindingAmount, Kind, ReasonAmount, Sums};
pub use recount::Recount;
pub use voices::{ChoiceFigures, QuestionFigures, StoryFigures, SurveyFigures};

use crate::id::DepartmentId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Name and version of the figures' form.
pub const FORMAT: &str = "sekisho-use-report/1";

/// The longest period of one report, in days: five years.
pub const LONGEST: i32 = 5 * 366;

/// What a report speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// First day, in Japan.
    pub from: Date,
    /// Last day, included.
    pub to: Date,
    /// A department and all below it; `None` for the whole body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<DepartmentId>,
}

/// Why there is no such period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    /// It ends before it begins.
    #[error("the period ends before it begins")]
    Backwards,
    /// It is longer than [`LONGEST`].
    #[error("the period is longer than five years")]
    TooLong,
}

impl Scope {
    /// A period of days for a unit.
    ///
    /// # Errors
    /// [`BadScope`].
    pub fn new(from: Date, to: Date, unit: Option<DepartmentId>) -> Result<Self, BadScope> {
        if to < from {
            return Err(BadScope::Backwards);
        }
        let days = (to - from).get_days();
        if days >= LONGEST {
            return Err(BadScope::TooLong);
        }
        Ok(Self { from, to, unit })
    }

    /// Whether a day lies in the period.
    pub fn holds(&self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

/// A group of uses, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Id of the app, service, department, …; the text of a purpose; empty where it is not known.
    pub name: String,
    /// The figures; `None` where they would speak of single people.
    pub amount: Option<Amount>,
}

/// How many people used it how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Uses from.
    pub from: u64,
    /// Uses to, included; `None` for any more.
    pub to: Option<u64>,
    /// People; `None` where a few people would stand out.
    pub people: Option<u64>,
}

/// The uses of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayFigures {
    /// The day.
    pub day: Date,
    /// The figures; `None` where they would speak of single people.
    pub amount: Option<DayAmount>,
}

/// A reason for refusals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusals {
    /// `CODE rule`, or the code alone where no rule was asked.
    pub reason: String,
    /// How often and how many people; `None` where it would speak of single people.
    pub amount: Option<ReasonAmount>,
}

/// What a rule of detection found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// The rule, such as `MK-05`.
    pub rule: String,
    /// Uses in whose request it hit, and hits; uses in whose answer it hit, and hits. `None` where it would speak of single
    /// people: people are not counted by rule, so fewer uses than the fewest people are hidden, and all where the whole is.
    pub amount: Option<FindingAmount>,
}

/// Groups of every kind, most used first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// By app; empty for a direct call.
    pub app: Vec<Group>,
    /// By model.
    pub model: Vec<Group>,
    /// By service.
    pub service: Vec<Group>,
    /// By 利用目的, the purpose of the permit.
    pub purpose: Vec<Group>,
    /// By department at the time of use.
    pub department: Vec<Group>,
    /// By 職級, the post on the day of the report.
    pub post: Vec<Group>,
    /// By rank of the grade that counted.
    pub grade: Vec<Group>,
}

/// What the tokens of a model cost by the body's price list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The model.
    pub model: String,
    /// Millionths of a yen, by the price of each day; `None` where the model's tokens are hidden.
    pub micro_yen: Option<u64>,
    /// Tokens of days on which the model had no price: they are in no sum of yen. `None` as above.
    pub unpriced_tokens: Option<u64>,
}

/// The figures of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseReport {
    /// [`FORMAT`].
    pub format: String,
    /// What it speaks of.
    pub scope: Scope,
    /// Entries of the ledger it rests on: what comes later is not in it.
    pub entries: u64,
    /// Groups of fewer people are hidden; 0 when nothing is.
    pub fewest: u64,
    /// Active people of the unit when the report was made.
    pub staff: u64,
    /// All uses as one; `None` where they would speak of single people.
    pub whole: Option<Amount>,
    /// Groups of uses.
    pub by: Groups,
    /// People by number of uses. The first step is who never used it, of the staff.
    pub distribution: Vec<Step>,
    /// Refusals by reason, most frequent first. A refusal for two reasons counts under both.
    pub refusals: Vec<Refusals>,
    /// What was found, by rule.
    pub findings: Vec<Findings>,
    /// The days of the period on which something was used or refused.
    pub days: Vec<DayFigures>,
    /// What it cost, by model, in the order of the models; empty while the body has no price list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<Cost>,
    /// What was used of the budgets of departments and, for the whole body, of permits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<BudgetFigures>,
    /// Closed surveys whose days overlap the period; of the whole body alone, for they are not counted by department.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub surveys: Vec<SurveyFigures>,
    /// Stories of staff that were published in the period and are still public.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stories: Vec<StoryFigures>,
}

impl UseReport {
    /// Where this report says something else than another, as JSON pointers with both values; a hundred at most.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let value = |report: &Self| serde_json::to_value(report).unwrap_or_default();
        let mut found = Vec::new();
        compare("", &value(self), &value(other), &mut found);
        found
    }
}

/// A figure that two reports do not share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where it stands: `/by/app/0/amount/uses`.
    pub place: String,
    /// What the report says.
    pub reported: serde_json::Value,
    /// What follows from the entries.
    pub counted: serde_json::Value,
}

/// Differences named at most.
const MOST: usize = 100;

fn compare(place: &str, one: &serde_json::Value, other: &serde_json::Value, found: &mut Vec<Difference>) {
    use serde_json::Value;
    if one == other || found.len() >= MOST {
        return;
    }
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let of = |members: &serde_json::Map<String, Value>| members.get(key).cloned().unwrap_or_default();
                compare(&format!("{place}/{key}"), &of(one), &of(other), found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                compare(&format!("{place}/{at}"), one, other, found);
            }
        }
        _ => found.push(Difference { place: place.to_owned(), reported: one.clone(), counted: other.clone() }),
    }
}
