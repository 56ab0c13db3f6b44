//! 報告 on services: a draft filled from the register, what was sent, and what is owed.

mod list;
mod one;
mod send;

pub(super) use list::{READERS, list};
pub(in crate::http::page) use list::{Reminded, reminded};
pub(super) use one::{answer, sent, show};
pub(super) use send::{form as new, submit as record};

use super::service::MANAGERS;
use super::wording;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::download;
use crate::http::page::words::{self, Departments, Names};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::id::{PermitId, ServiceId};
use sekisho_domain::permit::{Permit, UserRange};
use sekisho_domain::register::{Register, ServiceRecord};
use sekisho_domain::returns::{Stage, addressee_on, are_asked_of};
use sekisho_domain::service::ProvisionForm;
use serde::Deserialize;
use std::fmt::Write as _;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    stage: String,
}

/// Whether the 申合せ asks for reports on a service: it binds ministries, and what they run themselves is no external
/// service.
pub(super) fn is_due(register: &Register, record: &ServiceRecord) -> bool {
    are_asked_of(register) && record.service.form != ProvisionForm::SelfOperated
}

fn form(form: ProvisionForm) -> &'static str {
    match form {
        ProvisionForm::StandardTerms => "約款型",
        ProvisionForm::IndividualContract => "個別契約",
        ProvisionForm::SelfOperated => "自組織運用",
    }
}

/// A text on one line of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn range(users: &UserRange, departments: &Departments) -> String {
    let mut parts: Vec<String> = users.departments.iter().map(|id| departments.get(id)).collect();
    parts.extend(users.posts.iter().map(|post| format!("職 {post}")));
    if !users.people.is_empty() {
        parts.push(format!("指名 {} 人", users.people.len()));
    }
    parts.join("、")
}

pub(super) async fn draft(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if !register.holds_any(signed.person(), MANAGERS) {
        return Err(PageError::Missing);
    }
    let id = ServiceId::new(&id).map_err(|_| PageError::Missing)?;
    let record = register.service(&id).filter(|record| is_due(&register, record)).ok_or(PageError::Missing)?;
    let stage = Stage::named(&asked.stage).ok_or(PageError::Missing)?;
    let mut out = written(&app, &register, record, stage, None).await?;
    out.push_str("\n---\n申合せには報告の様式の定めが見当たりません。この様式は関所のものです。送る前に宛先と内容を確かめ、送った後に、送った文と日を「報告」のページに記録してください。\n");
    let name = format!("report-{id}-{}.md", stage.as_str());
    Ok(download("text/markdown; charset=utf-8", &name, out))
}

/// The text of a report, to be finished by hand: on one permit, or on all that are in force.
async fn written(
    app: &App,
    register: &Register,
    record: &ServiceRecord,
    stage: Stage,
    permit: Option<&PermitId>,
) -> Result<String, PageError> {
    let today = in_japan(app.world.now());
    let spoken_of = |one: &&Permit| match permit {
        Some(named) => one.permit == *named,
        None => one.standing_on(today) == PermitStanding::Active,
    };
    let permits: Vec<&Permit> = register.permits_on(&record.service.service).filter(spoken_of).collect();
    let departments = Departments::all(app).await?;
    let mut people = Vec::new();
    for permit in &permits {
        people.extend([&permit.approver, &permit.manager]);
    }
    let names = Names::of(app, people).await?;
    let mut out = format!("# 生成AIサービスの報告: {}\n\n", stage.japanese());
    let (to, seen) = match addressee_on(today) {
        Some(addressee) => {
            let check = if addressee.confirmed { "" } else { "（要確認）" };
            (format!("{}{check}", addressee.name), addressee.document)
        }
        None => ("（未定）".to_owned(), ""),
    };
    let service = &record.service;
    let models: Vec<String> = service.models.iter().map(|model| model.model.to_string()).collect();
    let body = register.organization().map(|body| body.name.clone()).unwrap_or_default();
    let rows: [(&str, String); 11] = [
        ("宛先", to),
        ("宛先の根拠", seen.to_owned()),
        ("報告日", words::day(today)),
        ("機関", body),
        ("サービス", service.name.clone()),
        ("提供者", service.provider.clone()),
        ("モデル", models.join("、")),
        ("提供形態", form(service.form).to_owned()),
        ("処理する場所・準拠法", format!("{}・{}", service.region, service.governing_law)),
        ("ISMAP の登録番号", service.ismap.clone().unwrap_or_else(|| "なし".to_owned())),
        ("報告・了解の状況", wording::consultation(record.consultation).to_owned()),
    ];
    out.push_str("| 項目 | 内容 |\n|---|---|\n");
    for (label, value) in rows {
        let _ = writeln!(out, "| {label} | {} |", cell(&value));
    }
    if permits.is_empty() {
        out.push_str("\n## 業務\n\n今日有効な承認はありません。予定する業務、利用者の範囲、扱う情報の格付、期間を書いてください。\n");
    }
    for permit in permits {
        let draft = &permit.draft;
        let _ = writeln!(out, "\n## 業務: {}\n\n| 項目 | 内容 |\n|---|---|", cell(&draft.purpose));
        let conditions = if permit.conditions.is_empty() { "なし".to_owned() } else { permit.conditions.join("。") };
        let rows: [(&str, String); 8] = [
            ("利用者の範囲", range(&draft.users, &departments)),
            ("扱う情報の格付の上限", words::grade(register, draft.ceiling)),
            ("期間", format!("{}～{}", words::day(draft.from), words::day(draft.until))),
            ("見直し期限", words::day(permit.review_on)),
            ("リスクと確認結果", draft.risk_statement.clone()),
            ("条件", conditions),
            ("許可権限者", names.get(&permit.approver)),
            ("外部サービス管理者", names.get(&permit.manager)),
        ];
        for (label, value) in rows {
            let _ = writeln!(out, "| {label} | {} |", cell(&value));
        }
    }
    Ok(out)
}
