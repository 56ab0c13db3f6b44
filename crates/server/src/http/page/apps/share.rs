//! Sharing one's own app: it is asked for here and decided by somebody else.

use super::edit::read;
use crate::account::SignedIn;
use crate::app::catalog::{Kept, PAPER, REQUEST, Request, paper_content};
use crate::http::App;
use crate::http::page::act::{give, keep};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words::{Departments, Names};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, UnshareApp};
use sekisho_domain::id::{AppId, DepartmentId};
use sekisho_store::{Paper, PaperRow};

#[derive(Template)]
#[template(path = "apps/share.html")]
struct SharePage {
    frame: Frame,
    id: String,
    shared: Option<Shared>,
    changed: bool,
    waiting: Option<String>,
    returned: Option<(String, String)>,
    department: Field,
    note: Field,
}

struct Shared {
    department: String,
    reviewer: String,
    sha256: String,
}

async fn mine(app: &App, signed: &SignedIn, id: &str) -> Result<(Paper, Kept, AppId), PageError> {
    let paper = app.store.paper(PAPER, id).await?.filter(|paper| paper.row.owner == *signed.person());
    let paper = paper.ok_or(PageError::Missing)?;
    let kept = paper_content(&paper)?;
    let id = AppId::new(id).map_err(|_| PageError::Missing)?;
    Ok((paper, kept, id))
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    render(&app, &signed, &id, ("", ""), Vec::new(), StatusCode::OK).await
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (paper, kept, name) = mine(&app, &signed, &id).await?;
    let register = app.journal.register()?;
    let (department, note) = (fields.get("department"), fields.text("note"));
    let mut problems = Vec::new();
    match fields.get("act") {
        "unshare" => {
            let command = Command::UnshareApp(UnshareApp { app: name });
            match give(&app, &signed, command, "作成者が共有をやめた").await? {
                Ok(_) => return Ok(go(&format!("/apps/{id}?done=unshared"))),
                Err(refusal) => problems.push(Problem::refused("", &refusal)),
            }
        }
        "withdraw" => {
            app.journal.destroy_paper(REQUEST, &id, signed.person()).await?;
            return Ok(go(&format!("/apps/{id}/share")));
        }
        _ => {
            let wanted = DepartmentId::new(department).ok().filter(|wanted| register.department(wanted).is_some());
            if wanted.is_none() {
                problems.push(Problem::at("department", "共有する部局を選んでください。"));
            }
            if note.trim().is_empty() || note.chars().count() > 1_000 {
                problems.push(Problem::at("note", "共有したい理由を 1,000 文字以内で入力してください。"));
            }
            if let (Some(department), true) = (wanted, problems.is_empty()) {
                // What is handed in is this content; later changes of the app do not change the request.
                let file = read(&paper, &kept)?.file();
                let before = app.store.paper(REQUEST, &id).await?;
                let now = app.world.now();
                let row = PaperRow {
                    kind: REQUEST.to_owned(),
                    id: id.clone(),
                    owner: signed.person().clone(),
                    personal: false,
                    version: before.as_ref().map_or(1, |before| before.row.version + 1),
                    created_at: before.as_ref().map_or(now, |before| before.row.created_at),
                    changed_at: now,
                };
                let request = Request { file, department, note: note.trim().to_owned(), returned: None, by: None };
                if keep(&app, row, &request).await? {
                    return Ok(go(&format!("/apps/{id}?done=asked")));
                }
                problems.push(Problem::at("", "別の画面で先に依頼されました。いまの状態を確かめてください。"));
            }
        }
    }
    render(&app, &signed, &id, (department, &note), problems, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    id: &str,
    (department, note): (&str, &str),
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let (paper, kept, name) = mine(app, signed, id).await?;
    let register = app.journal.register()?;
    let definition = read(&paper, &kept)?;
    let departments = Departments::all(app).await?;
    let request: Option<Request> = match app.store.paper(REQUEST, id).await? {
        Some(paper) => Some(paper_content(&paper)?),
        None => None,
    };
    let record = register.shared_app(&name);
    let people: Vec<_> =
        record.map(|shared| &shared.reviewer).into_iter().chain(request.as_ref().and_then(|r| r.by.as_ref())).collect();
    let names = Names::of(app, people).await?;
    let shared = record.map(|shared| Shared {
        department: departments.get(&shared.department),
        reviewer: names.get(&shared.reviewer),
        sha256: shared.sha256.clone(),
    });
    let mine = register.person(signed.person()).map(|person| person.department.as_str()).unwrap_or_default();
    let chosen = if department.is_empty() { mine } else { department };
    let mut choices: Vec<Choice> = register
        .departments()
        .map(|department| Choice::new(department.department.as_str(), departments.get(&department.department)))
        .collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    let (path, up) = (format!("/apps/{id}/share"), format!("/apps/{id}"));
    let frame = Frame::new(app, Some(signed), &path, format!("共有する: {}", definition.name)).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/apps", "アプリ"), (&up, &definition.name)]);
    let returned = request.as_ref().and_then(|request| {
        let reason = request.returned.clone()?;
        Some((request.by.as_ref().map(|by| names.get(by)).unwrap_or_default(), reason))
    });
    let waiting = request.as_ref().filter(|request| request.returned.is_none());
    let share = SharePage {
        id: id.to_owned(),
        changed: record.is_some_and(|shared| shared.sha256 != definition.sha256()),
        shared,
        waiting: waiting.map(|request| departments.get(&request.department)),
        returned,
        department: Field::select("department", "共有する部局", choices)
            .help("選んだ部局と、その下の部局の人が使えるようになります。")
            .value(chosen)
            .told(&problems),
        note: Field::area("note", "共有したい理由", 4)
            .help("どの業務で、誰に使ってほしいか。審査する人が読みます。")
            .value(note)
            .told(&problems),
        frame: frame.wrong(problems),
    };
    Ok(page(status, &share))
}
