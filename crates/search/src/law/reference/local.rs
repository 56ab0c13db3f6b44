//! Names that a law gives to other laws for its own use: 架空法（以下「法」という。）.

use crate::law::definition::{Form, definitions};
use crate::law::law_id::{LawId, LawNumber};
use crate::law::name::Names;
use crate::law::window::{head, tail};

/// A name with meaning in one law, or one provision of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalName {
    /// The name: 法, 令, 新法.
    pub term: String,
    /// The law; `None` for one that the table of names does not know.
    pub law: Option<LawId>,
    /// The name of the provision outside of which it means nothing (以下この条において).
    pub only_in: Option<String>,
}

/// What such a name ends with; 架空物（以下「物」という。） names no law.
const ENDS: [&str; 9] = ["法", "令", "規則", "規程", "条例", "法律", "条約", "協定", "憲法"];

/// How many such names one law may have; the longest laws have some hundreds.
const MOST: usize = 2000;
/// How far from 以下 the name and the law are looked for, in characters.
const FARTHEST: usize = 400;

/// Adds the names that a provision's text gives.
pub(super) fn collect(text: &str, key: &str, names: &dyn Names, out: &mut Vec<LocalName>) {
    for (at, _) in text.match_indices("以下") {
        if out.len() >= MOST {
            return;
        }
        let Some((before, after)) = text.split_at_checked(at) else { continue };
        let before = tail(before, FARTHEST);
        let after = head(after, FARTHEST);
        let Some((term, scope)) = term(after.trim_start_matches("以下")) else { continue };
        if !ENDS.iter().any(|end| term.ends_with(end)) {
            continue;
        }
        let Some(law) = named_before(before, names) else { continue };
        let narrow =
            ["この条", "この項", "この号", "次条", "次項", "同条", "本条"].iter().any(|word| scope.contains(word));
        let only_in = narrow.then(|| key.to_owned());
        if !out.iter().any(|known| known.term == term && known.only_in == only_in) {
            out.push(LocalName { term: term.to_owned(), law, only_in });
        }
    }
}

/// Adds the names that definitions give: 「法」とは、架空法（令和三年法律第一号）をいう, and items 一　法　架空法をいう.
pub(super) fn collect_defined(text: &str, names: &dyn Names, out: &mut Vec<LocalName>) {
    for definition in definitions(text) {
        let names_a_law = definition.form != Form::Hereafter && ENDS.iter().any(|end| definition.term.ends_with(end));
        let Some(meaning) = text.get(definition.meaning).filter(|_| names_a_law && out.len() < MOST) else { continue };
        let meaning = head(meaning.trim_start_matches('、'), 200);
        let number = meaning.split_once('（').and_then(|(name, rest)| Some((name, LawNumber::leading(rest)?.0)));
        let law = match number {
            Some((name, number)) if ENDS.iter().any(|end| name.ends_with(end)) => names.by_number(&number),
            _ => names.find(meaning).first().filter(|found| found.span.start == 0).map(|found| found.law),
        };
        // 「架空条例」とは、市の条例をいう names no law; only what is found counts.
        if let Some(law) = law
            && !out.iter().any(|known| known.term == definition.term && known.only_in.is_none())
        {
            out.push(LocalName { term: definition.term, law: Some(law.clone()), only_in: None });
        }
    }
}

/// The term between 「 and 」 before という, and what stands before it.
fn term(after: &str) -> Option<(&str, &str)> {
    let (scope, rest) = after.split_once('「')?;
    if scope.len() > 120 || scope.contains(['。', '」', '\n']) {
        return None;
    }
    let (term, rest) = rest.split_once('」')?;
    (term.len() <= 60 && rest.starts_with("という")).then_some((term, scope))
}

/// The law named just before `（以下` or within the brackets before 以下. `None` where no law is named at all.
fn named_before(before: &str, names: &dyn Names) -> Option<Option<LawId>> {
    let (head, inner) = before.rsplit_once('（')?;
    if inner.is_empty() {
        // 架空法（令和三年法律第一号）（以下「法」という。）, or the name alone.
        if let Some(head) = head.strip_suffix('）')
            && let Some((_, number)) = head.rsplit_once('（')
            && let Some((number, _)) = LawNumber::leading(number)
        {
            return Some(names.by_number(&number).cloned());
        }
        return by_end(head, names);
    }
    let (number, length) = LawNumber::leading(inner)?;
    let rest = inner.get(length..)?;
    if !rest.starts_with('。') && !rest.starts_with('、') {
        return None;
    }
    Some(names.by_number(&number).cloned().or_else(|| by_end(head, names).flatten()))
}

fn by_end(head: &str, names: &dyn Names) -> Option<Option<LawId>> {
    // A name of more than 120 characters has not been seen before a bracket.
    let tail = tail(head, 120);
    if let Some(found) = names.find(tail).last()
        && found.span.end == tail.len()
    {
        return Some(Some(found.law.clone()));
    }
    ENDS.iter().any(|end| tail.ends_with(end)).then_some(None)
}
