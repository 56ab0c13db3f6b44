//! Which items of a statement are looked at: by chapter or objective, by what they lack, by words; a page of them at a
//! time, from an item on, so that nothing is skipped when items leave the list while one works through it.

use sekisho_domain::ismap::catalogue::Catalogue;
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use sekisho_domain::ismap::statement::{Answer, Decision, StatementContent, StatementProblem, Validation};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Items of a page.
pub(super) const ITEMS: usize = 25;

/// What can be looked at.
pub(super) const SHOWS: [(&str, &str); 7] = [
    ("", "すべて"),
    ("undecided", "未決定"),
    ("problems", "指摘あり"),
    ("changed", "前回の監査から変更あり"),
    ("basic", "基本言明要件"),
    ("adopted", "採用"),
    ("excluded", "非採用"),
];

/// What the address, or the form that came from it, asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Wish {
    /// Chapter.
    #[serde(default)]
    pub(super) c: String,
    /// Objective.
    #[serde(default)]
    pub(super) o: String,
    /// One of [`SHOWS`].
    #[serde(default)]
    pub(super) show: String,
    /// Words.
    #[serde(default)]
    pub(super) q: String,
    /// First item of the page.
    #[serde(default)]
    pub(super) from: String,
    /// What has just been done.
    #[serde(default)]
    pub(super) done: String,
}

/// Problems by item.
pub(super) fn by_item(validation: &Validation) -> BTreeMap<CriterionId, Vec<&StatementProblem>> {
    let mut all: BTreeMap<CriterionId, Vec<&StatementProblem>> = BTreeMap::new();
    for problem in &validation.problems {
        if let Some(id) = problem.criterion {
            all.entry(id).or_default().push(problem);
        }
    }
    all
}

impl Wish {
    /// The items, in the order of the catalogue.
    pub(super) fn select<'c>(
        &self,
        catalogue: &'c Catalogue,
        content: &StatementContent,
        problems: &BTreeMap<CriterionId, Vec<&StatementProblem>>,
    ) -> Vec<&'c Criterion> {
        let chapter: Option<u16> = self.c.parse().ok();
        let objective = CriterionId::parse(&self.o).ok().map(CriterionId::objective);
        let nothing = Answer::default();
        let shown = |criterion: &&Criterion| {
            let answer = content.answers.get(&criterion.id).unwrap_or(&nothing);
            let wanted = match self.show.as_str() {
                "undecided" => answer.decision.is_none(),
                "problems" => problems.contains_key(&criterion.id),
                "changed" => !answer.changed.is_empty(),
                "basic" => criterion.flag_basic,
                "adopted" => answer.decision == Some(Decision::Adopted),
                "excluded" => answer.decision == Some(Decision::Excluded),
                _ => true,
            };
            wanted
                && chapter.is_none_or(|chapter| criterion.id.chapter() == chapter)
                && objective.is_none_or(|objective| criterion.id.objective() == objective)
                && self.finds(criterion, answer)
        };
        catalogue.criteria.iter().filter(shown).collect()
    }

    fn finds(&self, criterion: &Criterion, answer: &Answer) -> bool {
        if self.q.trim().is_empty() {
            return true;
        }
        let number = criterion.id.to_string();
        let texts = [number.as_str(), &criterion.text, &answer.control, &answer.reason, &answer.change_note];
        self.q.split_whitespace().all(|word| texts.iter().any(|text| text.contains(word)))
    }

    /// Where the page begins among the items.
    pub(super) fn start(&self, items: &[&Criterion]) -> usize {
        let Ok(from) = CriterionId::parse(&self.from) else { return 0 };
        let start = items.partition_point(|criterion| criterion.id < from);
        // Past the last: the last page.
        if start < items.len() { start } else { items.len().saturating_sub(1) / ITEMS * ITEMS }
    }

    /// The address of the same list from an item on.
    pub(super) fn query(&self, from: Option<CriterionId>, done: &str) -> String {
        let from = from.map(|id| id.to_string()).unwrap_or_default();
        let pairs = [("c", &self.c), ("o", &self.o), ("show", &self.show), ("q", &self.q), ("from", &from)];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if !done.is_empty() {
            query.append_pair("done", done);
        }
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_domain::id::CatalogueId;
    use sekisho_domain::ismap::statement::{Edit, ServiceProfile, validate};

    fn catalogue() -> Catalogue {
        let item = |id: String| Criterion {
            flag_basic: id.ends_with('B'),
            id: id.parse().unwrap(),
            raw_id: String::new(),
            text: format!("架空の項目 {id}"),
            flag_provider: false,
            audit_group: String::new(),
            cycle_years: None,
        };
        let details = (1..=60).map(|n| format!("5.1.1.{n}{}", if n == 2 { ".B" } else { "" }));
        let all = ["5.1.1".into(), "6.1.1".into(), "6.1.1.1".into()].into_iter().chain(details).map(item).collect();
        Catalogue::new(BTreeMap::new(), all).unwrap()
    }

    fn content() -> StatementContent {
        let mut content = StatementContent {
            catalogue: CatalogueId::new("kakuu").unwrap(),
            from: "2025-04-01".parse().unwrap(),
            to: "2026-03-31".parse().unwrap(),
            service: ServiceProfile::default(),
            answers: BTreeMap::new(),
        };
        let edit = Edit { decision: Some(Decision::Adopted), control: "鍵を分ける".into(), ..Edit::default() };
        content.edit("5.1.1.1".parse().unwrap(), None, &edit).unwrap();
        content
    }

    #[test]
    fn items_are_found_by_place_by_what_they_lack_and_by_words() {
        let (catalogue, content) = (catalogue(), content());
        let validation = validate(&catalogue, &content);
        let problems = by_item(&validation);
        let count = |wish: Wish| wish.select(&catalogue, &content, &problems).len();
        assert_eq!(count(Wish::default()), 63);
        assert_eq!(count(Wish { c: "6".into(), ..Wish::default() }), 2);
        assert_eq!(count(Wish { o: "5.1.1".into(), show: "undecided".into(), ..Wish::default() }), 60);
        assert_eq!(count(Wish { show: "basic".into(), ..Wish::default() }), 1);
        assert_eq!(count(Wish { show: "problems".into(), ..Wish::default() }), 62);
        assert_eq!(count(Wish { q: "鍵 5.1".into(), ..Wish::default() }), 1);
        assert_eq!(count(Wish { c: "x".into(), o: "y".into(), show: "z".into(), ..Wish::default() }), 63);
    }

    #[test]
    fn a_page_begins_at_an_item_even_when_it_has_left_the_list() {
        let (catalogue, content) = (catalogue(), content());
        let validation = validate(&catalogue, &content);
        let problems = by_item(&validation);
        let wish = |from: &str| Wish { from: from.into(), show: "undecided".into(), ..Wish::default() };
        let start = |from: &str| {
            let items = wish(from).select(&catalogue, &content, &problems);
            items[wish(from).start(&items)].id.to_string()
        };
        assert_eq!(start(""), "5.1.1");
        assert_eq!(start("5.1.1.1"), "5.1.1.2.B");
        assert_eq!(start("5.1.1.30"), "5.1.1.30");
        assert_eq!(start("18.9.9"), "5.1.1.51");
        let one = "5.1.1.2.B".parse().ok();
        assert_eq!(
            Wish { q: "a&b".into(), ..Wish::default() }.query(one, "saved"),
            "q=a%26b&from=5.1.1.2.B&done=saved"
        );
    }
}
