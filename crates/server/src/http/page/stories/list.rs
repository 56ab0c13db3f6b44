//! Published stories for everybody, one's own, and those that wait for a review.

use super::{REVIEWERS, content};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::{self, Departments, Names};
use crate::story::{PAPER, Progress, Story, published};
use crate::use_report::app_name;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{PersonId, StoryId};
use sekisho_domain::register::Register;
use sekisho_domain::story::StoryRecord;

/// Most papers that are looked through for a list.
const MOST: u64 = 2_000;

#[derive(Template)]
#[template(path = "stories/list.html")]
struct ListPage {
    frame: Frame,
    table: Table,
    mine: Vec<(String, String, Tone, &'static str)>,
    waiting: Option<Vec<(String, String, String)>>,
}

/// How a story of one's own stands.
pub(super) fn standing(progress: &Progress, record: Option<&StoryRecord>) -> (Tone, &'static str) {
    match (progress, record) {
        (Progress::Waiting, _) => (Tone::Look, "審査待ち"),
        (Progress::Returned { .. }, _) => (Tone::Bad, "差戻し"),
        (Progress::Draft, Some(record)) if record.is_public() => (Tone::Look, "公開中・直している"),
        (_, Some(record)) if !record.is_public() => (Tone::Plain, "公開をやめた"),
        (Progress::Published, _) => (Tone::Good, "公開中"),
        (Progress::Draft, _) => (Tone::Plain, "下書き"),
    }
}

/// What it was done with.
pub(super) fn used(register: &Register, story: &Story) -> String {
    match (&story.app, &story.service) {
        (app, _) if !app.is_empty() => app_name(app),
        (_, Some(service)) => words::service(register, service),
        (_, None) => "そのほか".to_owned(),
    }
}

/// Stories that wait for a review by this person: name, title and author. `None` for who reviews none.
async fn waits_for(
    app: &App,
    register: &Register,
    person: &PersonId,
) -> Result<Option<Vec<(String, String, PersonId)>>, PageError> {
    if !register.holds_any(person, REVIEWERS) {
        return Ok(None);
    }
    let mut all = Vec::new();
    for paper in app.store.papers(PAPER, MOST).await? {
        let kept = content(&paper)?;
        if kept.progress == Progress::Waiting && paper.row.owner != *person {
            all.push((paper.row.id, kept.story.title, paper.row.owner));
        }
    }
    Ok(Some(all))
}

/// How many stories wait for a review by this person.
pub(in crate::http::page) async fn waiting(
    app: &App,
    register: &Register,
    person: &PersonId,
) -> Result<usize, PageError> {
    Ok(waits_for(app, register, person).await?.map_or(0, |all| all.len()))
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let departments = Departments::all(&app).await?;
    let mut rows: Vec<(&StoryRecord, Story)> = Vec::new();
    for record in register.stories().filter(|record| record.is_public()) {
        let Some(story) = published(&app, &record.published.sha256).await? else { continue };
        if asked.finds(&[&story.title, &story.purpose, &story.effect, &story.tips]) {
            rows.push((record, story));
        }
    }
    let slice = asked.slice(
        rows,
        &[
            ("", &|one, other| other.0.since.cmp(&one.0.since)),
            ("since", &|one, other| one.0.since.cmp(&other.0.since)),
            ("minutes", &|one, other| one.1.minutes.cmp(&other.1.minutes)),
        ],
    );
    let columns = [
        Column::plain("題名"),
        Column::plain("部局"),
        Column::plain("使ったもの"),
        Column::plain("何に使ったか"),
        Column::sorted("minutes", "短縮した時間"),
        Column::sorted("since", "公開した日"),
    ];
    let empty = "公開された事例はまだありません。うまくいった使い方を書いて、審査に出してください。";
    let table = Table::new("/stories", ("公開された事例", empty), &columns, &asked, slice, |(record, story)| {
        vec![
            Cell::link(format!("/stories/{}", record.published.story), story.title.clone()),
            Cell::text(departments.get(&record.published.department)),
            Cell::text(used(&register, &story)),
            Cell::text(story.purpose.clone()),
            Cell::text(story.minutes.map(|minutes| format!("{minutes} 分")).unwrap_or_default()),
            Cell::text(words::day(in_japan(record.since))),
        ]
    });
    if let Some(file) = table.file("stories")? {
        return Ok(file);
    }
    let mut mine = Vec::new();
    for paper in app.store.papers_of(PAPER, signed.person(), MOST).await? {
        let kept = content(&paper)?;
        let record = StoryId::new(&paper.row.id).ok().and_then(|id| register.story(&id));
        let (tone, state) = standing(&kept.progress, record);
        mine.push((format!("/stories/{}/edit", paper.row.id), kept.story.title, tone, state));
    }
    let waiting = match waits_for(&app, &register, signed.person()).await? {
        Some(all) => {
            let names = Names::of(&app, all.iter().map(|(_, _, author)| author).collect::<Vec<_>>()).await?;
            let row = |(id, title, author): &(String, String, PersonId)| {
                (format!("/stories/{id}/review"), title.clone(), names.get(author))
            };
            Some(all.iter().map(row).collect())
        }
        None => None,
    };
    let notice = match asked.done.as_deref() {
        Some("discarded") => Some("下書きを捨てました。公開中の事例は、公開をやめるまで残ります。"),
        Some("accepted") => Some("事例を公開しました。職員全員が読めます。"),
        Some("returned") => Some("理由を添えて差し戻しました。"),
        _ => None,
    };
    let frame = Frame::new(&app, Some(&signed), "/stories", "事例").await?.below(&[("/", "ホーム")]).notice(notice);
    Ok(page(StatusCode::OK, &ListPage { frame: frame.wide(), table, mine, waiting }))
}
