//! Finding similar past questions and what was answered to them, in the order of time.

use super::cite::cite;
use super::differences::differences;
use super::law::shortened;
use super::pairs::{marked, pairs};
use super::{Asked, Found, Gathered, NotGathered, Research};
use sekisho_search::citation::Passage;
use sekisho_search::dense::Near;
use sekisho_search::library::Library;
use sekisho_search::rank::{Question, rank};
use sekisho_search::shelf::Narrowing;
use sekisho_search::unit::{Corpus, Role, Unit, UnitId};
use std::collections::HashMap;

/// Hits that are looked at.
const WIDE: usize = 40;
/// Meetings that are read whole.
const MEETINGS: usize = 8;
/// Exchanges handed to a model.
const EXCHANGES: usize = 6;
/// Answers of one exchange.
const ANSWERS: usize = 3;
/// Characters of a question.
const ASK_CHARS: usize = 1_200;
/// Characters of an answer.
const ANSWER_CHARS: usize = 3_000;

pub(super) fn gather(library: &Library, asked: Asked, near: Option<Near>) -> Result<Gathered, NotGathered> {
    let reading = library.shelf(Corpus::Diet)?.read();
    let narrowing = Narrowing { since: asked.since, until: Some(asked.day), ..Narrowing::default() };
    let question = Question { text: asked.question.clone(), narrowing, without: None, near, limit: WIDE };
    let mut meetings: HashMap<String, Vec<Unit>> = HashMap::new();
    let mut exchanges: Vec<Vec<Unit>> = Vec::new();
    for hit in rank(&reading, &question)? {
        if exchanges.len() == EXCHANGES {
            break;
        }
        let Some(unit) = reading.texts(&hit.unit)?.pop().filter(Unit::is_for_all) else { continue };
        if exchanges.iter().flatten().any(|known| known.id == unit.id) {
            continue;
        }
        if !meetings.contains_key(&unit.group) {
            if meetings.len() == MEETINGS {
                continue;
            }
            meetings
                .insert(unit.group.clone(), reading.group(&unit.group)?.into_iter().filter(Unit::is_for_all).collect());
        }
        let Some(meeting) = meetings.get(&unit.group) else { continue };
        exchanges.extend(exchange(meeting, &unit));
    }
    // In the order of time, so that the position of the government reads as it went.
    exchanges.sort_by_key(|units| units.first().map(|unit| (unit.date, unit.group.clone(), unit.order)));
    let found: Vec<Found> = (1..).zip(exchanges.iter().flatten()).map(|(number, unit)| found(number, unit)).collect();
    let answers: Vec<&Passage> =
        found.iter().filter(|one| one.unit.role == Role::Answers).map(|one| &one.passage).collect();
    let differences = differences(&answers);
    let mut notes = Vec::new();
    if !found.is_empty() {
        let days: Vec<_> = found.iter().filter_map(|one| one.unit.date).collect();
        let span = match (days.first(), days.last()) {
            (Some(first), Some(last)) => format!("（{first} から {last} まで）"),
            _ => String::new(),
        };
        notes.push(format!("似た質疑 {} 件{span}の質問と答弁を、日付の順に資料としました。", exchanges.len()));
        notes.push(
            "答弁どうしの違いは、似た文の数・日付・否定を機械で比べたものです。文脈による違いもあります。".to_owned(),
        );
    }
    Ok(Gathered { research: Research::Diet, asked, found, differences, notes })
}

/// The exchange a speech belongs to: the question, then the answers. `None` for a speech that neither asks nor answers.
fn exchange(meeting: &[Unit], unit: &Unit) -> Option<Vec<Unit>> {
    let at = meeting.iter().position(|one| one.id == unit.id)?;
    let pair = pairs(meeting).into_iter().find(|pair| pair.asks == at || pair.answers.contains(&at));
    let Some(pair) = pair else {
        // A written answer, or a record of which only this speech was taken in.
        return (unit.role == Role::Answers).then(|| vec![unit.clone()]);
    };
    // The answer that was found stands among those that are kept.
    let mut answers = pair.answers;
    if answers.len() > ANSWERS {
        let from = answers.iter().position(|answer| *answer == at).unwrap_or(0).min(answers.len() - ANSWERS);
        answers = answers.into_iter().skip(from).take(ANSWERS).collect();
    }
    Some([pair.asks].into_iter().chain(answers).filter_map(|place| meeting.get(place).cloned()).collect())
}

fn found(number: usize, unit: &Unit) -> Found {
    let most = if unit.role == Role::Answers { ANSWER_CHARS } else { ASK_CHARS };
    let (text, _) = shortened(&unit.text, most);
    let cite = marked(&cite(Corpus::Diet, unit), unit.role);
    Found { passage: Passage { number, unit: UnitId::new(unit.id.as_str()), cite, text }, unit: unit.clone() }
}
