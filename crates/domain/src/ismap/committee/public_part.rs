//! What of a statement the list publishes (登録規則 3.8). The annex and the audit's report stay where they are.

use crate::ismap::catalogue::Catalogue;
use crate::ismap::criterion::{Criterion, Level};
use crate::ismap::registration::DeclaredScope;
use crate::ismap::statement::{Decision, StatementContent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The part of a statement that is published (登録規則 3.8), as the decision puts it on the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PublicPart {
    /// Regions, sub-services, generative AI.
    pub scope: DeclaredScope,
    /// 言明の対象範囲 in words.
    pub statement_scope: String,
    /// IaaS, PaaS, SaaS.
    pub service_models: BTreeSet<String>,
    /// What is said of generative AI.
    pub ai_information: String,
    /// 後発事象.
    pub subsequent_events: String,
    /// Implemented objectives among the 基本言明要件.
    pub objectives: BTreeSet<String>,
}

impl PublicPart {
    /// Takes the public part out of a content.
    pub fn of(catalogue: &Catalogue, content: &StatementContent) -> Self {
        let adopted = |id| content.answers.get(&id).is_some_and(|a| a.decision == Some(Decision::Adopted));
        let basic = |c: &&Criterion| {
            c.id.level() == Level::Objective
                && adopted(c.id)
                && (c.flag_basic || catalogue.details(c.id).any(|d| d.flag_basic && adopted(d.id)))
        };
        let s = &content.service;
        Self {
            scope: DeclaredScope {
                regions: s.regions.clone(),
                sub_services: s.sub_services.clone(),
                generative_ai: s.generative_ai,
            },
            statement_scope: s.scope.clone(),
            service_models: s.service_models.clone(),
            ai_information: s.ai_information.clone(),
            subsequent_events: s.subsequent_events.clone(),
            objectives: catalogue.criteria.iter().filter(basic).map(|c| c.id.to_string()).collect(),
        }
    }
}
