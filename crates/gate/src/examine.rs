//! Examine: from the bytes of a request to what is in it, what is done about that, what may leave and what may be kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use sekisho_detect::document::Limits;
use sekisho_detect::{Confidence, Detector, Finding, Signal};
use sekisho_domain::grade::{Grade, GradeScale};
use sekisho_domain::handling::{Action, Handled};
use sekisho_domain::id::PersonId;
use sekisho_domain::register::Register;
use sekisho_domain::usage::{FindingCount, Signals};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::attachment::{self, Expanded, Known};
use crate::handling::{self, Route, UNSEEN};
use crate::identify::hex;
use crate::inbound::{self, Inbound, Unreadable};
use crate::mask::{self, Masks, Place};
use crate::pieces;
use crate::scan::{weigh, weigh_mark};

/// The rule for hints at unpublished matter.
const HINT: &str = "MK-12";
/// Most places that are told.
const MOST_TOLD: usize = 200;

/// What a request was examined with.
pub(crate) struct Examiner<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) register: &'a Register,
    pub(crate) scale: &'a GradeScale,
    pub(crate) limits: &'a Limits,
    pub(crate) files: &'a HashMap<String, Known>,
}

/// An examined request.
#[derive(Debug)]
pub(crate) struct Examined {
    /// What leaves if it may: files as text, places masked.
    pub(crate) body: Bytes,
    /// What may be kept of it.
    pub(crate) kept: Kept,
    pub(crate) inbound: Inbound,
    pub(crate) signals: Signals,
    pub(crate) counts: Vec<FindingCount>,
    pub(crate) blocked: BTreeSet<String>,
    pub(crate) masked: BTreeSet<String>,
    /// What the person has to confirm, by rule and by what exactly.
    asked: BTreeSet<(String, String)>,
    pub(crate) masks: Masks,
    pub(crate) inherits: Vec<String>,
    pub(crate) inherited: Grade,
    told: Told,
}

/// What may be kept of a body in the content store.
#[derive(Debug, Clone)]
pub(crate) enum Kept {
    /// All of it.
    Whole(Bytes),
    /// All but numbers and keys that may not be kept.
    Redacted(Bytes),
    /// Nothing.
    Nothing,
}

/// What the places in a refusal are made of, should it come to one.
#[derive(Debug)]
struct Told {
    source: Bytes,
    findings: Vec<(Finding, Action)>,
    more: Vec<Found>,
}

/// One thing found, for the person who sent it. Never the text itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Rule of detection.
    pub rule: String,
    /// What the rule finds, in Japanese.
    pub title: &'static str,
    /// How sure it is.
    pub confidence: Confidence,
    /// What is done about it.
    pub action: Action,
    /// Where in the request, such as `messages[0].content`.
    pub path: String,
    /// First character in that text, from 0; absent where no place can be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    /// Behind its last character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<usize>,
    /// What cannot be looked into, or where in a file it stands.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Examiner<'_> {
    /// Examines a request.
    pub(crate) fn examine(&self, body: &Bytes, inbound: Inbound) -> Result<Examined, Unreadable> {
        if !inbound.media {
            return Ok(self.weigh_all(body.clone(), inbound, Expanded::default()));
        }
        let mut expanded = attachment::expand(body, self.files, self.detector, self.limits)?;
        let (body, inbound) = match expanded.body.take() {
            Some(new) => {
                let inbound = inbound::read(&new)?;
                (Bytes::from(new), inbound)
            }
            None => (body.clone(), inbound),
        };
        Ok(self.weigh_all(body, inbound, expanded))
    }

    fn weigh_all(&self, source: Bytes, inbound: Inbound, expanded: Expanded) -> Examined {
        let route = Route::to(self.register, &inbound.model);
        let findings = self.detector.scan(&inbound.text);
        let mut counts = BTreeMap::new();
        count(&mut counts, &findings);
        let actions: Vec<(Finding, Action)> = findings
            .into_iter()
            .map(|finding| {
                let action = handling::action_on(self.register, &finding, route);
                (finding, action)
            })
            .collect();
        let mut out = Examined {
            body: source.clone(),
            kept: Kept::Nothing,
            inbound,
            signals: Signals::default(),
            counts: Vec::new(),
            blocked: BTreeSet::new(),
            masked: BTreeSet::new(),
            asked: BTreeSet::new(),
            masks: Masks::default(),
            inherits: expanded.inherits,
            inherited: expanded.inherited,
            told: Told { source, findings: actions, more: Vec::new() },
        };
        self.hide(&mut out);
        let sent = if out.masks.is_empty() { None } else { Some(self.detector.scan(&out.inbound.text)) };
        match &sent {
            Some(left) => {
                for finding in left {
                    // A place that could not be masked (a number without quotes, a name of a member) may not leave.
                    let action = match handling::action_on(self.register, finding, route) {
                        Action::Mask => Action::Block,
                        action => action,
                    };
                    act(&mut out.blocked, &mut out.asked, finding, action, &out.inbound.text);
                    weigh(&mut out.signals, self.scale, finding);
                }
            }
            None => {
                for (finding, action) in &out.told.findings {
                    let action = if *action == Action::Mask { Action::Block } else { *action };
                    act(&mut out.blocked, &mut out.asked, finding, action, &out.inbound.text);
                    weigh(&mut out.signals, self.scale, finding);
                }
            }
        }
        self.wrapped(&mut out, &mut counts, &expanded.wrapped, route);
        self.aside(&mut out, &mut counts, &expanded.aside, &expanded.names);
        if !expanded.unseen.is_empty() {
            let action = handling::action(self.register, UNSEEN, route);
            *counts.entry(UNSEEN.to_owned()).or_default() += u32::try_from(expanded.unseen.len()).unwrap_or(u32::MAX);
            match action {
                Action::Block | Action::Mask => drop(out.blocked.insert(UNSEEN.to_owned())),
                Action::Ask => {
                    out.asked.extend(expanded.unseen.iter().map(|one| (UNSEEN.to_owned(), one.digest.clone())));
                }
                Action::Warn => {}
            }
            out.told.more.extend(expanded.unseen.into_iter().map(|one| Found {
                rule: UNSEEN.to_owned(),
                title: title(UNSEEN),
                confidence: Confidence::High,
                action,
                path: one.path,
                start: None,
                end: None,
                detail: one.what,
            }));
        }
        if expanded.invisible > 0 {
            *counts.entry("TX-INVISIBLE".to_owned()).or_default() += expanded.invisible;
        }
        out.counts = counts.into_iter().map(|(rule, count)| FindingCount { count, rule }).collect();
        out.kept = if expanded.wrapped.is_empty() || may_keep(&out.signals) {
            let left = match &sent {
                Some(left) => left.clone(),
                None => out.told.findings.iter().map(|(finding, _)| finding.clone()).collect(),
            };
            kept(self.detector, &out.body, &out.inbound.text, &left, &out.signals)
        } else {
            Kept::Nothing
        };
        out
    }

    /// Masks what is to be masked, in the body and in the text that is looked at from here on.
    fn hide(&self, out: &mut Examined) {
        let places: Vec<Place> = out
            .told
            .findings
            .iter()
            .filter(|(_, action)| *action == Action::Mask)
            .map(|(finding, _)| Place { span: finding.span.clone(), label: handling::label(finding.rule) })
            .collect();
        if places.is_empty() {
            return;
        }
        let Some(pieces) = pieces::read(&out.body).filter(|pieces| pieces.text == out.inbound.text) else { return };
        let Some(masked) = mask::apply(&out.body, &pieces, &places) else { return };
        let Ok(inbound) = inbound::read(&masked.body) else { return };
        let hidden = out.told.findings.iter().filter(|(_, action)| *action == Action::Mask);
        out.masked = hidden.map(|(finding, _)| finding.rule.to_owned()).collect();
        out.body = masked.body.into();
        out.inbound = inbound;
        out.masks = masked.masks;
    }

    /// Text inside `data:` addresses leaves as it is: nothing in it can be masked.
    fn wrapped(&self, out: &mut Examined, counts: &mut BTreeMap<String, u32>, text: &str, route: Route) {
        let findings = self.detector.scan(text);
        count(counts, &findings);
        for finding in &findings {
            let action = match handling::action_on(self.register, finding, route) {
                Action::Mask => Action::Block,
                action => action,
            };
            act(&mut out.blocked, &mut out.asked, finding, action, text);
            weigh(&mut out.signals, self.scale, finding);
            out.told.more.push(elsewhere(finding, action, "data:"));
        }
    }

    /// What is not handed on raises the grade by its marks, and is counted.
    fn aside(&self, out: &mut Examined, counts: &mut BTreeMap<String, u32>, text: &str, names: &[String]) {
        let mut findings = self.detector.scan(text);
        for name in names {
            findings.extend(self.detector.scan_name(name));
        }
        count(counts, &findings);
        for finding in &findings {
            weigh_mark(&mut out.signals, self.scale, finding);
            out.told.more.push(elsewhere(finding, Action::Warn, "添付ファイルの見えない部分か名前"));
        }
    }
}

impl Examined {
    /// The rules the person has to confirm, once a hint at unpublished matter is answered by a grade.
    pub(crate) fn settle_hints(&mut self, sensitive: bool) {
        if sensitive {
            self.asked.retain(|(rule, _)| rule != HINT);
        }
    }

    /// What was done, with the person's confirmation if it fits what is asked.
    pub(crate) fn handled(&self, person: &PersonId, confirm: Option<&str>, reason: Option<&str>) -> Handled {
        let asked: BTreeSet<&str> = self.asked.iter().map(|(rule, _)| rule.as_str()).collect();
        let fits = confirm.is_some() && confirm == self.token(person).as_deref();
        Handled {
            asked: asked.into_iter().map(str::to_owned).collect(),
            blocked: self.blocked.iter().cloned().collect(),
            confirmed: reason.map(str::trim).filter(|reason| fits && !reason.is_empty()).map(str::to_owned),
            masked: self.masked.iter().cloned().collect(),
        }
    }

    /// What confirms exactly what is asked, and nothing else: another number, another picture needs another word.
    /// `None` when nothing is asked.
    pub(crate) fn token(&self, person: &PersonId) -> Option<String> {
        if self.asked.is_empty() {
            return None;
        }
        let mut hash = Sha256::new();
        hash.update(b"sekisho confirm 1\n");
        for part in std::iter::once(person.as_str()).chain(self.asked.iter().flat_map(|(a, b)| [a.as_str(), b])) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hex(&hash.finalize()).get(..32).map(str::to_owned)
    }

    /// What was found and where, for the person who sent it.
    pub(crate) fn found(&self) -> Vec<Found> {
        let mut found = Vec::new();
        if !self.told.findings.is_empty() {
            let pieces = pieces::read(&self.told.source).unwrap_or_default();
            for (finding, action) in self.told.findings.iter().take(MOST_TOLD) {
                let piece = pieces.at(finding.span.start);
                let within = |at: usize| {
                    let start = piece?.text.start;
                    Some(pieces.text.get(start..at)?.chars().count())
                };
                found.push(Found {
                    rule: finding.rule.to_owned(),
                    title: title(finding.rule),
                    confidence: finding.confidence,
                    action: *action,
                    path: piece.map(|piece| piece.path.clone()).unwrap_or_default(),
                    start: within(finding.span.start),
                    end: within(finding.span.end),
                    detail: String::new(),
                });
            }
        }
        found.extend(self.told.more.iter().take(MOST_TOLD).cloned());
        found
    }
}

fn elsewhere(finding: &Finding, action: Action, detail: &str) -> Found {
    Found {
        rule: finding.rule.to_owned(),
        title: title(finding.rule),
        confidence: finding.confidence,
        action,
        path: String::new(),
        start: None,
        end: None,
        detail: detail.to_owned(),
    }
}

/// The title of a rule of detection.
pub fn title(rule: &str) -> &'static str {
    sekisho_detect::rules().iter().find(|known| known.id == rule).map_or("", |known| known.title)
}

fn count(counts: &mut BTreeMap<String, u32>, findings: &[Finding]) {
    for finding in findings {
        let count = counts.entry(finding.rule.to_owned()).or_default();
        *count = count.saturating_add(1);
    }
}

fn act(
    blocked: &mut BTreeSet<String>,
    asked: &mut BTreeSet<(String, String)>,
    finding: &Finding,
    action: Action,
    text: &str,
) {
    match action {
        // For keys the gate has a rule of its own, which says so in better words.
        Action::Block | Action::Mask if finding.signal != Signal::Credential => {
            blocked.insert(finding.rule.to_owned());
        }
        Action::Ask => {
            let matched = text.get(finding.span.clone()).unwrap_or_default();
            asked.insert((finding.rule.to_owned(), matched.to_owned()));
        }
        _ => {}
    }
}

/// May a body with these signals be kept as it is?
pub(crate) fn may_keep(signals: &Signals) -> bool {
    !(signals.out_of_scope || signals.my_number || signals.credential)
}

/// What may be kept of a JSON body: numbers and keys that must not be kept are taken out, and looked for once more.
pub(crate) fn kept(detector: &Detector, body: &Bytes, text: &str, findings: &[Finding], signals: &Signals) -> Kept {
    if may_keep(signals) {
        return Kept::Whole(body.clone());
    }
    if signals.out_of_scope {
        return Kept::Nothing;
    }
    let must_go = |finding: &&Finding| matches!(finding.signal, Signal::MyNumber | Signal::Credential);
    let places: Vec<Place> = findings
        .iter()
        .filter(must_go)
        .map(|finding| Place { span: finding.span.clone(), label: handling::label(finding.rule) })
        .collect();
    if places.is_empty() {
        // It was seen in another reading of the text than this one.
        return Kept::Nothing;
    }
    let redacted = pieces::read(body)
        .filter(|pieces| pieces.text == text)
        .and_then(|pieces| mask::apply(body, &pieces, &places))
        .map(|masked| masked.body);
    match redacted {
        Some(redacted) if is_clean(detector, &redacted) => Kept::Redacted(redacted.into()),
        _ => Kept::Nothing,
    }
}

/// What may be kept of an answer in one piece.
pub(crate) fn kept_answer(detector: &Detector, body: &Bytes, signals: &Signals) -> Kept {
    if may_keep(signals) {
        return Kept::Whole(body.clone());
    }
    let Some(pieces) = pieces::read(body) else { return Kept::Nothing };
    let findings = detector.scan(&pieces.text);
    kept(detector, body, &pieces.text, &findings, signals)
}

/// Nothing that must not be kept is left, whether the texts are read apart or as one.
fn is_clean(detector: &Detector, body: &[u8]) -> bool {
    let holds = |text: &str| {
        detector.scan(text).iter().any(|finding| {
            finding.confidence >= Confidence::Medium && matches!(finding.signal, Signal::MyNumber | Signal::Credential)
        })
    };
    pieces::read(body).is_some_and(|pieces| !holds(&pieces.text) && !holds(&pieces.text.replace('\n', "")))
}
