//! The review of apps that shall be shared: what is accepted is this content and no other.

use super::rows;
use crate::account::SignedIn;
use crate::app::catalog::{ACCEPTED, Kept, MOST, REQUEST, Request, accepted, accepted_paper, paper_content};
use crate::app::definition::{Definition, written};
use crate::app::form;
use crate::app::guide::{self, Block};
use crate::http::App;
use crate::http::page::act::{give, keep};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::{Departments, Names, day};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, ShareApp, UnshareApp};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::AppId;
use sekisho_store::{Paper, PaperRow};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "apps/reviews.html")]
struct ReviewsPage {
    frame: Frame,
    waiting: Table,
    shared: Vec<SharedRow>,
}

struct SharedRow {
    href: String,
    name: String,
    department: String,
    author: String,
    reviewer: String,
}

#[derive(Template)]
#[template(path = "apps/review.html")]
struct ReviewPage {
    frame: Frame,
    id: String,
    state: Standing,
    about: Option<About>,
    reason: Field,
}

/// How far it is.
enum Standing {
    /// It waits, and who looks may decide.
    Waits { version: u64, seal: String, sha256: String, note: String, changed: Vec<&'static str> },
    /// Returned by someone, with the reason.
    Returned(String, String),
    /// Accepted, and nothing new is asked.
    Accepted { reviewer: String, sha256: String },
    /// Nothing is asked, nothing is shared.
    Nothing,
}

/// The app as the reviewer sees it.
struct About {
    author: String,
    department: String,
    overview: Vec<Block>,
    usage: Vec<Block>,
    /// Each field in a line.
    fields: Vec<String>,
    form: String,
    prompt: String,
    /// What was accepted before, if that is something else.
    before: Option<String>,
}

pub(in crate::http::page) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let departments = Departments::all(&app).await?;
    let mut waiting: Vec<(Paper, Request, Definition)> = Vec::new();
    for paper in app.store.papers(REQUEST, MOST).await? {
        let request: Request = paper_content(&paper)?;
        let Ok(definition) = Definition::read(&request.file) else { continue };
        if request.returned.is_none() && asked.finds(&[&definition.name, &definition.overview]) {
            waiting.push((paper, request, definition));
        }
    }
    let shared: Vec<_> = register.shared_apps().cloned().collect();
    let people: Vec<_> = waiting
        .iter()
        .map(|(paper, _, _)| &paper.row.owner)
        .chain(shared.iter().flat_map(|shared| [&shared.author, &shared.reviewer]))
        .collect();
    let names = Names::of(&app, people).await?;
    type Waiting = (Paper, Request, Definition);
    let by_age = |one: &Waiting, other: &Waiting| one.0.row.changed_at.cmp(&other.0.row.changed_at);
    let slice = asked.slice(waiting, &[("since", &by_age)]);
    let columns = [
        Column::plain("アプリ"),
        Column::plain("作成者"),
        Column::plain("共有先"),
        Column::sorted("since", "依頼した日"),
        Column::plain("区分"),
    ];
    let caption =
        ("審査を待つアプリ", "審査を待つアプリはありません。職員が「共有する」から依頼すると、ここに並びます。");
    let table = Table::new("/apps/review", caption, &columns, &asked, slice, |(paper, request, definition)| {
        let again = AppId::new(&paper.row.id).is_ok_and(|id| register.shared_app(&id).is_some());
        let mine = paper.row.owner == *signed.person();
        vec![
            Cell::link(format!("/apps/review/{}", paper.row.id), definition.name),
            Cell::text(names.get(&paper.row.owner)),
            Cell::text(departments.get(&request.department)),
            Cell::text(day(in_japan(paper.row.changed_at))),
            match (mine, again) {
                (true, _) => Cell::tag(Tone::Look, "自分の依頼"),
                (false, true) => Cell::tag(Tone::Plain, "変更"),
                (false, false) => Cell::tag(Tone::Plain, "新規"),
            },
        ]
    });
    if let Some(file) = table.file("app-reviews")? {
        return Ok(file);
    }
    let mut rows = Vec::new();
    for shared in &shared {
        let name =
            accepted(&app, shared).await?.map_or_else(|| shared.app.to_string(), |definition| definition.name.clone());
        rows.push(SharedRow {
            href: format!("/apps/review/{}", shared.app),
            name,
            department: departments.get(&shared.department),
            author: names.get(&shared.author),
            reviewer: names.get(&shared.reviewer),
        });
    }
    let notice = match asked.done.as_deref() {
        Some("accepted") => Some("共有を承認しました。選んだ部局の人が使えるようになりました。"),
        Some("returned") => Some("理由を添えて差し戻しました。"),
        Some("unshared") => Some("共有をやめました。"),
        _ => None,
    };
    let frame = Frame::new(&app, Some(&signed), "/apps/review", "共有の審査").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/apps", "アプリ")]).notice(notice);
    Ok(page(StatusCode::OK, &ReviewsPage { frame, waiting: table, shared: rows }))
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    render(&app, &signed, &id, "", Vec::new(), StatusCode::OK).await
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let name = AppId::new(&id).map_err(|_| PageError::Missing)?;
    let reason = fields.text("reason").trim().to_owned();
    let mut problems = Vec::new();
    if reason.chars().count() > 1_000 {
        problems.push(Problem::at("reason", "理由は 1,000 文字以内で入力してください。"));
    } else if fields.get("act") != "accept" && reason.is_empty() {
        problems.push(Problem::at("reason", "理由を入力してください。作成者に伝わります。"));
    }
    if !problems.is_empty() {
        return render(&app, &signed, &id, &reason, problems, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if fields.get("act") == "unshare" {
        return match give(&app, &signed, Command::UnshareApp(UnshareApp { app: name }), &reason).await? {
            Ok(_) => Ok(go("/apps/review?done=unshared")),
            Err(refusal) => {
                let problems = vec![Problem::refused("", &refusal)];
                render(&app, &signed, &id, &reason, problems, StatusCode::UNPROCESSABLE_ENTITY).await
            }
        };
    }
    let stale = || {
        vec![Problem::at("", "この依頼は、画面を開いた後に変わったか、先に処理されました。いまの状態を下に示します。")]
    };
    let Some(paper) = app.store.paper(REQUEST, &id).await? else {
        return render(&app, &signed, &id, &reason, stale(), StatusCode::CONFLICT).await;
    };
    let request: Request = paper_content(&paper)?;
    let version = fields.get("version").parse::<u64>().unwrap_or(0);
    if fields.get("seal") != request.seal() || version != paper.row.version || request.returned.is_some() {
        return render(&app, &signed, &id, &reason, stale(), StatusCode::CONFLICT).await;
    }
    let author = paper.row.owner.clone();
    if author == *signed.person() {
        let text = "自分のアプリは審査できません。外部サービス管理者か許可権限者の別の人が審査してください。";
        let problems = vec![Problem::at("", text)];
        return render(&app, &signed, &id, &reason, problems, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let now = app.world.now();
    if fields.get("act") == "accept" {
        let definition = Definition::read(&request.file).map_err(|_| PageError::Inside)?;
        let sha256 = definition.sha256();
        let row = PaperRow {
            kind: ACCEPTED.to_owned(),
            id: accepted_paper(&name, &sha256),
            owner: author.clone(),
            personal: false,
            version: 1,
            created_at: now,
            changed_at: now,
        };
        // The content first: what the ledger speaks of must be there. The same content kept before is as good.
        keep(&app, row, &Kept { file: definition.file(), outside: None }).await?;
        let department = request.department.clone();
        let command = Command::ShareApp(ShareApp { app: name, sha256, department, author: author.clone() });
        return match give(&app, &signed, command, &reason).await? {
            Ok(_) => {
                app.journal.destroy_paper(REQUEST, &id, &author).await?;
                Ok(go("/apps/review?done=accepted"))
            }
            Err(refusal) => {
                let problems = vec![Problem::refused("", &refusal)];
                render(&app, &signed, &id, &reason, problems, StatusCode::UNPROCESSABLE_ENTITY).await
            }
        };
    }
    let row = PaperRow { version: paper.row.version + 1, changed_at: now, ..paper.row };
    let returned = Request { returned: Some(reason.clone()), by: Some(signed.person().clone()), ..request };
    if keep(&app, row, &returned).await? {
        return Ok(go("/apps/review?done=returned"));
    }
    render(&app, &signed, &id, &reason, stale(), StatusCode::CONFLICT).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    id: &str,
    reason: &str,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let name = AppId::new(id).map_err(|_| PageError::Missing)?;
    let register = app.journal.register()?;
    let departments = Departments::all(app).await?;
    let paper = app.store.paper(REQUEST, id).await?;
    let request: Option<Request> = paper.as_ref().map(paper_content).transpose()?;
    let record = register.shared_app(&name);
    if paper.is_none() && record.is_none() && problems.is_empty() {
        return Err(PageError::Missing);
    }
    let known: Option<Arc<Definition>> = match record {
        Some(record) => accepted(app, record).await?,
        None => None,
    };
    let asked = request.as_ref().and_then(|request| Definition::read(&request.file).ok().map(Arc::new));
    let author =
        paper.as_ref().map(|paper| paper.row.owner.clone()).or_else(|| record.map(|record| record.author.clone()));
    let by = request.as_ref().and_then(|request| request.by.clone());
    let people: Vec<_> = author.iter().chain(by.iter()).chain(record.map(|record| &record.reviewer)).collect();
    let names = Names::of(app, people).await?;
    let department =
        request.as_ref().map(|request| &request.department).or_else(|| record.map(|record| &record.department));
    let state = match (&paper, &request, record) {
        (Some(paper), Some(request), _) => match &request.returned {
            Some(returned) => {
                Standing::Returned(by.as_ref().map(|by| names.get(by)).unwrap_or_default(), returned.clone())
            }
            None => Standing::Waits {
                version: paper.row.version,
                seal: request.seal(),
                sha256: asked.as_ref().map(|asked| asked.sha256()).unwrap_or_default(),
                note: request.note.clone(),
                changed: changed(known.as_deref(), asked.as_deref()),
            },
        },
        (_, _, Some(record)) => {
            Standing::Accepted { reviewer: names.get(&record.reviewer), sha256: record.sha256.clone() }
        }
        _ => Standing::Nothing,
    };
    let before = known.as_ref().map(|known| known.file()).filter(|_| asked.is_some());
    let shown = asked.or(known);
    let title = shown.as_ref().map_or_else(|| id.to_owned(), |definition| definition.name.clone());
    let about = shown.map(|definition| About {
        author: author.as_ref().map(|author| names.get(author)).unwrap_or_default(),
        department: department.map(|department| departments.get(department)).unwrap_or_default(),
        overview: guide::read(&definition.overview),
        usage: guide::read(&definition.usage),
        fields: definition.form.fields.iter().map(in_a_line).collect(),
        form: written(&definition.form.source),
        before: before.filter(|before| *before != definition.file()),
        prompt: definition.prompt.as_ref().map(|prompt| prompt.source.clone()).unwrap_or_default(),
    });
    let frame = Frame::new(app, Some(signed), &format!("/apps/review/{id}"), format!("審査: {title}")).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/apps", "アプリ"), ("/apps/review", "共有の審査")]);
    let reason = Field::area("reason", "理由", 3)
        .help("承認するときは任意です。台帳に残るので、個人の情報は書かないでください。")
        .value(reason)
        .told(&problems);
    Ok(page(status, &ReviewPage { id: id.to_owned(), state, about, reason, frame: frame.wrong(problems) }))
}

/// The parts that differ from what was accepted before.
fn changed(before: Option<&Definition>, now: Option<&Definition>) -> Vec<&'static str> {
    let (Some(before), Some(now)) = (before, now) else { return Vec::new() };
    let (before, now) = (before.parts(), now.parts());
    [
        ("名前", before.name != now.name),
        ("概要", before.overview != now.overview),
        ("使い方", before.usage != now.usage),
        ("フォーム", before.form != now.form),
        ("指示文", before.prompt != now.prompt),
    ]
    .into_iter()
    .filter_map(|(part, changed)| changed.then_some(part))
    .collect()
}

/// `長さ（一つ選ぶ、必須）: 短く、長く`
fn in_a_line(field: &form::Field) -> String {
    let kind = rows::label(field.kind);
    let required = if field.required { "必須" } else { "任意" };
    let choices = field.choices.iter().map(|choice| choice.title.as_str()).collect::<Vec<_>>().join("、");
    let choices = if choices.is_empty() { choices } else { format!(": {choices}") };
    format!("{}（{kind}、{required}）{choices}", field.title)
}
