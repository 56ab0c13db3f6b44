//! The risk of one use case: the sheet, what the table says of it, what the CAIO decided, and what passed with the board.

use super::super::desk::wording::{self, AXES, Content, Past};
use crate::account::{SignedIn, in_words};
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::words::Names;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{AnswerRisk, Command, JudgeRisk, StepRiskBoard};
use sekisho_domain::day::in_japan;
use sekisho_domain::ds920::judgement::{BoardStep, Verdict};
use sekisho_domain::history::{Deed, Step};
use sekisho_domain::id::{ApplicationId, PersonId};
use sekisho_domain::permit::{Application, ApplicationState, RiskSheet};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "ds920/risk.html")]
struct RiskPage {
    frame: Frame,
    id: String,
    state: &'static str,
    permit: Option<String>,
    applicant: String,
    content: Content,
    sheet: Vec<(String, String)>,
    result: &'static str,
    because: String,
    table: String,
    standing: &'static str,
    tone: &'static str,
    stale: bool,
    judged: Option<Judged>,
    own: bool,
    seen: usize,
    judge: Option<Vec<Field>>,
    answer: Option<Vec<Field>>,
    reports: Vec<Reported>,
    advice: Vec<Advised>,
    report: Option<Vec<Field>>,
    advise: Option<Field>,
    respond: Option<Vec<Field>>,
    history: Vec<Past>,
}

struct Judged {
    verdict: &'static str,
    who: String,
    when: String,
    reason: String,
    table: String,
    result: &'static str,
    sheet: Vec<(String, String)>,
}

struct Reported {
    when: String,
    purpose: String,
    mitigation: String,
    quality: String,
}

struct Advised {
    number: usize,
    when: String,
    text: String,
    response: Option<(String, String)>,
}

#[derive(Default)]
struct Shown<'f> {
    done: Option<&'static str>,
    problems: Vec<Problem>,
    typed: Option<&'f Fields>,
    status: StatusCode,
}

/// An application whose risk the person may look at.
fn seen<'r>(register: &'r Register, person: &PersonId, id: &str) -> Result<&'r Application, PageError> {
    let id = ApplicationId::new(id).map_err(|_| PageError::Missing)?;
    let application = register.application(&id).ok_or(PageError::Missing)?;
    let may = application.applicant == *person || register.holds_any(person, super::OVERSEERS);
    if may { Ok(application) } else { Err(PageError::Missing) }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("judge") => Some("リスクの判断を記録しました。"),
        Some("answer") => Some("新しい答えを記録しました。判断が済んでいた場合は、AI統括責任者が改めて判断します。"),
        Some("report" | "advise" | "respond") => Some("アドバイザリーボードとのやりとりを記録しました。"),
        _ => None,
    };
    one(&app, &signed, &id, Shown { done, status: StatusCode::OK, ..Shown::default() }).await
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let application = seen(&register, signed.person(), id)?;
    let Shown { done, problems, typed, status } = shown;
    let ds920 = register.ds920();
    let record = ds920.risk(&application.application);
    let sheet = register.risk_sheet(application);
    let own = application.applicant == *signed.person();
    let holds = |role: Role| register.holds(signed.person(), role);
    let alive = match &application.state {
        ApplicationState::Submitted => true,
        ApplicationState::Approved { permit } => {
            register.permit(permit).is_some_and(|permit| permit.state != sekisho_domain::permit::PermitState::Revoked)
        }
        _ => false,
    };
    let table = ds920.table_on(today);
    let because = match (table, sheet) {
        (Some(table), Some(sheet)) => table.deciding(&sheet).map_or_else(
            || "どの行にも当てはまらないときの結果".to_owned(),
            |row| format!("{} 行目が当てはまる", row + 1),
        ),
        (None, Some(_)) => "一つの軸が 3、または二つの軸が 2 以上なら高リスクの可能性".to_owned(),
        (_, None) => String::new(),
    };
    let judged = record.and_then(|record| record.judged.as_ref());
    let people: Vec<&PersonId> = judged.iter().map(|j| &j.by).chain([&application.applicant]).collect();
    let names = Names::of(app, people).await?;
    let named = |table: Option<&sekisho_domain::id::RiskTableId>| {
        table.map_or_else(|| "この仕組みの既定（本プログラムの案）".to_owned(), ToString::to_string)
    };
    let (tone, standing) = wording::risk(register.risk_standing(application, today));
    let area = |name: &'static str, label: &'static str, rows: u8| {
        let text = typed.map(|fields| fields.text(name)).unwrap_or_default();
        Field::area(name, label, rows).value(&text).told(&problems)
    };
    let value = |name: &str| typed.map(|fields| fields.line(name).to_owned()).unwrap_or_default();
    let judge = (alive && !own && sheet.is_some() && holds(Role::Caio)).then(|| {
        let choices = Verdict::ALL.map(|verdict| Choice::new(verdict.name(), verdict.label())).to_vec();
        vec![
            Field::radio("verdict", "判断", choices)
                .help("判定表の結果は参考です。結果と違う判断もできます。")
                .value(&value("verdict"))
                .told(&problems),
            area("judge_reason", "判断の理由", 4)
                .help("受け入れるときは、リスクを減らす措置も書きます。台帳に残ります。"),
        ]
    });
    let may_answer = alive && (own || holds(Role::ServiceManager) || holds(Role::Caio));
    let answer = may_answer.then(|| {
        let now = sheet.map(|s| [s.users, s.work, s.learning, s.judgement]);
        let mut fields: Vec<Field> = AXES
            .iter()
            .enumerate()
            .map(|(at, (name, label, question, scale))| {
                let choices =
                    scale.iter().enumerate().map(|(n, text)| Choice::new(n.to_string(), format!("{n} {text}")));
                let current = now.and_then(|now| now.get(at).copied()).map(|n| n.to_string()).unwrap_or_default();
                let chosen = if typed.is_some() { value(name) } else { current };
                Field::select(*name, *label, choices.collect()).help(*question).value(&chosen).told(&problems)
            })
            .collect();
        fields.push(area("answer_reason", "何が変わったか", 2));
        fields
    });
    let advice: Vec<Advised> = record.map_or_else(Vec::new, |record| {
        let one = |(at, advice): (usize, &sekisho_domain::ds920::judgement::Advice)| Advised {
            number: at + 1,
            when: in_words(advice.at),
            text: advice.text.clone(),
            response: advice.response.as_ref().map(|(when, text)| (in_words(*when), text.clone())),
        };
        record.advice.iter().enumerate().map(one).collect()
    });
    let caio = alive && holds(Role::Caio);
    let reported = record.is_some_and(|record| !record.reports.is_empty());
    let respond = (alive && (own || caio) && !advice.is_empty()).then(|| {
        let label = |a: &Advised| format!("{}: {}", a.number, a.text.chars().take(40).collect::<String>());
        let choices = advice.iter().map(|a| Choice::new((a.number - 1).to_string(), label(a))).collect();
        vec![
            Field::select("item", "どの助言か", choices).value(&value("item")).told(&problems),
            area("response", "対応", 2),
        ]
    });
    let frame = Frame::new(app, Some(signed), "/risk", format!("リスク判断「{}」", application.draft.purpose)).await?;
    let trail: &[(&str, &str)] = if super::OVERSEERS.iter().any(|role| holds(*role)) {
        &[("/", "ホーム"), ("/risk", "リスク判断")]
    } else {
        &[("/", "ホーム"), ("/applications", "利用申請の一覧")]
    };
    let shown = RiskPage {
        id: id.to_owned(),
        state: application.state.label(),
        permit: match &application.state {
            ApplicationState::Approved { permit } => Some(permit.to_string()),
            _ => None,
        },
        applicant: names.get(&application.applicant),
        content: Content::of(app, &register, &application.draft).await?,
        sheet: sheet.as_ref().map(wording::answers).unwrap_or_default(),
        result: sheet.map_or("判定シートがありません", |sheet| ds920.result_on(&sheet, today).label()),
        because,
        table: named(table.map(|table| &table.table)),
        standing,
        tone: tone.class(),
        stale: record.is_some_and(sekisho_domain::ds920::judgement::RiskRecord::is_stale),
        judged: judged.map(|j| Judged {
            verdict: j.verdict.label(),
            who: names.get(&j.by),
            when: in_words(j.at),
            reason: j.reason.clone(),
            table: named(j.table.as_ref()),
            result: j.result.label(),
            sheet: wording::answers(&j.sheet),
        }),
        own,
        seen: application.history.len(),
        judge,
        answer,
        reports: record.map_or_else(Vec::new, |record| {
            let one = |r: &sekisho_domain::ds920::judgement::BoardReport| Reported {
                when: in_words(r.at),
                purpose: r.purpose.clone(),
                mitigation: r.mitigation.clone(),
                quality: r.quality.clone(),
            };
            record.reports.iter().map(one).collect()
        }),
        advice,
        report: caio.then(|| {
            vec![
                area("purpose", "目的", 2),
                area("mitigation", "リスクを減らす措置", 3),
                area("quality", "品質の確保", 3),
            ]
        }),
        advise: (caio && reported).then(|| area("advice", "助言", 3).help("一行に一件ずつ書きます。")),
        respond,
        history: wording::history(app, &register, &application.history, Some(&application.draft)).await?,
        frame: frame.below(trail).notice(done).wide().wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let application = seen(&register, signed.person(), &id)?;
    let act = fields.get("act");
    if fields.get("seen") != application.history.len().to_string() {
        return stale(&app, &signed, &id, application.history.last(), act).await;
    }
    let again =
        |problems| Shown { problems, typed: Some(&fields), status: StatusCode::UNPROCESSABLE_ENTITY, done: None };
    let (command, reason, field) = match asked(&fields, application, register.risk_sheet(application)) {
        Ok(asked) => asked,
        Err(problems) => return one(&app, &signed, &id, again(problems)).await,
    };
    match give(&app, &signed, command, &reason).await? {
        Ok(_) => Ok(go(&format!("/risk/{id}?done={act}"))),
        Err(refusal) => {
            let now = app.journal.register()?;
            let moved =
                now.application(&application.application).filter(|a| a.history.len() != application.history.len());
            if let Some(moved) = moved {
                return stale(&app, &signed, &id, moved.history.last(), act).await;
            }
            one(&app, &signed, &id, again(vec![Problem::refused(field, &refusal)])).await
        }
    }
}

/// The command with its reason, and the field that a refusal is told at.
fn asked(
    fields: &Fields,
    application: &Application,
    sheet: Option<RiskSheet>,
) -> Result<(Command, String, &'static str), Vec<Problem>> {
    let id = application.application.clone();
    let board = |step| Command::StepRiskBoard(StepRiskBoard { application: id.clone(), step });
    match fields.get("act") {
        "judge" => {
            let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.name() == fields.get("verdict"));
            let (Some(verdict), Some(sheet)) = (verdict, sheet) else {
                return Err(vec![Problem::at("verdict", "判断を四つから選んでください。")]);
            };
            let command = Command::JudgeRisk(JudgeRisk { application: id, sheet, verdict });
            Ok((command, fields.text("judge_reason").trim().to_owned(), "judge_reason"))
        }
        "answer" => {
            let mut wrong = Vec::new();
            let mut answers = [0; 4];
            for (slot, (name, label, ..)) in answers.iter_mut().zip(AXES) {
                match fields.line(name).parse() {
                    Ok(answer @ 0..=3) => *slot = answer,
                    _ => wrong.push(Problem::at(name, format!("「{label}」を 0 から 3 で答えてください。"))),
                }
            }
            if !wrong.is_empty() {
                return Err(wrong);
            }
            let [users, work, learning, judgement] = answers;
            let sheet = RiskSheet { users, work, learning, judgement };
            let command = Command::AnswerRisk(AnswerRisk { application: id, sheet });
            Ok((command, fields.text("answer_reason").trim().to_owned(), "answer_reason"))
        }
        "report" => {
            let text = |name: &str| fields.text(name).trim().to_owned();
            let (purpose, mitigation, quality) = (text("purpose"), text("mitigation"), text("quality"));
            Ok((board(BoardStep::Report { purpose, mitigation, quality }), String::new(), "purpose"))
        }
        "advise" => {
            let text = fields.text("advice");
            let items = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
            Ok((board(BoardStep::Advise { items }), String::new(), "advice"))
        }
        "respond" => {
            let item =
                fields.line("item").parse().map_err(|_| vec![Problem::at("item", "どの助言かを選んでください。")])?;
            let response = fields.text("response").trim().to_owned();
            Ok((board(BoardStep::Respond { item, response }), String::new(), "response"))
        }
        _ => Err(vec![Problem::at("", "何をするかを選んでください。")]),
    }
}

/// The page was older than the application: what was asked for is already done, or somebody else was first.
async fn stale(app: &App, signed: &SignedIn, id: &str, last: Option<&Step>, act: &str) -> Result<Response, PageError> {
    let done = last.filter(|step| step.by == *signed.person()).is_some_and(|step| {
        matches!((&step.deed, act), (Deed::RiskJudged { .. }, "judge") | (Deed::RiskAnswered { .. }, "answer"))
    });
    if done {
        return Ok(go(&format!("/risk/{id}?done={act}")));
    }
    let problems = vec![Problem::at("", wording::overtaken(last))];
    one(app, signed, id, Shown { problems, status: StatusCode::CONFLICT, ..Shown::default() }).await
}
