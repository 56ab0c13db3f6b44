//! Who am I here: roles, department, the permits that include me today, and how I sign in.

use super::sign_in::Asked;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use crate::http::page::words;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;

#[derive(Template)]
#[template(path = "account/me.html")]
struct MePage {
    frame: Frame,
    name: String,
    login: String,
    department: String,
    post: String,
    roles: Vec<&'static str>,
    permits: Vec<Shown>,
    second_factor: bool,
    recovery_codes: u64,
}

struct Shown {
    purpose: String,
    services: String,
    ceiling: String,
    until: String,
    conditions: String,
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let known = app.store.directory_person(signed.person()).await?;
    let department = app.store.department_name(&person.department).await?;
    let mut permits: Vec<_> = register
        .permits()
        .filter(|p| p.standing_on(today) == PermitStanding::Active && register.in_range(&p.draft.users, person))
        .collect();
    permits.sort_by(|one, other| (&one.draft.until, &one.permit).cmp(&(&other.draft.until, &other.permit)));
    let permits = permits
        .into_iter()
        .map(|permit| Shown {
            purpose: permit.draft.purpose.clone(),
            services: permit
                .draft
                .services
                .iter()
                .map(|id| words::service(&register, id))
                .collect::<Vec<_>>()
                .join("、"),
            ceiling: words::grade(&register, permit.draft.ceiling),
            until: words::day(permit.draft.until),
            conditions: permit.conditions.join("、"),
        })
        .collect();
    let frame = Frame::new(&app, Some(&signed), "/me", "マイページ").await?;
    let frame = frame.below(&[("/", "ホーム")]).done(asked.done.as_deref());
    let (name, post) = known.map_or_else(Default::default, |known| (known.name, known.post));
    let page_of_mine = MePage {
        frame,
        name,
        login: signed.login.clone(),
        department: department.unwrap_or_else(|| person.department.to_string()),
        post,
        roles: person.roles.iter().map(|role| role.label()).collect(),
        permits,
        second_factor: register.means(signed.person()).is_some_and(|means| means.second_factor),
        recovery_codes: app.store.recovery_codes_left(signed.person()).await?,
    };
    Ok(page(StatusCode::OK, &page_of_mine))
}
