//! A refusal as the person sees it: the reasons with their clauses, what was found where, and the next step.

use super::controls::id_of;
use crate::app::form::{Form, Inputs, Value};
use crate::app::request::Request;
use crate::app::way::Way;
use sekisho_domain::decision::{Decision, Outcome};
use sekisho_domain::handling::Action;
use sekisho_gate::examine::Found;

/// Characters around what was found.
const AROUND: usize = 20;
/// Most findings that are listed.
const MOST: usize = 50;

pub(super) struct Refused {
    pub(super) use_id: String,
    /// It may go once what was found is confirmed.
    pub(super) conditional: bool,
    pub(super) reasons: Vec<Reason>,
    pub(super) found: Vec<Place>,
    pub(super) more: usize,
    pub(super) confirm: Option<String>,
    pub(super) apply: String,
}

pub(super) struct Reason {
    pub(super) title: String,
    pub(super) clause: String,
    pub(super) evidence: &'static str,
    pub(super) explanation: String,
    pub(super) remedy: String,
}

/// Something found, and where.
pub(super) struct Place {
    pub(super) title: &'static str,
    pub(super) rule: String,
    pub(super) action: &'static str,
    /// Name of the field; empty when it cannot be told.
    pub(super) field: String,
    pub(super) href: String,
    pub(super) detail: String,
    pub(super) excerpt: Option<Excerpt>,
}

/// What was found, between what stands around it.
pub(super) struct Excerpt {
    pub(super) before: String,
    pub(super) there: String,
    pub(super) after: String,
}

pub(super) struct Stop<'a> {
    pub(super) use_id: &'a str,
    pub(super) decision: &'a Decision,
    pub(super) found: &'a [Found],
    pub(super) confirm: Option<String>,
}

impl Refused {
    pub(super) fn new(stop: Stop<'_>, form: &Form, inputs: &Inputs, request: &Request, way: &Way, grade: &str) -> Self {
        let reasons = stop.decision.reasons.iter().map(|reason| Reason {
            title: reason.title.clone(),
            clause: reason.clause.clone(),
            evidence: reason.evidence.label(),
            explanation: reason.explanation.clone(),
            remedy: reason.remedy.clone(),
        });
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("service", way.service.as_str())
            .append_pair("purpose", &way.purpose)
            .append_pair("grade", grade)
            .finish();
        Self {
            use_id: stop.use_id.to_owned(),
            conditional: stop.decision.outcome == Outcome::Conditional,
            reasons: reasons.collect(),
            found: stop.found.iter().take(MOST).map(|found| place(found, form, inputs, request)).collect(),
            more: stop.found.len().saturating_sub(MOST),
            confirm: stop.confirm,
            apply: format!("/apply?{query}"),
        }
    }
}

fn place(found: &Found, form: &Form, inputs: &Inputs, request: &Request) -> Place {
    let at = request.field_of(&found.path, found.start);
    let field = at.and_then(|(key, _)| form.field(key));
    let excerpt = at.and_then(|(key, start)| match inputs.get(key) {
        Some(Value::Text(text)) => excerpt(text, start?, found.end?.checked_sub(found.start?)?),
        _ => None,
    });
    Place {
        title: found.title,
        rule: found.rule.clone(),
        action: match found.action {
            Action::Warn => "知らせるだけ",
            Action::Ask => "確認が必要",
            Action::Mask => "伏せて送る",
            Action::Block => "送れない",
        },
        field: field.map(|field| field.title.clone()).unwrap_or_default(),
        href: field.map(|field| format!("#{}", id_of(&field.key))).unwrap_or_default(),
        detail: found.detail.clone(),
        excerpt,
    }
}

fn excerpt(text: &str, start: usize, length: usize) -> Option<Excerpt> {
    let part = |from: usize, count: usize| text.chars().skip(from).take(count).collect::<String>();
    let there = part(start, length.min(200));
    if there.is_empty() {
        return None;
    }
    let from = start.saturating_sub(AROUND);
    Some(Excerpt { before: part(from, start - from), there, after: part(start + length, AROUND) })
}
