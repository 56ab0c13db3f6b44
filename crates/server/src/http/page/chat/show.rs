//! The page of a conversation: what was said on this branch, and the form for what comes next.

use super::choice::{Way, grade_field, is_settled, way_field, ways};
use super::conversation::{Answer, Conversation, Question, Said, State as Progress};
use super::file_shown::{FileShown, files_of};
use super::keeping::{self, Kept};
use super::refused::Halted;
use super::turn::{Draft, scale};
use crate::account::{SignedIn, in_words};
use crate::http::App;
use crate::http::page::act::once;
use crate::http::page::budget::{Line, running_out};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, Problem, page_with_script};
use crate::http::page::markdown;
use crate::http::page::words;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use sekisho_domain::day::in_japan;
use sekisho_domain::grade::Grade;
use sekisho_domain::register::Register;
use serde::Deserialize;

/// An answer that is still coming after so long will not come.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(30);
const SCRIPT: &str = "/chat.js";

/// Level of the heading that a message stands below.
const HEADING: usize = 3;

#[derive(Template)]
#[template(path = "chat/chat.html")]
struct ChatPage {
    frame: Frame,
    /// The conversation's name; empty for a new one.
    id: String,
    messages: Vec<Shown>,
    waiting: bool,
    halted: Option<Halted>,
    /// `None` when there is no way today.
    compose: Option<Compose>,
    /// Budgets that run out.
    budgets: Vec<Line>,
    once: String,
}

/// One message.
struct Shown {
    at: usize,
    when: String,
    earlier: Option<usize>,
    later: Option<usize>,
    /// `2 / 3`.
    version: String,
    said: ShownSaid,
}

enum ShownSaid {
    Person {
        text: Option<String>,
        files: Vec<String>,
        grade: String,
        confirmed: String,
        regraded: String,
    },
    Model {
        html: Option<String>,
        used: String,
        model: String,
        masked: String,
        writing: bool,
        broken: String,
        of: usize,
    },
}

/// The form.
struct Compose {
    action: String,
    text: Field,
    way: Field,
    way_settled: Option<Way>,
    /// The way of a conversation that goes on: it can be changed, and stands behind.
    way_behind: Option<String>,
    /// What the conversation used is not open today.
    way_lost: bool,
    grade: Field,
    grade_settled: Option<String>,
    files: Vec<FileShown>,
    upload: Option<String>,
    /// How large a file may be, in MB.
    upload_limit: usize,
    after: String,
    /// What the alternatives to a refused draft carry along.
    draft: Draft,
    /// The question that is written anew.
    edits: Option<usize>,
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// A message of the branch to be shown.
    #[serde(default)]
    at: String,
    /// The question to be written anew.
    #[serde(default)]
    edit: String,
    #[serde(default)]
    done: String,
}

/// What is shown.
pub(super) struct View<'a> {
    pub(super) known: Option<&'a Kept>,
    pub(super) at: Option<usize>,
    pub(super) draft: Draft,
    pub(super) problems: Vec<Problem>,
    pub(super) halted: Option<Halted>,
    pub(super) notice: Option<&'static str>,
    pub(super) status: StatusCode,
}

impl<'a> View<'a> {
    pub(super) fn of(known: Option<&'a Kept>) -> Self {
        Self {
            known,
            at: None,
            draft: Draft::default(),
            problems: Vec::new(),
            halted: None,
            notice: None,
            status: StatusCode::OK,
        }
    }
}

pub(super) async fn new(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    let mut view = View::of(None);
    // Most people use one work most of the time.
    view.draft.way = keeping::latest(&app, signed.person()).await?.map(|latest| latest.way).unwrap_or_default();
    page_of(&app, &signed, view).await
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let kept = keeping::open(&app, signed.person(), &id).await?;
    let conversation = &kept.conversation;
    let at = asked.at.parse().ok().filter(|at| *at < conversation.messages.len());
    let edited = asked.edit.parse().ok().and_then(|at: usize| Some((at, conversation.question(at)?)));
    let mut view = View { at, ..View::of(Some(&kept)) };
    view.draft.way = conversation.way.clone();
    if let Some((at, question)) = edited {
        view.draft.edits = Some(at);
        view.draft.text = question.text.clone().unwrap_or_default();
        view.draft.files = question.files.iter().map(|file| file.id.clone()).collect();
        view.draft.after = conversation.messages.get(at).and_then(|message| message.after);
    }
    view.notice = match asked.done.as_str() {
        "renamed" => Some("題名を変更しました。"),
        _ => None,
    };
    page_of(&app, &signed, view).await
}

/// The page after the gate stopped a draft.
pub(super) async fn halted(
    app: &App,
    signed: &SignedIn,
    known: Option<&Kept>,
    draft: Draft,
    halted: Halted,
) -> Result<Response, PageError> {
    let mut draft = draft;
    if let (Some(at), Some(kept)) = (draft.again, known) {
        // From here on it is a new version of the question, which may be changed.
        if let Some(question) = kept.conversation.question(at) {
            draft.text = question.text.clone().unwrap_or_default();
            draft.files = question.files.iter().map(|file| file.id.clone()).collect();
        }
        draft.after = kept.conversation.messages.get(at).and_then(|message| message.after);
        (draft.edits, draft.again) = (Some(at), None);
    }
    let missing = "理由を書いてください。理由は記録に残ります。";
    let problems = halted.lacks_reason.map(|field| Problem::at(field, missing)).into_iter().collect();
    let status = halted.status;
    page_of(app, signed, View { draft, problems, halted: Some(halted), status, ..View::of(known) }).await
}

pub(super) async fn page_of(app: &App, signed: &SignedIn, view: View<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let now = app.world.now();
    let ways = ways(&register, person, in_japan(now));
    let id = view.known.map(|kept| kept.id.clone()).unwrap_or_default();
    let title = match view.known.map(|kept| kept.conversation.title.as_str()) {
        None => "新しい会話",
        Some("") => "送信中の会話",
        Some(title) => title,
    };
    let title = title.to_owned();
    let path = if id.is_empty() { "/chat".to_owned() } else { format!("/chat/{id}") };
    let frame = Frame::new(app, Some(signed), &path, title).await?;
    let trail: &[(&str, &str)] = if id.is_empty() {
        &[("/", "ホーム")]
    } else {
        &[("/", "ホーム"), ("/chat", "チャット"), ("/chat/history", "これまでの会話")]
    };
    let frame = frame.below(trail).script(SCRIPT).notice(view.notice).wrong(view.problems.clone());
    let conversation = view.known.map(|kept| &kept.conversation);
    let draft = &view.draft;
    let end = conversation.and_then(|known| match (draft.edits, draft.after, view.at) {
        (Some(edited), ..) => Some(edited),
        (None, Some(after), _) => Some(after),
        (None, None, at) => at.or(known.tip).map(|at| known.end_of(at)),
    });
    let messages = match (conversation, end) {
        (Some(known), Some(end)) => shown(&register, known, end, draft.edits.is_some(), now),
        _ => Vec::new(),
    };
    let waiting =
        conversation.is_some_and(|known| known.waiting.iter().any(|one| now.duration_since(one.at) < LOST_AFTER));
    let compose =
        if ways.is_empty() { None } else { Some(compose(app, signed, &register, &ways, &view, (path, end)).await?) };
    let budgets = running_out(app, signed.person()).await?;
    let page = ChatPage { frame, id, messages, waiting, halted: view.halted, compose, budgets, once: once(app) };
    Ok(page_with_script(view.status, &page))
}

async fn compose(
    app: &App,
    signed: &SignedIn,
    register: &Register,
    ways: &[Way],
    view: &View<'_>,
    (action, end): (String, Option<usize>),
) -> Result<Compose, PageError> {
    let scale = scale(register);
    let draft = view.draft.clone();
    let conversation = view.known.map(|kept| &kept.conversation);
    let way = way_field(register, ways, &draft.way).told(&view.problems);
    let chosen = ways.iter().find(|one| one.key() == draft.way);
    let goes_on = conversation.is_some_and(|known| !known.messages.is_empty());
    let ceiling = ways.iter().map(|way| way.ceiling).max().unwrap_or_default();
    let before = conversation.map_or_else(Grade::default, |known| known.grade);
    let declared = if draft.grade.is_empty() { &scale.level(before).code } else { &draft.grade };
    let grade = grade_field(&scale, ceiling, declared).told(&view.problems);
    let typed = if draft.again.is_some() { "" } else { draft.text.as_str() };
    let text = Field::area("text", if draft.edits.is_some() { "書き直す文" } else { "送る文" }, 6)
        .value(typed)
        .told(&view.problems);
    let keys =
        "Ctrl キーと Enter キーで送れます。送れないものや確認が必要なものが見つかったときは、送る前に知らせます。";
    let text = text.help(keys);
    let after = if draft.edits.is_some() || draft.after.is_some() || view.halted.is_some() || !view.problems.is_empty()
    {
        draft.after
    } else {
        end
    };
    let files = files_of(app, signed.person(), &draft).await?;
    Ok(Compose {
        action,
        text,
        way_behind: chosen
            .filter(|_| goes_on && way.problem.is_none())
            .map(|way| format!("{} — {}（{}）{}", way.purpose, way.service_name, way.model, way.under())),
        way_lost: goes_on && chosen.is_none(),
        way_settled: ways.first().filter(|_| is_settled(&way)).cloned(),
        way,
        grade_settled: is_settled(&grade).then(|| scale.level(Grade::default()).label.clone()),
        grade,
        files,
        upload: view.problems.iter().find(|problem| problem.field == "upload").map(|problem| problem.text.clone()),
        // The form around it takes a little as well.
        upload_limit: (app.config.limits.body_bytes >> 20).saturating_sub(1).max(1),
        after: after.map(|after| after.to_string()).unwrap_or_default(),
        edits: draft.edits,
        draft,
    })
}

fn shown(register: &Register, known: &Conversation, end: usize, edits: bool, now: jiff::Timestamp) -> Vec<Shown> {
    let mut path = known.path(end);
    if edits {
        // What is being edited stands in the form.
        path.pop();
    }
    let one = |at: usize| {
        let message = known.messages.get(at)?;
        let versions = known.versions(at);
        let mine = versions.iter().position(|version| *version == at).unwrap_or(0);
        let beside =
            |place: Option<usize>| place.and_then(|place| versions.get(place)).map(|version| known.end_of(*version));
        let said = match &message.said {
            Said::Person(question) => person(register, question),
            Said::Model(answer) => model(answer, message.after.unwrap_or(at), now.duration_since(message.at)),
        };
        Some(Shown {
            at,
            when: in_words(message.at),
            earlier: beside(mine.checked_sub(1)),
            later: beside(Some(mine + 1)),
            version: if versions.len() > 1 { format!("{} / {}", mine + 1, versions.len()) } else { String::new() },
            said,
        })
    };
    path.into_iter().filter_map(one).collect()
}

fn person(register: &Register, question: &Question) -> ShownSaid {
    ShownSaid::Person {
        text: question.text.clone(),
        files: question.files.iter().map(|file| file.name.clone()).collect(),
        grade: words::grade(register, question.grade),
        confirmed: question.confirmed.as_ref().map(|(_, reason)| reason.clone()).unwrap_or_default(),
        regraded: question.regraded.clone().unwrap_or_default(),
    }
}

fn model(answer: &Answer, of: usize, age: SignedDuration) -> ShownSaid {
    let writing = answer.state == Progress::Writing;
    let broken = match &answer.state {
        Progress::Broken(told) => told.clone(),
        Progress::Writing if age >= LOST_AFTER => "答えを受け取れないまま終わりました。".to_owned(),
        Progress::Writing | Progress::Whole => String::new(),
    };
    ShownSaid::Model {
        html: answer.text.as_deref().map(|text| markdown::html(text, HEADING)),
        used: answer.used.clone(),
        model: answer.model.clone(),
        masked: answer.masked.join("、"),
        writing: writing && broken.is_empty(),
        broken,
        of,
    }
}
