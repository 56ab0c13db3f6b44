//! One survey: its questions for who is asked, its figures for who governs.

use super::OPENERS;
use super::results::{Results, results};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::keep;
use crate::http::page::desk::governs;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::oversight::FEWEST;
use crate::http::page::words;
use crate::survey::{answers, answers_kind};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::SurveyId;
use sekisho_domain::register::Register;
use sekisho_domain::survey::{Answers, Form, Given, Question, SurveyRecord, WORDS};
use sekisho_store::PaperRow;
use std::collections::{BTreeMap, BTreeSet};

/// Said of words that must not lie in the store.
const NOT_IN_ANSWERS: &str = "個人番号または鍵・パスワードが書かれています。除いてから送ってください。";

#[derive(Template)]
#[template(path = "surveys/one.html")]
struct SurveyPage {
    frame: Frame,
    id: String,
    from: String,
    until: String,
    /// The questions, for who is asked while it is open.
    questions: Option<Vec<Field>>,
    answered: bool,
    mine: bool,
    progress: Option<Progress>,
    results: Option<Results>,
    /// Whether who looks may close it.
    closes: bool,
}

/// How many answered so far.
struct Progress {
    asked: u64,
    /// `None` while so few answered that the count would tell who has.
    answers: Option<u64>,
}

pub(super) fn found<'r>(register: &'r Register, id: &str) -> Result<&'r SurveyRecord, PageError> {
    let id = SurveyId::new(id).map_err(|_| PageError::Missing)?;
    register.survey(&id).ok_or(PageError::Missing)
}

fn field(question: &Question, given: Option<&Given>, problems: &[Problem]) -> Field {
    let name = format!("a-{}", question.id);
    let chosen: Vec<&str> = match given {
        Some(Given::Chosen(chosen)) => chosen.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let choices = question.choices().iter().map(|one| Choice::new(one.id.clone(), one.label.clone())).collect();
    let field = match &question.form {
        Form::One { .. } => {
            Field::radio(name, question.text.clone(), choices).value(chosen.first().copied().unwrap_or_default())
        }
        Form::Many { .. } => Field::checks(name, question.text.clone(), choices).ticked(&chosen),
        Form::Words => {
            let words = if let Some(Given::Words(words)) = given { words.as_str() } else { "" };
            Field::area(name, question.text.clone(), 5)
                .help(format!("{WORDS} 文字まで。個人番号や、人を特定できることは書かないでください。"))
                .value(words)
        }
    };
    field.optional().told(problems)
}

/// What a form answers. A question that was left open is not among it.
fn read(survey: &SurveyRecord, fields: &Fields) -> Answers {
    let given = survey.opened.questionnaire.questions.iter().filter_map(|question| {
        let name = format!("a-{}", question.id);
        let set = |all: Vec<&str>| {
            let all: BTreeSet<String> = all.into_iter().map(str::to_owned).collect();
            (!all.is_empty()).then_some(Given::Chosen(all))
        };
        let given = match &question.form {
            Form::One { .. } => set(Some(fields.get(&name)).filter(|one| !one.is_empty()).into_iter().collect()),
            Form::Many { .. } => set(fields.chosen(&name)),
            Form::Words => {
                let words = fields.text(&name).trim().to_owned();
                (!words.is_empty()).then_some(Given::Words(words))
            }
        };
        Some((question.id.clone(), given?))
    });
    Answers(given.collect::<BTreeMap<_, _>>())
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("opened") => Some("アンケートを始めました。対象の人のホームに出ます。"),
        Some("answered") => Some("回答を受け付けました。締切りまでは直せます。"),
        Some("closed") => Some("締め切り、集計を台帳に記録しました。"),
        _ => None,
    };
    render(&app, &signed, &id, (done, StatusCode::OK), None, Vec::new()).await
}

pub(super) async fn render(
    app: &App,
    signed: &SignedIn,
    id: &str,
    (done, status): (Option<&'static str>, StatusCode),
    typed: Option<Answers>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let survey = found(&register, id)?;
    let today = in_japan(app.world.now());
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let opened = &survey.opened;
    let mine = register.in_range(&opened.users, person);
    let governs = governs(&register, signed.person());
    if !mine && !governs {
        return Err(PageError::Missing);
    }
    let kind = answers_kind(&opened.survey);
    let kept = app.store.paper(&kind, signed.person().as_str()).await?;
    let shown = match (typed, &kept) {
        (Some(typed), _) => typed,
        (None, Some(paper)) => answers(paper)?,
        (None, None) => Answers::default(),
    };
    let takes = mine && survey.takes_answers(today);
    let fields = opened.questionnaire.questions.iter();
    let questions = takes.then(|| fields.map(|one| field(one, shown.0.get(&one.id), &problems)).collect());
    let open = survey.closed.is_none();
    let progress = if governs && open {
        let answers = app.store.count_papers(&kind).await?;
        Some(Progress { asked: opened.asked, answers: Some(answers).filter(|answers| *answers >= FEWEST) })
    } else {
        None
    };
    let frame = Frame::new(app, Some(signed), "/surveys", opened.title.clone()).await?;
    let shown = SurveyPage {
        frame: frame.below(&[("/", "ホーム"), ("/surveys", "アンケート")]).notice(done).wrong(problems),
        id: id.to_owned(),
        from: words::day(opened.from),
        until: words::day(opened.until),
        questions,
        answered: kept.is_some(),
        mine,
        progress,
        results: if governs { results(app, survey).await? } else { None },
        closes: open && register.holds_any(signed.person(), OPENERS),
    };
    Ok(page(status, &shown))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let survey = found(&register, &id)?;
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    if !register.in_range(&survey.opened.users, person) {
        return Err(PageError::Missing);
    }
    let given = read(survey, &fields);
    if !survey.takes_answers(in_japan(app.world.now())) {
        let problems = vec![Problem::at("", "回答の期間ではありません。締め切られたか、まだ始まっていません。")];
        return render(&app, &signed, &id, (None, StatusCode::CONFLICT), Some(given), problems).await;
    }
    let mut problems = Vec::new();
    for (question, given) in &given.0 {
        let Given::Words(words) = given else { continue };
        if words.chars().count() > WORDS {
            problems.push(Problem::at(format!("a-{question}"), format!("{WORDS} 文字までにしてください。")));
        } else if app.gate.must_not_be_kept(words) {
            problems.push(Problem::at(format!("a-{question}"), NOT_IN_ANSWERS));
        }
    }
    if problems.is_empty() && given.0.is_empty() {
        problems.push(Problem::at("", "一つ以上の質問に答えてください。"));
    }
    if problems.is_empty() && survey.opened.questionnaire.fits(&given).is_err() {
        problems.push(Problem::at("", "質問と答えが合いません。ページを開き直してください。"));
    }
    if !problems.is_empty() {
        return render(&app, &signed, &id, (None, StatusCode::UNPROCESSABLE_ENTITY), Some(given), problems).await;
    }
    let kind = answers_kind(&survey.opened.survey);
    let before = app.store.paper(&kind, signed.person().as_str()).await?;
    let now = app.world.now();
    let row = PaperRow {
        kind,
        id: signed.person().to_string(),
        owner: signed.person().clone(),
        personal: true,
        version: before.as_ref().map_or(1, |before| before.row.version + 1),
        created_at: before.as_ref().map_or(now, |before| before.row.created_at),
        changed_at: now,
    };
    if keep(&app, row, &given).await? {
        return Ok(go(&format!("/surveys/{id}?done=answered")));
    }
    let problems = vec![Problem::at("", "別の画面で先に回答されました。もう一度送ると、この内容に変わります。")];
    render(&app, &signed, &id, (None, StatusCode::CONFLICT), Some(given), problems).await
}
