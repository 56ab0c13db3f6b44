//! `/ismap`: what waits for me, by the roles I hold, and where everything is.

use super::frame;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::RegistrationState;
use sekisho_domain::ismap::party::PartyKind;

#[derive(Template)]
#[template(path = "ismap/home.html")]
struct HomePage {
    frame: Frame,
    /// For whom one acts, and as what.
    acting: String,
    /// What waits for the person: text, address, what the link says.
    tasks: Vec<(String, String, &'static str)>,
    /// How many more there are than are shown.
    more: usize,
    listed: usize,
    continuing: usize,
    places: Vec<(&'static str, &'static str, &'static str)>,
}

/// Path, name, what it is for, and the kinds of party that need it; none means everybody.
type Door = (&'static str, &'static str, &'static str, &'static [PartyKind]);

/// Tasks that are shown at once.
const TASKS: usize = 40;

const DOORS: &[Door] = &[];

pub(super) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let scheme = register.scheme();
    let party = scheme.party_of(signed.person()).and_then(|id| scheme.parties.now(id));
    let roles: Vec<&str> = scheme.roles_of(signed.person()).into_iter().map(|role| role.label()).collect();
    let acting = party.map_or(String::new(), |party| format!("{}（{}）", party.name, roles.join("・")));
    let count = |state| register.registrations().filter(|r| r.state_on(today) == state).count();
    let mut tasks = super::operator::waiting(&register, signed.person(), today);
    let more = tasks.len().saturating_sub(TASKS);
    tasks.truncate(TASKS);
    let kind = party.map(|party| party.kind);
    let mine = DOORS.iter().filter(|(.., kinds)| kinds.is_empty() || kind.is_some_and(|kind| kinds.contains(&kind)));
    let home = HomePage {
        frame: frame(&app, &signed, "/ismap", "ISMAP", &[]).await?,
        acting,
        tasks,
        more,
        listed: count(RegistrationState::Active),
        continuing: count(RegistrationState::Continuing),
        places: mine.map(|(path, label, about, _)| (*path, *label, *about)).collect(),
    };
    Ok(page(StatusCode::OK, &home))
}
