//! Filling in a sheet: saved as a draft as often as one likes, completed when nothing lacks.

use super::sheets::{Working, level, subject, working};
use crate::account::SignedIn;
use crate::checklist::{Filled, PAPER, bytes, hash, in_force};
use crate::http::App;
use crate::http::page::act::{MUST_NOT_BE_KEPT, give_with, keep};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::words::{self, Names};
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, CompleteChecklist};
use sekisho_domain::day::in_japan;
use sekisho_domain::ds920::checklist::{Answer, Given, LONGEST, Lack, Question, QuestionSet, SheetTally, lacks};
use sekisho_domain::ds920::risk_table::RiskLevel;
use sekisho_domain::id::PersonId;
use sekisho_store::PaperRow;

#[derive(Template)]
#[template(path = "ds920/fill.html")]
struct FillPage {
    frame: Frame,
    id: String,
    subject: String,
    set: String,
    level: &'static str,
    version: u64,
    left: usize,
    categories: Vec<Category>,
    reason: Field,
}

struct Category {
    name: String,
    questions: Vec<Asking>,
}

struct Asking {
    requirement: String,
    basis: String,
    evidence: &'static str,
    applies_when: &'static str,
    answer: Field,
    reason: Field,
    seen_in: Field,
    /// Who answered and when, if anybody did.
    assessed: String,
    lack: Option<&'static str>,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let working = working(&app, &register, &signed, &id).await?;
    if !working.is_written_by(&register, signed.person()) {
        return Ok(go(&format!("/checklists/{id}")));
    }
    let done = (asked.done.as_deref() == Some("saved")).then_some("下書きを保存しました。");
    form(&app, &signed, &working, &working.filled, Said { done, ..Said::default() }).await
}

/// What is said around the form.
#[derive(Default)]
struct Said<'f> {
    done: Option<&'static str>,
    problems: Vec<Problem>,
    typed: Option<&'f Fields>,
    status: Option<StatusCode>,
}

async fn form(
    app: &App,
    signed: &SignedIn,
    working: &Working,
    filled: &Filled,
    said: Said<'_>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let set = in_force(app, &register, filled.set.kind).await?;
    let level = level(&register, filled, today);
    let names = Names::of(app, filled.answers.values().map(|given| &given.assessor).collect::<Vec<_>>()).await?;
    let lacking = lacks(&set, level, &filled.answers);
    let Said { done, problems, typed, status } = said;
    let mut categories: Vec<Category> = Vec::new();
    for question in set.asked(level) {
        let given = filled.answers.get(&question.id);
        let lack = lacking.iter().find(|(id, _)| *id == question.id).map(|(_, lack)| *lack);
        let asking = asking(question, given, lack, &names, &problems);
        match categories.iter_mut().find(|category| category.name == question.category) {
            Some(category) => category.questions.push(asking),
            None => categories.push(Category { name: question.category.clone(), questions: vec![asking] }),
        }
    }
    let frame = Frame::new(app, Some(signed), "/checklists", format!("{}に記入する", set.kind.label())).await?;
    let back = format!("/checklists/{}", working.id);
    let shown = FillPage {
        id: working.id.to_string(),
        subject: subject(&register, filled),
        set: format!("{}（{}）", set.title, set.edition),
        level: level.label(),
        version: working.row.version,
        left: lacking.len(),
        categories,
        reason: Field::text("note", "完成させるときの一言", "off")
            .optional()
            .value(typed.map_or("", |fields| fields.line("note")))
            .told(&problems),
        frame: frame
            .below(&[("/", "ホーム"), ("/checklists", "チェックシート"), (&back, "シート")])
            .notice(done)
            .wrong(problems),
    };
    Ok(page(status.unwrap_or(StatusCode::OK), &shown))
}

fn asking(
    question: &Question,
    given: Option<&Given>,
    lack: Option<Lack>,
    names: &Names,
    problems: &[Problem],
) -> Asking {
    let id = &question.id;
    let answers = Answer::ALL.map(|answer| Choice::new(answer.name(), answer.label())).to_vec();
    let text = |pick: fn(&Given) -> &str| given.map(pick).unwrap_or_default().to_owned();
    Asking {
        requirement: question.requirement.clone(),
        basis: question.basis.clone(),
        evidence: super::grade(question.evidence),
        applies_when: question.applies_when.label(),
        answer: Field::radio(format!("a.{id}"), "答え", answers)
            .value(given.and_then(|given| given.answer).map_or("", Answer::name))
            .told(problems),
        reason: Field::area(format!("r.{id}"), "理由", 2)
            .help("「満たす」以外の答えに必要です。")
            .value(&text(|given| given.reason.as_str()))
            .told(problems),
        seen_in: Field::text(format!("e.{id}"), "証拠", "off")
            .help("文書の名称・場所、アドレス、ファイルの SHA-256 など。")
            .optional()
            .value(&text(|given| given.evidence.as_str()))
            .told(problems),
        assessed: given
            .filter(|given| given.answer.is_some())
            .map(|given| format!("{} さん、{}", names.get(&given.assessor), words::day(given.on)))
            .unwrap_or_default(),
        // A page on which nothing was answered yet need not say so of every question.
        lack: lack.filter(|lack| given.is_some() || *lack != Lack::Answer).map(Lack::label),
    }
}

/// Takes what was typed into the answers; only what differs is this person's, and of today.
fn take(filled: &mut Filled, set: &QuestionSet, level: RiskLevel, fields: &Fields, by: &PersonId, today: Date) {
    for question in set.asked(level) {
        let id = &question.id;
        let (reason, evidence) = (fields.text(&format!("r.{id}")), fields.line(&format!("e.{id}")).to_owned());
        let reason = reason.trim().to_owned();
        let answer = Answer::named(fields.get(&format!("a.{id}")));
        let before = filled.answers.get(id);
        let same = before.is_some_and(|before| {
            before.answer == answer
                && before.reason == reason
                && before.evidence == evidence
                && before.requirement == question.requirement
        });
        if same || (before.is_none() && answer.is_none() && reason.is_empty() && evidence.is_empty()) {
            continue;
        }
        let given = Given {
            answer,
            reason,
            evidence,
            assessor: by.clone(),
            on: today,
            requirement: question.requirement.clone(),
        };
        filled.answers.insert(id.clone(), given);
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let working = working(&app, &register, &signed, &id).await?;
    if !working.is_written_by(&register, signed.person()) {
        return Err(PageError::Missing);
    }
    let today = in_japan(app.world.now());
    let set = in_force(&app, &register, working.filled.set.kind).await?;
    let mut filled = working.filled.clone();
    filled.level = level(&register, &filled, today);
    let at = filled.level;
    take(&mut filled, &set, at, &fields, signed.person(), today);
    filled.set = set;
    let again = |problems, status| Said { problems, typed: Some(&fields), status: Some(status), done: None };
    let mut problems = Vec::new();
    for question in filled.set.asked(at) {
        let Some(given) = filled.answers.get(&question.id) else { continue };
        for (prefix, text) in [("r", &given.reason), ("e", &given.evidence)] {
            let field = format!("{prefix}.{}", question.id);
            if text.chars().count() > LONGEST {
                problems.push(Problem::at(field, Lack::TooLong.label()));
            } else if app.gate.must_not_be_kept(text) {
                problems.push(Problem::at(field, MUST_NOT_BE_KEPT));
            }
        }
    }
    if !problems.is_empty() {
        return form(&app, &signed, &working, &filled, again(problems, StatusCode::UNPROCESSABLE_ENTITY)).await;
    }
    if fields.get("version") != working.row.version.to_string() {
        let text = "この画面を開いた後に、ほかの人がこのシートを書き換えました。まだ保存していません。下の内容はあなたが書いたものです。いまのシートを別の画面で確かめてから、もう一度保存してください。";
        return form(&app, &signed, &working, &filled, again(vec![Problem::at("", text)], StatusCode::CONFLICT)).await;
    }
    let row = PaperRow {
        kind: PAPER.to_owned(),
        version: working.row.version + 1,
        changed_at: app.world.now(),
        ..working.row.clone()
    };
    let saved = Working { id: working.id.clone(), row: row.clone(), filled: filled.clone() };
    if !keep(&app, row, &filled).await? {
        let problems = vec![Problem::at("", "ほかの人が同時に保存しました。シートを開き直してください。")];
        return form(&app, &signed, &working, &filled, again(problems, StatusCode::CONFLICT)).await;
    }
    if fields.get("act") != "complete" {
        return Ok(go(&format!("/checklists/{id}/fill?done=saved")));
    }
    let lacking = lacks(&filled.set, at, &filled.answers);
    if !lacking.is_empty() {
        let one = |(id, lack): &(&str, Lack)| {
            let prefix = if matches!(lack, Lack::Reason) { "r" } else { "a" };
            Problem::at(format!("{prefix}.{id}"), lack.label())
        };
        let mut problems: Vec<Problem> = lacking.iter().map(one).collect();
        problems.insert(0, Problem::at("", "下書きは保存しました。完成させるには、次の問いに答えてください。"));
        return form(&app, &signed, &saved, &filled, again(problems, StatusCode::UNPROCESSABLE_ENTITY)).await;
    }
    // The questions, too, are kept under their hash: those of a later program may be others.
    documents::keep(&app, signed.person(), &bytes(&filled.set)?).await?;
    let sha256 = documents::keep(&app, signed.person(), &bytes(&filled)?).await?;
    let command = Command::CompleteChecklist(CompleteChecklist {
        sheet: working.id.clone(),
        kind: filled.set.kind,
        set: filled.set.set.clone(),
        set_sha256: hash(&filled.set)?,
        service: filled.service.clone(),
        application: filled.application.clone(),
        level: at,
        sha256: sha256.clone(),
        tally: SheetTally::of(&filled.set, at, &filled.answers),
    });
    match give_with(&app, &signed, command, fields.line("note"), vec![sha256]).await? {
        Ok(_) => Ok(go(&format!("/checklists/{id}?done=complete"))),
        Err(refusal) => {
            let field = if refusal.code == "MUST_NOT_BE_KEPT" { "note" } else { "" };
            let problems = vec![Problem::refused(field, &refusal)];
            form(&app, &signed, &saved, &filled, again(problems, StatusCode::UNPROCESSABLE_ENTITY)).await
        }
    }
}
