//! Finding the articles that a question on law turns on: the question itself, then the laws found most, the orders and
//! rules under them, and what the best articles refer to.

use super::cite::cite;
use super::{Asked, Found, Gathered, NotGathered, Research};
use sekisho_search::citation::Passage;
use sekisho_search::dense::Near;
use sekisho_search::law::LawId;
use sekisho_search::law::delegation::{child_titles, parent_titles};
use sekisho_search::law::name::Names;
use sekisho_search::library::Library;
use sekisho_search::rank::{Question, rank};
use sekisho_search::shelf::{Narrowing, Reading, ShelfError};
use sekisho_search::unit::{Corpus, Unit, UnitId};
use std::collections::HashMap;

/// Hits of the question itself.
const WIDE: usize = 60;
/// Hits within one law.
const NARROW: usize = 8;
/// Laws that are looked into, besides those above and below them.
const LAWS: usize = 4;
/// Laws that a question may name.
const NAMED: usize = 5;
/// Articles handed to a model.
const ARTICLES: usize = 12;
/// Characters of them all.
const CHARS: usize = 24_000;
/// Characters of one article; a longer one is cut at the end of a paragraph.
const ARTICLE_CHARS: usize = 6_000;
/// Articles whose references are followed.
const FOLLOWED: usize = 3;
/// References followed of each.
const REFERENCES: usize = 4;

/// Articles with what speaks for them.
#[derive(Default)]
struct Candidates {
    scores: HashMap<String, f32>,
}

impl Candidates {
    /// Adds a ranking: what stands high in several counts most.
    fn add(&mut self, hits: impl IntoIterator<Item = UnitId>, weight: f32) {
        for (rank, unit) in (0_u16..).zip(hits) {
            *self.scores.entry(unit.as_str().to_owned()).or_default() += weight / (20.0 + f32::from(rank));
        }
    }

    fn best_first(&self) -> Vec<UnitId> {
        let mut all: Vec<(&String, &f32)> = self.scores.iter().collect();
        all.sort_by(|a, b| b.1.total_cmp(a.1).then_with(|| a.0.cmp(b.0)));
        all.into_iter().map(|(id, _)| UnitId::new(id.as_str())).collect()
    }
}

struct Search<'a> {
    reading: &'a Reading,
    asked: &'a Asked,
    near: Option<Near>,
}

impl Search<'_> {
    /// What the question asks for: by its words, and by its meaning where that is known.
    fn rank(&self, text: &str, group: Option<&str>, limit: usize) -> Result<Vec<UnitId>, ShelfError> {
        self.rank_by(text, self.near.clone(), group, limit)
    }

    fn rank_by(
        &self,
        text: &str,
        near: Option<Near>,
        group: Option<&str>,
        limit: usize,
    ) -> Result<Vec<UnitId>, ShelfError> {
        let narrowing =
            Narrowing { as_of: Some(self.asked.day), group: group.map(str::to_owned), ..Narrowing::default() };
        let question = Question { text: text.to_owned(), narrowing, without: None, near, limit };
        Ok(rank(self.reading, &question)?.into_iter().map(|hit| hit.unit).collect())
    }

    fn unit(&self, id: &UnitId) -> Result<Option<Unit>, ShelfError> {
        Ok(self.reading.unit(id, self.asked.day)?.filter(Unit::is_for_all))
    }

    /// A unit of a law, by which the law is known: the one that fits these words best.
    fn of(&self, law: &LawId, words: &str) -> Result<Option<Unit>, ShelfError> {
        // Any of its units will do: what the question means is not asked for that.
        let first = self.rank_by(words, None, Some(law.as_str()), 1)?.pop();
        Ok(first.map(|id| self.unit(&id)).transpose()?.flatten())
    }

    /// The same of the law of that name.
    fn law(&self, name: &str) -> Result<Option<Unit>, ShelfError> {
        let law = self.reading.law_names().by_name(name);
        Ok(law.map(|law| self.of(law, name)).transpose()?.flatten())
    }
}

/// The words that are looked for: the laws that were named, and the question.
pub(super) fn looked_for(asked: &Asked) -> String {
    format!("{}\n{}", asked.laws, asked.question)
}

pub(super) fn gather(library: &Library, asked: Asked, near: Option<Near>) -> Result<Gathered, NotGathered> {
    let reading = library.shelf(Corpus::Law)?.read();
    let search = Search { reading: &reading, asked: &asked, near };
    let text = looked_for(&asked);
    let mut candidates = Candidates::default();
    let wide = search.rank(&text, None, WIDE)?;
    candidates.add(wide.iter().cloned(), 1.0);
    let laws = laws(&search, &text, &wide)?;
    for (law, weight) in &laws {
        candidates.add(search.rank(&asked.question, Some(&law.group), NARROW)?, *weight);
    }
    let best: Vec<UnitId> = candidates.best_first().into_iter().take(FOLLOWED).collect();
    for id in &best {
        let links = search.unit(id)?.map(|unit| unit.links).unwrap_or_default();
        candidates.add(links.into_iter().map(|link| link.to).take(REFERENCES), 0.3);
    }
    let (mut found, cut) = choose(&search, &candidates)?;
    let mut titles: Vec<String> = Vec::new();
    for one in &found {
        if !titles.contains(&one.unit.title) {
            titles.push(one.unit.title.clone());
        }
    }
    // Laws in the order of their best article, each in its own order: as one would read them.
    let place = |unit: &Unit| titles.iter().position(|title| *title == unit.title);
    found.sort_by_key(|one| (place(&one.unit), one.unit.order, one.unit.id.clone()));
    for (number, one) in (1..).zip(&mut found) {
        one.passage.number = number;
    }
    let mut notes = Vec::new();
    if !titles.is_empty() {
        notes.push(format!(
            "{}時点で施行されている条文から {} 件を選びました（{}）。",
            asked.day,
            found.len(),
            titles.join("、")
        ));
    }
    notes.extend((cut > 0).then(|| format!("長い条文 {cut} 件は、途中までを資料にしました。")));
    Ok(Gathered { research: Research::Law, asked, found, differences: Vec::new(), notes })
}

/// The laws to look into: those named, those found most, and what stands above and below them by name.
fn laws(search: &Search<'_>, text: &str, wide: &[UnitId]) -> Result<Vec<(Unit, f32)>, ShelfError> {
    let mut laws: Vec<(Unit, f32)> = Vec::new();
    let add = |laws: &mut Vec<(Unit, f32)>, unit: Option<Unit>, weight: f32| {
        if let Some(unit) = unit.filter(|unit| laws.iter().all(|(known, _)| known.work() != unit.work())) {
            laws.push((unit, weight));
        }
    };
    // By their names as words: 所法 in 裁判所法 names nothing.
    let mut named: Vec<&LawId> = search.reading.law_names().find(text).into_iter().map(|found| found.law).collect();
    named.dedup();
    named.truncate(NAMED);
    for law in &named {
        add(&mut laws, search.of(law, text)?, 1.5);
    }
    let mut votes: Vec<(Unit, f32)> = Vec::new();
    for (rank, id) in (0_u16..).zip(wide.iter().take(NARROW * 4)) {
        let Some(unit) = search.unit(id)? else { continue };
        let vote =
            1.0 / (3.0 + f32::from(rank)) + if named.iter().any(|law| law.as_str() == unit.work()) { 1.0 } else { 0.0 };
        match votes.iter_mut().find(|(known, _)| known.work() == unit.work()) {
            Some((_, sum)) => *sum += vote,
            None => votes.push((unit, vote)),
        }
    }
    votes.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (unit, _) in votes.into_iter().take(LAWS) {
        add(&mut laws, Some(unit), 1.0);
    }
    laws.truncate(LAWS);
    for title in laws.iter().map(|(law, _)| law.title.clone()).collect::<Vec<_>>() {
        let above = parent_titles(&title).into_iter().map(|(_, title)| title);
        for relative in child_titles(&title).into_iter().chain(above) {
            add(&mut laws, search.law(&relative)?, 0.6);
        }
    }
    Ok(laws)
}

/// Whole articles, best first, as many as a model may be handed; and how many of them were cut.
fn choose(search: &Search<'_>, candidates: &Candidates) -> Result<(Vec<Found>, usize), ShelfError> {
    let (mut found, mut left, mut cut) = (Vec::new(), CHARS, 0);
    for id in candidates.best_first() {
        if found.len() == ARTICLES || left == 0 {
            break;
        }
        let Some(unit) = search.unit(&id)?.filter(|unit| !unit.text.trim().is_empty()) else { continue };
        let whole = unit.text.chars().count();
        let (text, long) = shortened(&unit.text, ARTICLE_CHARS);
        let length = whole.min(ARTICLE_CHARS);
        // The best article always goes in; one that does not fit leaves its place to the next.
        if length > left && !found.is_empty() {
            continue;
        }
        left = left.saturating_sub(length);
        cut += usize::from(long);
        let passage = Passage { number: 0, unit: id, cite: cite(Corpus::Law, &unit), text };
        found.push(Found { passage, unit });
    }
    Ok((found, cut))
}

/// The beginning of a text, to the end of a line or sentence, and whether anything was left out.
pub(super) fn shortened(text: &str, most: usize) -> (String, bool) {
    let Some((at, _)) = text.char_indices().nth(most) else { return (text.to_owned(), false) };
    let head = text.get(..at).unwrap_or(text);
    let end = head.rfind('\n').or_else(|| head.rfind('。').map(|at| at + '。'.len_utf8())).unwrap_or(at);
    (head.get(..end).unwrap_or(head).to_owned(), true)
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_long_text_ends_where_a_sentence_does() {
        assert_eq!(shortened("甲とする。乙", 10), ("甲とする。乙".to_owned(), false));
        assert_eq!(shortened("甲とする。乙とする。", 7), ("甲とする。".to_owned(), true));
        assert_eq!(shortened("甲\n乙とする。", 4), ("甲".to_owned(), true));
        assert_eq!(shortened("ああああ", 2), ("ああ".to_owned(), true));
    }
}
