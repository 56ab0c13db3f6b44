//! 監査計画 as an assessment plan: which items are looked at, how deep, and when.

use crate::document::{Document, Model};
use crate::engagement::EngagementMeta;
use crate::error::ExportError;
use crate::names;
use crate::scope::ReviewedControls;
use crate::ssp;
use crate::written::{Import, Metadata};
use sekisho_domain::ismap::engagement::AuditFile;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Plan {
    uuid: String,
    metadata: Metadata,
    import_ssp: Import,
    reviewed_controls: ReviewedControls,
    assessment_subjects: Vec<Subjects>,
    tasks: Vec<Task>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Subjects {
    r#type: &'static str,
    include_subjects: Vec<Subject>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Subject {
    subject_uuid: String,
    r#type: &'static str,
}

#[derive(Serialize)]
struct Task {
    uuid: String,
    r#type: &'static str,
    title: &'static str,
    timing: Timing,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Timing {
    within_date_range: Range,
}

#[derive(Serialize)]
struct Range {
    start: String,
    end: String,
}

/// Writes the plan of an audit: what its file has in scope.
pub fn export_assessment_plan(meta: &EngagementMeta, file: &AuditFile) -> Result<Vec<u8>, ExportError> {
    let plan = Plan {
        uuid: meta.document_uuid("assessment-plan")?,
        metadata: meta.metadata("監査計画")?,
        import_ssp: Import::of("ssp", meta.statement.as_str()),
        reviewed_controls: ReviewedControls::of(Model::AssessmentPlan, &file.scope)?,
        assessment_subjects: vec![Subjects {
            r#type: "component",
            include_subjects: vec![Subject { subject_uuid: ssp::component_uuid(&meta.statement), r#type: "component" }],
        }],
        tasks: vec![Task {
            uuid: meta.uuid("task", "period"),
            r#type: "action",
            title: "監査対象期間",
            timing: Timing {
                within_date_range: Range { start: names::day_begins(meta.from)?, end: names::day_ends(meta.to)? },
            },
        }],
    };
    Document::of(Model::AssessmentPlan, &plan)?.write()
}
