//! 管理基準 by version: the items of one version, the difference between two, and the crosswalk from one to the next.
//!
//! The content of a catalogue is a document of the store; the ledger knows its hash. Statements are pinned to a version.

use super::chronicle::{Record, Stamp};
use super::criterion::{Criterion, CriterionId, LONGEST_TEXT, Level};
use super::deciding::{Acting, may};
use super::party::SchemeRole;
use super::rule_document::Citation;
use crate::command::StepCriteria;
use crate::event::{CriteriaStepped, Event};
use crate::id::CatalogueId;
use crate::refusal::Refusal;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most items of a catalogue.
pub const MOST: usize = 5_000;

/// The items of one version, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Titles of chapters, by their numbers.
    #[serde(default)]
    pub chapters: BTreeMap<u16, String>,
    /// The items, in the order of their numbers, each once.
    pub criteria: Vec<Criterion>,
}

/// What is wrong with the items of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueFault {
    /// No items at all.
    #[error("the catalogue holds no criteria")]
    Empty,
    /// Too many items.
    #[error("the catalogue holds {0} criteria; at most {MOST} are allowed")]
    TooMany(usize),
    /// Two items have one number.
    #[error("`{0}` stands twice")]
    Twice(CriterionId),
    /// A detail without its objective.
    #[error("`{0}` has no objective above it")]
    Orphan(CriterionId),
    /// An item without text, or with an endless one.
    #[error("`{0}` has no text, or more than {LONGEST_TEXT} characters")]
    Text(CriterionId),
}

impl CatalogueFault {
    /// The same for people.
    pub fn ja(&self) -> String {
        match self {
            Self::Empty => "項目が一つもありません。".to_owned(),
            Self::TooMany(n) => format!("項目が {n} 件あります。{MOST} 件までにしてください。"),
            Self::Twice(id) => format!("項目番号 {id} が二度あります。どちらかを除いてください。"),
            Self::Orphan(id) => {
                let [a, b, c] = id.objective();
                format!("{id} の上位の統制目標 {a}.{b}.{c} がありません。統制目標の行も取り込んでください。")
            }
            Self::Text(id) => format!("{id} の本文がないか、{LONGEST_TEXT} 文字を超えています。"),
        }
    }
}

impl Catalogue {
    /// Orders the items and checks that they make a catalogue; all faults are told.
    pub fn new(chapters: BTreeMap<u16, String>, mut criteria: Vec<Criterion>) -> Result<Self, Vec<CatalogueFault>> {
        criteria.sort_by_key(|c| c.id);
        let mut faults = Vec::new();
        if criteria.is_empty() {
            faults.push(CatalogueFault::Empty);
        }
        if criteria.len() > MOST {
            faults.push(CatalogueFault::TooMany(criteria.len()));
        }
        let objectives: BTreeSet<[u16; 3]> =
            criteria.iter().filter(|c| c.id.level() == Level::Objective).map(|c| c.id.objective()).collect();
        let mut seen = BTreeSet::new();
        for criterion in &criteria {
            if !seen.insert(criterion.id.numbers()) {
                faults.push(CatalogueFault::Twice(criterion.id));
            }
            if !objectives.contains(&criterion.id.objective()) {
                faults.push(CatalogueFault::Orphan(criterion.id));
            }
            let length = criterion.text.chars().count();
            if criterion.text.trim().is_empty() || length > LONGEST_TEXT {
                faults.push(CatalogueFault::Text(criterion.id));
            }
        }
        if faults.is_empty() { Ok(Self { chapters, criteria }) } else { Err(faults) }
    }

    /// An item.
    pub fn get(&self, id: CriterionId) -> Option<&Criterion> {
        self.criteria.binary_search_by_key(&id, |c| c.id).ok().and_then(|at| self.criteria.get(at))
    }

    /// Details of an objective.
    pub fn details(&self, objective: CriterionId) -> impl Iterator<Item = &Criterion> {
        let numbers = objective.objective();
        let from = self.criteria.partition_point(|c| c.id.objective() < numbers);
        let rest = self.criteria.get(from..).unwrap_or_default();
        rest.iter().take_while(move |c| c.id.objective() == numbers).filter(|c| c.id.level() == Level::Detail)
    }

    /// How many there are, told after an import.
    pub fn counts(&self) -> CatalogueCounts {
        let count = |test: &dyn Fn(&&Criterion) -> bool| {
            u32::try_from(self.criteria.iter().filter(test).count()).unwrap_or(u32::MAX)
        };
        CatalogueCounts {
            objectives: count(&|c| c.id.level() == Level::Objective),
            details: count(&|c| c.id.level() == Level::Detail),
            basic: count(&|c| c.flag_basic),
            provider: count(&|c| c.flag_provider),
        }
    }

    /// What is new, gone or worded differently in `later`.
    pub fn difference<'a>(&'a self, later: &'a Self) -> Vec<CriterionChange<'a>> {
        let before: BTreeMap<[u16; 4], &Criterion> = self.criteria.iter().map(|c| (c.id.numbers(), c)).collect();
        let after: BTreeMap<[u16; 4], &Criterion> = later.criteria.iter().map(|c| (c.id.numbers(), c)).collect();
        let all: BTreeSet<[u16; 4]> = before.keys().chain(after.keys()).copied().collect();
        all.into_iter()
            .filter_map(|numbers| match (before.get(&numbers), after.get(&numbers)) {
                (Some(before), None) => Some(CriterionChange::Gone(before)),
                (None, Some(after)) => Some(CriterionChange::New(after)),
                (Some(before), Some(after)) if !same(before, after) => Some(CriterionChange::Changed { before, after }),
                _ => None,
            })
            .collect()
    }
}

fn same(one: &Criterion, other: &Criterion) -> bool {
    one.id == other.id
        && one.text == other.text
        && one.flag_basic == other.flag_basic
        && one.flag_provider == other.flag_provider
        && one.audit_group == other.audit_group
        && one.cycle_years == other.cycle_years
}

/// How many items a catalogue holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogueCounts {
    /// 統制目標.
    pub objectives: u32,
    /// 詳細管理策.
    pub details: u32,
    /// 基本言明要件.
    pub basic: u32,
    /// 提供者特有.
    pub provider: u32,
}

/// What two versions differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CriterionChange<'a> {
    /// Only the later version has it.
    New(&'a Criterion),
    /// Only the earlier version has it.
    Gone(&'a Criterion),
    /// Both have it, worded or marked differently.
    Changed {
        /// Earlier.
        before: &'a Criterion,
        /// Later.
        after: &'a Criterion,
    },
}

/// 対応表: which item of a later version carries on which of an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crosswalk {
    /// One line for each relation.
    pub lines: Vec<CrosswalkLine>,
}

/// A line of the crosswalk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrosswalkLine {
    /// Item of the earlier version; `None` for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<CriterionId>,
    /// Item of the later version; `None` for one that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<CriterionId>,
    /// How they relate.
    pub relation: Relation,
}

/// How an item of one version relates to one of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Asks for the same.
    Equal,
    /// The later asks for more.
    Wider,
    /// The later asks for less.
    Narrower,
    /// They overlap.
    Overlapping,
    /// Nothing in the other version.
    None,
}

impl Crosswalk {
    /// The crosswalk that follows from the numbers alone: a first draft for people to correct.
    pub fn by_number(from: &Catalogue, to: &Catalogue) -> Self {
        let line = |from: Option<CriterionId>, to: Option<CriterionId>, relation| CrosswalkLine { from, to, relation };
        let later: BTreeMap<[u16; 4], &Criterion> = to.criteria.iter().map(|c| (c.id.numbers(), c)).collect();
        let earlier: BTreeSet<[u16; 4]> = from.criteria.iter().map(|c| c.id.numbers()).collect();
        let mut lines: Vec<CrosswalkLine> = from
            .criteria
            .iter()
            .map(|c| match later.get(&c.id.numbers()) {
                Some(next) if next.text == c.text => line(Some(c.id), Some(next.id), Relation::Equal),
                Some(next) => line(Some(c.id), Some(next.id), Relation::Overlapping),
                None => line(Some(c.id), None, Relation::None),
            })
            .collect();
        let new = to.criteria.iter().filter(|c| !earlier.contains(&c.id.numbers()));
        lines.extend(new.map(|c| line(None, Some(c.id), Relation::None)));
        Self { lines }
    }
}

/// A step of a version of the criteria.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum CriteriaStep {
    /// A version was imported and counts from a day. The content goes with it, so only the importer gives this step.
    Adopt {
        /// Title.
        title: String,
        /// Version, in the words of the document.
        version: String,
        /// First day in force.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        effective_from: Date,
        /// SHA-256 of the content as it is kept.
        sha256: String,
        /// How many items.
        counts: CatalogueCounts,
        /// Written for demonstrations and tests: not the official criteria.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        fictional: bool,
        /// What it rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Citation>,
    },
    /// Its last day in force is known.
    Close {
        /// Last day in force, included.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        effective_to: Date,
    },
    /// The crosswalk from this version to a later one.
    Crosswalk {
        /// The later version.
        to: CatalogueId,
        /// SHA-256 of the crosswalk as it is kept.
        sha256: String,
        /// How many lines.
        lines: u32,
    },
}

/// What the register knows of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogueRow {
    /// Title.
    pub title: String,
    /// Version.
    pub version: String,
    /// First day in force.
    pub effective_from: Date,
    /// Last day in force, once it is known.
    pub effective_to: Option<Date>,
    /// SHA-256 of its content.
    pub sha256: String,
    /// How many items.
    pub counts: CatalogueCounts,
    /// Not the official criteria.
    pub fictional: bool,
    /// Crosswalks to later versions, with the hashes of their contents.
    pub crosswalks: BTreeMap<CatalogueId, String>,
}

impl Default for CatalogueRow {
    fn default() -> Self {
        Self {
            title: String::new(),
            version: String::new(),
            effective_from: Date::MIN,
            effective_to: None,
            sha256: String::new(),
            counts: CatalogueCounts::default(),
            fictional: false,
            crosswalks: BTreeMap::new(),
        }
    }
}

impl CatalogueRow {
    /// In force on a day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }
}

impl Record for CatalogueRow {
    type Step = CriteriaStep;

    fn fold(&mut self, step: &CriteriaStep, _: &Stamp) {
        match step {
            CriteriaStep::Adopt { title, version, effective_from, sha256, counts, fictional, rule: _ } => {
                *self = Self {
                    title: title.clone(),
                    version: version.clone(),
                    effective_from: *effective_from,
                    sha256: sha256.clone(),
                    counts: *counts,
                    fictional: *fictional,
                    ..Self::default()
                };
            }
            CriteriaStep::Close { effective_to } => self.effective_to = Some(*effective_to),
            CriteriaStep::Crosswalk { to, sha256, lines: _ } => {
                self.crosswalks.insert(to.clone(), sha256.clone());
            }
        }
    }
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepCriteria) -> Result<Vec<Event>, Refusal> {
    let role = acting.operator(&[SchemeRole::Secretariat]).or_else(|| acting.manager_of_services());
    let role =
        may(role, "管理基準の版の管理は、事務局、外部サービス管理者または統括情報セキュリティ責任者だけができます。")?;
    let known = acting.scheme.catalogues.now(&command.catalogue);
    match (&command.step, known) {
        (CriteriaStep::Adopt { .. }, Some(_)) => {
            return Err(Refusal::exists("管理基準の版", "catalogue", &command.catalogue));
        }
        (CriteriaStep::Adopt { title, version, sha256, counts, rule, effective_from, .. }, None) => {
            acting.words("管理基準の名称", "the title of the criteria", title, 200)?;
            acting.words("版", "the version", version, 100)?;
            if let Some((twin, _)) =
                acting.scheme.catalogues.all().find(|(_, c)| c.title == *title && c.version == *version)
            {
                return Err(Refusal::exists("同じ名称と版の管理基準", "catalogue of this title and version", twin));
            }
            acting.digest("管理基準の内容", "the content of the criteria", sha256)?;
            if counts.objectives == 0 {
                return Err(Refusal::invalid("統制目標が一つもありません。", "the catalogue has no objective"));
            }
            if let Some(rule) = rule {
                acting.acquainted(rule, (*effective_from).min(acting.today))?;
            }
        }
        (_, None) => return Err(Refusal::unknown("管理基準の版", "catalogue", &command.catalogue)),
        (CriteriaStep::Close { effective_to }, Some(row)) => {
            if *effective_to < row.effective_from {
                return Err(Refusal::invalid(
                    format!("末日 {effective_to} が施行日 {} より前です。", row.effective_from),
                    format!("the last day {effective_to} lies before the first, {}", row.effective_from),
                ));
            }
        }
        (CriteriaStep::Crosswalk { to, sha256, .. }, Some(_)) => {
            if acting.scheme.catalogues.now(to).is_none() {
                return Err(Refusal::unknown("管理基準の版", "catalogue", to));
            }
            if *to == command.catalogue {
                return Err(Refusal::invalid(
                    "対応表は、別の版との間に作ってください。",
                    "a crosswalk leads to another version",
                ));
            }
            acting.digest("対応表", "the crosswalk", sha256)?;
        }
    }
    Ok(vec![Event::CriteriaStepped(CriteriaStepped { catalogue: command.catalogue, role, step: command.step })])
}
