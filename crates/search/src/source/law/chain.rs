//! The revisions of one law in their order: which are written, and when each ends.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::known::Held;
use super::survey::Found;
use crate::source::{Reject, Report};

/// What is to be done with one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Read a piece and write it.
    Write { piece: usize, from: Option<Date>, until: Option<Date>, source: String },
    /// Write a stored group again: it ends on another day, or its law's field is known now.
    Again { group: String, until: Option<Date> },
    /// Take a stored group away.
    Remove { group: String },
}

enum State<'a> {
    Held(&'a Held),
    Found(&'a Found, Option<&'a Held>),
}

/// Orders what is stored and what was found of one law. `repealed` ends the last revision.
pub(super) fn steps(
    held: &[Held],
    found: &[&Found],
    category: Option<&str>,
    repealed: Option<Date>,
    report: &mut Report,
) -> Vec<Step> {
    let mut states: BTreeMap<Option<Date>, State<'_>> =
        held.iter().map(|held| (held.from, State::Held(held))).collect();
    for found in found {
        take(&mut states, found, report);
    }
    let mut steps = Vec::new();
    // A text without a day says nothing of when; it stands only where no other does.
    if states.len() > 1
        && let Some(undated) = states.remove(&None)
    {
        match undated {
            State::Held(held) | State::Found(_, Some(held)) => steps.push(Step::Remove { group: held.group.clone() }),
            State::Found(found, None) => report.notes.push(Reject::new(
                found.place.clone(),
                "施行日の分からない本文です。施行日の分かる版があるので取り込みませんでした。",
                "a text without its day in force; not taken, for the law has revisions with one",
            )),
        }
    }
    let days: Vec<Option<Date>> = states.keys().copied().collect();
    for (at, (from, state)) in states.into_iter().enumerate() {
        let next = days.get(at + 1).copied().flatten();
        let until = next.or_else(|| repealed.filter(|end| from.is_none_or(|from| from < *end)));
        match state {
            State::Held(held) => {
                let known = |held: &Held| category.is_none() || held.category.as_deref() == category;
                if held.until != until || !known(held) {
                    steps.push(Step::Again { group: held.group.clone(), until });
                    report.touched += 1;
                }
            }
            State::Found(found, before) => {
                if before.is_some() {
                    report.changed += 1;
                } else {
                    report.new += 1;
                }
                steps.push(Step::Write { piece: found.piece, from, until, source: found.source.clone() });
            }
        }
    }
    steps
}

/// Puts what was found at its day.
fn take<'a>(states: &mut BTreeMap<Option<Date>, State<'a>>, found: &'a Found, report: &mut Report) {
    match states.remove(&found.from) {
        None => {
            states.insert(found.from, State::Found(found, None));
        }
        Some(State::Held(held)) if held.source == found.source => {
            report.unchanged += 1;
            states.insert(found.from, State::Held(held));
        }
        Some(State::Held(held)) => {
            states.insert(found.from, State::Found(found, Some(held)));
        }
        Some(State::Found(other, before)) => {
            if other.source == found.source {
                report.repeated += 1;
                states.insert(found.from, State::Found(other, before));
                return;
            }
            // Several laws may amend one on the same day; the text that the last of them made is the whole.
            let (kept, left) = if found.amending >= other.amending { (found, other) } else { (other, found) };
            report.notes.push(Reject::new(
                left.place.clone(),
                format!("同じ法令・同じ施行日の版がほかにあります。`{}` の方を残しました。", kept.place),
                format!("another revision of the same law and day; kept the one of `{}`", kept.place),
            ));
            states.insert(found.from, State::Found(kept, before));
        }
    }
}
