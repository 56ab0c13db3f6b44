//! The service as its statement describes it: names, scope, regions, sub-services, models, generative AI, later events.

use super::editor::{Head, framed};
use super::opened::{Opened, open};
use super::saving::closed;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::ismap::documents::sha256;
use crate::ismap::working::{self, Draft};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::ismap::statement::{ServiceProfile, StatementContent};
use std::collections::BTreeSet;

/// Longest text of the profile, in characters.
const LONGEST: usize = 8_000;
/// Most regions or sub-services.
const MOST: usize = 500;
const MODELS: [&str; 3] = ["IaaS", "PaaS", "SaaS"];

#[derive(Template)]
#[template(path = "ismap/statement/service.html")]
struct ServicePage {
    frame: Frame,
    head: Head,
    /// What somebody else wrote meanwhile.
    now: Vec<(&'static str, String)>,
    shown: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    seen: String,
}

/// A mark of what a form saw.
fn mark(service: &ServiceProfile) -> String {
    let mut mark = sha256(&serde_json::to_vec(service).unwrap_or_default());
    mark.truncate(16);
    mark
}

fn joined(all: &BTreeSet<String>) -> String {
    all.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// The profile in words.
pub(super) fn in_words(service: &ServiceProfile) -> Vec<(&'static str, String)> {
    vec![
        ("サービス名", service.service_name.clone()),
        ("言明の対象範囲", service.scope.clone()),
        ("リージョン", joined(&service.regions)),
        ("対象に含むサービス", joined(&service.sub_services)),
        ("サービスモデル", joined(&service.service_models)),
        ("生成AI機能", if service.generative_ai { "あり" } else { "なし" }.to_owned()),
        ("生成AIに関する情報", service.ai_information.clone()),
        ("後発事象", service.subsequent_events.clone()),
    ]
}

fn fields(service: &ServiceProfile, problems: &[Problem]) -> Vec<Field> {
    let models: Vec<&str> = service.service_models.iter().map(String::as_str).collect();
    let ai: &[&str] = if service.generative_ai { &["yes"] } else { &[] };
    let all = [
        Field::text("service_name", "サービス名", "off").help("登録簿に公開されます。").value(&service.service_name),
        Field::area("scope", "言明の対象範囲", 5).help("登録簿に公開されます。").value(&service.scope),
        Field::area("regions", "リージョン", 3).help("1 行に一つ。").optional().value(&joined(&service.regions)),
        Field::area("sub_services", "対象に含むサービス", 4)
            .help("1 行に一つ。言明の対象範囲に入るサブサービスの名称。")
            .optional()
            .value(&joined(&service.sub_services)),
        Field::checks("service_models", "サービスモデル", MODELS.map(|m| Choice::new(m, m)).to_vec()).ticked(&models),
        Field::checks("generative_ai", "生成AI", vec![Choice::new("yes", "対象範囲に生成AI機能を含む")]).ticked(ai),
        Field::area("ai_information", "生成AIに関する情報", 3)
            .help("使うモデルと提供方法（自社運用か、外部連携か）。生成AI機能を含むときは必ず書きます。")
            .optional()
            .value(&service.ai_information),
        Field::area("subsequent_events", "後発事象", 3)
            .help("監査対象期間のあとに起きたことがあれば書きます。登録簿に公開されます。")
            .optional()
            .value(&service.subsequent_events),
    ];
    all.map(|field| field.told(problems)).into()
}

async fn shown(
    app: &App,
    signed: &SignedIn,
    opened: &Opened,
    (typed, problems, clash): (Option<ServiceProfile>, Vec<Problem>, bool),
    notice: Option<&'static str>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let now = &opened.said()?.service;
    let status = match (problems.is_empty(), clash || !opened.writes()) {
        (true, _) => StatusCode::OK,
        (false, true) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let frame = framed(app, signed, &register, opened, "サービスの説明").await?.notice(notice).wrong(problems);
    let fields = fields(typed.as_ref().unwrap_or(now), &frame.problems);
    let mut in_words = in_words(now);
    in_words.retain(|(_, text)| !text.is_empty());
    let shown = ServicePage {
        head: Head::of(&register, opened),
        now: if clash { in_words.clone() } else { Vec::new() },
        shown: if opened.writes() { Vec::new() } else { in_words },
        // What was typed stays in its fields even where it can no longer be saved.
        fields: if opened.writes() || typed.is_some() { fields } else { Vec::new() },
        seen: mark(now),
        frame,
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    let notice = (asked.done.as_deref() == Some("saved")).then_some("保存しました。");
    shown(&app, &signed, &opened, (None, Vec::new(), false), notice).await
}

fn read(fields: &Fields, problems: &mut Vec<Problem>) -> ServiceProfile {
    let mut text = |name: &'static str, label: &str| {
        let text = fields.text(name).trim().to_owned();
        if text.chars().count() > LONGEST {
            problems.push(Problem::at(name, format!("{label}は {LONGEST} 文字までにしてください。")));
        }
        text
    };
    let lines = |text: &str| -> BTreeSet<String> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let profile = ServiceProfile {
        service_name: text("service_name", "サービス名"),
        scope: text("scope", "言明の対象範囲"),
        regions: lines(&text("regions", "リージョン")),
        sub_services: lines(&text("sub_services", "対象に含むサービス")),
        service_models: MODELS
            .iter()
            .filter(|m| fields.chosen("service_models").contains(m))
            .map(|m| (*m).into())
            .collect(),
        generative_ai: !fields.chosen("generative_ai").is_empty(),
        ai_information: text("ai_information", "生成AIに関する情報"),
        subsequent_events: text("subsequent_events", "後発事象"),
    };
    for (name, all) in [("regions", &profile.regions), ("sub_services", &profile.sub_services)] {
        if all.len() > MOST {
            problems.push(Problem::at(name, format!("{MOST} 行までにしてください。")));
        }
    }
    profile
}

/// Why the profile was not taken.
enum Not {
    /// Somebody else changed it meanwhile.
    Overtaken,
    /// Nothing changes.
    Idle,
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    if !opened.own {
        return Err(PageError::Missing);
    }
    let mut problems = Vec::new();
    let profile = read(&fields, &mut problems);
    if !opened.writes() {
        problems = vec![Problem::at("", closed(&opened))];
    }
    if !problems.is_empty() {
        return shown(&app, &signed, &opened, (Some(profile), problems, false), None).await;
    }
    let first = opened.said()?.clone();
    let change = |content: &mut StatementContent| {
        if content.service == profile {
            return Err(Not::Idle);
        }
        if mark(&content.service) != fields.get("seen") {
            return Err(Not::Overtaken);
        }
        content.service = profile.clone();
        Ok(())
    };
    let kept = working::change(&app, signed.person(), Draft::Statement, opened.id.as_str(), || first.clone(), change);
    match kept.await? {
        Ok(_) | Err(Not::Idle) => Ok(go(&format!("/ismap/statements/{}/service?done=saved", opened.id))),
        Err(Not::Overtaken) => {
            let opened = open(&app, &register, &signed, &id, None).await?;
            let text = "開いたあとに、ほかの人がサービスの説明を変えました。今の内容と見比べ、もう一度保存すると、下の入力で置き換えます。";
            shown(&app, &signed, &opened, (Some(profile), vec![Problem::at("", text)], true), None).await
        }
    }
}
