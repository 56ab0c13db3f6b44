//! The rules for statements, (a) to (h): every problem with its place and its remedy. Fast enough to run while one types.

use super::super::catalogue::Catalogue;
use super::super::criterion::{Criterion, CriterionId, Level};
use super::content::{Answer, Decision, StatementContent};
use crate::id::{CatalogueId, PersonId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The statement cannot be signed.
    Error,
    /// Worth a look.
    Warning,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementProblem {
    /// The rule: `a` to `h`, or `-` for what concerns the whole.
    pub rule: char,
    /// How bad.
    pub severity: Severity,
    /// Where; `None` for the whole.
    pub criterion: Option<CriterionId>,
    /// What is wrong and what to do, for people.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

/// How far a statement has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// Items of the catalogue.
    pub items: u32,
    /// Items with a decision.
    pub decided: u32,
    /// Items adopted.
    pub adopted: u32,
    /// Items excluded.
    pub excluded: u32,
    /// Items without any error.
    pub sound: u32,
}

impl Completeness {
    /// Sound items in whole per cent; 100 only when all are.
    pub fn percent(&self) -> u32 {
        (self.sound * 100).checked_div(self.items).unwrap_or(0)
    }
}

/// What validation found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Validation {
    /// In the order of the items.
    pub problems: Vec<StatementProblem>,
    /// How far it has come.
    pub completeness: Completeness,
}

impl Validation {
    /// Problems that keep it from being signed.
    pub fn errors(&self) -> impl Iterator<Item = &StatementProblem> {
        self.problems.iter().filter(|p| p.severity == Severity::Error)
    }
}

/// That a content keeps every rule. Made by [`Validated::new`] alone, or read from the ledger, where only such are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Validated {
    sha256: String,
    catalogue: CatalogueId,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    from: Date,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    to: Date,
    adopted: u32,
    excluded: u32,
    changed: u32,
    /// Who let basic items be left out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    overridden_by: BTreeSet<PersonId>,
}

impl Validated {
    /// Validates a content; what comes out names its hash. The bytes to keep come with it.
    pub fn new(
        id: &CatalogueId,
        catalogue: &Catalogue,
        content: &StatementContent,
    ) -> Result<(Self, Vec<u8>), Validation> {
        let validation = validate(catalogue, content);
        if content.catalogue != *id || validation.errors().next().is_some() {
            return Err(validation);
        }
        let Ok(bytes) = serde_json::to_vec(content) else { return Err(validation) };
        let counts = validation.completeness;
        let changed = content.answers.values().filter(|a| a.changed.iter().any(|c| c.counts())).count();
        let validated = Self {
            sha256: sha256(&bytes),
            catalogue: id.clone(),
            from: content.from,
            to: content.to,
            adopted: counts.adopted,
            excluded: counts.excluded,
            changed: u32::try_from(changed).unwrap_or(u32::MAX),
            overridden_by: overrides(content).map(|(_, by)| by.clone()).collect(),
        };
        Ok((validated, bytes))
    }

    /// SHA-256 of the content, lower-case hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The version of the criteria.
    pub fn catalogue(&self) -> &CatalogueId {
        &self.catalogue
    }

    /// First and last day of the audit period the content speaks of.
    pub fn period(&self) -> (Date, Date) {
        (self.from, self.to)
    }

    /// Who let basic items be left out.
    pub fn overridden_by(&self) -> &BTreeSet<PersonId> {
        &self.overridden_by
    }

    /// How many items are adopted.
    pub fn adopted(&self) -> u32 {
        self.adopted
    }

    /// How many items are excluded.
    pub fn excluded(&self) -> u32 {
        self.excluded
    }

    /// How many controls changed since the last audit, as 2.2.4 counts.
    pub fn changed(&self) -> u32 {
        self.changed
    }
}

/// SHA-256 in lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Checks a content against its catalogue. See the domain notes, section 2 (our reading of the scheme's rules).
pub fn validate(catalogue: &Catalogue, content: &StatementContent) -> Validation {
    let mut problems = Vec::new();
    let mut completeness =
        Completeness { items: u32::try_from(catalogue.criteria.len()).unwrap_or(u32::MAX), ..Completeness::default() };
    whole(content, &mut problems);
    // Of each objective: its own decision, and whether any detail is adopted.
    let mut objectives: BTreeMap<[u16; 3], (Option<Decision>, bool, bool)> = BTreeMap::new();
    for criterion in &catalogue.criteria {
        let decision = content.answers.get(&criterion.id).and_then(|a| a.decision);
        let state = objectives.entry(criterion.id.objective()).or_default();
        match criterion.id.level() {
            Level::Objective => state.0 = decision,
            Level::Detail => {
                state.1 = true;
                state.2 |= decision == Some(Decision::Adopted);
            }
        }
    }
    let nothing = Answer::default();
    for criterion in &catalogue.criteria {
        let answer = content.answers.get(&criterion.id);
        let before = problems.len();
        if answer.is_none() {
            problem(
                &mut problems,
                'h',
                criterion,
                "言明がありません。採用か非採用かを選んでください。",
                "nothing is stated; choose adopted or excluded",
            );
        }
        let answer = answer.unwrap_or(&nothing);
        match answer.decision {
            Some(Decision::Adopted) => completeness.adopted += 1,
            Some(Decision::Excluded) => completeness.excluded += 1,
            None => {}
        }
        completeness.decided += u32::from(answer.decision.is_some());
        let of_objective = objectives.get(&criterion.id.objective()).copied().unwrap_or_default();
        item(criterion, answer, of_objective, &mut problems);
        let errors = problems.get(before..).unwrap_or_default().iter().any(|p| p.severity == Severity::Error);
        completeness.sound += u32::from(!errors);
    }
    for id in content.answers.keys().filter(|id| catalogue.get(**id).is_none()) {
        problems.push(StatementProblem {
            rule: 'h',
            severity: Severity::Error,
            criterion: Some(*id),
            ja: format!("{id} はこの版の管理基準にありません。除くか、対応表で移してください。"),
            en: format!("{id} is not in this version of the criteria; remove it or carry it over by the crosswalk"),
        });
    }
    Validation { problems, completeness }
}

fn whole(content: &StatementContent, problems: &mut Vec<StatementProblem>) {
    let mut say = |ja: &str, en: &str| {
        problems.push(StatementProblem {
            rule: '-',
            severity: Severity::Error,
            criterion: None,
            ja: ja.into(),
            en: en.into(),
        });
    };
    if content.service.service_name.trim().is_empty() {
        say("サービス名を入力してください。", "name the service");
    }
    if content.service.scope.trim().is_empty() {
        say("言明の対象範囲を入力してください。", "describe the scope of the statement");
    }
    if content.service.generative_ai && content.service.ai_information.trim().is_empty() {
        say(
            "生成AI機能を含むときは、モデルと提供方法（自社運用か外部連携か）を入力してください。",
            "say which models the generative-AI features use and how",
        );
    }
}

fn problem(problems: &mut Vec<StatementProblem>, rule: char, criterion: &Criterion, ja: &str, en: &str) {
    problems.push(StatementProblem {
        rule,
        severity: Severity::Error,
        criterion: Some(criterion.id),
        ja: ja.to_owned(),
        en: en.to_owned(),
    });
}

fn item(
    criterion: &Criterion,
    answer: &Answer,
    (objective, has_details, any_adopted): (Option<Decision>, bool, bool),
    problems: &mut Vec<StatementProblem>,
) {
    use Decision::{Adopted, Excluded};
    let is_objective = criterion.id.level() == Level::Objective;
    let reasoned = !answer.reason.trim().is_empty();
    let mut say = |rule, ja: &str, en: &str| problem(problems, rule, criterion, ja, en);
    let Some(decision) = answer.decision else {
        // A missing answer was told under (h).
        if *answer != Answer::default() {
            say('a', "採用か非採用かを選んでください。", "choose adopted or excluded");
        }
        return;
    };
    if decision == Excluded && matches!(criterion.id.chapter(), 3 | 4) {
        say(
            'b',
            "3 章と 4 章の項目は非採用にできません。採用して個別管理策を書いてください。",
            "items of chapters 3 and 4 cannot be excluded",
        );
        return;
    }
    match (is_objective, decision) {
        (true, Excluded) => {
            if !reasoned {
                say(
                    'c',
                    "統制目標を非採用にする理由を書いてください。",
                    "give the reason for excluding this objective",
                );
            }
        }
        (true, Adopted) => {
            if has_details && !any_adopted {
                say(
                    'd',
                    "採用した統制目標の下に、採用した詳細管理策が一つもありません。",
                    "an adopted objective needs an adopted detail",
                );
            }
            if !has_details && answer.control.trim().is_empty() {
                say('g', "個別管理策を書いてください。", "describe the control");
            }
        }
        (false, Adopted) => {
            if objective == Some(Excluded) {
                say(
                    'c',
                    "上位の統制目標が非採用です。統制目標を採用するか、この項目も非採用にしてください。",
                    "its objective is excluded; adopt that or exclude this too",
                );
            }
            if answer.control.trim().is_empty() {
                say('g', "個別管理策を書いてください。", "describe the control");
            }
        }
        (false, Excluded) => {
            if criterion.flag_basic && objective == Some(Adopted) && !(reasoned && answer.overridden_by.is_some()) {
                say(
                    'e',
                    "基本言明要件の項目です。採用するか、理由を書いて言明責任者の確認を受けてください。",
                    "a basic item: adopt it, or give a reason and have the head confirm it",
                );
            } else if !reasoned {
                say('f', "非採用の理由を書いてください。", "give the reason for excluding this item");
            }
        }
    }
    let unexplained = answer.changed.iter().any(|c| c.counts()) && answer.change_note.trim().is_empty();
    if unexplained {
        problems.push(StatementProblem {
            rule: 'a',
            severity: Severity::Warning,
            criterion: Some(criterion.id),
            ja: "前回の監査からの変更の内容が書かれていません。".to_owned(),
            en: "what changed since the last audit is not described".to_owned(),
        });
    }
}

/// Who let a basic item be left out: only the head of the provider can.
pub fn overrides(content: &StatementContent) -> impl Iterator<Item = (CriterionId, &PersonId)> {
    content.answers.iter().filter_map(|(id, answer)| Some((*id, answer.overridden_by.as_ref()?)))
}
