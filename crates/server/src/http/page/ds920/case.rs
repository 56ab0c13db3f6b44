//! One リスクケース: what happened, which deadlines run, what it keeps, what was done, and what can be done next.

use super::cases::{handlers, sees_all, uses};
use crate::account::{SignedIn, in_words};
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, NO_DAY, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Tone};
use crate::http::page::words::{self, Names};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, StepRiskCase};
use sekisho_domain::day::in_japan;
use sekisho_domain::ds920::clock::Due;
use sekisho_domain::ds920::risk_case::{CaseKind, CaseState, CaseStep, RiskCase, ToldTo};
use sekisho_domain::id::{CaseId, PersonId, UseId};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "ds920/case.html")]
struct CasePage {
    frame: Frame,
    id: String,
    state: &'static str,
    closed: bool,
    kind: &'static str,
    known_at: String,
    reporter: String,
    summary: String,
    impact: String,
    service: String,
    clocks: Vec<Clocked>,
    uses: Vec<(String, Option<String>)>,
    open_work: Vec<&'static str>,
    steps: Vec<Taken>,
    acts: Vec<Act>,
    seen: usize,
}

struct Clocked {
    due: &'static str,
    last_day: String,
    tone: &'static str,
    said: String,
    basis: String,
    evidence: &'static str,
}

struct Taken {
    what: &'static str,
    who: String,
    when: String,
    detail: String,
    note: String,
}

/// Something that can be done: a form of its own.
struct Act {
    act: &'static str,
    label: &'static str,
    button: &'static str,
    first: bool,
    fields: Vec<Field>,
}

#[derive(Default)]
struct Shown<'f> {
    done: Option<&'static str>,
    problems: Vec<Problem>,
    typed: Option<&'f Fields>,
    status: StatusCode,
}

fn seen<'r>(register: &'r Register, person: &PersonId, id: &str) -> Result<&'r RiskCase, PageError> {
    let id = CaseId::new(id).map_err(|_| PageError::Missing)?;
    let case = register.ds920().case(&id).ok_or(PageError::Missing)?;
    if case.reporter == *person || sees_all(register, person) { Ok(case) } else { Err(PageError::Missing) }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("report") => Some("報告を受け取りました。提供者（サービスの管理を担う部署）が対応します。"),
        Some("close") => Some("終結しました。保全していた利用の内容は、消去できるようになりました。"),
        Some("preserve") => Some("利用の内容を保全しました。ケースが終結するまで消去されません。"),
        Some(_) => Some("記録しました。"),
        None => None,
    };
    one(&app, &signed, &id, Shown { done, status: StatusCode::OK, ..Shown::default() }).await
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let case = seen(&register, signed.person(), id)?;
    let Shown { done, problems, typed, status } = shown;
    let people: Vec<&PersonId> = case.steps.iter().map(|taken| &taken.by).collect();
    let names = Names::of(app, people).await?;
    let running = case.running(&register.ds920().clocks_on(today));
    let clocks = running.iter().map(|one| {
        let (tone, said) = match one.met_on {
            Some(on) if one.was_late() => (Tone::Look, format!("{}に実施（期限の後）", words::day(on))),
            Some(on) => (Tone::Good, format!("{}に実施", words::day(on))),
            None if case.is_closed() => (Tone::Plain, "実施の記録なし".to_owned()),
            None if one.is_overdue(today) => (Tone::Bad, "期限を過ぎています".to_owned()),
            None => (Tone::Look, "まだ".to_owned()),
        };
        Clocked {
            due: one.clock.due.label(),
            last_day: words::day(one.last_day),
            tone: tone.class(),
            said,
            basis: one.clock.basis.clone(),
            evidence: super::grade(one.clock.evidence),
        }
    });
    let reads = register.holds_any(signed.person(), &[Role::Auditor, Role::Ciso]);
    let mut kept = Vec::new();
    for of in &case.uses {
        let mine = app.store.use_row(of).await.is_ok_and(|row| row.person == *signed.person());
        let href = match (reads, mine) {
            (true, _) => Some(format!("/oversight/uses/{of}")),
            (false, true) => Some(format!("/me/uses/{of}")),
            (false, false) => None,
        };
        kept.push((of.to_string(), href));
    }
    let taken = case.steps.iter().rev().map(|taken| Taken {
        what: taken.step.label(),
        who: names.get(&taken.by),
        when: in_words(taken.at),
        detail: match &taken.step {
            CaseStep::Notify { to, report, on, .. } => {
                format!("{}へ（{}、{}）", to.label(), report.label(), words::day(*on))
            }
            CaseStep::Reclassify { kind, .. } => kind.label().to_owned(),
            CaseStep::Preserve { uses } | CaseStep::Release { uses, .. } => {
                uses.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
            }
            _ => String::new(),
        },
        note: taken.step.note().to_owned(),
    });
    let frame = Frame::new(app, Some(signed), "/cases", format!("リスクケース: {}", case.kind.label())).await?;
    let shown = CasePage {
        id: id.to_owned(),
        state: case.state.label(),
        closed: case.is_closed(),
        kind: case.kind.label(),
        known_at: in_words(case.known_at),
        reporter: names.get(&case.reporter),
        summary: case.summary.clone(),
        impact: case.impact.clone(),
        service: case.service.as_ref().map(|service| words::service(&register, service)).unwrap_or_default(),
        clocks: clocks.collect(),
        uses: kept,
        open_work: if case.is_closed() { Vec::new() } else { case.open_work() },
        steps: taken.collect(),
        acts: acts(&register, signed.person(), case, &today.to_string(), typed, &problems),
        seen: case.steps.len(),
        frame: frame.below(&[("/", "ホーム"), ("/cases", "リスクケース")]).notice(done).wide().wrong(problems),
    };
    Ok(page(status, &shown))
}

/// What this person can do next, the most usual first.
fn acts(
    register: &Register,
    person: &PersonId,
    case: &RiskCase,
    today: &str,
    typed: Option<&Fields>,
    problems: &[Problem],
) -> Vec<Act> {
    let holds = |roles: &[Role]| register.holds_any(person, roles);
    let sent = typed.map_or("", |fields| fields.get("act"));
    let value =
        |act: &str, name: &str| typed.filter(|_| sent == act).map(|fields| fields.text(name)).unwrap_or_default();
    let note = |act: &'static str, label: &'static str| {
        Field::area(format!("{act}-note"), label, 3).value(&value(act, &format!("{act}-note"))).told(problems)
    };
    let mut acts = Vec::new();
    let mut add = |act: &'static str, label: &'static str, button: &'static str, fields: Vec<Field>| {
        acts.push(Act { act, label, button, first: acts.is_empty(), fields });
    };
    if case.is_closed() {
        if holds(&[Role::Caio]) {
            add("reopen", "再開する", "再開する", vec![note("reopen", "再開する理由")]);
        }
        return acts;
    }
    if holds(handlers()) {
        if case.state == CaseState::Reported {
            add("receive", "受け付ける（提供者）", "受け付ける", vec![note("receive", "はじめに確かめたこと")]);
        }
        if case.state != CaseState::WithCaio {
            add("refer", "AI統括責任者に報告する", "報告する", vec![note("refer", "報告する理由と分かったこと")]);
        }
        add("contain", "拡大の防止を記録する", "記録する", vec![note("contain", "広がりを止めるためにしたこと")]);
        add("analyse", "原因の分析を記録する", "記録する", vec![note("analyse", "原因として分かったこと")]);
        add("prevent", "再発の防止を記録する", "記録する", vec![note("prevent", "再び起こさないためにしたこと")]);
    }
    if holds(&[Role::Caio, Role::Ciso]) {
        let told = ToldTo::ALL.map(|to| Choice::new(to.name(), to.label())).to_vec();
        let reports =
            [Due::Preliminary, Due::Final, Due::Notice].map(|due| Choice::new(due.name(), due.label())).to_vec();
        let on = value("notify", "on");
        add(
            "notify",
            "外部への報告・通知を記録する",
            "記録する",
            vec![
                Field::select("to", "相手", told).value(&value("notify", "to")).told(problems),
                Field::select("report", "種類", reports).value(&value("notify", "report")).told(problems),
                Field::input("date", "on", "報告・通知した日")
                    .value(if on.is_empty() { today } else { &on })
                    .told(problems),
                note("notify", "控え（文書番号・保管場所）"),
            ],
        );
    }
    if holds(handlers()) {
        let kinds = CaseKind::ALL.map(|kind| Choice::new(kind.name(), kind.label())).to_vec();
        let chosen = value("reclassify", "kind");
        add(
            "reclassify",
            "種類を見直す",
            "見直す",
            vec![
                Field::select("kind", "種類", kinds)
                    .help("期限は種類によって変わります。")
                    .value(if chosen.is_empty() { case.kind.name() } else { &chosen })
                    .told(problems),
                note("reclassify", "見直す理由"),
            ],
        );
    }
    if holds(handlers()) || case.reporter == *person {
        let field =
            Field::area("uses", "利用の番号", 2).help("一行に一つずつ書きます。").value(&value("preserve", "uses"));
        add("preserve", "証拠の利用記録を追加して保全する", "保全する", vec![field.told(problems)]);
    }
    if holds(&[Role::Caio]) {
        if !case.uses.is_empty() {
            let kept = case.uses.iter().map(|of| Choice::new(of.to_string(), of.to_string())).collect();
            let fields =
                vec![Field::checks("release", "解除する利用", kept).told(problems), note("release", "解除する理由")];
            add("release", "保全を解除する", "解除する", fields);
        }
        if case.state == CaseState::WithCaio {
            add("close", "終結する", "終結する", vec![note("close", "終結の理由")]);
        }
    }
    acts
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let case = seen(&register, signed.person(), &id)?;
    let act = fields.get("act");
    let again =
        |problems| Shown { problems, typed: Some(&fields), status: StatusCode::UNPROCESSABLE_ENTITY, done: None };
    if fields.get("seen") != case.steps.len().to_string() {
        let text = case.steps.last().map_or_else(String::new, |last| {
            format!(
                "この画面を開いた後に、{} に「{}」がありました。この画面からは何も変更していません。いまの内容を確かめてください。",
                in_words(last.at),
                last.step.label()
            )
        });
        let shown = Shown { status: StatusCode::CONFLICT, ..again(vec![Problem::at("", text)]) };
        return one(&app, &signed, &id, shown).await;
    }
    let step = match asked(&app, &register, signed.person(), &fields).await? {
        Ok(step) => step,
        Err(problem) => return one(&app, &signed, &id, again(vec![problem])).await,
    };
    let command = Command::StepRiskCase(StepRiskCase { case: Some(case.case.clone()), step });
    match give(&app, &signed, command, "").await? {
        Ok(_) => Ok(go(&format!("/cases/{id}?done={act}"))),
        Err(refusal) => {
            let field = match (refusal.code, act) {
                ("INVALID", "notify") => "on".to_owned(),
                ("INVALID", "preserve") => "uses".to_owned(),
                ("INVALID" | "MUST_NOT_BE_KEPT", act) => format!("{act}-note"),
                _ => String::new(),
            };
            one(&app, &signed, &id, again(vec![Problem::refused(field, &refusal)])).await
        }
    }
}

async fn asked(
    app: &App,
    register: &Register,
    person: &PersonId,
    fields: &Fields,
) -> Result<Result<CaseStep, Problem>, PageError> {
    let act = fields.get("act");
    let note = fields.text(&format!("{act}-note")).trim().to_owned();
    let wrong = |field: &'static str, text: &str| Ok(Err(Problem::at(field, text)));
    let step = match act {
        "receive" => CaseStep::Receive { note },
        "refer" => CaseStep::Refer { note },
        "contain" => CaseStep::Contain { note },
        "analyse" => CaseStep::Analyse { note },
        "prevent" => CaseStep::Prevent { note },
        "close" => CaseStep::Close { note },
        "reopen" => CaseStep::Reopen { note },
        "notify" => {
            let to = ToldTo::ALL.into_iter().find(|to| to.name() == fields.get("to"));
            let report = Due::ALL.into_iter().find(|due| due.name() == fields.get("report"));
            let Ok(on) = fields.line("on").parse() else {
                return wrong("on", NO_DAY);
            };
            let (Some(to), Some(report)) = (to, report) else {
                return wrong("to", "一覧から選んでください。");
            };
            CaseStep::Notify { to, report, on, reference: note }
        }
        "reclassify" => match CaseKind::named(fields.get("kind")) {
            Some(kind) => CaseStep::Reclassify { kind, note },
            None => return wrong("kind", "種類を一覧から選んでください。"),
        },
        "preserve" => match uses(app, register, person, &fields.text("uses"), "uses").await? {
            Ok(uses) => CaseStep::Preserve { uses },
            Err(problem) => return Ok(Err(problem)),
        },
        "release" => {
            let uses: BTreeSet<UseId> =
                fields.chosen("release").into_iter().filter_map(|of| UseId::new(of).ok()).collect();
            CaseStep::Release { uses, note }
        }
        _ => return wrong("", "何をするかを選んでください。"),
    };
    Ok(Ok(step))
}
