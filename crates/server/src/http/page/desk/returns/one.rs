//! One report that was sent: exactly what it said, and what came back.

use super::super::service::MANAGERS;
use super::list::{purpose, standing};
use crate::account::{SignedIn, in_words};
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, download, go, page};
use crate::http::page::list::{Asked, Cell};
use crate::http::page::words::{self, Names};
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{AnswerReturn, Command};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::ReturnId;
use sekisho_domain::register::Register;
use sekisho_domain::returns::{Answer, ReturnRecord, Stage};

#[derive(Template)]
#[template(path = "desk/return.html")]
struct ReturnPage {
    frame: Frame,
    id: String,
    state: Cell,
    service: Cell,
    facts: Vec<(&'static str, String)>,
    sha256: String,
    answers: Vec<(String, &'static str, String, String)>,
    form: Option<Form>,
}

struct Form {
    seen: usize,
    fields: Vec<Field>,
}

fn found<'r>(register: &'r Register, id: &str) -> Result<&'r ReturnRecord, PageError> {
    let id = ReturnId::new(id).map_err(|_| PageError::Missing)?;
    register.return_record(&id).ok_or(PageError::Missing)
}

pub(in super::super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("sent") => Some("送った報告を記録しました。"),
        Some("answered") => Some("回答を記録しました。"),
        _ => None,
    };
    render(&app, &signed, &id, (done, StatusCode::OK), None, Vec::new()).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    id: &str,
    (done, status): (Option<&'static str>, StatusCode),
    typed: Option<&Fields>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let record = found(&register, id)?;
    let today = in_japan(app.world.now());
    let sent = &record.sent;
    let mut people = vec![&record.by];
    for answer in &record.answers {
        people.push(&answer.by);
    }
    let names = Names::of(app, people).await?;
    let (tone, state) = standing(record, today);
    let or_none = |text: &str| if text.is_empty() { "なし".to_owned() } else { text.to_owned() };
    let facts = vec![
        ("宛先", sent.addressee.clone()),
        ("送った日", words::day(sent.on)),
        ("送り方", sent.way.japanese().to_owned()),
        ("文書番号", or_none(&sent.reference)),
        ("業務", or_none(&purpose(&register, sent.permit.as_ref()))),
        ("記録した人", names.get(&record.by)),
        ("記録した日時", in_words(record.at)),
    ];
    let answers = record
        .answers
        .iter()
        .map(|one| (words::day(one.on), one.answer.japanese(), or_none(&one.reference), names.get(&one.by)));
    let text = |name: &str| typed.map(|fields| fields.line(name).to_owned()).unwrap_or_default();
    let choices = Answer::ALL
        .into_iter()
        .filter(|answer| *answer != Answer::Consented || sent.stage == Stage::Considering)
        .map(|answer| Choice::new(answer.as_str(), answer.japanese()));
    let consents = sent.stage == Stage::Considering;
    let form = register.holds_any(signed.person(), MANAGERS).then(|| Form {
        seen: record.answers.len(),
        fields: vec![
            Field::radio("answer", "回答", choices.collect())
                .help(if consents {
                    "了解を記録すると、サービスの「報告・了解」も了解済みになります。"
                } else {
                    ""
                })
                .value(&text("answer"))
                .told(&problems),
            Field::input("date", "on", "回答の日")
                .value(&if typed.is_some() { text("on") } else { today.to_string() })
                .told(&problems),
            Field::text("reference", "回答の文書番号", "off").optional().value(&text("reference")).told(&problems),
        ],
    });
    let title = format!("報告: {}", sent.stage.japanese());
    let frame = Frame::new(app, Some(signed), "/returns", title).await?;
    let shown = ReturnPage {
        frame: frame.below(&[("/", "ホーム"), ("/returns", "報告")]).notice(done).wrong(problems),
        id: id.to_owned(),
        state: Cell { text: state.to_owned(), href: None, tone },
        service: Cell::link(format!("/services/{}", sent.service), words::service(&register, &sent.service)),
        facts,
        sha256: sent.sha256.clone(),
        answers: answers.collect(),
        form,
    };
    Ok(page(status, &shown))
}

/// What was sent, byte for byte.
pub(in super::super) async fn sent(
    State(app): State<App>,
    Seen(_): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let record = found(&register, &id)?;
    let bytes = documents::open(&app, &record.sent.sha256).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a report is not at hand");
        PageError::Inside
    })?;
    Ok(download("text/markdown; charset=utf-8", &format!("{id}.md"), bytes))
}

pub(in super::super) async fn answer(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if !register.holds_any(signed.person(), MANAGERS) {
        return Err(PageError::Forbidden(MANAGERS));
    }
    let record = found(&register, &id)?;
    let again = |status, problems| render(&app, &signed, &id, (None, status), Some(&fields), problems);
    if fields.get("seen") != record.answers.len().to_string() {
        let mine = record
            .answers
            .last()
            .is_some_and(|last| last.by == *signed.person() && last.answer.as_str() == fields.get("answer"));
        if mine {
            return Ok(go(&format!("/returns/{id}?done=answered")));
        }
        let text = "この画面を開いた後に、ほかの人が回答を記録しました。いまの状態を確かめてください。";
        return again(StatusCode::CONFLICT, vec![Problem::at("", text)]).await;
    }
    let mut problems = Vec::new();
    let given = Answer::named(fields.get("answer"));
    if given.is_none() {
        problems.push(Problem::at("answer", "回答を選んでください。"));
    }
    let on = fields.line("on").parse::<Date>();
    if on.is_err() {
        problems.push(Problem::at("on", "日付を 2026-11-25 のような形で入力してください。"));
    }
    let (Some(given), Ok(on)) = (given, on) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, problems).await;
    };
    let reference = fields.line("reference").to_owned();
    let command = Command::AnswerReturn(AnswerReturn { of: record.sent.id.clone(), answer: given, on, reference });
    match give(&app, &signed, command, "報告への回答の記録").await? {
        Ok(_) => Ok(go(&format!("/returns/{id}?done=answered"))),
        Err(refusal) => again(StatusCode::UNPROCESSABLE_ENTITY, vec![Problem::refused("", &refusal)]).await,
    }
}
