//! Who am I here: roles, department, the permits that include me today, and how I sign in.

use super::door::Seen;
use super::error::PageError;
use super::frame::{Frame, page};
use super::sign_in::Asked;
use crate::http::App;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::ServiceId;
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "me.html")]
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

fn grade(register: &Register, grade: Grade) -> String {
    let levels = register.organization().map(|body| body.grades.levels());
    let level = levels.and_then(|levels| levels.get(usize::from(grade.0)));
    level.map_or_else(|| grade.0.to_string(), |level| level.label.clone())
}

fn service(register: &Register, id: &ServiceId) -> String {
    register.service(id).map_or_else(|| id.to_string(), |record| record.service.name.clone())
}

pub(super) async fn show(
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
            services: permit.draft.services.iter().map(|id| service(&register, id)).collect::<Vec<_>>().join("、"),
            ceiling: grade(&register, permit.draft.ceiling),
            until: permit.draft.until.strftime("%Y年%-m月%-d日").to_string(),
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
