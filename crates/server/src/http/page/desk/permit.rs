//! One 承認: what it allows, what it rests on, what changed under it, and what is done with it.

use super::facts::Facts;
use super::wording::{self, CONDITIONS, Content, Difference, Past};
use crate::account::{SignedIn, in_words};
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::words::{self, Names};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, MeetCondition, ReapprovePermit, RevokePermit, SuspendPermit};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::history::Deed;
use sekisho_domain::id::{PermitId, PersonId};
use sekisho_domain::permit::{Permit, PermitState};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "desk/permit.html")]
struct PermitPage {
    frame: Frame,
    id: String,
    application: String,
    sees_application: bool,
    standing: &'static str,
    tone: &'static str,
    mine: bool,
    /// Why it does not work, when it does not.
    stopped: Option<String>,
    recorded: Vec<Difference>,
    differences: Vec<Difference>,
    content: Content,
    conditions: Vec<String>,
    met: Vec<String>,
    approver: String,
    manager: String,
    review_on: String,
    overdue: bool,
    risk: &'static str,
    risk_tone: &'static str,
    facts: Vec<Facts>,
    history: Vec<Past>,
    seen: usize,
    own: bool,
    suspend: Option<Field>,
    reapprove: Option<Field>,
    revoke: Option<Field>,
    meet: Option<Vec<Field>>,
}

#[derive(Default)]
struct Shown<'f> {
    done: Option<&'static str>,
    problems: Vec<Problem>,
    typed: Option<&'f Fields>,
    status: StatusCode,
}

/// A permit that the person may see.
fn seen<'r>(register: &'r Register, person: &PersonId, id: &str) -> Result<&'r Permit, PageError> {
    let id = PermitId::new(id).map_err(|_| PageError::Missing)?;
    let permit = register.permit(&id).ok_or(PageError::Missing)?;
    let included = register.person(person).is_some_and(|known| register.in_range(&permit.draft.users, known));
    if included || is_applicant(register, permit, person) || wording::governs(register, person) {
        Ok(permit)
    } else {
        Err(PageError::Missing)
    }
}

fn is_applicant(register: &Register, permit: &Permit, person: &PersonId) -> bool {
    register.application(&permit.application).is_some_and(|a| a.applicant == *person)
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("suspend") => Some("停止しました。この承認による利用は、いまから止まります。"),
        Some("reapprove") => Some("再承認しました。この承認による利用を再開できます。"),
        Some("revoke") => Some("取り消しました。"),
        Some("meet") => Some("条件を満たしたことを記録しました。"),
        _ => None,
    };
    one(&app, &signed, &id, Shown { done, status: StatusCode::OK, ..Shown::default() }).await
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let permit = seen(&register, signed.person(), id)?;
    let Shown { done, problems, typed, status } = shown;
    let frame = Frame::new(app, Some(signed), "/permits", permit.draft.purpose.clone()).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/permits", "承認")]).notice(done).wide();
    let holds = |role: Role| register.holds(signed.person(), role);
    let own = is_applicant(&register, permit, signed.person());
    let standing = permit.standing_on(today);
    let (tone, standing_words) = wording::standing(standing);
    let basis = permit
        .draft
        .services
        .iter()
        .filter_map(|id| Some((id.clone(), register.basis(register.service(id)?, today))))
        .collect();
    let differences = wording::differences(&register, &permit.changes_to(&basis));
    let recorded = match &permit.state {
        // Told apart only where more has changed since, or what changed was changed back.
        PermitState::Suspended { changes } if *changes != permit.changes_to(&basis) => {
            wording::differences(&register, changes)
        }
        PermitState::Suspended { .. } => Vec::new(),
        PermitState::InForce | PermitState::Revoked => Vec::new(),
    };
    let last = |which: fn(&Deed) -> bool| permit.history.iter().rev().find(|step| which(&step.deed));
    let stopped = match standing {
        PermitStanding::Suspended => last(|deed| matches!(deed, Deed::Suspended { .. })),
        PermitStanding::Revoked => last(|deed| matches!(deed, Deed::Revoked)),
        _ => None,
    };
    let stopped = stopped.map(|step| format!("{}。{}", in_words(step.at), step.reason));
    let names = Names::of(app, [&permit.approver, &permit.manager]).await?;
    let (risk_tone, risk) = wording::risk(register.risk_of_permit(permit, today));
    let governs = [Role::Approver, Role::Ciso, Role::ServiceManager].into_iter().any(holds);
    let suspended = matches!(permit.state, PermitState::Suspended { .. }) && today <= permit.draft.until;
    let approves = holds(Role::Approver) && !own;
    let reason = |field: &'static str, label: &'static str| {
        let typed = typed.map(|fields| fields.text(field)).unwrap_or_default();
        Field::area(field, label, 2).value(&typed).told(&problems)
    };
    let value = |field: &str| typed.map(|fields| fields.line(field).to_owned()).unwrap_or_default();
    let meet = approves && permit.state != PermitState::Revoked && today <= permit.draft.until;
    let alive = permit.state != PermitState::Revoked;
    let page_of_permit = PermitPage {
        id: id.to_owned(),
        application: permit.application.to_string(),
        sees_application: own || wording::governs(&register, signed.person()),
        standing: standing_words,
        tone: if tone.class().is_empty() { "tag" } else { tone.class() },
        mine: register.person(signed.person()).is_some_and(|known| register.in_range(&permit.draft.users, known)),
        stopped,
        recorded,
        differences,
        content: Content::of(app, &register, &permit.draft).await?,
        conditions: permit.conditions.clone(),
        met: permit
            .acknowledged
            .iter()
            .map(|(code, until)| format!("{}（{}まで）", wording::condition(code), words::day(*until)))
            .collect(),
        approver: names.get(&permit.approver),
        manager: names.get(&permit.manager),
        review_on: words::day(permit.review_on),
        overdue: permit.review_on < today && standing == PermitStanding::Active,
        risk,
        risk_tone: risk_tone.class(),
        facts: Facts::of_draft(&register, &permit.draft, today),
        history: wording::history(app, &register, &permit.history, None).await?,
        seen: permit.history.len(),
        own,
        suspend: (governs && permit.state == PermitState::InForce)
            .then(|| reason("suspend_reason", "停止の理由").help("利用者の画面にそのまま出ます。")),
        reapprove: (approves && suspended).then(|| {
            reason("reapprove_reason", "再承認の理由")
                .help("上の「変わったところ」を確かめたうえで、続けてよいと判断した理由を書きます。")
        }),
        revoke: (governs && alive)
            .then(|| reason("revoke_reason", "取消しの理由").help("取り消すと、元には戻せません。")),
        meet: meet.then(|| {
            let codes = CONDITIONS.map(|(code, label)| Choice::new(code, label)).to_vec();
            let until = if value("until").is_empty() { permit.draft.until.to_string() } else { value("until") };
            vec![
                Field::select("code", "確かめたこと", codes).value(&value("code")).told(&problems),
                Field::input("date", "until", "いつまで有効とするか")
                    .help(format!("承認の末日（{}）まで。", words::day(permit.draft.until)))
                    .value(&until)
                    .told(&problems),
                reason("meet_reason", "確かめた内容"),
            ]
        }),
        frame: frame.wrong(problems),
    };
    Ok(page(status, &page_of_permit))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let permit = seen(&register, signed.person(), &id)?;
    let act = fields.get("act");
    if fields.get("seen") != permit.history.len().to_string() {
        return stale(&app, &signed, &id, permit, act).await;
    }
    let again =
        |problems| Shown { problems, typed: Some(&fields), status: StatusCode::UNPROCESSABLE_ENTITY, done: None };
    let (command, reason) = match asked(&fields, permit.permit.clone()) {
        Ok(asked) => asked,
        Err(problems) => return one(&app, &signed, &id, again(problems)).await,
    };
    match give(&app, &signed, command, &reason).await? {
        Ok(_) => Ok(go(&format!("/permits/{id}?done={act}"))),
        Err(refusal) => {
            let now = app.journal.register()?;
            if let Some(moved) = now.permit(&permit.permit).filter(|p| p.history.len() != permit.history.len()) {
                return stale(&app, &signed, &id, moved, act).await;
            }
            let field = match (refusal.code, act) {
                ("INVALID", "meet") => "until",
                ("MUST_NOT_BE_KEPT", "meet") => "meet_reason",
                ("MUST_NOT_BE_KEPT", "suspend") => "suspend_reason",
                ("MUST_NOT_BE_KEPT", "reapprove") => "reapprove_reason",
                ("MUST_NOT_BE_KEPT", _) => "revoke_reason",
                _ => "",
            };
            one(&app, &signed, &id, again(vec![Problem::refused(field, &refusal)])).await
        }
    }
}

fn asked(fields: &Fields, permit: PermitId) -> Result<(Command, String), Vec<Problem>> {
    let needed = |field: &'static str, label: &str| {
        let text = fields.text(field).trim().to_owned();
        match text.chars().count() {
            0 => Err(vec![Problem::at(field, format!("{label}を入力してください。"))]),
            1..=2_000 => Ok(text),
            _ => Err(vec![Problem::at(field, format!("{label}は 2,000 文字までにしてください。"))]),
        }
    };
    match fields.get("act") {
        "suspend" => Ok((Command::SuspendPermit(SuspendPermit { permit }), needed("suspend_reason", "停止の理由")?)),
        "reapprove" => {
            Ok((Command::ReapprovePermit(ReapprovePermit { permit }), needed("reapprove_reason", "再承認の理由")?))
        }
        "revoke" => Ok((Command::RevokePermit(RevokePermit { permit }), needed("revoke_reason", "取消しの理由")?)),
        "meet" => {
            let until = fields.line("until").parse::<Date>().map_err(|_| {
                vec![Problem::at("until", "いつまで有効とするかを 2027-03-31 のような形の日付で入力してください。")]
            })?;
            let reason = needed("meet_reason", "確かめた内容")?;
            Ok((Command::MeetCondition(MeetCondition { permit, code: fields.line("code").to_owned(), until }), reason))
        }
        _ => Err(vec![Problem::at("", "何をするかを選んでください。")]),
    }
}

/// The page was older than the permit: what was asked for is already done, or somebody else was first.
async fn stale(app: &App, signed: &SignedIn, id: &str, permit: &Permit, act: &str) -> Result<Response, PageError> {
    let last = permit.history.last();
    let done = last.filter(|step| step.by == *signed.person()).is_some_and(|step| {
        matches!(
            (&step.deed, act),
            (Deed::Suspended { .. }, "suspend")
                | (Deed::Reapproved { .. }, "reapprove")
                | (Deed::Revoked, "revoke")
                | (Deed::ConditionMet { .. }, "meet")
        )
    });
    if done {
        return Ok(go(&format!("/permits/{id}?done={act}")));
    }
    let text = wording::overtaken(last);
    let problems = vec![Problem::at("", text)];
    one(app, signed, id, Shown { problems, status: StatusCode::CONFLICT, ..Shown::default() }).await
}
