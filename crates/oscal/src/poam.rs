//! What the report leaves to be mended as a plan of action and milestones: an item with a risk for each 発見事項 that stands
//! in the report.

use crate::assessment_results::{OscalFinding, finding, finding_uuid};
use crate::document::{Document, Model};
use crate::engagement::EngagementMeta;
use crate::error::ExportError;
use crate::names::{self, NS};
use crate::text;
use crate::written::{Import, Metadata, Property, SystemId};
use sekisho_domain::ismap::engagement::{AuditFile, Finding, FindingState};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Plan {
    uuid: String,
    metadata: Metadata,
    import_ssp: Import,
    system_id: SystemId,
    risks: Vec<Risk>,
    findings: Vec<OscalFinding>,
    poam_items: Vec<Item>,
}

#[derive(Serialize)]
struct Risk {
    uuid: String,
    title: String,
    description: String,
    statement: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remediations: Vec<Remediation>,
}

#[derive(Serialize)]
struct Remediation {
    uuid: String,
    lifecycle: &'static str,
    title: &'static str,
    description: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Item {
    uuid: String,
    title: String,
    description: String,
    props: Vec<Property>,
    related_findings: [RelatedFinding; 1],
    related_risks: [RelatedRisk; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RelatedFinding {
    finding_uuid: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RelatedRisk {
    risk_uuid: String,
}

/// Writes what stays to be mended after an audit.
pub fn export_poam(meta: &EngagementMeta, file: &AuditFile) -> Result<Vec<u8>, ExportError> {
    let left: Vec<(&String, &Finding)> =
        file.findings.iter().filter(|(_, f)| f.state == FindingState::Reported).collect();
    if left.is_empty() {
        return Err(ExportError::Nothing {
            model: Model::PlanOfAction,
            what_ja: "報告書に残った発見事項",
            what_en: "a finding that stands in the report",
        });
    }
    // The observations stay in the results.
    let without_observations = AuditFile::default();
    let risks: Result<Vec<Risk>, ExportError> = left.iter().map(|(name, f)| risk(meta, name, f)).collect();
    let plan = Plan {
        uuid: meta.document_uuid("poam")?,
        metadata: meta.metadata("改善計画")?,
        import_ssp: Import::of("ssp", meta.statement.as_str()),
        system_id: SystemId { identifier_type: NS, id: meta.statement.to_string() },
        risks: risks?,
        findings: left.iter().map(|(name, f)| finding(meta, &without_observations, name, f)).collect(),
        poam_items: left.iter().map(|(name, f)| item(meta, name, f)).collect(),
    };
    Document::of(Model::PlanOfAction, &plan)?.write()
}

fn title(name: &str, finding: &Finding) -> String {
    format!("{} {} の改善", text::line(name, "発見事項"), finding.criterion)
}

fn risk(meta: &EngagementMeta, name: &str, finding: &Finding) -> Result<Risk, ExportError> {
    let response = || Remediation {
        uuid: meta.uuid("remediation", name),
        lifecycle: "planned",
        title: "事業者の対応",
        description: finding.response.clone(),
    };
    Ok(Risk {
        uuid: meta.uuid("risk", name),
        title: title(name, finding),
        description: finding.text.clone(),
        statement: finding.text.clone(),
        status: "open",
        deadline: finding.due.map(names::day_ends).transpose()?,
        remediations: (!finding.response.is_empty()).then(response).into_iter().collect(),
    })
}

fn item(meta: &EngagementMeta, name: &str, finding: &Finding) -> Item {
    let props = [
        Some(Property::ours("finding-name", name)),
        Some(Property::ours("criterion", finding.criterion)),
        finding.due.map(|due| Property::ours("due", due)),
    ];
    Item {
        uuid: meta.uuid("poam-item", name),
        title: title(name, finding),
        description: finding.text.clone(),
        props: props.into_iter().flatten().collect(),
        related_findings: [RelatedFinding { finding_uuid: finding_uuid(meta, name) }],
        related_risks: [RelatedRisk { risk_uuid: meta.uuid("risk", name) }],
    }
}
