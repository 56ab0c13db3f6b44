//! The review of a story: what is accepted is this content and no other.

use super::list::used;
use super::paper;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{give, keep};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::words::Names;
use crate::ismap::documents;
use crate::story::{Kept, Progress};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, PublishStory};
use sekisho_domain::id::StoryId;
use sekisho_store::PaperRow;

#[derive(Template)]
#[template(path = "stories/review.html")]
struct ReviewPage {
    frame: Frame,
    id: String,
    waits: bool,
    version: u64,
    facts: Vec<(&'static str, String)>,
    purpose: String,
    effect: String,
    tips: String,
    reason: Field,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    render(&app, &signed, &id, "", Vec::new(), StatusCode::OK).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    id: &str,
    reason: &str,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    // A draft is its author's alone; what was published has a page of its own.
    let found = paper(app, id).await?.filter(|(_, kept)| kept.progress != Progress::Draft);
    let Some((paper, kept)) = found else {
        return if problems.is_empty() { Err(PageError::Missing) } else { Ok(go("/stories")) };
    };
    let names = Names::of(app, [&paper.row.owner]).await?;
    let waits = kept.progress == Progress::Waiting;
    let story = kept.story;
    let frame = Frame::new(app, Some(signed), "/stories", format!("事例の審査: {}", story.title)).await?;
    let shown = ReviewPage {
        frame: frame.below(&[("/", "ホーム"), ("/stories", "事例")]).wrong(problems.clone()),
        id: id.to_owned(),
        waits: waits && paper.row.owner != *signed.person(),
        version: paper.row.version,
        facts: vec![
            ("書いた人", names.get(&paper.row.owner)),
            ("使ったもの", used(&register, &story)),
            ("一回当たり短縮した時間", story.minutes.map_or_else(|| "なし".to_owned(), |n| format!("{n} 分"))),
        ],
        purpose: story.purpose,
        effect: story.effect,
        tips: story.tips,
        reason: Field::area("reason", "理由", 3)
            .help("公開するときは任意です。公開の理由は台帳に残るので、個人の情報は書かないでください。")
            .value(reason)
            .told(&problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let name = StoryId::new(&id).map_err(|_| PageError::Missing)?;
    let reason = fields.text("reason").trim().to_owned();
    let stale = || {
        vec![Problem::at(
            "",
            "この事例は、画面を開いた後に変わったか、先に処理されました。いまの状態を確かめてください。",
        )]
    };
    let Some((paper, kept)) = paper(&app, &id).await? else { return Err(PageError::Missing) };
    if kept.progress != Progress::Waiting || fields.get("version") != paper.row.version.to_string() {
        return render(&app, &signed, &id, &reason, stale(), StatusCode::CONFLICT).await;
    }
    let wrong = |problem| render(&app, &signed, &id, &reason, vec![problem], StatusCode::UNPROCESSABLE_ENTITY);
    let author = paper.row.owner.clone();
    if author == *signed.person() {
        return wrong(Problem::at("", "自分の事例は審査できません。審査できる別の人に任せてください。")).await;
    }
    if reason.chars().count() > 1_000 {
        return wrong(Problem::at("reason", "理由は 1,000 文字以内で入力してください。")).await;
    }
    let row = PaperRow { version: paper.row.version + 1, changed_at: app.world.now(), ..paper.row };
    if fields.get("act") == "accept" {
        let bytes = kept.story.bytes().map_err(|_| PageError::Inside)?;
        // The content first: what the ledger speaks of must be there.
        let sha256 = documents::keep(&app, &author, &bytes).await.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a story could not be kept");
            PageError::Inside
        })?;
        let command = Command::PublishStory(PublishStory { story: name, sha256, author });
        return match give(&app, &signed, command, &reason).await? {
            Ok(_) => {
                // Should the author have changed it meanwhile, theirs stays: what was accepted lies under its hash.
                keep(&app, row, &Kept { story: kept.story, progress: Progress::Published }).await?;
                Ok(go("/stories?done=accepted"))
            }
            Err(refusal) => wrong(Problem::refused("", &refusal)).await,
        };
    }
    if reason.is_empty() {
        return wrong(Problem::at("reason", "理由を入力してください。書いた人に伝わります。")).await;
    }
    if app.gate.must_not_be_kept(&reason) {
        return wrong(Problem::at("reason", crate::http::page::act::MUST_NOT_BE_KEPT)).await;
    }
    let returned = Kept {
        story: kept.story,
        progress: Progress::Returned { by: signed.person().clone(), reason: reason.clone() },
    };
    if keep(&app, row, &returned).await? {
        return Ok(go("/stories?done=returned"));
    }
    render(&app, &signed, &id, &reason, stale(), StatusCode::CONFLICT).await
}
