//! Writing a story and handing it in.

use super::list::standing;
use super::paper;
use crate::account::SignedIn;
use crate::app::builtin;
use crate::http::App;
use crate::http::page::act::{MUST_NOT_BE_KEPT, ONCE, keep, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Tone};
use crate::http::page::words::Names;
use crate::story::{Kept, PAPER, Progress, Story};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::id::{ServiceId, StoryId};
use sekisho_domain::register::Register;
use sekisho_store::{Paper, PaperRow};

/// Most characters of the longer texts.
const MOST: usize = 4_000;
/// Most minutes that one use saves: a month of work.
const MINUTES: u32 = 10_000;

#[derive(Template)]
#[template(path = "stories/edit.html")]
struct EditPage {
    frame: Frame,
    path: String,
    once: String,
    version: u64,
    state: Option<(Tone, &'static str)>,
    /// Who sent it back, and why.
    returned: Option<(String, String)>,
    fields: Vec<Field>,
    /// Its page, if everybody may read it.
    public: Option<String>,
    exists: bool,
}

fn fields(register: &Register, story: &Story, minutes: &str, problems: &[Problem]) -> Vec<Field> {
    let mut used = vec![Choice::new("", "そのほか"), Choice::new("app:chat", "チャット")];
    used.extend(builtin::all().iter().map(|(id, app)| Choice::new(format!("app:{id}"), app.name.clone())));
    let services = register.services().filter(|record| !record.withdrawn);
    used.extend(
        services.map(|record| Choice::new(format!("service:{}", record.service.service), record.service.name.clone())),
    );
    let chosen = match (&story.app, &story.service) {
        (app, _) if !app.is_empty() => format!("app:{app}"),
        (_, Some(service)) => format!("service:{service}"),
        (_, None) => String::new(),
    };
    let area = |id: &'static str, label: &'static str, help: &'static str, text: &str| {
        Field::area(id, label, 5).help(help).value(text).told(problems)
    };
    vec![
        Field::text("title", "題名", "off").value(&story.title).told(problems),
        Field::select("used", "使ったもの", used).value(&chosen).told(problems),
        area(
            "purpose",
            "何に使ったか",
            "どの業務の、どの作業に使ったか。相手や個人が分かることは書かないでください。",
            &story.purpose,
        ),
        area("effect", "効果", "何がどう良くなったか。うまくいかなかったことも役に立ちます。", &story.effect),
        Field::text("minutes", "一回当たり短縮した時間（分）", "off").optional().value(minutes).told(problems),
        area("tips", "こつ・注意", "指示の書き方、確かめ方など。", &story.tips).optional(),
    ]
}

fn read(register: &Register, fields: &Fields, problems: &mut Vec<Problem>) -> Story {
    let (mut app, mut service) = (String::new(), None);
    match fields.get("used").split_once(':') {
        Some(("app", id)) if id == "chat" || builtin::get(id).is_some() => app = id.to_owned(),
        Some(("service", id)) => {
            service = ServiceId::new(id).ok().filter(|id| register.service(id).is_some());
        }
        _ => {}
    }
    if !fields.get("used").is_empty() && app.is_empty() && service.is_none() {
        problems.push(Problem::at("used", "使ったものを一覧から選んでください。"));
    }
    let minutes = match fields.line("minutes") {
        "" => None,
        text => {
            let minutes = text.parse::<u32>().ok().filter(|minutes| *minutes <= MINUTES);
            if minutes.is_none() {
                problems.push(Problem::at("minutes", "0 以上 10000 以下の整数で入力してください。"));
            }
            minutes
        }
    };
    let story = Story {
        title: fields.line("title").to_owned(),
        app,
        service,
        purpose: fields.text("purpose").trim().to_owned(),
        effect: fields.text("effect").trim().to_owned(),
        minutes,
        tips: fields.text("tips").trim().to_owned(),
    };
    if story.title.is_empty() || story.title.chars().count() > 100 {
        problems.push(Problem::at("title", "題名を 100 文字以内で入力してください。"));
    }
    for (field, text) in [("purpose", &story.purpose), ("effect", &story.effect), ("tips", &story.tips)] {
        if text.chars().count() > MOST {
            problems.push(Problem::at(field, "4,000 文字までにしてください。"));
        }
    }
    story
}

/// What is asked for beside a draft when it is handed in.
fn complete(story: &Story, problems: &mut Vec<Problem>) {
    for (field, text) in [("purpose", &story.purpose), ("effect", &story.effect)] {
        if text.is_empty() {
            problems.push(Problem::at(field, "審査に出すには入力が必要です。"));
        }
    }
}

fn kept_out(app: &App, story: &Story, problems: &mut Vec<Problem>) {
    let texts =
        [("title", &story.title), ("purpose", &story.purpose), ("effect", &story.effect), ("tips", &story.tips)];
    let before = problems.len();
    for (field, text) in texts {
        if app.gate.must_not_be_kept(text) {
            problems.push(Problem::at(field, MUST_NOT_BE_KEPT));
        }
    }
    // A number that is cut over two fields.
    if problems.len() == before && app.gate.must_not_be_kept(&story.typed()) {
        problems.push(Problem::at("", MUST_NOT_BE_KEPT));
    }
}

async fn mine(app: &App, signed: &SignedIn, id: &str) -> Result<(Paper, Kept), PageError> {
    let found = paper(app, id).await?.filter(|(paper, _)| paper.row.owner == *signed.person());
    found.ok_or(PageError::Missing)
}

struct Shown<'a> {
    path: &'a str,
    known: Option<(&'a Paper, &'a Kept)>,
    story: &'a Story,
    minutes: &'a str,
    once: String,
    done: Option<&'static str>,
    problems: Vec<Problem>,
    status: StatusCode,
}

async fn render(app: &App, signed: &SignedIn, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let id = shown.known.and_then(|(paper, _)| StoryId::new(&paper.row.id).ok());
    let record = id.as_ref().and_then(|id| register.story(id));
    let returned = match shown.known.map(|(_, kept)| &kept.progress) {
        Some(Progress::Returned { by, reason }) => Some((Names::of(app, [by]).await?.get(by), reason.clone())),
        _ => None,
    };
    let status = shown.status;
    let title = if shown.known.is_some() { "事例を直す" } else { "事例を書く" };
    let frame = Frame::new(app, Some(signed), "/stories", title).await?;
    let shown = EditPage {
        path: shown.path.to_owned(),
        once: shown.once,
        version: shown.known.map_or(0, |(paper, _)| paper.row.version),
        state: shown.known.map(|(_, kept)| standing(&kept.progress, record)),
        returned,
        fields: fields(&register, shown.story, shown.minutes, &shown.problems),
        public: record.filter(|record| record.is_public()).map(|record| format!("/stories/{}", record.published.story)),
        exists: shown.known.is_some(),
        frame: frame.below(&[("/", "ホーム"), ("/stories", "事例")]).notice(shown.done).wrong(shown.problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn new(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    let once = once(&app);
    let story = Story::default();
    let shown = Shown {
        path: "/stories/new",
        known: None,
        story: &story,
        minutes: "",
        once,
        done: None,
        problems: Vec::new(),
        status: StatusCode::OK,
    };
    render(&app, &signed, shown).await
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (paper, kept) = mine(&app, &signed, &id).await?;
    let done = match asked.done.as_deref() {
        Some("saved") => Some("下書きを保存しました。"),
        Some("handed-in") => Some("審査に出しました。公開されるまで、直すと審査待ちは取り消されます。"),
        _ => None,
    };
    let minutes = kept.story.minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
    let path = format!("/stories/{id}/edit");
    let shown = Shown {
        path: &path,
        known: Some((&paper, &kept)),
        story: &kept.story,
        minutes: &minutes,
        once: String::new(),
        done,
        problems: Vec::new(),
        status: StatusCode::OK,
    };
    render(&app, &signed, shown).await
}

pub(super) async fn begin(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let id = format!("story-{}", named_once(&app, &signed, &fields));
    write(&app, &signed, &id, &fields, None).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let known = mine(&app, &signed, &id).await?;
    if fields.get("act") == "discard" {
        app.journal.destroy_paper(PAPER, &id, signed.person()).await?;
        return Ok(go("/stories?done=discarded"));
    }
    write(&app, &signed, &id, &fields, Some(known)).await
}

async fn write(
    app: &App,
    signed: &SignedIn,
    id: &str,
    fields: &Fields,
    known: Option<(Paper, Kept)>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mut problems = Vec::new();
    let story = read(&register, fields, &mut problems);
    let hands_in = fields.get("act") == "hand-in";
    if hands_in {
        complete(&story, &mut problems);
    }
    kept_out(app, &story, &mut problems);
    let version = fields.get("version").parse::<u64>().unwrap_or(0);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if let Some((paper, _)) = &known
        && paper.row.version != version
    {
        status = StatusCode::CONFLICT;
        problems.push(Problem::at(
            "",
            "この事例は、画面を開いた後に変わりました。いまの状態を確かめて、もう一度保存してください。",
        ));
    }
    if problems.is_empty() {
        let now = app.world.now();
        let row = PaperRow {
            kind: PAPER.to_owned(),
            id: id.to_owned(),
            owner: signed.person().clone(),
            personal: true,
            version: known.as_ref().map_or(1, |(paper, _)| paper.row.version.saturating_add(1)),
            created_at: known.as_ref().map_or(now, |(paper, _)| paper.row.created_at),
            changed_at: now,
        };
        let progress = if hands_in { Progress::Waiting } else { Progress::Draft };
        let kept = keep(app, row, &Kept { story: story.clone(), progress }).await?;
        // Of a new one: the same form sent twice wrote one story.
        if kept || known.is_none() {
            let done = if hands_in { "handed-in" } else { "saved" };
            return Ok(go(&format!("/stories/{id}/edit?done={done}")));
        }
        problems.push(Problem::at("", "別の画面で先に保存されました。いまの状態を確かめてください。"));
    }
    let path = if known.is_some() { format!("/stories/{id}/edit") } else { "/stories/new".to_owned() };
    let shown = Shown {
        path: &path,
        known: known.as_ref().map(|(paper, kept)| (paper, kept)),
        story: &story,
        minutes: fields.line("minutes"),
        once: fields.get(ONCE).to_owned(),
        done: None,
        problems,
        status,
    };
    render(app, signed, shown).await
}
