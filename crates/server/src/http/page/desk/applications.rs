//! One's own applications: drafts, what waits, what came back, what was decided.

use super::apply::DRAFT;
use super::sheet::Sheet;
use super::wording::{self, Content, Past};
use crate::account::in_words;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Slice, Table, Tone};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, WithdrawApplication};
use sekisho_domain::day::in_japan;
use sekisho_domain::history::Deed;
use sekisho_domain::id::ApplicationId;
use sekisho_domain::permit::{Application, ApplicationState};
use sekisho_domain::register::Register;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "desk/applications.html")]
struct ListPage {
    frame: Frame,
    drafts: Vec<Kept>,
    drafts_table: Table,
    table: Table,
}

struct Kept {
    id: String,
    title: String,
    when: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    /// `drafts` for the file of the drafts.
    #[serde(default)]
    list: String,
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mine: Vec<&Application> = register
        .applications_of(signed.person())
        .filter(|a| {
            asked.q.is_empty() || asked.finds(&[&a.draft.purpose, &wording::services(&register, &a.draft.services)])
        })
        .collect();
    let columns = [
        Column::sorted("purpose", "業務"),
        Column::plain("サービス"),
        Column::sorted("state", "状態"),
        Column::sorted("submitted", "提出"),
        Column::sorted("changed", "最後の動き"),
        Column::plain("理由"),
    ];
    let slice = asked.slice(
        mine,
        &[
            ("", &|one, other| last_moved(other).cmp(&last_moved(one))),
            ("purpose", &|one, other| one.draft.purpose.cmp(&other.draft.purpose)),
            ("state", &|one, other| one.state.label().cmp(other.state.label())),
            ("submitted", &|one, other| submitted(one).cmp(&submitted(other))),
            ("changed", &|one, other| last_moved(one).cmp(&last_moved(other))),
        ],
    );
    let empty =
        "まだ申請はありません。生成AIを業務に使うには、「新しく申請する」から申請し、許可権限者の承認を受けます。";
    let table = Table::new("/applications", ("提出した申請", empty), &columns, &asked, slice, |a| {
        vec![
            Cell::link(format!("/applications/{}", a.application), a.draft.purpose.clone()),
            Cell::text(wording::services(&register, &a.draft.services)),
            Cell::tag(wording::state(&a.state), a.state.label()),
            Cell::text(submitted(a).map(in_words).unwrap_or_default()),
            Cell::text(last_moved(a).map(in_words).unwrap_or_default()),
            Cell::text(last_reason(a)),
        ]
    });
    let mut drafts = Vec::new();
    for paper in app.store.papers_of(DRAFT, signed.person(), 100).await? {
        let sheet: Sheet = serde_json::from_slice(&paper.content).unwrap_or_default();
        let title = if sheet.purpose.trim().is_empty() { "（業務は未記入）".to_owned() } else { sheet.purpose };
        drafts.push(Kept { id: paper.row.id, title, when: in_words(paper.row.changed_at) });
    }
    let rows: Vec<&Kept> = drafts.iter().collect();
    let total = rows.len();
    let whole = Slice { rows, total, page: 1, pages: 1 };
    let columns = [Column::plain("業務"), Column::plain("保存")];
    let drafts_table =
        Table::new("/applications", ("下書き", "下書きはありません。"), &columns, &asked, whole, |kept| {
            vec![Cell::link(format!("/apply?draft={}", kept.id), kept.title.clone()), Cell::text(kept.when.clone())]
        })
        .keeping("list", "drafts");
    let file = if which.list == "drafts" { drafts_table.file("drafts")? } else { table.file("applications")? };
    if let Some(file) = file {
        return Ok(file);
    }
    let done = (asked.done.as_deref() == Some("discarded")).then_some("下書きを捨てました。");
    let frame = Frame::new(&app, Some(&signed), "/applications", "利用申請の一覧").await?;
    let frame = frame.below(&[("/", "ホーム")]).notice(done);
    Ok(page(StatusCode::OK, &ListPage { frame, drafts, drafts_table, table }))
}

pub(super) fn submitted(application: &Application) -> Option<jiff::Timestamp> {
    application.history.first().map(|step| step.at)
}

/// When it was handed in last: from then on the approver's days count.
pub(super) fn waits_since(application: &Application) -> Option<jiff::Timestamp> {
    let handed_in = |deed: &Deed| matches!(deed, Deed::Submitted | Deed::Resubmitted { .. });
    application.history.iter().rev().find(|step| handed_in(&step.deed)).map(|step| step.at)
}

pub(super) fn last_moved(application: &Application) -> Option<jiff::Timestamp> {
    application.history.last().map(|step| step.at)
}

/// What was said when it was returned or decided.
pub(super) fn last_reason(application: &Application) -> String {
    let decides = |deed: &Deed| matches!(deed, Deed::Returned | Deed::Refused | Deed::Approved);
    let step = application.history.iter().rev().find(|step| decides(&step.deed));
    match application.state {
        ApplicationState::Submitted | ApplicationState::Withdrawn => String::new(),
        _ => step.map(|step| step.reason.clone()).unwrap_or_default(),
    }
}

#[derive(Template)]
#[template(path = "desk/application.html")]
struct OnePage {
    frame: Frame,
    id: String,
    state: &'static str,
    tone: &'static str,
    applicant: String,
    mine: bool,
    reviews: bool,
    content: Content,
    risk: &'static str,
    risk_tone: &'static str,
    permit: Option<String>,
    returned: Option<String>,
    can_withdraw: bool,
    ended: bool,
    history: Vec<Past>,
}

/// An application that the person may see.
pub(super) fn seen<'r>(
    register: &'r Register,
    person: &sekisho_domain::id::PersonId,
    id: &str,
) -> Result<&'r Application, PageError> {
    let id = ApplicationId::new(id).map_err(|_| PageError::Missing)?;
    let application = register.application(&id).ok_or(PageError::Missing)?;
    let may = application.applicant == *person || wording::governs(register, person);
    if may { Ok(application) } else { Err(PageError::Missing) }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("submitted") => Some("申請を提出しました。許可権限者の審査を待ちます。"),
        Some("already") => Some("この申請は提出済みです。二重には提出していません。"),
        Some("withdrawn") => Some("申請を取り下げました。"),
        _ => None,
    };
    one(&app, &signed, &id, done, Vec::new()).await
}

async fn one(
    app: &App,
    signed: &crate::account::SignedIn,
    id: &str,
    done: Option<&'static str>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let application = seen(&register, signed.person(), id)?;
    let mine = application.applicant == *signed.person();
    let frame = Frame::new(app, Some(signed), "/applications", application.draft.purpose.clone()).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/applications", "利用申請の一覧")]).notice(done);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let names = crate::http::page::words::Names::of(app, [&application.applicant]).await?;
    let returned = application.state == ApplicationState::Returned;
    let (risk_tone, risk) = wording::risk(register.risk_standing(application, in_japan(app.world.now())));
    let reviews = [sekisho_domain::person::Role::Approver, sekisho_domain::person::Role::Caio];
    let shown = OnePage {
        frame: frame.wrong(problems),
        id: id.to_owned(),
        state: application.state.label(),
        tone: match wording::state(&application.state) {
            Tone::Plain => "tag",
            tone => tone.class(),
        },
        applicant: names.get(&application.applicant),
        mine,
        reviews: register.holds_any(signed.person(), &reviews),
        content: Content::of(app, &register, &application.draft).await?,
        risk,
        risk_tone: risk_tone.class(),
        permit: match &application.state {
            ApplicationState::Approved { permit } => Some(permit.to_string()),
            _ => None,
        },
        returned: returned.then(|| last_reason(application)),
        can_withdraw: mine && (returned || application.state == ApplicationState::Submitted),
        ended: mine
            && matches!(
                application.state,
                ApplicationState::Refused | ApplicationState::Withdrawn | ApplicationState::Approved { .. }
            ),
        history: wording::history(app, &register, &application.history, Some(&application.draft)).await?,
    };
    Ok(page(status, &shown))
}

/// Takes it back.
pub(super) async fn withdraw(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let application = seen(&register, signed.person(), &id)?;
    if application.applicant != *signed.person() {
        return Err(PageError::Missing);
    }
    if application.state == ApplicationState::Withdrawn {
        return Ok(go(&format!("/applications/{id}?done=withdrawn")));
    }
    let command = Command::WithdrawApplication(WithdrawApplication { application: application.application.clone() });
    let reason: String = fields.line("reason").chars().take(2_000).collect();
    match give(&app, &signed, command, &reason).await? {
        Ok(_) => Ok(go(&format!("/applications/{id}?done=withdrawn"))),
        Err(refusal) => one(&app, &signed, &id, None, vec![Problem::refused("", &refusal)]).await,
    }
}
