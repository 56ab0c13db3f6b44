//! The audit trail: who governed how, newest first.

use super::entry::actor;
use super::event_words;
use super::listing::{self, About, Filters, Listing, MOST, ROWS};
use super::period::{between, exact};
use super::uses::people;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, Problem, page};
use crate::http::page::list::Cell;
use crate::http::page::words::{self, Departments, Names};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::INSTALLATION;
use sekisho_domain::entry::{Entry, Governance};
use sekisho_domain::event::Event;
use sekisho_domain::id::{ApplicationId, DepartmentId, PermitId, PersonId, ServiceId};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use sekisho_store::{Cursor, TrailFilter, TrailRow};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Grants of the administrator's role that are looked through.
const GRANTS: u64 = 5_000;
/// The filter that stands for everyone who has ever administered.
const ADMINISTRATORS: &str = "administrators";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    kind: String,
    group: String,
    actor: String,
    subject: String,
    from: String,
    until: String,
    before: String,
    format: String,
}

#[derive(Template)]
#[template(path = "oversight/governance.html")]
struct GovernancePage {
    frame: Frame,
    fields: Vec<Field>,
    listing: Listing,
}

const ABOUT: About = About {
    path: "/oversight/governance",
    caption: "統制の記録",
    empty: "統制の記録はまだありません。機関の登録から始まる一つ一つの操作が、ここに並びます。",
    columns: &["番号", "日時", "操作", "した人", "対象", "根拠", "理由"],
};

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mut problems = Vec::new();
    let filter = filter(&app, &register, &wanted, &mut problems).await?;
    let before = listing::cursor(&wanted.before);
    if listing::exports(&wanted.format) && problems.is_empty() {
        let mut found = app.store.trail(&filter, None, MOST + 1).await?;
        let cut = found.len() as u64 > MOST;
        found.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        let rows = rows(&app, &register, &found).await?;
        return listing::file(&ABOUT, &wanted.format, "governance", rows, cut);
    }
    let mut found = if problems.is_empty() { app.store.trail(&filter, before, ROWS + 1).await? } else { Vec::new() };
    let shown = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let last = found.last().filter(|_| more).map(|row| Cursor { at: row.at, index: row.index });
    let filters = Filters::default()
        .keeping("kind", &wanted.kind)
        .keeping("group", &wanted.group)
        .keeping("actor", &wanted.actor)
        .keeping("subject", &wanted.subject)
        .keeping("from", &wanted.from)
        .keeping("until", &wanted.until);
    let rows = rows(&app, &register, &found).await?;
    let listing = Listing::new(&ABOUT, &filters, rows, before.is_some(), last);
    let fields = fields(&wanted, &problems);
    let status = Problem::status(&problems);
    let frame = Frame::new(&app, Some(&signed), "/oversight/governance", "監査証跡").await?;
    let frame = frame.below(&[("/", "ホーム")]).wide().wrong(problems);
    Ok(page(status, &GovernancePage { frame, fields, listing }))
}

async fn filter(
    app: &App,
    register: &Register,
    wanted: &Wanted,
    problems: &mut Vec<Problem>,
) -> Result<TrailFilter, PageError> {
    let (from, until) = between(&wanted.from, &wanted.until, problems);
    let mut actors = match wanted.actor.trim() {
        INSTALLATION => Some(PersonId::new(INSTALLATION).into_iter().collect()),
        typed => people(app, register, typed).await?,
    };
    if wanted.group == ADMINISTRATORS {
        let administrators = administrators(app).await?;
        actors = Some(match actors {
            Some(named) => named.into_iter().filter(|one| administrators.contains(one)).collect(),
            None => administrators.into_iter().collect::<Vec<_>>(),
        });
    }
    // A subject by its identifier, or a person by name.
    let subject = match wanted.subject.trim() {
        "" => None,
        text if text.is_ascii() => Some(text.to_owned()),
        text => {
            let people = app.store.people_named(text, 2).await?;
            match people.as_slice() {
                [one] => Some(one.to_string()),
                [] => {
                    problems.push(Problem::at("subject", "この氏名の人は名簿にいません。識別子で探すこともできます。"));
                    None
                }
                _ => {
                    problems.push(Problem::at(
                        "subject",
                        "この氏名に当たる人が複数います。仮名（p-…）で指定してください。",
                    ));
                    None
                }
            }
        }
    };
    let kind = event_words::all().map(|(kind, _)| kind).find(|kind| *kind == wanted.kind).map(str::to_owned);
    Ok(TrailFilter { kind, actors, subject, from, until })
}

/// Everyone who administers or ever has, and the installation itself, which acted before there was anyone.
async fn administrators(app: &App) -> Result<BTreeSet<PersonId>, PageError> {
    let filter = TrailFilter {
        kind: Some("role.granted".to_owned()),
        subject: Some("administrator".to_owned()),
        ..TrailFilter::default()
    };
    let mut people: BTreeSet<PersonId> = PersonId::new(INSTALLATION).into_iter().collect();
    for row in app.store.trail(&filter, None, GRANTS).await? {
        if let Event::RoleGranted(granted) = read(app, row.index).await?.event
            && granted.role == Role::Administrator
        {
            people.insert(granted.person);
        }
    }
    Ok(people)
}

async fn read(app: &App, index: u64) -> Result<Box<Governance>, PageError> {
    match Entry::read(&app.store.entry(index).await?) {
        Ok(Entry::Governance(entry)) => Ok(entry),
        Ok(_) | Err(_) => {
            tracing::error!(index, "an entry of the trail cannot be read");
            Err(PageError::Inside)
        }
    }
}

async fn rows(app: &App, register: &Register, found: &[TrailRow]) -> Result<Vec<Vec<Cell>>, PageError> {
    let mut entries = Vec::with_capacity(found.len());
    for row in found {
        entries.push((row.index, read(app, row.index).await?));
    }
    let mut named: BTreeSet<PersonId> = entries.iter().map(|(_, entry)| entry.actor.clone()).collect();
    named.extend(entries.iter().filter_map(|(_, entry)| person_of(&entry.event)));
    let names = Names::of(app, &named).await?;
    let departments = Departments::all(app).await?;
    let cells = |(index, entry): &(u64, Box<Governance>)| {
        vec![
            Cell::link(format!("/oversight/entries/{index}"), index.to_string()),
            Cell::text(exact(entry.at)),
            Cell::text(event_words::of(entry.event.kind())),
            Cell::text(actor(&names, &entry.actor)),
            Cell::text(subject(register, &names, &departments, &entry.event)),
            Cell::text(entry.clause.clone()),
            Cell::text(entry.reason.clone()),
        ]
    };
    Ok(entries.iter().map(cells).collect())
}

fn person_of(event: &Event) -> Option<PersonId> {
    let data = event.data().ok()?;
    ["person", "to"].into_iter().find_map(|field| PersonId::new(data.get(field)?.as_str()?).ok())
}

/// What an event is about, as people call it.
fn subject(register: &Register, names: &Names, departments: &Departments, event: &Event) -> String {
    let Ok(data) = event.data() else { return String::new() };
    let text = |field: &str| data.get(field).and_then(|value| value.as_str());
    let mut said = Vec::new();
    if let Some(id) = text("application").and_then(|id| ApplicationId::new(id).ok()) {
        let purpose = register.application(&id).map_or("", |one| one.draft.purpose.as_str());
        said.push(format!("申請「{purpose}」（{id}）"));
    } else if let Some(id) = text("permit").and_then(|id| PermitId::new(id).ok()) {
        said.push(format!("承認「{}」（{id}）", super::amounts::purpose(register, &id)));
    } else if let Some(id) = text("use") {
        said.push(format!("利用 {id}"));
    }
    if let Some(id) = text("service").and_then(|id| ServiceId::new(id).ok()) {
        said.push(words::service(register, &id));
    }
    if let Some(person) = text("person").and_then(|id| PersonId::new(id).ok()) {
        said.push(names.get(&person));
    } else if let Some(id) = text("department").and_then(|id| DepartmentId::new(id).ok()) {
        said.push(departments.get(&id));
    }
    if let Event::RoleGranted(sekisho_domain::event::RoleGranted { role, .. })
    | Event::RoleWithdrawn(sekisho_domain::event::RoleWithdrawn { role, .. }) = event
    {
        said.push(role.label().to_owned());
    }
    for field in ["number", "title", "name", "advisory", "incident", "rule_set", "rule", "key"] {
        if let Some(text) = text(field)
            && said.len() < 3
            && !said.iter().any(|one: &String| one.as_str() == text)
        {
            said.push(text.to_owned());
        }
    }
    said.join("、")
}

fn fields(wanted: &Wanted, problems: &[Problem]) -> Vec<Field> {
    let mut kinds = vec![Choice::new("", "すべて")];
    kinds.extend(event_words::all().map(|(kind, words)| Choice::new(kind, words)));
    let groups = vec![
        Choice::new("", "すべての人の操作"),
        Choice::new(ADMINISTRATORS, "システム管理者の操作（現在・過去の管理者と導入時の自動処理）"),
    ];
    [
        Field::select("group", "だれの操作か", groups).value(&wanted.group),
        Field::select("kind", "操作", kinds).value(&wanted.kind),
        Field::input("search", "actor", "した人").optional().help("氏名の一部、または仮名（p-…）").value(&wanted.actor),
        Field::input("search", "subject", "対象")
            .optional()
            .help("人の氏名、または申請・承認・サービス・利用などの識別子")
            .value(&wanted.subject),
        Field::input("date", "from", "始まりの日").optional().value(&wanted.from),
        Field::input("date", "until", "終わりの日").optional().value(&wanted.until),
    ]
    .into_iter()
    .map(|field| field.told(problems))
    .collect()
}
