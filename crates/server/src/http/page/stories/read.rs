//! One published story, for everybody; and the end of its publication.

use super::REVIEWERS;
use super::list::used;
use crate::account::{SignedIn, in_words};
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::words::{self, Departments, Names};
use crate::story::published;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, RetractStory};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::StoryId;
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use sekisho_domain::story::StoryRecord;

#[derive(Template)]
#[template(path = "stories/one.html")]
struct StoryPage {
    frame: Frame,
    id: String,
    facts: Vec<(&'static str, String)>,
    purpose: String,
    effect: String,
    tips: String,
    sha256: String,
    /// Who ended its publication, when and why.
    retracted: Option<(String, String, String)>,
    reason: Option<Field>,
}

/// A story this person may read: a public one, or one that was, for its author and who accepts stories.
fn found<'r>(register: &'r Register, signed: &SignedIn, id: &str) -> Result<&'r StoryRecord, PageError> {
    let id = StoryId::new(id).map_err(|_| PageError::Missing)?;
    let record = register.story(&id).ok_or(PageError::Missing)?;
    let may =
        record.is_public() || may_retract(register, signed, record) || register.holds(signed.person(), Role::Auditor);
    if may { Ok(record) } else { Err(PageError::Missing) }
}

fn may_retract(register: &Register, signed: &SignedIn, record: &StoryRecord) -> bool {
    record.published.author == *signed.person() || register.holds_any(signed.person(), REVIEWERS)
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = (asked.done.as_deref() == Some("retracted")).then_some("公開をやめました。");
    render(&app, &signed, &id, done, "", Vec::new()).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    id: &str,
    done: Option<&'static str>,
    reason: &str,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let record = found(&register, signed, id)?;
    let story = published(app, &record.published.sha256).await?.ok_or(PageError::Inside)?;
    let departments = Departments::all(app).await?;
    let mut people = vec![&record.published.author, &record.reviewer];
    if let Some(retracted) = &record.retracted {
        people.push(&retracted.by);
    }
    let names = Names::of(app, people).await?;
    let minutes = story.minutes.map_or_else(|| "書かれていません".to_owned(), |n| format!("{n} 分（書いた人の申告）"));
    let facts = vec![
        ("書いた人", names.get(&record.published.author)),
        ("部局", departments.get(&record.published.department)),
        ("使ったもの", used(&register, &story)),
        ("一回当たり短縮した時間", minutes),
        ("公開した日", words::day(in_japan(record.since))),
        ("審査した人", names.get(&record.reviewer)),
    ];
    let retracts = record.is_public() && may_retract(&register, signed, record);
    let frame = Frame::new(app, Some(signed), "/stories", story.title.clone()).await?;
    let status = Problem::status(&problems);
    let shown = StoryPage {
        id: id.to_owned(),
        facts,
        purpose: story.purpose,
        effect: story.effect,
        tips: story.tips,
        sha256: record.published.sha256.clone(),
        retracted: record.retracted.as_ref().map(|one| (names.get(&one.by), in_words(one.at), one.reason.clone())),
        reason: retracts.then(|| {
            Field::area("reason", "公開をやめる理由", 3)
                .help("台帳に残るので、個人の情報は書かないでください。")
                .value(reason)
                .told(&problems)
        }),
        frame: frame.below(&[("/", "ホーム"), ("/stories", "事例")]).notice(done).wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn retract(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let record = found(&register, &signed, &id)?;
    if !may_retract(&register, &signed, record) {
        return Err(PageError::Missing);
    }
    if !record.is_public() {
        return Ok(go(&format!("/stories/{id}?done=retracted")));
    }
    let reason = fields.text("reason").trim().to_owned();
    let command = Command::RetractStory(RetractStory { story: record.published.story.clone() });
    match give(&app, &signed, command, &reason).await? {
        Ok(_) => Ok(go(&format!("/stories/{id}?done=retracted"))),
        Err(refusal) => render(&app, &signed, &id, None, &reason, vec![Problem::refused("reason", &refusal)]).await,
    }
}
