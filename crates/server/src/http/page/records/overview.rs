//! What of record keeping waits, and where everything is.

use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::person::Role;
use sekisho_domain::records::disposal::DisposalState;
use sekisho_domain::records::retention::{Line, Schedule};

#[derive(Template)]
#[template(path = "records/overview.html")]
struct OverviewPage {
    frame: Frame,
    undetermined: String,
    memo: String,
    lines: usize,
    /// The program's proposal holds.
    proposed: bool,
    holds: usize,
    disposals: usize,
    disclosures: usize,
    keeps: bool,
}

pub(super) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let records = register.records();
    let (ground, schedule) = (records.ground(), records.ground().schedule());
    let open = |state: &DisposalState| !matches!(state, DisposalState::Done { .. } | DisposalState::Refused);
    let frame = Frame::new(&app, Some(&signed), "/records", "文書管理").await?;
    let overview = OverviewPage {
        frame: frame.below(&[("/", "ホーム")]),
        undetermined: schedule.line(&Line::Undetermined).label(),
        memo: schedule.line(&Line::Memo).label(),
        lines: schedule.lines().filter(|(line, _)| matches!(line, Line::Permit(_))).count(),
        proposed: schedule.lines().all(|(line, _)| *line != Line::Undetermined)
            && schedule.line(&Line::Undetermined) == Schedule::UNDETERMINED,
        holds: ground.holds().filter(|hold| hold.is_in_force()).count(),
        disposals: records.disposals().filter(|disposal| open(&disposal.state)).count(),
        disclosures: ground.disclosures().filter(|disclosure| disclosure.is_open()).count(),
        keeps: register.holds_any(signed.person(), &[Role::RecordsManager]),
    };
    Ok(page(StatusCode::OK, &overview))
}
