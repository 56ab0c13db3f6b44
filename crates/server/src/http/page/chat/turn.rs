//! One turn: from a form to the gate, and what comes back into the conversation, whether anyone still waits for it.

use super::choice::{Way, ways};
use super::conversation::{Answer, Attached, Conversation, MOST_MESSAGES, Question, Said, State, Waiting, title_of};
use super::keeping::{self, Kept};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{ONCE, named_once};
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::Problem;
use bytes::Bytes;
use jiff::SignedDuration;
use sekisho_domain::day::in_japan;
use sekisho_domain::grade::{Grade, GradeScale};
use sekisho_domain::id::{PersonId, UseId};
use sekisho_domain::register::Register;
use sekisho_gate::call::{Call, Narrowing, Passed, Stopped, TellOfFindings};
use sekisho_gate::examine::title;
use sekisho_gate::identify::Caller;
use sekisho_gate::sse::{Event, Splitter};
use sekisho_gate::upload::StoredFile;
use sekisho_gate::upstream::Endpoint;
use sekisho_store::ReadError;
use serde_json::{Value, json};
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Most characters of one message.
const MOST_CHARS: usize = 200_000;
/// Most files of one message.
pub(super) const MOST_FILES: usize = 10;
/// Uses of the conversation that a turn names; each has inherited from those before it.
const NAMED_USES: usize = 5;
/// A form that had no outcome for so long will have none.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// Longest event of a stream that is read.
const LONGEST_EVENT: usize = 16 << 20;

/// What a form says.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) way: String,
    pub(super) grade: String,
    pub(super) files: Vec<String>,
    /// The message it follows.
    pub(super) after: Option<usize>,
    /// The question to be answered once more; then there is no text.
    pub(super) again: Option<usize>,
    pub(super) confirm: Option<String>,
    pub(super) reason: String,
    /// Why the grade was raised.
    pub(super) regraded: String,
    /// The field with a reason that was asked for and is missing.
    pub(super) lacks_reason: Option<&'static str>,
    /// The question that is written anew; the new one stands beside it.
    pub(super) edits: Option<usize>,
    pub(super) once: String,
}

impl Draft {
    pub(super) fn of(app: &App, signed: &SignedIn, fields: &Fields) -> Self {
        let some = |name: &str| Some(fields.line(name).to_owned()).filter(|text| !text.is_empty());
        let place = |name: &str| fields.line(name).parse().ok();
        let reason = fields.line("reason").to_owned();
        let raises = fields.line("raise") == "yes";
        let regraded = if raises { fields.line("regraded").to_owned() } else { String::new() };
        let confirm = some("confirm");
        let lacks_reason = match (raises && regraded.is_empty(), confirm.is_some() && reason.is_empty()) {
            (true, _) => Some("regraded"),
            (false, true) => Some("reason"),
            (false, false) => None,
        };
        // Without its reason a grade stays as it was declared, so that the gate asks once more.
        let grade = if lacks_reason == Some("regraded") { "before" } else { "grade" };
        Self {
            text: fields.text("text"),
            way: fields.line("way").to_owned(),
            grade: fields.line(grade).to_owned(),
            files: fields.chosen("file").into_iter().take(MOST_FILES).map(str::to_owned).collect(),
            after: place("after"),
            again: place("again"),
            lacks_reason,
            edits: place("edit"),
            confirm: confirm.filter(|_| !reason.is_empty()),
            reason,
            regraded,
            once: match fields.line(ONCE) {
                "" => app.world.fresh(),
                _ => named_once(app, signed, fields),
            },
        }
    }
}

/// A turn that is ready for the gate.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    /// The conversation's name.
    pub(super) id: String,
    new: bool,
    person: PersonId,
    pub(super) way: Way,
    pub(super) grade: Grade,
    /// `None` when a question is answered once more.
    question: Option<Question>,
    /// What the question follows, or the question itself.
    after: Option<usize>,
    once: String,
    title: String,
    /// The text of the last message, as it goes to the gate.
    pub(super) text: String,
    /// Names of its files, in their order.
    pub(super) files: Vec<String>,
    /// Place of the last message in the request.
    pub(super) last: usize,
    call: Call,
}

/// What a turn tells whoever waits for it.
#[derive(Debug)]
pub(super) enum Told {
    /// The gate let it through; the answer will stand at this place.
    Begun(usize),
    /// More of the answer.
    Text(String),
    /// It is kept, and its record is durable.
    Done(usize),
    /// The gate stopped it.
    Stopped(Box<Stopped>),
    /// Nothing could be kept.
    Failed(PageError),
}

/// The grades of this body.
pub(super) fn scale(register: &Register) -> GradeScale {
    register.organization().map_or_else(GradeScale::national, |body| body.grades.clone())
}

/// One's own uploaded file, if it is still there.
pub(super) async fn file_of(app: &App, person: &PersonId, id: &str) -> Result<Option<(Grade, StoredFile)>, PageError> {
    match app.store.file(id, person, app.world.now()).await {
        Ok((row, content)) => {
            let stored = serde_json::from_slice(&content).map_err(|error| {
                tracing::error!(%error, "an uploaded file cannot be read");
                PageError::Inside
            })?;
            Ok(Some((row.grade, stored)))
        }
        Err(ReadError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes a turn of a form, or says what is wrong with it.
pub(super) async fn prepare(
    app: &App,
    signed: &SignedIn,
    known: Option<&Kept>,
    draft: &Draft,
    stream: bool,
) -> Result<Result<Turn, Vec<Problem>>, PageError> {
    let register = app.journal.register()?;
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let mut problems = Vec::new();
    let way = ways(&register, person, in_japan(app.world.now())).into_iter().find(|way| way.key() == draft.way);
    if way.is_none() {
        let text =
            "この業務は今日は使えません。承認の期限か状態が変わりました。別の業務を選ぶか、利用申請をしてください。";
        problems.push(Problem::at("way", text));
    }
    let scale = scale(&register);
    let grade = scale.parse(&draft.grade).ok();
    if grade.is_none() {
        problems.push(Problem::at("grade", "送る情報の格付を選んでください。"));
    }
    let conversation = known.map(|kept| &kept.conversation);
    let again = draft.again.and_then(|at| conversation.and_then(|known| known.question(at)));
    if draft.again.is_some() && again.is_none() {
        problems.push(Problem::at("", "作り直す質問が見つかりません。会話を開き直してください。"));
    }
    let ids = match again {
        Some(question) => question.files.iter().map(|file| file.id.clone()).collect(),
        None => draft.files.clone(),
    };
    let mut files = Vec::new();
    for id in ids {
        match file_of(app, signed.person(), &id).await? {
            Some((_, stored)) => files.push(Attached { id, name: stored.file.name }),
            None => problems.push(Problem::at(
                "upload",
                "添付ファイルの一つは、保存期限が過ぎたか、取り除かれています。もう一度添付してください。",
            )),
        }
    }
    let text = match again {
        Some(question) => question.text.clone().unwrap_or_default(),
        None => draft.text.clone(),
    };
    if text.trim().is_empty() && files.is_empty() {
        problems.push(Problem::at("text", "送る文を入力してください。"));
    }
    if text.chars().count() > MOST_CHARS {
        problems.push(Problem::at("text", "文が長すぎます。20万文字までにするか、ファイルにして添付してください。"));
    }
    let messages = conversation.map_or(0, |known| known.messages.len());
    if messages >= MOST_MESSAGES {
        problems.push(Problem::at("text", "この会話はこれ以上続けられません。新しい会話を始めてください。"));
    }
    let after = draft.again.or(draft.after).filter(|after| *after < messages);
    let (Some(way), Some(grade), true) = (way, grade, problems.is_empty()) else { return Ok(Err(problems)) };

    let before = if again.is_some() { after.and_then(|at| conversation?.messages.get(at)?.after) } else { after };
    let path = match (conversation, before) {
        (Some(known), Some(before)) => known.path(before),
        _ => Vec::new(),
    };
    let mut sent = Vec::new();
    let (mut uses, mut confirmed) = (Vec::new(), None);
    if let Some(known) = conversation {
        for message in path.iter().filter_map(|at| known.messages.get(*at)) {
            match &message.said {
                Said::Person(question) => {
                    confirmed = question.confirmed.clone().or(confirmed);
                    sent.push(person_said(app, signed.person(), question).await?);
                }
                Said::Model(answer) => {
                    uses.extend(Some(answer.used.clone()).filter(|used| !used.is_empty()));
                    if let Some(text) = answer.text.as_deref().filter(|text| !text.is_empty()) {
                        sent.push(json!({ "role": "assistant", "content": text }));
                    }
                }
            }
        }
    }
    if let Some(question) = again {
        confirmed = question.confirmed.clone().or(confirmed);
    }
    if let Some(token) = &draft.confirm {
        confirmed = Some((token.clone(), draft.reason.clone()));
    }
    let last = sent.len();
    sent.push(said(&text, files.iter().map(|file| Ok(file.id.as_str()))));
    let body = json!({ "model": way.model, "messages": sent, "stream": stream });
    let inherits: Vec<String> = uses.into_iter().rev().take(NAMED_USES).collect();
    let call = Call {
        caller: Caller::at_browser(signed.person().clone(), "chat"),
        endpoint: Endpoint::ChatCompletions,
        body: Bytes::from(body.to_string()),
        narrowing: Narrowing {
            permit: Some(way.permit.to_string()),
            grade: Some(scale.level(grade).code.clone()),
            purpose: Some(way.purpose.clone()),
            inherits: Some(inherits.join(",")).filter(|all| !all.is_empty()),
            confirm: confirmed.as_ref().map(|(token, _)| token.clone()),
            reason: confirmed.as_ref().map(|(_, reason)| reason.clone()),
        },
        trace: None,
    };
    let kept = app.gate.for_keeping(&text);
    let question = again.is_none().then(|| Question {
        text: kept.clone(),
        files: files.clone(),
        grade,
        confirmed: draft.confirm.clone().map(|token| (token, draft.reason.clone())),
        regraded: app.gate.for_keeping(&draft.regraded).filter(|reason| !reason.is_empty()),
    });
    let title = match kept.as_deref().map(str::trim) {
        Some("") | None => files.first().map_or_else(|| title_of(""), |file| title_of(&file.name)),
        Some(text) => title_of(text),
    };
    Ok(Ok(Turn {
        id: known.map_or_else(|| draft.once.clone(), |kept| kept.id.clone()),
        new: known.is_none(),
        person: signed.person().clone(),
        way,
        grade,
        question,
        after,
        once: draft.once.clone(),
        title,
        text,
        files: files.into_iter().map(|file| file.name).collect(),
        last,
        call,
    }))
}

/// A question of earlier, as it goes to the model again.
async fn person_said(app: &App, person: &PersonId, question: &Question) -> Result<Value, PageError> {
    let mut files = Vec::new();
    for file in &question.files {
        let there = file_of(app, person, &file.id).await?.is_some();
        files.push(if there { Ok(file.id.as_str()) } else { Err(file.name.as_str()) });
    }
    Ok(said(question.text.as_deref().unwrap_or_default(), files.into_iter()))
}

/// A message of the person; of a file that is gone its name is left.
fn said<'a>(text: &str, files: impl ExactSizeIterator<Item = Result<&'a str, &'a str>>) -> Value {
    if files.len() == 0 {
        return json!({ "role": "user", "content": text });
    }
    let mut parts = vec![json!({ "type": "text", "text": text })];
    parts.extend(files.map(|file| match file {
        Ok(id) => json!({ "type": "file", "file": { "file_id": id } }),
        Err(name) => json!({ "type": "text", "text": format!("（添付ファイル「{name}」は保存期限が過ぎたため、もうありません）") }),
    }));
    json!({ "role": "user", "content": parts })
}

impl Turn {
    /// Takes the form's place in the conversation; `false` when it was taken already.
    pub(super) async fn reserve(&self, app: &App) -> Result<bool, PageError> {
        let now = app.world.now();
        let waiting = Waiting { once: self.once.clone(), at: now };
        if self.new {
            // Not even a title is made of what the gate has not let through.
            let conversation = Conversation { waiting: vec![waiting], ..Conversation::default() };
            return keeping::begin(app, &self.person, &self.id, &conversation).await;
        }
        keeping::change(app, &self.person, &self.id, |known| {
            known.waiting.retain(|one| now.duration_since(one.at) < LOST_AFTER);
            if known.knows(&self.once) {
                return false;
            }
            known.waiting.push(waiting.clone());
            true
        })
        .await
    }

    /// Gives the place back: nothing came of it, and nothing of it is kept.
    async fn release(&self, app: &App) -> Result<(), PageError> {
        if self.new {
            return keeping::destroy(app, &self.person, &self.id).await;
        }
        keeping::change(app, &self.person, &self.id, |known| known.waiting.retain(|one| one.once != self.once)).await
    }

    /// Puts the question, which the gate let through, and the beginning of its answer into the conversation.
    async fn admitted(
        &self,
        app: &App,
        used: &UseId,
        told: &TellOfFindings,
        text: Option<String>,
        state: State,
    ) -> Result<usize, PageError> {
        let now = app.world.now();
        let masked = told.masked.iter().map(|rule| title(rule).to_owned()).filter(|title| !title.is_empty()).collect();
        let answer = Answer {
            text,
            used: used.to_string(),
            model: self.way.model.clone(),
            state,
            masked,
            once: self.once.clone(),
        };
        keeping::change(app, &self.person, &self.id, |known| {
            known.waiting.retain(|one| one.once != self.once);
            let after = match &self.question {
                Some(question) => Some(known.add(self.after, now, Said::Person(question.clone()))),
                None => self.after,
            };
            if known.title.is_empty() {
                known.title = self.title.clone();
            }
            known.way = self.way.key();
            known.purpose = self.way.purpose.clone();
            known.grade = known.grade.max(self.grade);
            known.add(after, now, Said::Model(answer.clone()))
        })
        .await
    }

    async fn answered(&self, app: &App, place: usize, text: Option<String>, state: State) -> Result<(), PageError> {
        keeping::change(app, &self.person, &self.id, |known| {
            if let Some(Said::Model(answer)) = known.messages.get_mut(place).map(|message| &mut message.said) {
                answer.text = text.clone();
                answer.state = state.clone();
            }
        })
        .await
    }
}

/// Takes a turn through the gate. It goes on to its end though nobody waits any more; run it in a tracked task.
pub(super) async fn run(app: App, turn: Turn, tell: mpsc::UnboundedSender<Told>) {
    let last = match through_the_gate(&app, &turn, &tell).await {
        Ok(told) => told,
        Err(error) => Told::Failed(error),
    };
    // Who has gone away finds it in the conversation.
    drop(tell.send(last));
}

async fn through_the_gate(app: &App, turn: &Turn, tell: &mpsc::UnboundedSender<Told>) -> Result<Told, PageError> {
    match app.gate.pass(turn.call.clone()).await {
        Ok(Passed::Whole { id, answer, told }) => {
            let said = said_whole(&answer.body).unwrap_or(answer.text);
            let place = turn.admitted(app, &id, &told, app.gate.for_keeping(&said), State::Whole).await?;
            drop(tell.send(Told::Begun(place)));
            drop(tell.send(Told::Text(said)));
            Ok(Told::Done(place))
        }
        Ok(Passed::Stream { id, events, told, .. }) => {
            let place = turn.admitted(app, &id, &told, Some(String::new()), State::Writing).await?;
            drop(tell.send(Told::Begun(place)));
            let (text, state) = follow(events, tell).await;
            turn.answered(app, place, app.gate.for_keeping(&text), state).await?;
            Ok(Told::Done(place))
        }
        Err(stopped) => {
            turn.release(app).await?;
            Ok(Told::Stopped(Box::new(stopped)))
        }
    }
}

/// The text of a whole chat completion.
fn said_whole(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(value.pointer("/choices/0/message/content")?.as_str()?.to_owned())
}

/// Reads a stream to its end, which comes after the closing record.
async fn follow(mut events: mpsc::Receiver<Bytes>, tell: &mpsc::UnboundedSender<Told>) -> (String, State) {
    let mut splitter = Splitter::new(LONGEST_EVENT);
    let mut whole = String::new();
    let mut state = State::Whole;
    while let Some(bytes) = events.recv().await {
        let mut cut = VecDeque::new();
        if splitter.push(bytes, &mut cut).is_err() {
            state = State::Broken("答えの一部が大きすぎて読めませんでした。".to_owned());
        }
        for event in cut {
            let Ok(Event { data: Some(data), .. }) = Event::parse(&event) else { continue };
            let Ok(value) = serde_json::from_str::<Value>(&data) else { continue };
            if let Some(error) = value.get("error") {
                let said = error.get("message").and_then(Value::as_str);
                state = State::Broken(said.unwrap_or("答えが途中で切れました。").to_owned());
            }
            let delta = value.pointer("/choices/0/delta/content").and_then(Value::as_str);
            if let Some(text) = delta.filter(|text| !text.is_empty()) {
                whole.push_str(text);
                drop(tell.send(Told::Text(text.to_owned())));
            }
        }
    }
    (whole, state)
}
