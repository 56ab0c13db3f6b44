//! A statement out of a system security plan of ours. One from elsewhere lacks what a statement needs, and the missing
//! part is named.

use super::{IMPLEMENTED, NOT_APPLICABLE, PLANNED, StatementMeta, change_key, document};
use crate::document::{Document, Model};
use crate::error::ImportError;
use crate::names;
use crate::read::{Node, Props, Reader};
use crate::report::{Report, Why};
use crate::written;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::statement::{Answer, ControlChange, Decision, ServiceProfile, StatementContent};
use std::collections::{BTreeMap, BTreeSet};

/// What was made of a system security plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedStatement {
    /// What the register is to know of it.
    pub meta: StatementMeta,
    /// What is stated.
    pub content: StatementContent,
    /// What is not in it.
    pub report: Report,
}

/// Makes a statement of a system security plan that carries our props. Nothing is dropped without a note.
pub fn import_ssp(document_read: &Document) -> Result<ImportedStatement, ImportError> {
    let reader = Reader::default();
    let plan = document_read.open(&reader, Model::SystemSecurityPlan)?;
    let mut head = written::head(&plan)?;
    // The title follows from the name of the service.
    let version = head.version()?;
    let mut props = head.props;
    let needed = |props: &mut Props<'_>, name: &str| {
        props.ours(name)?.ok_or_else(|| ImportError::Missing {
            path: format!("{}.metadata.props[name = {name}, ns = {}]", plan.path(), names::NS),
        })
    };
    let wrong = || plan.form("識別子と日付の props を持つ言明書", "a statement whose props hold identifiers and days");
    let meta = StatementMeta {
        id: needed(&mut props, "statement")?.parse().map_err(|_| wrong())?,
        version,
        provider: head.party,
        last_modified: head.last_modified,
    };
    let content = StatementContent {
        catalogue: needed(&mut props, "catalogue")?.parse().map_err(|_| wrong())?,
        from: needed(&mut props, "audit-period-start")?.parse().map_err(|_| wrong())?,
        to: needed(&mut props, "audit-period-end")?.parse().map_err(|_| wrong())?,
        service: service(&plan.need("system-characteristics")?)?,
        answers: answers(&plan.need("control-implementation")?)?,
    };
    let again = document(&meta, &content).ok();
    let mut report = reader.report(document_read.root(), again.as_ref().map(Document::root));
    report.notes.extend(document_read.notes().iter().cloned());
    Ok(ImportedStatement { meta, content, report })
}

fn service(system: &Node<'_>) -> Result<ServiceProfile, ImportError> {
    let mut props = system.props()?;
    let name = system.need_text("system-name")?.to_owned();
    let set = |props: &mut Props<'_>, name: &str| Ok::<_, ImportError>(props.all(name)?.into_iter().collect());
    Ok(ServiceProfile {
        service_name: props.ours("service-name")?.unwrap_or(name),
        scope: system.need_text("description")?.to_owned(),
        regions: set(&mut props, "region")?,
        sub_services: set(&mut props, "sub-service")?,
        service_models: set(&mut props, "service-model")?,
        generative_ai: props.parsed("generative-ai", |t| t.parse().ok())?.unwrap_or(false),
        ai_information: props.ours("ai-information")?.unwrap_or_default(),
        subsequent_events: props.ours("subsequent-events")?.unwrap_or_default(),
    })
}

fn answers(
    controls: &Node<'_>,
) -> Result<BTreeMap<sekisho_domain::ismap::criterion::CriterionId, Answer>, ImportError> {
    let mut answers = BTreeMap::new();
    for requirement in controls.list("implemented-requirements")? {
        let Some(id) = names::criterion(requirement.need_text("control-id")?) else {
            requirement.tell(Why::NotOurNumber);
            continue;
        };
        if answers.contains_key(&id) {
            requirement.tell(Why::Twice);
            continue;
        }
        let mut stated = None;
        for component in requirement.unread_list("by-components")? {
            if stated.is_none() {
                component.take();
                stated = Some(answer(&component)?);
            }
        }
        answers.insert(id, stated.unwrap_or_default());
    }
    Ok(answers)
}

fn answer(component: &Node<'_>) -> Result<Answer, ImportError> {
    let description = component.need_text("description")?.to_owned();
    let mut props = component.props()?;
    let mut answer =
        Answer { overridden_by: props.parsed("overridden-by", |t| PersonId::new(t).ok())?, ..Answer::default() };
    let state = component.get("implementation-status")?;
    let state = state.map(|s| s.need("state")).transpose()?;
    let word = state.as_ref().map(Node::text).transpose()?;
    if word == Some(NOT_APPLICABLE) {
        answer.decision = Some(Decision::Excluded);
        answer.reason = description;
        answer.control = props.ours("control")?.unwrap_or_default();
    } else {
        answer.control = description;
        answer.reason = props.ours("reason")?.unwrap_or_default();
        match (word, &state) {
            (Some(IMPLEMENTED), _) => answer.decision = Some(Decision::Adopted),
            (Some(PLANNED), _) | (_, None) => {}
            // Partial, alternative: people have to decide what it means here.
            (_, Some(state)) => state.tell(Why::Value),
        }
    }
    answer.changed = changes(&mut props)?;
    answer.change_note = props.ours("change-note")?.unwrap_or_default();
    Ok(answer)
}

fn changes(props: &mut Props<'_>) -> Result<BTreeSet<ControlChange>, ImportError> {
    let mut changed = BTreeSet::new();
    let kind = |text: &str| ControlChange::ALL.into_iter().find(|c| change_key(*c) == text);
    while let Some(read) = props.parsed_next("changed-since-last-audit", kind)? {
        changed.extend(read);
    }
    Ok(changed)
}
