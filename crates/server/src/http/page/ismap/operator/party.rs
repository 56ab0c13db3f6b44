//! One 当事者: who acts for it in which role, its services, how it came to be so.

use super::super::as_of::AsOf;
use super::super::frame;
use super::super::history::{self, Past};
use super::{acts, seeing, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words::{Names, day};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepParty};
use sekisho_domain::id::{PartyId, PersonId};
use sekisho_domain::ismap::chronicle::Chronicle;
use sekisho_domain::ismap::party::{Party, PartyStep, SchemeRole};
use sekisho_domain::register::Register;
use serde::Deserialize;

/// People shown at once of those who were found.
const FOUND: u64 = 20;

#[derive(Template)]
#[template(path = "ismap/operator/party.html")]
struct PartyPage {
    frame: Frame,
    id: String,
    past: Option<String>,
    moment: Field,
    kind: &'static str,
    number: String,
    members: Vec<Member>,
    offerings: Vec<(String, String)>,
    /// The person may add someone: first they are looked for.
    admits: bool,
    who: Field,
    /// Nobody of that name was found.
    nobody: bool,
    outside: bool,
    admit: Option<Vec<Field>>,
    rename: Option<Vec<Field>>,
    history: Vec<Past>,
}

/// A person with a role.
struct Member {
    name: String,
    role: &'static str,
    person: String,
    role_key: String,
    release: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Looked {
    #[serde(default)]
    who: String,
    #[serde(default)]
    done: Option<String>,
}

/// How a page of a party is shown this time.
struct Asking<'f> {
    as_of: Option<Date>,
    who: &'f str,
    done: Option<&'static str>,
    given: &'f Fields,
    problems: Vec<Problem>,
}

fn role_key(role: SchemeRole) -> String {
    serde_json::to_value(role).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn role_of(key: &str) -> Option<SchemeRole> {
    serde_json::from_value(serde_json::Value::String(key.to_owned())).ok()
}

fn seen<'r>(register: &'r Register, person: &PersonId, id: &str) -> Result<(PartyId, &'r Chronicle<Party>), PageError> {
    let id = PartyId::new(id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().parties.get(&id).ok_or(PageError::Missing)?;
    let own = register.scheme().party_of(person) == Some(&id);
    if own || seeing::sees_all_parties(register, person) { Ok((id, chronicle)) } else { Err(PageError::Missing) }
}

/// Roles that the person may give to others here: asked of the register with somebody who cannot be admitted.
fn roles(app: &App, register: &Register, signed: &SignedIn, id: &PartyId, party: &Party) -> Vec<SchemeRole> {
    let may = |role: &SchemeRole| {
        let step = PartyStep::Admit { person: signed.person().clone(), role: *role };
        let command = Command::StepParty(StepParty { party: id.clone(), step });
        acts::would(app, register, signed, command).err().is_none_or(|refusal| refusal.code != "NOT_ALLOWED")
    };
    party.kind.roles().iter().copied().filter(may).collect()
}

/// People of that name. Who comes from outside finds only whose whole name they know: the directory of the body is not
/// theirs to browse.
async fn find(app: &App, register: &Register, signed: &SignedIn, words: &str) -> Result<Vec<Choice>, PageError> {
    let found = app.store.find_people(words, FOUND).await?;
    let plain = |name: &str| name.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let outside = register.scheme().is_outsider(signed.person());
    let fits = |name: &str| !outside || plain(name) == plain(words);
    let active = |person: &PersonId| register.person(person).is_some_and(|p| p.active);
    let people = found.into_iter().filter(|row| active(&row.person) && fits(&row.name));
    Ok(people
        .map(|row| {
            let elsewhere = register.scheme().party_of(&row.person).and_then(|id| register.scheme().parties.now(id));
            let help = elsewhere.filter(|_| !outside).map_or(String::new(), |p| format!("「{}」の人です。", p.name));
            let label = if row.post.is_empty() { row.name } else { format!("{}（{}）", row.name, row.post) };
            Choice { help, ..Choice::new(row.person.as_str(), label) }
        })
        .collect())
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    past: AsOf,
    Query(looked): Query<Looked>,
) -> Result<Response, PageError> {
    let done = match looked.done.as_deref() {
        Some("enter") => Some("当事者を登録しました。続けて、その立場で動く人を加えてください。"),
        Some("admit") => Some("人を加えました。"),
        Some("release") => Some("役割を外しました。"),
        Some("rename") => Some("名称を変えました。"),
        _ => None,
    };
    let as_of = past.day();
    let asking = Asking { as_of, who: &looked.who, done, given: &Fields::default(), problems: Vec::new() };
    one(&app, &signed, &id, asking).await
}

async fn one(app: &App, signed: &SignedIn, id: &str, asking: Asking<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (id, chronicle) = seen(&register, signed.person(), id)?;
    let then = match asking.as_of {
        Some(on) => Some(chronicle.as_of(on).ok_or(PageError::Missing)?),
        None => None,
    };
    let party = then.as_ref().unwrap_or_else(|| chronicle.now());
    let mentioned = chronicle.steps().filter_map(|s| match &s.step {
        PartyStep::Admit { person, .. } | PartyStep::Release { person, .. } => Some(person),
        _ => None,
    });
    let people: Vec<&PersonId> = mentioned.chain(party.members.keys()).collect();
    let names = Names::of(app, people).await?;
    let can = if asking.as_of.is_some() { Vec::new() } else { roles(app, &register, signed, &id, party) };
    let status = if asking.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let path = format!("/ismap/parties/{id}");
    let frame = frame(app, signed, &path, party.name.clone(), &[("/ismap/parties", "当事者")]).await?;
    let frame = frame.notice(asking.done).wrong(asking.problems);
    let told = &frame.problems;
    let given = asking.given;
    let words = if asking.who.trim().is_empty() { given.line("who") } else { asking.who.trim() };
    let found =
        if can.is_empty() || words.is_empty() { Vec::new() } else { find(app, &register, signed, words).await? };
    let nobody = found.is_empty() && !words.is_empty();
    let admit = (!found.is_empty()).then(|| {
        let choices = can.iter().map(|role| Choice {
            help: if role.needs_second_factor() { "二要素認証が必要です。" } else { "" }.to_owned(),
            ..Choice::new(role_key(*role), role.label())
        });
        vec![
            Field::radio("person", "加える人", found).value(given.get("person")).told(told),
            Field::radio("role", "役割", choices.collect()).value(given.get("role")).told(told),
            Field::area("reason", "理由", 2).optional().value(given.get("reason")).told(told),
        ]
    });
    let step = PartyStep::Rename { name: String::new() };
    let renames = asking.as_of.is_none()
        && acts::is_open(app, &register, signed, Command::StepParty(StepParty { party: id.clone(), step }));
    let rename = renames.then(|| {
        let typed = given.get("name");
        vec![
            Field::text("name", "新しい名称", "organization")
                .value(if typed.is_empty() { &party.name } else { typed })
                .told(told),
        ]
    });
    let members = party.members.iter().flat_map(|(person, held)| {
        let (names, can) = (&names, &can);
        held.iter().map(move |role| Member {
            name: names.get(person),
            role: role.label(),
            person: person.to_string(),
            role_key: role_key(*role),
            release: can.contains(role),
        })
    });
    let shown = PartyPage {
        past: asking.as_of.map(day),
        moment: Field::input("date", "as_of", "過去の日の時点"),
        kind: party.kind.label(),
        number: party.corporate_number.clone(),
        members: members.collect(),
        offerings: party.offerings.iter().map(|(id, name)| (name.clone(), id.to_string())).collect(),
        admits: !can.is_empty(),
        who: Field::input("search", "who", "氏名").value(words).told(told),
        nobody,
        outside: register.scheme().is_outsider(signed.person()),
        admit,
        rename,
        history: history::of(app, chronicle, asking.as_of, |step| wording::party(step, |person| names.get(person)))
            .await?,
        id: id.to_string(),
        frame,
    };
    Ok(page(status, &shown))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (party, _) = seen(&register, signed.person(), &id)?;
    let mut problems = Vec::new();
    let act = fields.get(acts::ACT);
    let step = match act {
        "admit" | "release" => {
            let person = PersonId::new(fields.line("person"));
            if person.is_err() {
                problems.push(Problem::at("person", "加える人を選んでください。"));
            }
            let role = role_of(fields.line("role"));
            if role.is_none() {
                problems.push(Problem::at("role", "役割を選んでください。"));
            }
            person.ok().zip(role).map(|(person, role)| match act {
                "admit" => PartyStep::Admit { person, role },
                _ => PartyStep::Release { person, role },
            })
        }
        "rename" => Some(PartyStep::Rename { name: fields.line("name").to_owned() }),
        _ => {
            problems.push(Problem::at("", "何をするかを選んでください。"));
            None
        }
    };
    if let Some(step) = step {
        let command = Command::StepParty(StepParty { party: party.clone(), step });
        match give(&app, &signed, command, &fields.text("reason")).await? {
            Ok(_) => return Ok(go(&format!("/ismap/parties/{party}?done={act}"))),
            Err(refusal) => {
                let field = match (refusal.code, act) {
                    ("MUST_NOT_BE_KEPT", _) => "reason",
                    ("SEPARATION_OF_DUTIES" | "UNKNOWN", "admit") => "person",
                    ("INVALID", "admit") => "role",
                    ("INVALID", "rename") => "name",
                    _ => "",
                };
                problems.push(Problem::refused(field, &refusal));
            }
        }
    }
    let asking = Asking { as_of: None, who: "", done: None, given: &fields, problems };
    one(&app, &signed, &id, asking).await
}
