//! A written question (質問主意書) beside the cabinet's answer (答弁書).

use super::hit::{key, official};
use super::meeting::{Said, said};
use crate::http::page::frame::Frame;
use askama::Template;
use sekisho_search::unit::{Role, Unit};

#[derive(Template)]
#[template(path = "research/written.html")]
pub(super) struct WrittenPage {
    frame: Frame,
    facts: Vec<String>,
    question: Vec<Said>,
    answer: Vec<Said>,
    official: String,
}

pub(super) fn page_of(frame: Frame, facts: Vec<String>, units: &[Unit]) -> WrittenPage {
    let (answer, question): (Vec<&Unit>, Vec<&Unit>) =
        units.iter().partition(|unit| key(unit).starts_with('a') || unit.role == Role::Answers);
    WrittenPage {
        frame,
        facts,
        official: units.first().map(official).unwrap_or_default(),
        question: side(&question, "q"),
        answer: side(&answer, "a"),
    }
}

/// One side: the whole, where it lies on the shelf as one; else its parts.
fn side(units: &[&Unit], whole: &str) -> Vec<Said> {
    let one = units.iter().find(|unit| key(unit) == whole);
    match one {
        Some(unit) => vec![said(unit, false)],
        None => units.iter().map(|unit| said(unit, false)).collect(),
    }
}
