//! 実施結果報告書 and the file behind it as assessment results: an observation for each evaluated item, a finding for each
//! conclusion and for each 発見事項, a resource for each piece of evidence.

mod import;

pub use import::{ImportedResults, import_assessment_results};

use crate::document::{Document, Model};
use crate::engagement::EngagementMeta;
use crate::error::ExportError;
use crate::names;
use crate::scope::ReviewedControls;
use crate::text;
use crate::written::{BackMatter, Hash, Import, Metadata, Property, Resource, ResourceLink};
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::engagement::{
    AuditFile, Conclusion, Evaluation, Evidence, EvidenceKind, Finding, FindingState, Method,
};
use serde::Serialize;

pub(crate) fn method_key(method: Method) -> &'static str {
    match method {
        Method::Examine => "EXAMINE",
        Method::Interview => "INTERVIEW",
        Method::Test => "TEST",
    }
}

pub(crate) fn conclusion_key(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Effective => "effective",
        Conclusion::Deficient => "deficient",
        Conclusion::NotApplicable => "not-applicable",
    }
}

const FINDING_STATES: [FindingState; 4] =
    [FindingState::Open, FindingState::Answered, FindingState::Resolved, FindingState::Reported];

pub(crate) fn finding_key(state: FindingState) -> &'static str {
    match state {
        FindingState::Open => "open",
        FindingState::Answered => "answered",
        FindingState::Resolved => "resolved",
        FindingState::Reported => "reported",
    }
}

const EVIDENCE_KINDS: [EvidenceKind; 4] =
    [EvidenceKind::Document, EvidenceKind::Interview, EvidenceKind::TestResult, EvidenceKind::Certificate];

pub(crate) fn evidence_key(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Document => "document",
        EvidenceKind::Interview => "interview",
        EvidenceKind::TestResult => "test-result",
        EvidenceKind::Certificate => "certificate",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Results {
    uuid: String,
    metadata: Metadata,
    import_ap: Import,
    results: Vec<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    back_matter: Option<BackMatter>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Outcome {
    uuid: String,
    title: &'static str,
    description: String,
    start: String,
    end: String,
    props: Vec<Property>,
    reviewed_controls: ReviewedControls,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    observations: Vec<Observation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<OscalFinding>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Observation {
    uuid: String,
    title: String,
    description: String,
    props: Vec<Property>,
    methods: Vec<&'static str>,
    types: [&'static str; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relevant_evidence: Vec<RelevantEvidence>,
    collected: String,
}

#[derive(Serialize)]
struct RelevantEvidence {
    href: String,
    description: String,
    props: Vec<Property>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct OscalFinding {
    uuid: String,
    title: String,
    description: String,
    props: Vec<Property>,
    target: Target,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_observations: Vec<RelatedObservation>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Target {
    r#type: &'static str,
    target_id: String,
    status: TargetStatus,
}

#[derive(Serialize)]
struct TargetStatus {
    state: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RelatedObservation {
    observation_uuid: String,
}

/// Writes the file of an audit.
pub fn export_assessment_results(meta: &EngagementMeta, file: &AuditFile) -> Result<Vec<u8>, ExportError> {
    document(meta, file)?.write()
}

pub(crate) fn document(meta: &EngagementMeta, file: &AuditFile) -> Result<Document, ExportError> {
    let observations: Result<Vec<Observation>, ExportError> =
        file.evaluations.iter().map(|(id, e)| observation(meta, file, *id, e)).collect();
    let conclusions = file.evaluations.iter().filter_map(|(id, e)| concluded(meta, *id, e));
    let found = file.findings.iter().map(|(name, f)| finding(meta, file, name, f));
    let resources: Vec<Resource> = file.evidence.iter().map(|(sha, e)| resource(meta, sha, e)).collect();
    let results = Results {
        uuid: meta.document_uuid("assessment-results")?,
        metadata: meta.metadata("監査結果")?,
        import_ap: Import::of("assessment-plan", meta.id.as_str()),
        results: vec![Outcome {
            uuid: meta.uuid("result", ""),
            title: "監査結果",
            description: file.opinion.clone(),
            start: names::day_begins(meta.from)?,
            end: names::day_ends(meta.to)?,
            props: vec![Property::ours("statement-sha256", &file.statement_sha256)],
            reviewed_controls: ReviewedControls::of(Model::AssessmentResults, &file.scope)?,
            observations: observations?,
            findings: conclusions.chain(found).collect(),
        }],
        back_matter: (!resources.is_empty()).then_some(BackMatter { resources }),
    };
    Document::of(Model::AssessmentResults, &results)
}

fn observation_uuid(meta: &EngagementMeta, id: CriterionId) -> String {
    meta.uuid("observation", &id.to_string())
}

fn observation(
    meta: &EngagementMeta,
    file: &AuditFile,
    id: CriterionId,
    evaluation: &Evaluation,
) -> Result<Observation, ExportError> {
    let concluded = |name, c: Option<Conclusion>| c.map(|c| Property::ours(name, conclusion_key(c)));
    let props = [
        Some(Property::ours("criterion", id)),
        concluded("design", evaluation.design),
        concluded("operating", evaluation.operating),
        evaluation.on.map(|on| Property::ours("evaluated-on", on)),
        evaluation.by.as_ref().map(|by| Property::ours("evaluated-by", by)),
    ];
    let methods: Vec<&'static str> = evaluation.methods.iter().map(|m| method_key(*m)).collect();
    let relevant = |sha: &String| RelevantEvidence {
        href: format!("#{}", meta.uuid("evidence", sha)),
        description: file.evidence.get(sha).map_or_else(|| "証跡".to_owned(), |e| e.title.clone()),
        props: vec![Property::ours("sha256", sha)],
    };
    Ok(Observation {
        uuid: observation_uuid(meta, id),
        title: format!("{id} の評価"),
        description: evaluation.note.clone(),
        props: props.into_iter().flatten().collect(),
        methods: if methods.is_empty() { vec!["UNKNOWN"] } else { methods },
        types: ["control-objective"],
        relevant_evidence: evaluation.evidence.iter().map(relevant).collect(),
        // OSCAL wants an instant; an evaluation without a day of its own was made by the end of the period.
        collected: evaluation.on.map_or_else(|| names::day_ends(meta.to), names::day_begins)?,
    })
}

/// The conclusion about an item; none while nothing was concluded.
fn concluded(meta: &EngagementMeta, id: CriterionId, evaluation: &Evaluation) -> Option<OscalFinding> {
    let both = [evaluation.design, evaluation.operating];
    let satisfied = if both.contains(&Some(Conclusion::Deficient)) {
        false
    } else if both.contains(&Some(Conclusion::Effective)) {
        true
    } else {
        return None;
    };
    let labels: Vec<String> = [("整備状況", evaluation.design), ("運用状況", evaluation.operating)]
        .into_iter()
        .filter_map(|(what, c)| Some(format!("{what}: {}", c?.label())))
        .collect();
    Some(OscalFinding {
        uuid: meta.uuid("conclusion", &id.to_string()),
        title: format!("{id} の結論"),
        description: labels.join("、"),
        props: vec![Property::ours("kind", "conclusion")],
        target: target(id, satisfied),
        related_observations: vec![RelatedObservation { observation_uuid: observation_uuid(meta, id) }],
    })
}

fn target(id: CriterionId, satisfied: bool) -> Target {
    let (state, reason) = if satisfied { ("satisfied", "pass") } else { ("not-satisfied", "fail") };
    Target { r#type: "statement-id", target_id: names::statement_id(id), status: TargetStatus { state, reason } }
}

/// The UUID of a 発見事項.
pub(crate) fn finding_uuid(meta: &EngagementMeta, name: &str) -> String {
    meta.uuid("finding", name)
}

/// A 発見事項 by its name. What is resolved is satisfied: the provider mended it.
pub(crate) fn finding(meta: &EngagementMeta, file: &AuditFile, name: &str, finding: &Finding) -> OscalFinding {
    let props = [
        Some(Property::ours("kind", "finding")),
        Some(Property::ours("finding-name", name)),
        Some(Property::ours("finding-state", finding_key(finding.state))),
        finding.due.map(|due| Property::ours("due", due)),
        Property::unless_empty("response", &finding.response),
    ];
    let observed = file.evaluations.contains_key(&finding.criterion);
    let observation_uuid = observation_uuid(meta, finding.criterion);
    OscalFinding {
        uuid: finding_uuid(meta, name),
        title: format!("{} {}", text::line(name, "発見事項"), text::headline(&finding.text, "発見事項")),
        description: finding.text.clone(),
        props: props.into_iter().flatten().collect(),
        target: target(finding.criterion, finding.state == FindingState::Resolved),
        related_observations: observed.then_some(RelatedObservation { observation_uuid }).into_iter().collect(),
    }
}

fn resource(meta: &EngagementMeta, sha: &str, evidence: &Evidence) -> Resource {
    let props = [
        Some(Property::ours("sha256", sha)),
        Some(Property::ours("evidence-kind", evidence_key(evidence.kind))),
        Some(Property::ours("effective-on", evidence.effective_on)),
        evidence.valid_until.map(|day| Property::ours("valid-until", day)),
        Property::exact("title", &evidence.title),
    ];
    let is_hash = sha.len() == 64 && sha.bytes().all(|b| b.is_ascii_hexdigit());
    let link = || ResourceLink {
        href: format!("evidence/{sha}"),
        hashes: vec![Hash { algorithm: "SHA-256", value: sha.to_owned() }],
    };
    Resource {
        uuid: meta.uuid("evidence", sha),
        title: text::line(&evidence.title, "証跡"),
        props: props.into_iter().flatten().collect(),
        rlinks: is_hash.then(link).into_iter().collect(),
    }
}
