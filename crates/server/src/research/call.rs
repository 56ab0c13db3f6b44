//! A call of a tool as a use: by a permit for the built-in search, decided, recorded before and after.

use crate::installation::Installation;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::id::UseId;
use sekisho_domain::register::{Register, ServiceRecord};
use sekisho_domain::service::Wire;
use sekisho_gate::call::{Call, Narrowing, Passed, Stopped, TellOfFindings};
use sekisho_gate::identify::Caller;
use sekisho_gate::inbound::Unreadable;
use sekisho_gate::pipeline::name;
use sekisho_gate::upstream::{Endpoint, in_house};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A call that was let through.
#[derive(Debug)]
pub struct Called {
    /// The use.
    pub id: UseId,
    /// What the tool gave.
    pub result: Value,
    /// What was found.
    pub told: TellOfFindings,
}

impl Called {
    /// The result, and within it what was found in the call and the answer, and budgets that run out: a caller without headers has no other place
    /// to learn of it.
    pub fn with_findings(self) -> Value {
        let lists = [
            ("request", self.told.in_request()),
            ("masked", self.told.masked.join(",")),
            ("answer", self.told.in_answer()),
        ];
        let found: Map<String, Value> = lists
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(of, list)| (of.to_owned(), list.into()))
            .collect();
        let mut result = self.result;
        if let Some(members) = result.as_object_mut().filter(|_| !found.is_empty()) {
            members.insert("findings".to_owned(), found.into());
        }
        let budgets = self.told.of_budgets();
        if let Some(members) = result.as_object_mut().filter(|_| !budgets.is_empty()) {
            members.insert("budgets".to_owned(), budgets.into());
        }
        result
    }
}

/// Calls a tool for someone.
///
/// # Errors
/// Whatever stops a use: the rules, arguments that cannot be read, a ledger that cannot be written.
pub async fn call(
    app: &Installation,
    caller: Caller,
    narrowing: Narrowing,
    tool: &str,
    arguments: Map<String, Value>,
) -> Result<Called, Stopped> {
    let register = app.journal.register().map_err(|error| Stopped::Unavailable { inside: error.to_string() })?;
    let (permit, model) = match choose(&register, app, &caller, &narrowing) {
        Ok(chosen) => chosen,
        Err(problem) => return Err(app.gate.refuse_unread(&caller, name(Endpoint::Tools), 0, problem).await),
    };
    let body = json!({ "model": model, "tool": tool, "arguments": arguments }).to_string().into();
    let narrowing = Narrowing { permit, ..narrowing };
    match app.gate.pass(Call { caller, endpoint: Endpoint::Tools, body, narrowing, trace: None }).await? {
        Passed::Whole { id, answer, told } => {
            let inside = || Stopped::Unavailable { inside: "the answer of a tool cannot be read".to_owned() };
            let mut result = in_house::result(&answer.body).ok_or_else(inside)?;
            // Whoever works with the result can name the use it came by.
            if let Some(members) = result.as_object_mut() {
                members.insert("use".to_owned(), id.as_str().into());
            }
            Ok(Called { id, result, told })
        }
        Passed::Stream { .. } => {
            Err(Stopped::Unavailable { inside: "a stream came though none was asked for".to_owned() })
        }
    }
}

/// Permit and model. A permit that does not fit, or none at all, is left to the gate, which refuses it on the record.
fn choose(
    register: &Register,
    app: &Installation,
    caller: &Caller,
    narrowing: &Narrowing,
) -> Result<(Option<String>, String), Unreadable> {
    let is_search = |record: &&ServiceRecord| !record.withdrawn && record.service.upstream.wire == Wire::Library;
    let services: Vec<&ServiceRecord> = register.services().filter(is_search).collect();
    let model = |record: &ServiceRecord| record.service.models.first().map(|model| model.model.to_string());
    let Some(first) = services.iter().find_map(|record| model(record)) else {
        return Err(Unreadable {
            code: "NO_SEARCH_SERVICE",
            param: None,
            ja: "検索のサービスが登録されていません。通信の形式が「内蔵の検索」のサービスの登録を、サービス管理者に依頼してください。".into(),
            en: "no service with the wire format `library` is registered".into(),
        });
    };
    let today = in_japan(app.world.now());
    let person = register.person(&caller.person);
    let mut reached: Vec<(String, String)> = Vec::new();
    for record in &services {
        let permits = register.permits_on(&record.service.service).filter(|permit| {
            permit.standing_on(today) == PermitStanding::Active
                && person.is_some_and(|person| register.in_range(&permit.draft.users, person))
        });
        let model = model(record).unwrap_or_else(|| first.clone());
        reached.extend(permits.map(|permit| (permit.permit.to_string(), model.clone())));
    }
    let named = narrowing.permit.clone().or_else(|| caller.permit.as_ref().map(ToString::to_string));
    if let Some(named) = named {
        let model = reached.iter().find(|(permit, _)| *permit == named).map_or(first, |(_, model)| model.clone());
        return Ok((Some(named), model));
    }
    let permits: BTreeSet<&str> = reached.iter().map(|(permit, _)| permit.as_str()).collect();
    match (reached.first(), permits.len()) {
        (None, _) => Ok((None, first)),
        (Some((permit, model)), 1) => Ok((Some(permit.clone()), model.clone())),
        _ => {
            let known = permits.into_iter().collect::<Vec<_>>().join(", ");
            Err(Unreadable {
                code: "PERMIT_NEEDED",
                param: Some("x-sekisho-permit".into()),
                ja: format!(
                    "検索に使える承認が複数あります。承認に結び付いた鍵を使うか、ヘッダー `x-sekisho-permit` で一つを指定してください: {known}"
                ),
                en: format!(
                    "several permits reach the search; use a key of one, or name one in `x-sekisho-permit`: {known}"
                ),
            })
        }
    }
}
