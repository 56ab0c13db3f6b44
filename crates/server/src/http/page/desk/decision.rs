//! The decision page: what is asked, what is true today, what the rules say, what was decided before; and the decision.

use super::applications::{submitted, waits_since};
use super::due::{TARGET, due, waited};
use super::facts::Facts;
use super::wording::{self, Content, Past, Ruled};
use crate::account::{SignedIn, in_words};
use crate::http::App;
use crate::http::page::act::{MUST_NOT_BE_KEPT, give};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Tone};
use crate::http::page::words::{self, Departments, Names};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::command::{ApproveApplication, Command, JudgeRisk, RefuseApplication, ReturnApplication};
use sekisho_domain::day::in_japan;
use sekisho_domain::ds920::judgement::Verdict;
use sekisho_domain::history::{Deed, Step};
use sekisho_domain::id::{ApplicationId, PersonId};
use sekisho_domain::permit::{Application, ApplicationState};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use sekisho_domain::rehearsal::rehearse;
use std::cmp::Reverse;
use std::collections::HashSet;

/// Who applies does not approve.
const SEPARATION: &str = "統一基準R3 4.2.2(2)(b)";
/// Past decisions shown.
const SIMILAR: usize = 5;

#[derive(Template)]
#[template(path = "desk/decision.html")]
struct DecisionPage {
    frame: Frame,
    id: String,
    state: &'static str,
    tone: &'static str,
    decided: Option<Decided>,
    applicant: String,
    department: String,
    post: String,
    came_in: String,
    waited: Option<usize>,
    due: String,
    target: usize,
    content: Content,
    facts: Vec<Facts>,
    ruled: Vec<Ruled>,
    similar: Vec<Similar>,
    risk: &'static str,
    risk_tone: &'static str,
    has_sheet: bool,
    caio: Option<Decided>,
    /// The judgement no longer covers what stands now.
    stale: bool,
    /// The body's own table, if it adopted one.
    table: Option<String>,
    history: Vec<Past>,
    seen: usize,
    own: bool,
    separation: &'static str,
    approves: Option<Approval>,
    judges: Option<Field>,
}

/// A decision that was made.
struct Decided {
    what: &'static str,
    who: String,
    when: String,
    reason: String,
    permit: Option<String>,
}

/// The forms of an approver.
struct Approval {
    approve: Vec<Field>,
    send_back: Field,
    refuse: Field,
}

/// A decision on something similar.
struct Similar {
    id: String,
    purpose: String,
    services: String,
    outcome: &'static str,
    tone: &'static str,
    when: String,
    reason: String,
    conditions: String,
    why: &'static str,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("approve") => Some("承認しました。利用者の範囲の人は、期間の開始日から使えます。"),
        Some("return") => Some("差し戻しました。申請者の一覧に理由が出ます。"),
        Some("refuse") => Some("不承認にしました。申請者の一覧に理由が出ます。"),
        Some("accept-risk" | "reject-risk") => Some("リスクについての判断を記録しました。"),
        _ => None,
    };
    let shown = Shown { done, status: StatusCode::OK, ..Shown::default() };
    decision(&app, &signed, &id, shown).await
}

/// How the page is shown.
#[derive(Default)]
struct Shown<'f> {
    done: Option<&'static str>,
    problems: Vec<Problem>,
    typed: Option<&'f Fields>,
    status: StatusCode,
}

async fn decision(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let now = app.world.now();
    let today = in_japan(now);
    let key = ApplicationId::new(id).map_err(|_| PageError::Missing)?;
    let application = register.application(&key).ok_or(PageError::Missing)?;
    let Shown { done, problems, typed, status } = shown;
    let frame = Frame::new(app, Some(signed), "/review", application.draft.purpose.clone()).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/review", "審査")]).notice(done).wide();
    let own = application.applicant == *signed.person();
    let waits = application.state == ApplicationState::Submitted;
    let applicant = app.store.directory_person(&application.applicant).await?;
    let department = match register.person(&application.applicant) {
        Some(person) => {
            app.store.department_name(&person.department).await?.unwrap_or_else(|| person.department.to_string())
        }
        None => String::new(),
    };
    let (name, post) = applicant.map(|known| (known.name, known.post)).unwrap_or_default();
    let standing = register.risk_standing(application, today);
    let rehearsed = rehearse(&register, &application.applicant, &application.draft, Some(standing), now);
    let (risk_tone, risk) = wording::risk(standing);
    let record = register.ds920().risk(&key);
    let from = waits_since(application).map(in_japan).filter(|_| waits);
    let approves = waits && !own && register.holds(signed.person(), Role::Approver);
    let judged = register.risk_sheet(application).is_some()
        && matches!(application.state, ApplicationState::Submitted | ApplicationState::Approved { .. });
    let judges = judged && register.holds(signed.person(), Role::Caio);
    let approval =
        if approves { Some(approval(app, &register, application, today, typed, &problems).await?) } else { None };
    let settled = |deed: &Deed| matches!(deed, Deed::Approved | Deed::Refused | Deed::Returned | Deed::Withdrawn);
    let judgement = |deed: &Deed| matches!(deed, Deed::RiskDecided { .. } | Deed::RiskJudged { .. });
    let permit = match &application.state {
        ApplicationState::Approved { permit } => Some(permit.to_string()),
        _ => None,
    };
    let page_of_decision = DecisionPage {
        id: id.to_owned(),
        state: application.state.label(),
        tone: match wording::state(&application.state) {
            Tone::Plain => "tag",
            tone => tone.class(),
        },
        decided: if waits { None } else { told(app, &application.history, settled, permit).await? },
        applicant: if name.is_empty() { format!("（名簿にない人 {}）", application.applicant) } else { name },
        department,
        post,
        came_in: submitted(application).map(in_words).unwrap_or_default(),
        waited: from.map(|from| waited(from, today)),
        due: from.map(|from| words::day(due(from))).unwrap_or_default(),
        target: TARGET,
        content: Content::of(app, &register, &application.draft).await?,
        facts: Facts::of_draft(&register, &application.draft, today),
        ruled: wording::ruled(&register, &rehearsed),
        similar: similar(&register, application),
        risk,
        risk_tone: risk_tone.class(),
        has_sheet: register.risk_sheet(application).is_some(),
        caio: if application.caio_accepted.is_some() || record.is_some_and(|record| record.judged.is_some()) {
            told(app, &application.history, judgement, None).await?
        } else {
            None
        },
        stale: record.is_some_and(sekisho_domain::ds920::judgement::RiskRecord::is_stale),
        table: register.ds920().table_on(today).map(|table| table.table.to_string()),
        history: wording::history(app, &register, &application.history, Some(&application.draft)).await?,
        seen: application.history.len(),
        own,
        separation: wording::clause(&register, SEPARATION),
        approves: approval,
        judges: judges.then(|| {
            Field::area("risk_reason", "判断の理由", 3)
                .help("受け入れるときは、リスクを減らす措置も書きます。")
                .value(&typed.map(|fields| fields.text("risk_reason")).unwrap_or_default())
                .told(&problems)
        }),
        frame: frame.wrong(problems),
    };
    Ok(page(status, &page_of_decision))
}

/// The last step of a kind.
async fn told(
    app: &App,
    history: &[Step],
    which: impl Fn(&Deed) -> bool,
    permit: Option<String>,
) -> Result<Option<Decided>, PageError> {
    let Some(step) = history.iter().rev().find(|step| which(&step.deed)) else { return Ok(None) };
    let names = Names::of(app, [&step.by]).await?;
    Ok(Some(Decided {
        what: step.deed.label(),
        who: names.get(&step.by),
        when: in_words(step.at),
        reason: step.reason.clone(),
        permit,
    }))
}

async fn approval(
    app: &App,
    register: &Register,
    application: &Application,
    today: Date,
    typed: Option<&Fields>,
    problems: &[Problem],
) -> Result<Approval, PageError> {
    let managers: Vec<&PersonId> = register.holders(Role::ServiceManager).collect();
    let names = Names::of(app, managers.clone()).await?;
    let departments = Departments::all(app).await?;
    let choice = |id: &PersonId| {
        let department = register.person(id).map(|person| departments.get(&person.department)).unwrap_or_default();
        Choice::new(id.to_string(), format!("{}（{department}）", names.get(id)))
    };
    let mut choices: Vec<Choice> = managers.into_iter().map(choice).collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    if choices.len() != 1 {
        choices.insert(0, Choice::new("", "選んでください"));
    }
    let review = application.draft.until.min(today.saturating_add(1.year()));
    let text = |name: &str| typed.map(|fields| fields.text(name)).unwrap_or_default();
    let review_on = typed.map_or_else(|| review.to_string(), |fields| fields.line("review_on").to_owned());
    let help = if choices.iter().all(|choice| choice.value.is_empty()) {
        "外部サービス管理者の役割を持つ人がいません。システム管理者に依頼してください。".to_owned()
    } else {
        format!("承認のとおりに使われているかを見る人です（{}）。", wording::clause(register, "統一基準R3 4.2.2(2)(a)"))
    };
    Ok(Approval {
        approve: vec![
            Field::select("manager", "外部サービス管理者", choices).help(help).value(&text("manager")).told(problems),
            Field::area("conditions", "承認の条件", 3)
                .help("一行に一つずつ書きます。")
                .optional()
                .value(&text("conditions"))
                .told(problems),
            Field::input("date", "review_on", "見直し期限")
                .help(format!(
                    "今日から末日（{}）まで。はじめは末日か一年後の早いほうが入っています（この仕組みの設定です）。",
                    words::day(application.draft.until)
                ))
                .value(&review_on)
                .told(problems),
            Field::area("reason", "承認の理由", 2).optional().value(&text("reason")).told(problems),
        ],
        send_back: Field::area("return_reason", "差戻しの理由", 3)
            .help("何を直せばよいかを書きます。申請者の画面にそのまま出ます。")
            .value(&text("return_reason"))
            .told(problems),
        refuse: Field::area("refuse_reason", "不承認の理由", 3)
            .help("申請者の画面にそのまま出ます。")
            .value(&text("refuse_reason"))
            .told(problems),
    })
}

/// Decisions on the same services or on work that is called alike, the nearest first.
fn similar(register: &Register, application: &Application) -> Vec<Similar> {
    let pairs = |text: &'_ str| text.chars().zip(text.chars().skip(1)).collect::<HashSet<(char, char)>>();
    let mine = pairs(&application.draft.purpose);
    // Without a set of its own for each: there may be ten thousand.
    let alike = |purpose: &str| {
        let (mut shared, mut all) = (0, 0);
        for pair in purpose.chars().zip(purpose.chars().skip(1)) {
            all += 1;
            shared += usize::from(mine.contains(&pair));
        }
        100 * shared / mine.len().max(all).max(1)
    };
    let mut found: Vec<(bool, usize, Option<jiff::Timestamp>, &Application)> = register
        .applications()
        .filter(|a| a.application != application.application)
        .filter(|a| matches!(a.state, ApplicationState::Approved { .. } | ApplicationState::Refused))
        .filter_map(|a| {
            let shares = !a.draft.services.is_disjoint(&application.draft.services);
            let alike = alike(&a.draft.purpose);
            (shares || alike >= 40).then(|| (shares, alike, a.history.last().map(|step| step.at), a))
        })
        .collect();
    found.sort_by_key(|(shares, alike, at, _)| Reverse((usize::from(*shares) * 30 + alike, *at)));
    let one = |(shares, alike, _, a): (bool, usize, Option<jiff::Timestamp>, &Application)| {
        let step = a.history.iter().rev().find(|step| matches!(step.deed, Deed::Approved | Deed::Refused));
        let conditions = match &a.state {
            ApplicationState::Approved { permit } => {
                register.permit(permit).map(|permit| permit.conditions.join("、")).unwrap_or_default()
            }
            _ => String::new(),
        };
        Similar {
            id: a.application.to_string(),
            purpose: a.draft.purpose.clone(),
            services: wording::services(register, &a.draft.services),
            outcome: a.state.label(),
            tone: wording::state(&a.state).class(),
            when: step.map(|step| words::day(in_japan(step.at))).unwrap_or_default(),
            reason: step.map(|step| step.reason.clone()).unwrap_or_default(),
            conditions,
            why: match (shares, alike >= 40) {
                (true, true) => "同じサービス・似た業務",
                (true, false) => "同じサービス",
                (false, _) => "似た業務",
            },
        }
    };
    found.into_iter().take(SIMILAR).map(one).collect()
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let key = ApplicationId::new(&id).map_err(|_| PageError::Missing)?;
    let application = register.application(&key).ok_or(PageError::Missing)?;
    let act = fields.get("act");
    if fields.get("seen") != application.history.len().to_string() {
        return stale(&app, &signed, &id, application, act).await;
    }
    let again =
        |problems| Shown { problems, typed: Some(&fields), status: StatusCode::UNPROCESSABLE_ENTITY, done: None };
    if application.applicant == *signed.person() && !act.ends_with("risk") {
        let clause = wording::clause(&register, SEPARATION);
        let text = format!("自分の申請は審査できません。別の許可権限者に依頼してください（{clause}）。");
        return decision(&app, &signed, &id, again(vec![Problem::at("", text)])).await;
    }
    if app.gate.must_not_be_kept(&fields.text("conditions")) {
        let problem = Problem::at("conditions", MUST_NOT_BE_KEPT);
        return decision(&app, &signed, &id, again(vec![problem])).await;
    }
    let (command, reason) = match asked(&fields, key, &register) {
        Ok(asked) => asked,
        Err(problems) => return decision(&app, &signed, &id, again(problems)).await,
    };
    match give(&app, &signed, command, &reason).await? {
        Ok(_) => Ok(go(&format!("/review/{id}?done={act}"))),
        Err(refusal) => {
            let now = app.journal.register()?;
            let moved =
                now.application(&application.application).filter(|a| a.history.len() != application.history.len());
            if let Some(moved) = moved {
                return stale(&app, &signed, &id, moved, act).await;
            }
            let field = match (refusal.code, act) {
                ("MUST_NOT_BE_KEPT", "approve") => "reason",
                ("MUST_NOT_BE_KEPT", "return") => "return_reason",
                ("MUST_NOT_BE_KEPT", "refuse") => "refuse_reason",
                ("MUST_NOT_BE_KEPT", _) => "risk_reason",
                ("INVALID", "approve") if refusal.ja.contains("見直し期限") => "review_on",
                ("INVALID", "approve") if refusal.ja.contains("条件") => "conditions",
                ("INVALID", "approve") if refusal.ja.contains("外部サービス管理者") => "manager",
                _ => "",
            };
            decision(&app, &signed, &id, again(vec![Problem::refused(field, &refusal)])).await
        }
    }
}

/// What the form asks for, with its reason.
fn asked(fields: &Fields, application: ApplicationId, register: &Register) -> Result<(Command, String), Vec<Problem>> {
    let needed = |field: &'static str, label: &str| {
        let text = fields.text(field);
        let length = text.chars().count();
        if text.trim().is_empty() {
            Err(vec![Problem::at(field, format!("{label}を入力してください。"))])
        } else if length > 2_000 {
            Err(vec![Problem::at(
                field,
                format!("{label}が長すぎます（{length} 文字）。2,000 文字までにしてください。"),
            )])
        } else {
            Ok(text.trim().to_owned())
        }
    };
    match fields.get("act") {
        "return" => {
            let reason = needed("return_reason", "差戻しの理由")?;
            Ok((Command::ReturnApplication(ReturnApplication { application }), reason))
        }
        "refuse" => {
            let reason = needed("refuse_reason", "不承認の理由")?;
            Ok((Command::RefuseApplication(RefuseApplication { application }), reason))
        }
        act @ ("accept-risk" | "reject-risk") => {
            let reason = needed("risk_reason", "判断の理由")?;
            let verdict = if act == "accept-risk" { Verdict::HighAccepted } else { Verdict::HighRefused };
            // The sheet of the page: that it is as long as the history is was checked before.
            let sheet = register.application(&application).and_then(|known| register.risk_sheet(known));
            let sheet = sheet.ok_or_else(|| vec![Problem::at("", "高リスク判定シートが付いていません。")])?;
            Ok((Command::JudgeRisk(JudgeRisk { application, sheet, verdict }), reason))
        }
        "approve" => {
            let mut wrong = Vec::new();
            let manager = PersonId::new(fields.line("manager"));
            if manager.is_err() {
                wrong.push(Problem::at("manager", "外部サービス管理者を選んでください。"));
            }
            let review_on = fields.line("review_on").parse::<Date>();
            if review_on.is_err() {
                wrong.push(Problem::at("review_on", "見直し期限を 2027-03-31 のような形の日付で入力してください。"));
            }
            let reason = fields.text("reason").trim().to_owned();
            if reason.chars().count() > 2_000 {
                wrong.push(Problem::at("reason", "承認の理由は 2,000 文字までにしてください。"));
            }
            let text = fields.text("conditions");
            let conditions: Vec<String> =
                text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
            if conditions.len() > 50 {
                wrong.push(Problem::at("conditions", "条件は 50 行までにしてください。"));
            }
            match (manager, review_on) {
                (Ok(manager), Ok(review_on)) if wrong.is_empty() => {
                    let command = ApproveApplication { application, manager, conditions, review_on };
                    Ok((Command::ApproveApplication(command), reason))
                }
                _ => Err(wrong),
            }
        }
        _ => Err(vec![Problem::at("", "何をするかを選んでください。")]),
    }
}

/// The page was older than the application: what was asked for is already done, or somebody else was first.
async fn stale(
    app: &App,
    signed: &SignedIn,
    id: &str,
    application: &Application,
    act: &str,
) -> Result<Response, PageError> {
    let last = application.history.last();
    let done = last.filter(|step| step.by == *signed.person()).is_some_and(|step| {
        matches!(
            (&step.deed, act),
            (Deed::Approved, "approve")
                | (Deed::Returned, "return")
                | (Deed::Refused, "refuse")
                | (Deed::RiskDecided { accepted: true }, "accept-risk")
                | (Deed::RiskDecided { accepted: false }, "reject-risk")
                | (Deed::RiskJudged { verdict: Verdict::HighAccepted, .. }, "accept-risk")
                | (Deed::RiskJudged { verdict: Verdict::HighRefused, .. }, "reject-risk")
        )
    });
    if done {
        return Ok(go(&format!("/review/{id}?done={act}")));
    }
    let text = match last {
        Some(step) => {
            let names = Names::of(app, [&step.by]).await?;
            format!(
                "この画面を開いた後に、{} さんが {} に「{}」をしています。この画面からは何も変更していません。いまの内容を確かめてください。",
                names.get(&step.by),
                in_words(step.at),
                step.deed.label()
            )
        }
        None => "この画面は古くなっています。何も変更していません。".to_owned(),
    };
    let problems = vec![Problem::at("", text)];
    decision(app, signed, id, Shown { problems, status: StatusCode::CONFLICT, ..Shown::default() }).await
}
