//! 言明書 as a system security plan: the service is the system, every item an implemented requirement.

mod import;

pub use import::{ImportedStatement, import_ssp};

use crate::document::{Document, Model};
use crate::error::ExportError;
use crate::names::{self, NS};
use crate::profile::{self, Selection};
use crate::text;
use crate::written::{Import, Metadata, Party, Property, State, SystemId};
use jiff::Timestamp;
use sekisho_domain::id::StatementId;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::statement::{Answer, ControlChange, Decision, StatementContent};
use serde::Serialize;

/// What the register knows of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementMeta {
    /// Identifier.
    pub id: StatementId,
    /// Version of the statement, such as `2`.
    pub version: String,
    /// The provider.
    pub provider: Option<Party>,
    /// When it was last changed.
    pub last_modified: Timestamp,
}

/// How far an item is implemented, as OSCAL says it.
pub(crate) const IMPLEMENTED: &str = "implemented";
pub(crate) const NOT_APPLICABLE: &str = "not-applicable";
/// Stands for an item that is not decided yet.
pub(crate) const PLANNED: &str = "planned";

/// The word for a kind of change.
pub(crate) fn change_key(change: ControlChange) -> &'static str {
    match change {
        ControlChange::Procedure => "procedure",
        ControlChange::Implementation => "implementation",
        ControlChange::Operation => "operation",
        ControlChange::Frequency => "frequency",
        ControlChange::ManagingTool => "managing-tool",
        ControlChange::NewlyAdopted => "newly-adopted",
        ControlChange::NewManager => "new-manager",
        ControlChange::AddedRegion => "added-region",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Plan {
    uuid: String,
    metadata: Metadata,
    import_profile: Import,
    system_characteristics: Characteristics,
    system_implementation: Implementation,
    control_implementation: Controls,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Characteristics {
    system_ids: Vec<SystemId>,
    system_name: String,
    description: String,
    props: Vec<Property>,
    system_information: Information,
    status: State,
    authorization_boundary: Described,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Information {
    information_types: Vec<InformationType>,
}

#[derive(Serialize)]
struct InformationType {
    uuid: String,
    title: &'static str,
    description: &'static str,
}

#[derive(Serialize)]
struct Described {
    description: String,
}

#[derive(Serialize)]
struct Implementation {
    components: Vec<Component>,
}

#[derive(Serialize)]
struct Component {
    uuid: String,
    r#type: &'static str,
    title: String,
    description: String,
    status: State,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Controls {
    description: &'static str,
    implemented_requirements: Vec<Requirement>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Requirement {
    uuid: String,
    control_id: String,
    by_components: Vec<ByComponent>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ByComponent {
    component_uuid: String,
    uuid: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Property>,
    implementation_status: State,
}

/// The service as a component: what the audit looks at.
pub(crate) fn component_uuid(statement: &StatementId) -> String {
    names::uuid("component", &[statement.as_str()])
}

/// Writes a statement.
pub fn export_ssp(meta: &StatementMeta, content: &StatementContent) -> Result<Vec<u8>, ExportError> {
    document(meta, content)?.write()
}

pub(crate) fn document(meta: &StatementMeta, content: &StatementContent) -> Result<Document, ExportError> {
    if content.answers.is_empty() {
        return Err(ExportError::Nothing {
            model: Model::SystemSecurityPlan,
            what_ja: "項目ごとの言明",
            what_en: "anything that is stated of an item",
        });
    }
    let service = &content.service;
    let name = text::line(&service.service_name, "—");
    let title = format!("{name} 言明書");
    let modified = names::instant(meta.last_modified)?;
    let id = meta.id.as_str();
    let head = [
        Property::ours("statement", id),
        Property::ours("catalogue", &content.catalogue),
        Property::ours("audit-period-start", content.from),
        Property::ours("audit-period-end", content.to),
    ];
    let requirement = |(criterion, answer): (&CriterionId, &Answer)| requirement(meta, *criterion, answer);
    let plan = Plan {
        uuid: names::uuid("ssp", &[id, &modified]),
        metadata: Metadata::new(&title, &meta.version, meta.last_modified, head)?.with(
            "provider",
            "クラウドサービス事業者",
            meta.provider.as_ref(),
        ),
        import_profile: Import::of(profile::kind(Selection::All), content.catalogue.as_str()),
        system_characteristics: Characteristics {
            system_ids: vec![SystemId { identifier_type: NS, id: id.to_owned() }],
            system_name: name.clone(),
            description: service.scope.clone(),
            props: characteristics(content),
            system_information: Information {
                information_types: vec![InformationType {
                    uuid: names::uuid("information", &[id]),
                    title: "言明の対象範囲で扱う情報",
                    description: "言明の対象範囲にあるサービスで扱う情報。",
                }],
            },
            status: State { state: "operational" },
            authorization_boundary: Described { description: service.scope.clone() },
        },
        system_implementation: Implementation {
            components: vec![Component {
                uuid: component_uuid(&meta.id),
                r#type: "this-system",
                title: name,
                description: service.scope.clone(),
                status: State { state: "operational" },
            }],
        },
        control_implementation: Controls {
            description: "管理基準の項目ごとの採否と個別管理策。",
            implemented_requirements: content.answers.iter().map(requirement).collect(),
        },
    };
    Document::of(Model::SystemSecurityPlan, &plan)
}

fn characteristics(content: &StatementContent) -> Vec<Property> {
    let service = &content.service;
    let mut props: Vec<Property> = Property::exact("service-name", &service.service_name).into_iter().collect();
    props.extend(service.service_models.iter().map(|m| Property::ours("service-model", m)));
    props.extend(service.regions.iter().map(|r| Property::ours("region", r)));
    props.extend(service.sub_services.iter().map(|s| Property::ours("sub-service", s)));
    props.push(Property::ours("generative-ai", service.generative_ai));
    props.extend(Property::unless_empty("ai-information", &service.ai_information));
    props.extend(Property::unless_empty("subsequent-events", &service.subsequent_events));
    props
}

fn requirement(meta: &StatementMeta, criterion: CriterionId, answer: &Answer) -> Requirement {
    let number = criterion.to_string();
    let (state, description, other) = match answer.decision {
        Some(Decision::Adopted) => (IMPLEMENTED, &answer.control, Property::unless_empty("reason", &answer.reason)),
        Some(Decision::Excluded) => {
            (NOT_APPLICABLE, &answer.reason, Property::unless_empty("control", &answer.control))
        }
        None => (PLANNED, &answer.control, Property::unless_empty("reason", &answer.reason)),
    };
    let mut props: Vec<Property> = other.into_iter().collect();
    props.extend(answer.overridden_by.as_ref().map(|by| Property::ours("overridden-by", by)));
    let changed = answer.changed.iter().map(|c| Property::ours("changed-since-last-audit", change_key(*c)));
    props.extend(changed);
    props.extend(Property::unless_empty("change-note", &answer.change_note));
    Requirement {
        uuid: names::uuid("requirement", &[meta.id.as_str(), &number]),
        control_id: names::control_id(criterion),
        by_components: vec![ByComponent {
            component_uuid: component_uuid(&meta.id),
            uuid: names::uuid("by-component", &[meta.id.as_str(), &number]),
            description: description.clone(),
            props,
            implementation_status: State { state },
        }],
    }
}
