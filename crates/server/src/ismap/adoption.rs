//! Adopting a version of the criteria: its facts as they were given, what it is compared with, and the step itself. The
//! page and the API say the same things with this.

use super::documents::{self, DocumentError};
use crate::http::App;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepCriteria};
use sekisho_domain::id::{CatalogueId, RuleDocumentId};
use sekisho_domain::ismap::catalogue::{Catalogue, CatalogueCounts, CriteriaStep, CriterionChange};
use sekisho_domain::ismap::criterion::Criterion;
use sekisho_domain::ismap::rule_document::Citation;
use sekisho_domain::register::Register;
use serde::Serialize;

/// The name under which the mapping of columns is kept.
pub(crate) const MAPPING: &str = "criteria";
/// Identifiers that a page of ours has already.
const TAKEN: [&str; 1] = ["import"];

/// What is said of a version beside its content.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) id: CatalogueId,
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) effective_from: Date,
    pub(crate) fictional: bool,
    pub(crate) rule: Option<Citation>,
}

/// A fact that cannot be read: its field, for people, in English.
pub(crate) type Wrong = (&'static str, String, String);

impl Facts {
    /// Reads them by the names of their fields.
    pub(crate) fn read<'a>(field: impl Fn(&'static str) -> &'a str) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let id = identifier(field("id")).map_err(|told| wrong.push(told)).ok();
        let mut words = |name: &'static str, ja: &str, en: &str, most: usize| {
            let text = field(name).trim();
            if text.is_empty() || text.chars().count() > most {
                let ja = format!("{ja}を {most} 文字までで入力してください。");
                wrong.push((name, ja, format!("give the {en}, at most {most} characters")));
            }
            text.to_owned()
        };
        let title = words("title", "名称", "title", 200);
        let version = words("edition", "版", "edition", 100);
        let effective_from = field("effective_from").trim().parse::<Date>().ok();
        if effective_from.is_none() {
            let ja = "施行日を 2026-04-01 の形で入力してください。".to_owned();
            wrong.push(("effective_from", ja, "give the first day in force as 2026-04-01".to_owned()));
        }
        let article = field("article").trim();
        let rule = match field("rule").trim() {
            "" => None,
            document => match RuleDocumentId::new(document) {
                Ok(document) => Some(Citation { document, article: article.to_owned() }),
                Err(bad) => {
                    wrong.push(("rule", "一覧にある規程類を選んでください。".to_owned(), bad.to_string()));
                    None
                }
            },
        };
        if rule.is_some() && article.is_empty() {
            let ja = "根拠とする条項を入力してください（例: 6.1）。".to_owned();
            wrong.push(("article", ja, "name the article it rests on".to_owned()));
        }
        // A catalogue that calls itself fictional is never taken for the official one.
        let fictional = !matches!(field("fictional").trim(), "" | "false" | "0") || title.contains("架空");
        match (id, effective_from) {
            (Some(id), Some(effective_from)) if wrong.is_empty() => {
                Ok(Self { id, title, version, effective_from, fictional, rule })
            }
            _ => Err(wrong),
        }
    }

    /// The step that adopts this version with this content.
    pub(crate) fn adopt(&self, sha256: String, counts: CatalogueCounts) -> Command {
        Command::StepCriteria(StepCriteria {
            catalogue: self.id.clone(),
            step: CriteriaStep::Adopt {
                title: self.title.clone(),
                version: self.version.clone(),
                effective_from: self.effective_from,
                sha256,
                counts,
                fictional: self.fictional,
                rule: self.rule.clone(),
            },
        })
    }
}

fn identifier(text: &str) -> Result<CatalogueId, Wrong> {
    let text = text.trim();
    if TAKEN.contains(&text) {
        let ja = format!("識別子 `{text}` は画面の名前に使われています。別の識別子にしてください。");
        return Err(("id", ja, format!("`{text}` is the name of a page; choose another identifier")));
    }
    CatalogueId::new(text).map_err(|bad| {
        let ja = "識別子を半角の英小文字・数字・`-`・`_`・`.` で入力してください（64 文字まで、先頭は英数字）。例: kijun-2026";
        ("id", ja.to_owned(), bad.to_string())
    })
}

/// The version that one from this day on is compared with: the last that began before it, else the last of all.
pub(crate) fn earlier(register: &Register, from: Option<Date>, not: Option<&CatalogueId>) -> Option<CatalogueId> {
    let others = || register.scheme().catalogues.all().filter(|(id, _)| Some(*id) != not);
    let last = |before: Option<Date>| {
        let begun = others().filter(|(_, row)| before.is_none_or(|day| row.effective_from < day));
        begun.max_by_key(|(_, row)| row.effective_from).map(|(id, _)| id.clone())
    };
    last(from).or_else(|| last(None))
}

/// An item of one side of a difference.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) text: String,
}

/// An item that both sides have, differently.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reworded {
    pub(crate) id: String,
    /// What differs, in words.
    pub(crate) what: Vec<&'static str>,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// What two versions differ in.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Difference {
    pub(crate) new: Vec<Item>,
    pub(crate) gone: Vec<Item>,
    pub(crate) changed: Vec<Reworded>,
}

impl Difference {
    /// From an earlier version to a later one.
    pub(crate) fn between(earlier: &Catalogue, later: &Catalogue) -> Self {
        let item = |c: &Criterion| Item { id: c.id.to_string(), text: c.text.clone() };
        let mut all = Self::default();
        for change in earlier.difference(later) {
            match change {
                CriterionChange::New(c) => all.new.push(item(c)),
                CriterionChange::Gone(c) => all.gone.push(item(c)),
                CriterionChange::Changed { before, after } => all.changed.push(Reworded {
                    id: after.id.to_string(),
                    what: what_differs(before, after),
                    before: before.text.clone(),
                    after: after.text.clone(),
                }),
            }
        }
        all
    }

    /// Nothing differs.
    pub(crate) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty() && self.changed.is_empty()
    }
}

fn what_differs(before: &Criterion, after: &Criterion) -> Vec<&'static str> {
    let all = [
        (before.text != after.text, "本文"),
        (before.id != after.id, "番号の末尾"),
        (before.flag_provider != after.flag_provider, "提供者特有"),
        (before.flag_basic != after.flag_basic, "基本言明要件"),
        (before.audit_group != after.audit_group, "監査グループ"),
        (before.cycle_years != after.cycle_years, "周期"),
    ];
    all.into_iter().filter(|(differs, _)| *differs).map(|(_, what)| what).collect()
}

/// The difference to an adopted version; `None` where there is none to compare with.
pub(crate) async fn compared(
    app: &App,
    register: &Register,
    with: Option<&CatalogueId>,
    later: &Catalogue,
) -> Result<Option<Difference>, DocumentError> {
    let Some(with) = with.filter(|id| register.scheme().catalogues.now(id).is_some()) else { return Ok(None) };
    let earlier = documents::catalogue(app, register, with).await?;
    Ok(Some(Difference::between(&earlier, later)))
}
