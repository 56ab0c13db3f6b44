//! The form of an audit firm: how it meets the eight requirements, and its people. Handed in anew for every term.

use super::super::frame;
use super::wording::today;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words::Names;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepFirm};
use sekisho_domain::id::{PartyId, PersonId};
use sekisho_domain::ismap::firm::{FirmForm, FirmRequirement, FirmState, FirmStep, Ground};
use sekisho_domain::ismap::party::{Party, PartyKind, SchemeRole};
use sekisho_domain::register::Register;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Template)]
#[template(path = "ismap/audit/firm_form.html")]
struct FormPage {
    frame: Frame,
    path: String,
    fields: Vec<Field>,
    /// The next term can be asked for, until this day.
    renews: Option<String>,
    /// The form itself can be written.
    drafts: bool,
}

/// The field of a requirement.
fn field(requirement: FirmRequirement) -> &'static str {
    match requirement {
        FirmRequirement::Corporation => "ground.corporation",
        FirmRequirement::FollowsRules => "ground.follows_rules",
        FirmRequirement::CorporateNumber => "ground.corporate_number",
        FirmRequirement::ServiceStandard => "ground.service_standard",
        FirmRequirement::Ethics => "ground.ethics",
        FirmRequirement::Exec => "ground.exec",
        FirmRequirement::Lead => "ground.lead",
        FirmRequirement::Team => "ground.team",
    }
}

/// The firm, for its executive and its lead; for everybody else there is no such form.
fn own<'r>(register: &'r Register, signed: &SignedIn, id: &str) -> Result<(PartyId, &'r Party), PageError> {
    let id = PartyId::new(id).map_err(|_| PageError::Missing)?;
    let party = register.scheme().parties.now(&id).filter(|p| p.kind == PartyKind::AuditFirm);
    let party = party.ok_or(PageError::Missing)?;
    let roles = party.members.get(signed.person());
    let writes = roles.is_some_and(|r| r.contains(&SchemeRole::AuditExec) || r.contains(&SchemeRole::AuditLead));
    if writes { Ok((id, party)) } else { Err(PageError::Missing) }
}

async fn form(
    app: &App,
    signed: &SignedIn,
    id: &str,
    given: Option<&Fields>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let (register, now) = today(app)?;
    let (id, party) = own(&register, signed, id)?;
    let firm = register.scheme().firms.now(&id);
    let known = firm.and_then(|f| f.form.clone());
    let members: Vec<PersonId> = party.members.keys().cloned().collect();
    let names = Names::of(app, &members).await?;
    let holders = |role| -> Vec<Choice> {
        party.holders(role).map(|person| Choice::new(person.as_str(), names.get(person))).collect()
    };
    let value = |field: &str, kept: String| given.map_or(kept, |fields| fields.text(field));
    let mut fields = Vec::new();
    for requirement in FirmRequirement::ALL {
        let kept = known.as_ref().and_then(|f| f.grounds.get(&requirement)).map(|g| g.note.clone()).unwrap_or_default();
        let name = field(requirement);
        let label = format!("{} {}", requirement.article(), requirement.label());
        fields.push(Field::area(name, label, 2).value(&value(name, kept)).told(&problems));
    }
    let person = |kept: Option<&PersonId>| kept.map(ToString::to_string).unwrap_or_default();
    let exec = value("exec", person(known.as_ref().map(|f| &f.exec)));
    let lead = value("lead", person(known.as_ref().map(|f| &f.lead)));
    let execs = holders(SchemeRole::AuditExec);
    let leads = holders(SchemeRole::AuditLead);
    fields.push(Field::select("exec", "業務執行責任者", execs).value(&exec).told(&problems));
    fields.push(Field::select("lead", "業務実施責任者", leads).value(&lead).told(&problems));
    let team: Vec<String> = match given {
        Some(fields) => fields.chosen("team").into_iter().map(str::to_owned).collect(),
        None => known.iter().flat_map(|f| f.team.iter().map(ToString::to_string)).collect(),
    };
    let all = members.iter().map(|p| Choice::new(p.as_str(), names.get(p))).collect();
    let about = "業務執行責任者を含む 3 人以上を選んでください。";
    fields.push(Field::checks("team", "チーム", all).help(about).ticked(&team).told(&problems));
    let exception = value("exception", known.map(|f| f.exception).unwrap_or_default());
    let about = "国籍の例外（監査機関登録規則 3.8）に合意があるときだけ書きます。";
    fields.push(Field::area("exception", "例外の合意", 2).help(about).optional().value(&exception).told(&problems));
    let state = firm.map_or(FirmState::Draft, |f| f.state_on(now));
    let renews = (state == FirmState::Registered).then(|| firm.and_then(|f| f.until)).flatten();
    let path = format!("/ismap/firms/{id}/form");
    let back = format!("/ismap/firms/{id}");
    let status = Problem::status(&problems);
    let trail = [("/ismap/firms", "監査機関"), (back.as_str(), party.name.as_str())];
    let shown = FormPage {
        frame: frame(app, signed, &path, "監査機関の申請書", &trail).await?.wrong(problems),
        path,
        fields,
        renews: renews.map(crate::http::page::words::day),
        drafts: state != FirmState::Registered,
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    form(&app, &signed, &id, None, Vec::new()).await
}

/// What was typed, as far as it can be read.
fn read(fields: &Fields, problems: &mut Vec<Problem>) -> Option<FirmForm> {
    let mut grounds = BTreeMap::new();
    for requirement in FirmRequirement::ALL {
        let note = fields.text(field(requirement)).trim().to_owned();
        if note.chars().count() > 1_000 {
            problems.push(Problem::at(field(requirement), "1,000 文字までで書いてください。"));
        }
        if !note.is_empty() {
            grounds.insert(requirement, Ground { note, sha256: String::new() });
        }
    }
    let mut person = |name: &'static str, label: &str| match PersonId::new(fields.get(name)) {
        Ok(person) => Some(person),
        Err(_) => {
            problems.push(Problem::at(name, format!("{label}を選んでください。")));
            None
        }
    };
    let (exec, lead) = (person("exec", "業務執行責任者"), person("lead", "業務実施責任者"));
    let team: BTreeSet<PersonId> = fields.chosen("team").into_iter().filter_map(|p| PersonId::new(p).ok()).collect();
    Some(FirmForm { grounds, exec: exec?, lead: lead?, team, exception: fields.text("exception").trim().to_owned() })
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let (firm, _) = own(&register, &signed, &id)?;
    let mut problems = Vec::new();
    if let (Some(written), true) = (read(&fields, &mut problems), problems.is_empty()) {
        let (step, done) = match fields.get("act") {
            "renew" => (FirmStep::FileRenewal { form: written }, "renew"),
            _ => (FirmStep::Draft { form: written }, "draft"),
        };
        let on: Option<Date> = None;
        let command = Command::StepFirm(StepFirm { firm: firm.clone(), on, rule: None, step });
        match give(&app, &signed, command, "").await? {
            Ok(_) => return Ok(go(&format!("/ismap/firms/{firm}?done={done}"))),
            Err(refusal) => {
                let team = refusal.clause == Some("監査機関登録規則 3.8");
                problems.push(Problem::refused(if team { "team" } else { "" }, &refusal));
            }
        }
    }
    form(&app, &signed, &id, Some(&fields), problems).await
}
