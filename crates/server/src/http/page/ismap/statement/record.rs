//! 経過と版: what happened to a statement, and the others about the same service.

use super::editor::{Head, framed, period};
use super::opened::open;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, page};
use crate::http::page::ismap::as_of::AsOf;
use crate::http::page::ismap::history::{self, Past};
use crate::http::page::words::{Names, day};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::statement::{StatementState, StatementStep};

/// Another statement about the same service.
struct Other {
    id: String,
    period: String,
    state: &'static str,
    /// How it stands to this one.
    relation: &'static str,
}

#[derive(Template)]
#[template(path = "ismap/statement/record.html")]
struct RecordPage {
    frame: Frame,
    head: Head,
    past: Option<String>,
    as_of: Field,
    signed_by: Option<(String, String)>,
    sha256: Option<String>,
    engagement: Option<String>,
    changes_signed: bool,
    history: Vec<Past>,
    others: Vec<Other>,
    /// A new version may be begun.
    changes: bool,
    /// The next year's statement may be begun.
    carries_on: bool,
    /// It is kept and can be read as it was.
    kept: bool,
}

fn what(step: &StatementStep) -> String {
    match step {
        StatementStep::Draft { changes_signed: true, .. } => "署名済みの版を変える新しい版を作り始めた".to_owned(),
        StatementStep::Draft { .. } => "作り始めた".to_owned(),
        StatementStep::Validate { content } => {
            format!("検証した（採用 {}、非採用 {}）", content.adopted(), content.excluded())
        }
        StatementStep::Reopen => "作成中に戻した".to_owned(),
        StatementStep::Sign { .. } => "経営者確認のうえ署名した".to_owned(),
        StatementStep::UnderAudit { .. } => "監査を契約した".to_owned(),
        StatementStep::AuditWithdrawn { .. } => "監査が中止された".to_owned(),
        StatementStep::Audited { .. } => "監査の報告を受けた".to_owned(),
        StatementStep::Filed { .. } => "登録を申請した".to_owned(),
        StatementStep::Unfiled => "申請が戻った".to_owned(),
        StatementStep::Published { number } => format!("登録簿に公開された（{number}）"),
        StatementStep::Superseded => "後続の言明書に代わった".to_owned(),
        StatementStep::Withdraw => "取り下げた".to_owned(),
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let past = as_of.day();
    let opened = open(&app, &register, &signed, &id, past).await?;
    let scheme = register.scheme();
    let chronicle = scheme.statements.get(&opened.id).ok_or(PageError::Missing)?;
    let readable = scheme.readable_statements(signed.person(), today);
    let statement = &opened.statement;
    let others = scheme.statements.all().filter(|(id, other)| {
        **id != opened.id
            && other.party == statement.party
            && other.offering == statement.offering
            && readable.contains(*id)
    });
    let others = others.map(|(id, other)| Other {
        id: id.to_string(),
        period: period(other),
        state: other.state.label(),
        relation: match (statement.previous.as_ref() == Some(id), other.previous.as_ref() == Some(&opened.id)) {
            (true, _) => "この言明書の前",
            (_, true) => "この言明書の後",
            (false, false) => "",
        },
    });
    let others: Vec<Other> = others.collect();
    let names = Names::of(&app, statement.signed_by.as_ref()).await?;
    let history = history::of(&app, chronicle, past, what).await?;
    let signature = statement.signed_by.as_ref().zip(statement.signed_on);
    let frozen = statement.state.is_frozen() && statement.state != StatementState::Withdrawn;
    let shown = RecordPage {
        frame: framed(&app, &signed, &register, &opened, "経過と版").await?,
        head: Head::of(&register, &opened),
        past: past.map(day),
        as_of: Field::input("date", "as_of", "過去の日の内容を見る").optional().value(as_of.given()),
        signed_by: signature.map(|(by, on)| (names.get(by), day(on))),
        sha256: statement.content.as_ref().map(|content| content.sha256().to_owned()),
        engagement: statement.engagement.as_ref().map(ToString::to_string),
        changes_signed: statement.changes_signed,
        history,
        others,
        changes: opened.member && frozen && past.is_none(),
        carries_on: opened.member && frozen && past.is_none(),
        kept: opened.content.is_some(),
    };
    Ok(page(StatusCode::OK, &shown))
}
