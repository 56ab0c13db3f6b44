//! What a decision rests on: every fact has a value, because a policy that meets a missing one would be skipped.

use crate::grade::Grade;
use crate::id::{PersonId, ServiceId};
use crate::ismap::RegistrationState;
use crate::service::{Consultation, ProvisionForm};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The state of the permit a request rests on, on the day of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermitStanding {
    /// The caller holds none.
    None,
    /// Its period has not begun.
    NotYet,
    /// In force.
    Active,
    /// Suspended by hand or by a change of what it rests on.
    Suspended,
    /// Its period is over.
    Expired,
    /// Revoked.
    Revoked,
}

/// DS-920: the judgement of the risk of the use case a permit names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskStanding {
    /// No 高リスク判定シート.
    Unassessed,
    /// Judged low.
    Low,
    /// Possibly high, the CAIO has not decided.
    PossiblyHigh,
    /// Possibly high, and the CAIO has accepted it.
    AcceptedByCaio,
    /// The CAIO has refused it.
    RefusedByCaio,
}

/// Everything the rules may look at, flat. Recorded with each use so that the decision can be repeated to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    // ---- the request ----
    /// The model name the caller gave.
    pub model: String,
    /// The app the request came through; empty for a direct call.
    pub app: String,
    /// The network zone the request came from; empty when none is configured.
    pub zone: String,
    /// Highest of declared, inherited and detected grade.
    pub grade: Grade,
    /// The label of `grade`, for explanations.
    pub grade_label: String,
    /// `grade` is 要機密情報.
    pub sensitive: bool,
    /// The mark of 特定秘密 or the like was found: outside every rule set.
    pub out_of_scope_information: bool,
    /// A 個人番号 was found.
    pub my_number: bool,
    /// A key, password or other credential was found.
    pub credential: bool,
    /// A mark that forbids sending, copying or passing on was found (取扱制限).
    pub sending_restricted: bool,
    /// Something was found that the body stops (検出の取扱い).
    pub finding_blocked: bool,
    /// Something was found that the person has to confirm and has not.
    pub finding_unconfirmed: bool,

    // ---- the person ----
    /// Who asks.
    pub person: PersonId,
    /// The person's department; empty when unknown.
    pub department: String,
    /// The person's post; empty when unknown.
    pub post: String,

    // ---- the service ----
    /// The service that offers the model; `unknown` when no registered service does.
    pub service: ServiceId,
    /// What people call the service.
    pub service_name: String,
    /// A registered, not withdrawn service offers the model.
    pub service_known: bool,
    /// 約款型 / 個別契約 / 自組織運用.
    pub form: ProvisionForm,
    /// The model is generative AI.
    pub generative_ai: bool,
    /// How it is reached, such as `internet` or `lgwan-asp`.
    pub hosting_route: String,
    /// Where it is processed, such as `jp`.
    pub region: String,
    /// ISO code of the governing law.
    pub governing_law: String,
    /// A 注意喚起 about the service is open.
    pub advisory_open: bool,
    /// Reporting duty of the 申合せ for 個別契約.
    pub consultation: Consultation,

    // ---- ISMAP ----
    /// State of the registration on the day of the request.
    pub ismap: RegistrationState,
    /// The registration is under ISMAP-LIU.
    pub ismap_liu: bool,
    /// Model, region and AI feature lie within 言明の対象範囲.
    pub in_declared_scope: bool,
    /// What lies outside it, in words; empty when nothing does.
    pub scope_gap: String,
    /// An incident of the registration is open.
    pub incident_open: bool,
    /// LIU: the work is on the published list and the impact was judged low.
    pub liu_work_listed_low: bool,

    // ---- the permit ----
    /// State of the permit on the day of the request.
    pub permit: PermitStanding,
    /// What changed under a suspended permit, in words; empty otherwise.
    pub permit_changes: String,
    /// The permit names this service.
    pub permit_covers_service: bool,
    /// The purpose (業務) the caller gave, if any, is the one the permit names.
    pub permit_covers_purpose: bool,
    /// 利用者の範囲 includes the person.
    pub in_user_range: bool,
    /// The permit's ceiling.
    pub ceiling: Grade,
    /// The label of `ceiling`, for explanations.
    pub ceiling_label: String,
    /// 規程: all four parts are enacted.
    pub regulation_complete: bool,
    /// DS-920 standing of the use case.
    pub risk: RiskStanding,
    /// Codes of conditional reasons that an approver has met for this permit, such as `INCIDENT_OPEN`.
    pub acknowledged: BTreeSet<String>,
}
