//! Any assessment results: ours come back whole; those of another tool give scope, observations and what is not satisfied,
//! as far as they speak of our criteria.

use super::{EVIDENCE_KINDS, FINDING_STATES, conclusion_key, document, evidence_key, finding_key, method_key};
use crate::document::{Document, Model};
use crate::engagement::EngagementMeta;
use crate::error::ImportError;
use crate::names;
use crate::read::{Node, Props, Reader};
use crate::report::{Report, Why};
use crate::scope;
use jiff::Timestamp;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::engagement::{AuditFile, Conclusion, Evaluation, Evidence, Finding, FindingState, Method};
use std::collections::BTreeMap;

/// What was made of assessment results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedResults {
    /// What the register is to know of the audit.
    pub meta: EngagementMeta,
    /// Its file.
    pub file: AuditFile,
    /// What is not in it.
    pub report: Report,
}

/// Makes the file of an audit of assessment results. `engagement` is the audit they are meant for: it stands in for what
/// a document from elsewhere does not say. Nothing is dropped without a note.
pub fn import_assessment_results(
    document_read: &Document,
    engagement: &EngagementMeta,
) -> Result<ImportedResults, ImportError> {
    let reader = Reader::default();
    let results = document_read.open(&reader, Model::AssessmentResults)?;
    let meta = EngagementMeta::read(&results, engagement)?;
    let mut file = AuditFile::default();
    for result in results.list("results")? {
        opinion(&result, &mut file)?;
        scope::read(&result.need("reviewed-controls")?, &mut file.scope)?;
        let spoken_of = controls_of_observations(&result)?;
        for seen in result.unread_list("observations")? {
            observation(&seen, &spoken_of, &mut file.evaluations)?;
        }
        for found in result.unread_list("findings")? {
            finding(&found, &mut file.findings)?;
        }
    }
    if let Some(back_matter) = results.get("back-matter")? {
        for resource in back_matter.unread_list("resources")? {
            evidence(&resource, &mut file.evidence)?;
        }
    }
    let again = document(&meta, &file).ok();
    let mut report = reader.report(document_read.root(), again.as_ref().map(Document::root));
    report.notes.extend(document_read.notes().iter().cloned());
    Ok(ImportedResults { meta, file, report })
}

fn opinion(result: &Node<'_>, file: &mut AuditFile) -> Result<(), ImportError> {
    let text = result.need_text("description")?;
    if !file.opinion.is_empty() && !text.is_empty() {
        file.opinion.push('\n');
    }
    file.opinion.push_str(text);
    if file.statement_sha256.is_empty() {
        file.statement_sha256 = result.props()?.ours("statement-sha256")?.unwrap_or_default();
    }
    Ok(())
}

/// Observations name no control; the findings that rest on them do.
fn controls_of_observations<'a>(result: &Node<'a>) -> Result<BTreeMap<&'a str, CriterionId>, ImportError> {
    let mut spoken_of = BTreeMap::new();
    for finding in result.unread_list("findings")? {
        let target = finding.peek_value("target").and_then(|t| t.get("target-id")?.as_str());
        let Some(id) = target.and_then(names::criterion) else { continue };
        let related = finding.peek_value("related-observations").and_then(|r| r.as_array());
        for uuid in related.into_iter().flatten().filter_map(|r| r.get("observation-uuid")?.as_str()) {
            spoken_of.entry(uuid).or_insert(id);
        }
    }
    Ok(spoken_of)
}

fn observation(
    node: &Node<'_>,
    spoken_of: &BTreeMap<&str, CriterionId>,
    evaluations: &mut BTreeMap<CriterionId, Evaluation>,
) -> Result<(), ImportError> {
    let mut props = node.props()?;
    let ours = props.parsed("criterion", |t| CriterionId::parse(t).ok())?;
    let of_finding = || node.peek("uuid").and_then(|uuid| spoken_of.get(uuid)).copied();
    let Some(id) = ours.or_else(of_finding) else {
        node.tell(Why::NoControl);
        return Ok(());
    };
    if let Some(known) = evaluations.get_mut(&id) {
        if ours.is_some() {
            node.tell(Why::Twice);
            return Ok(());
        }
        node.take();
        return join(known, node);
    }
    node.take();
    let conclusion = |text: &str| Conclusion::ALL.into_iter().find(|c| conclusion_key(*c) == text);
    let seen = Evaluation {
        design: props.parsed("design", conclusion)?,
        operating: props.parsed("operating", conclusion)?,
        methods: methods(node)?,
        note: node.need_text("description")?.to_owned(),
        evidence: relevant(node)?,
        by: props.parsed("evaluated-by", |t| PersonId::new(t).ok())?,
        on: day(node, &mut props, ours.is_some())?,
    };
    evaluations.insert(id, seen);
    Ok(())
}

/// A further observation of another tool: text, methods and evidence follow the first one's. Its day has no place.
fn join(known: &mut Evaluation, node: &Node<'_>) -> Result<(), ImportError> {
    for method in methods(node)? {
        if !known.methods.contains(&method) {
            known.methods.push(method);
        }
    }
    let note = node.need_text("description")?;
    if !known.note.is_empty() && !note.is_empty() {
        known.note.push('\n');
    }
    known.note.push_str(note);
    known.evidence.extend(relevant(node)?);
    Ok(())
}

fn methods(node: &Node<'_>) -> Result<Vec<Method>, ImportError> {
    let mut methods = Vec::new();
    for item in node.list("methods")? {
        let text = item.text()?;
        match Method::ALL.into_iter().find(|m| method_key(*m) == text) {
            Some(method) => methods.push(method),
            None if text == "UNKNOWN" => {}
            None => item.tell(Why::Value),
        }
    }
    Ok(methods)
}

fn relevant(node: &Node<'_>) -> Result<Vec<String>, ImportError> {
    let mut found = Vec::new();
    for item in node.unread_list("relevant-evidence")? {
        if let Some(sha) = item.props()?.ours("sha256")? {
            item.take();
            found.push(sha);
        }
    }
    Ok(found)
}

/// The day of an evaluation: our prop, or for another tool's observation the day it was collected.
fn day(node: &Node<'_>, props: &mut Props<'_>, ours: bool) -> Result<Option<jiff::civil::Date>, ImportError> {
    let on = props.parsed("evaluated-on", |t| t.parse().ok())?;
    if on.is_some() || ours {
        return Ok(on);
    }
    let Some(collected) = node.get("collected")? else { return Ok(None) };
    let at: Timestamp =
        collected.text()?.parse().map_err(|_| collected.form("時差の付いた日時", "a date-time with a zone"))?;
    Ok(Some(in_japan(at)))
}

fn finding(node: &Node<'_>, findings: &mut BTreeMap<String, Finding>) -> Result<(), ImportError> {
    let target = node.peek_value("target");
    let state = target.and_then(|t| t.get("status")?.get("state")?.as_str());
    let id = target.and_then(|t| t.get("target-id")?.as_str()).and_then(names::criterion);
    match node.peek_ours("kind") {
        // Follows from the observations; the report tells when it does not.
        Some("conclusion") => return Ok(()),
        Some(_) => {}
        None if id.is_some() && state == Some("satisfied") => {
            node.tell(Why::Unsplit);
            return Ok(());
        }
        None => {}
    }
    let Some(criterion) = id else {
        node.tell(Why::NoControl);
        return Ok(());
    };
    let mut props = node.props()?;
    let given = props.ours("finding-name")?;
    let ours = given.is_some();
    let mut at = findings.len();
    let name = given.unwrap_or_else(|| {
        loop {
            at += 1;
            let name = format!("F-{at}");
            if !findings.contains_key(&name) {
                return name;
            }
        }
    });
    if findings.contains_key(&name) {
        node.tell(Why::Twice);
        return Ok(());
    }
    node.take();
    let target = node.need("target")?;
    target.get("target-id")?;
    if !ours && state == Some("not-satisfied") {
        target.need("status")?.get("state")?;
    }
    let known = |text: &str| FINDING_STATES.into_iter().find(|s| finding_key(*s) == text);
    let finding = Finding {
        criterion,
        text: node.need_text("description")?.to_owned(),
        response: props.ours("response")?.unwrap_or_default(),
        due: props.parsed("due", |t| t.parse().ok())?,
        state: props.parsed("finding-state", known)?.unwrap_or(FindingState::Open),
    };
    findings.insert(name, finding);
    Ok(())
}

fn evidence(node: &Node<'_>, known: &mut BTreeMap<String, Evidence>) -> Result<(), ImportError> {
    let mut props = node.props()?;
    let Some(sha) = props.ours("sha256")? else {
        return Ok(());
    };
    if known.contains_key(&sha) {
        node.tell(Why::Twice);
        return Ok(());
    }
    let kind = |text: &str| EVIDENCE_KINDS.into_iter().find(|k| evidence_key(*k) == text);
    let kind = props.parsed("evidence-kind", kind)?;
    let effective_on = props.parsed("effective-on", |t| t.parse().ok())?;
    let (Some(kind), Some(effective_on)) = (kind, effective_on) else {
        node.tell(Why::Value);
        return Ok(());
    };
    node.take();
    let title = node.text_of("title")?.unwrap_or_default().to_owned();
    let evidence = Evidence {
        title: props.ours("title")?.unwrap_or(title),
        kind,
        effective_on,
        valid_until: props.parsed("valid-until", |t| t.parse().ok())?,
    };
    known.insert(sha, evidence);
    Ok(())
}
