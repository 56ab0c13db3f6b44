//! `/ismap/list/{number}`: everything known of one row, its history, and what of ours rests on it.

use super::super::as_of::AsOf;
use super::super::frame;
use super::rows::{procures, tone};
use crate::http::App;
use crate::http::page::act::once;
use crate::http::page::desk::{governs, permit_standing};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, page};
use crate::http::page::words::{self, Names};
use crate::ismap::freshness::{Freshness, freshness};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::Registration;
use sekisho_domain::ismap::list::{RowChange, RowField};
use sekisho_domain::permit::ApplicationState;
use sekisho_domain::register::{Register, RowVersion};
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "ismap/list/row.html")]
struct RowPage {
    frame: Frame,
    past: Option<String>,
    number: String,
    compare: String,
    state: &'static str,
    tone: &'static str,
    official: String,
    computed: Option<String>,
    differs: bool,
    renewal: Option<String>,
    incidents: Vec<String>,
    fields: Vec<RowField>,
    source: Source,
    fresh: Option<Freshness>,
    history: Vec<Past>,
    resting: Option<Vec<Resting>>,
    annex: Option<Annex>,
}

/// Where the row comes from.
struct Source {
    text: String,
    url: String,
    sha256: String,
}

impl Source {
    fn of(row: &Registration) -> Self {
        let none = |text: String| Self { text, url: String::new(), sha256: String::new() };
        match (&row.decided_by, &row.source) {
            (Some(meeting), _) => none(format!("運営委員会の決定（会議 {meeting}）による登録です。")),
            (None, Some(source)) => Self {
                text: format!("公表されたリスト（{} 取得）から取り込みました。", words::day(source.fetched_on)),
                url: source.url.clone(),
                sha256: source.sha256.clone(),
            },
            (None, None) => none("手で記録された行です。公表されたリストとは照らし合わされていません。".into()),
        }
    }

    /// A link is followed only where it leads to the web.
    fn link(&self) -> bool {
        self.url.starts_with("https://") || self.url.starts_with("http://")
    }
}

struct Past {
    when: String,
    what: &'static str,
    /// Nobody where only what is published may be seen.
    who: Option<String>,
    reason: String,
    changes: Vec<RowChange>,
}

/// A service of ours that rests on the row, with its permits and applications.
struct Resting {
    href: String,
    name: String,
    permits: Vec<(String, String, &'static str, &'static str)>,
    applications: usize,
}

struct Annex {
    once: String,
    field: Field,
}

/// What made a version, in words.
fn what(kind: &str) -> &'static str {
    match kind {
        "registration.recorded" => "記録した",
        "registration.status_changed" => "状態の変更",
        "registration.renewal_filed" => "更新の申請",
        "registration.renewed" => "更新",
        "registration.renewal_ended" => "更新の申請の終わり",
        "incident.opened" => "インシデントの記録",
        "incident.closed" => "インシデントの終結",
        _ => "変更",
    }
}

async fn history(app: &App, register: &Register, number: &str, until: Date) -> Result<Vec<Past>, PageError> {
    let versions: Vec<&RowVersion> = versions(register, number, until).collect();
    let people: Vec<&PersonId> = versions.iter().map(|version| &version.by).collect();
    let names = Names::of(app, people).await?;
    let before = std::iter::once(None).chain(versions.iter().map(|version| Some(&version.row)));
    let mut lines: Vec<Past> = versions
        .iter()
        .zip(before)
        .map(|(version, before)| Past {
            when: words::day(in_japan(version.at)),
            what: what(version.kind),
            who: Some(names.get(&version.by)),
            reason: version.reason.clone(),
            changes: before.map(|before| before.changes_to(&version.row)).unwrap_or_default(),
        })
        .collect();
    lines.reverse();
    Ok(lines)
}

/// The history as far as it is published: what changed on the list and when, not who recorded it and why.
fn published_history(register: &Register, number: &str, until: Date) -> Vec<Past> {
    let mut before: Option<Registration> = None;
    let mut lines = Vec::new();
    for version in versions(register, number, until) {
        let row = version.row.published();
        if before.as_ref() != Some(&row) {
            let changes = before.map(|before| before.changes_to(&row)).unwrap_or_default();
            let when = words::day(in_japan(version.at));
            lines.push(Past { when, what: what(version.kind), who: None, reason: String::new(), changes });
        }
        before = Some(row);
    }
    lines.reverse();
    lines
}

fn versions<'r>(register: &'r Register, number: &str, until: Date) -> impl Iterator<Item = &'r RowVersion> {
    register.registration_history(number).take_while(move |version| in_japan(version.at) <= until)
}

/// What of ours rests on a row, as far as the person sees it. Nothing of it is shown to people of other parties.
fn resting(register: &Register, person: &PersonId, number: &str, today: Date) -> Option<Vec<Resting>> {
    if register.scheme().is_outsider(person) {
        return None;
    }
    let known = register.person(person)?;
    let all = governs(register, person);
    let on_it = register.services().filter(|record| record.service.ismap.as_deref() == Some(number));
    let one = on_it.map(|record| {
        let id = &record.service.service;
        let mine = register.permits_on(id).filter(|permit| all || register.in_range(&permit.draft.users, known));
        let permits = mine.map(|permit| {
            let (tone, standing) = permit_standing(permit.standing_on(today));
            let class = if tone.class().is_empty() { "quiet" } else { tone.class() };
            (format!("/permits/{}", permit.permit), permit.draft.purpose.clone(), standing, class)
        });
        let open = register.applications_for(id).filter(|application| {
            (all || application.applicant == *person)
                && matches!(application.state, ApplicationState::Submitted | ApplicationState::Returned)
        });
        Resting {
            href: format!("/services/{id}"),
            name: record.service.name.clone(),
            permits: permits.collect(),
            applications: open.count(),
        }
    });
    Some(one.collect())
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(number): Path<String>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let past = as_of.day();
    let day = past.unwrap_or(today);
    let row = match past {
        Some(past) => register.registration_as_of(&number, past),
        None => register.registration(&number),
    };
    let row = register.scheme().seen_row(signed.person(), row.ok_or(PageError::Missing)?);
    let history = match row {
        Cow::Borrowed(_) => history(&app, &register, &number, day).await?,
        Cow::Owned(_) => published_history(&register, &number, day),
    };
    let state = row.state_on(day);
    let computed = row.computed_until();
    let provider = row.offering.as_ref().and_then(|offering| register.scheme().provider_of(offering));
    let annex = (past.is_none() && provider.is_some() && procures(&register, signed.person())).then(|| Annex {
        once: once(&app),
        field: Field::area("purpose", "何のために見たいか", 2)
            .help("事業者の言明責任者が読み、いつまで見せるかを決めます。"),
    });
    let shown = RowPage {
        frame: frame(&app, &signed, "/ismap/list", row.service_name.clone(), &[("/ismap/list", "登録リスト")])
            .await?
            .wide(),
        past: past.map(words::day),
        number: row.number.clone(),
        compare: format!(
            "/ismap/list/compare?{}",
            form_urlencoded::Serializer::new(String::new()).append_pair("number", &row.number).finish()
        ),
        state: state.label(),
        tone: if tone(state).class().is_empty() { "quiet" } else { tone(state).class() },
        official: words::day(row.valid_until),
        differs: computed.is_some_and(|computed| computed != row.valid_until),
        computed: computed.map(words::day),
        renewal: row.renewal_filed_on.map(words::day),
        incidents: row.incidents.iter().cloned().collect(),
        fields: row.fields(),
        source: Source::of(&row),
        fresh: row.decided_by.is_none().then(|| freshness(&register, day, today)).flatten(),
        history,
        resting: if past.is_none() { resting(&register, signed.person(), &number, today) } else { None },
        annex,
    };
    Ok(page(StatusCode::OK, &shown))
}
