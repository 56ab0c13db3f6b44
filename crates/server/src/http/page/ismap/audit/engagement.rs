//! One audit: where it stands, what comes next for who looks, and everything that happened.

use super::super::as_of::AsOf;
use super::super::frame;
use super::super::history::{self, Past};
use super::super::step::Said;
use super::access::{Audit, Side};
use super::acts::{self, Act, ActForm, Opened, SEEN, Typed, today};
use super::engagements::tone;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::Cell;
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, StepEngagement};
use sekisho_domain::ismap::engagement::{EngagementState, EngagementStep};

#[derive(Template)]
#[template(path = "ismap/audit/engagement.html")]
struct EngagementPage {
    frame: Frame,
    path: String,
    state: Cell,
    past: Option<String>,
    cautions: Vec<String>,
    /// What comes next, where it is on another page: address and words.
    next: Option<(String, &'static str)>,
    /// What one waits for, where the next step is another's.
    waits: Option<&'static str>,
    act: Option<ActForm>,
    facts: Vec<(&'static str, String)>,
    statement: String,
    pages: Vec<(String, &'static str)>,
    history: Vec<Past>,
}

const INDEPENDENCE: Act = Act::new(
    "independence",
    "独立性を確認する",
    "この事業者との資本関係と役員の関係を確かめます。どちらかでもあれば、監査は引き受けられません。",
);
const CONTRACT: Act = Act::new("contract", "契約を記録する", "契約日に監査機関の登録が有効であることが必要です。");
const START: Act = Act::new("start", "監査を始める", "計画に基づいて、整備状況と運用状況の評価を始めます。");
const CLOSE: Act = Act::new("close", "完了にする", "報告のあと、やり取りが終わったことを記録します。");
const WITHDRAW: Act = Act::new("withdraw", "中止する", "報告の前に監査を取りやめます。元には戻せません。");

/// What somebody can do here, the next first.
fn acts(audit: &Audit<'_>) -> Vec<Act> {
    use EngagementState as S;
    let (state, lead) = (audit.now.state, audit.is_lead());
    let mut all = Vec::new();
    match state {
        S::Proposed if lead => all.push(INDEPENDENCE),
        S::IndependenceChecked if audit.is_exec() => all.push(CONTRACT),
        S::Planned if lead => all.push(START),
        S::Reported if lead => all.push(CLOSE),
        _ => {}
    }
    let before = matches!(state, S::Proposed | S::IndependenceChecked);
    let running = !matches!(state, S::Reported | S::Closed | S::Withdrawn);
    if running && (lead || (before && audit.is_provider())) {
        all.push(WITHDRAW);
    }
    all
}

/// What comes next on another page of this audit.
fn next(audit: &Audit<'_>) -> Option<(String, &'static str)> {
    use EngagementState as S;
    match audit.now.state {
        S::Contracted if audit.may_plan() => Some((audit.below("plan"), "監査計画を立てる")),
        S::Fieldwork if audit.may_evaluate() => Some((audit.below("items?show=todo"), "項目を評価する")),
        S::FindingsOpen if audit.is_provider() => Some((audit.below("findings"), "発見事項に回答する")),
        S::CspResponse if audit.may_evaluate() => Some((audit.below("findings"), "回答を確かめる")),
        S::Reported | S::Closed => Some((audit.below("report"), "報告書を見る")),
        _ => None,
    }
}

/// For whom one waits.
fn waits(audit: &Audit<'_>) -> Option<&'static str> {
    use EngagementState as S;
    let firm = audit.side == Side::Firm;
    match audit.now.state {
        S::Proposed if !firm => Some("監査機関が独立性を確認するのを待っています。"),
        S::IndependenceChecked if !firm => Some("監査機関が契約を記録するのを待っています。"),
        S::IndependenceChecked if !audit.is_exec() => Some("契約は業務執行責任者が記録します。"),
        S::Contracted | S::Planned if !firm => Some("監査機関が監査計画を立てています。"),
        S::Fieldwork | S::CspResponse if !firm => Some("監査機関が評価しています。"),
        S::FindingsOpen if firm => Some("事業者の回答を待っています。評価はその間も続けられます。"),
        _ => None,
    }
}

fn pages(audit: &Audit<'_>) -> Vec<(String, &'static str)> {
    let firm = audit.side == Side::Firm;
    let contracted = audit.now.contracted_on.is_some();
    let raised = audit.side == Side::Provider && audit.now.report.is_none();
    [
        (contracted && audit.shows_file(), "plan", "監査計画"),
        (contracted && audit.shows_file(), "items", "項目ごとの評価"),
        ((contracted && audit.shows_file()) || raised, "findings", "発見事項"),
        (contracted && firm, "evidence", "証跡"),
        (contracted && audit.shows_file(), "report", "報告書"),
    ]
    .into_iter()
    .filter(|(shown, ..)| *shown)
    .map(|(_, page, label)| (audit.below(page), label))
    .collect()
}

/// What a step is called in the history.
fn words(step: &EngagementStep) -> String {
    match step {
        EngagementStep::Propose { kind, .. } => format!("{}を依頼", kind.label()),
        EngagementStep::CheckIndependence { .. } => "独立性を確認".to_owned(),
        EngagementStep::Contract => "契約".to_owned(),
        EngagementStep::Plan { counts, isms, sha256 } => {
            let relief = if isms.is_some() { "、ISMS による軽減あり" } else { "" };
            format!(
                "監査計画（対象 {} 項目、整備 {}、運用 {}{relief}） SHA-256 {sha256}",
                counts.in_scope, counts.design, counts.operating
            )
        }
        EngagementStep::Start => "監査を開始".to_owned(),
        EngagementStep::RaiseFindings { open, sha256 } => format!("発見事項 {open} 件を事業者に提示 SHA-256 {sha256}"),
        EngagementStep::Respond { open, sha256 } => format!("事業者が回答（未解消 {open} 件） SHA-256 {sha256}"),
        EngagementStep::SignOff { sha256 } => format!("監査調書に署名 SHA-256 {sha256}"),
        EngagementStep::Report { content } => format!("実施結果報告書を発行 SHA-256 {}", content.sha256()),
        EngagementStep::Evidence { sha256, effective_on } => {
            format!("証跡を受入れ（{} 時点のもの） SHA-256 {sha256}", day(*effective_on))
        }
        EngagementStep::Close => "完了".to_owned(),
        EngagementStep::Withdraw => "中止".to_owned(),
    }
}

async fn one(
    app: &App,
    signed: &SignedIn,
    id: &str,
    (opened, as_of): (&Opened, &AsOf),
    typed: (&Fields, Vec<Problem>),
    status: StatusCode,
) -> Result<Response, PageError> {
    let (register, now) = today(app)?;
    let audit = Audit::seen(&register, signed.person(), id)?;
    let past = as_of.day(now);
    let then = match past {
        Some(day) => audit.chronicle.as_of(day).ok_or(PageError::Missing)?,
        None => audit.now.clone(),
    };
    let (given, problems) = typed;
    let own = |act: &Act| {
        let tie = |field: &'static str, label: &'static str| {
            Field::area(field, label, 2)
                .optional()
                .help("なければ空欄のままにします。あれば、その内容を書いてください（引受けはできません）。")
                .value(given.get(field))
                .told(&problems)
        };
        if act.key == INDEPENDENCE.key {
            vec![tie("capital_ties", "資本関係"), tie("officer_ties", "役員の関係")]
        } else {
            Vec::new()
        }
    };
    let acts = if past.is_some() { Vec::new() } else { acts(&audit) };
    let seen = acts::count(Some(audit.chronicle));
    let typed = Typed { fields: given, problems: &problems };
    let act = ActForm::new((&register, now), audit.path(), &acts, &opened.act, seen, &typed, own);
    let next = if past.is_some() { None } else { next(&audit) };
    // Withdrawing is never what comes next by itself.
    let act = act.filter(|form| form.act.key != WITHDRAW.key || opened.act == WITHDRAW.key || !problems.is_empty());
    let offers = (act.is_none() && acts.iter().any(|a| a.key == WITHDRAW.key))
        .then(|| (format!("{}?act=withdraw", audit.path()), "中止する"));
    let mut links = pages(&audit);
    links.extend(offers);
    let counted = then.plan.map_or_else(
        || "まだありません".to_owned(),
        |c| format!("対象 {} 項目（整備 {}、運用 {}）", c.in_scope, c.design, c.operating),
    );
    let on = |date: Option<jiff::civil::Date>| date.map_or_else(|| "—".to_owned(), day);
    let facts = vec![
        ("事業者", audit.party_name(&audit.statement.party)),
        ("監査機関", audit.party_name(&then.firm)),
        ("種類", then.kind.label().to_owned()),
        ("監査対象期間", format!("{}〜{}", day(audit.statement.from), day(audit.statement.to))),
        ("独立性の確認", on(then.independent_on)),
        ("契約", on(then.contracted_on)),
        ("監査計画", counted),
        ("未解消の発見事項", format!("{} 件", then.open_findings)),
        ("報告", on(then.reported_on)),
        ("報告書の SHA-256", then.report.as_ref().map_or_else(|| "—".to_owned(), |r| r.sha256().to_owned())),
    ];
    let shown = EngagementPage {
        path: audit.path(),
        state: Cell::tag(tone(then.state), then.state.label()),
        past: past.map(day),
        cautions: if past.is_some() { Vec::new() } else { audit.cautions(now) },
        waits: if past.is_some() { None } else { waits(&audit) },
        next,
        act,
        facts,
        statement: format!("/ismap/statements/{}", then.statement),
        pages: links,
        history: history::of(app, audit.chronicle, past, words).await?,
        frame: frame(app, signed, "/ismap/engagements", audit.title(), &[("/ismap/engagements", "監査")])
            .await?
            .notice(acts::notice(opened.done.as_deref()))
            .wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(opened): Query<Opened>,
    Query(as_of): Query<AsOf>,
) -> Result<Response, PageError> {
    one(&app, &signed, &id, (&opened, &as_of), (&Fields::default(), Vec::new()), StatusCode::OK).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let audit = Audit::seen(&register, signed.person(), &id)?;
    let opened = Opened { act: fields.get("act").to_owned(), done: None };
    let none = AsOf::default();
    if fields.get(SEEN) != acts::count(Some(audit.chronicle)).to_string() {
        let problems = vec![acts::overtaken()];
        return one(&app, &signed, &id, (&opened, &none), (&fields, problems), StatusCode::CONFLICT).await;
    }
    let mut problems = Vec::new();
    let said = Said::read(&fields, &mut problems);
    let text = |field: &str| fields.text(field).trim().to_owned();
    let step = match fields.get("act") {
        "independence" => {
            EngagementStep::CheckIndependence { capital_ties: text("capital_ties"), officer_ties: text("officer_ties") }
        }
        "contract" => EngagementStep::Contract,
        "start" => EngagementStep::Start,
        "close" => EngagementStep::Close,
        "withdraw" => EngagementStep::Withdraw,
        _ => return Err(PageError::Unreadable),
    };
    if problems.is_empty() {
        let engagement = audit.id.clone();
        let command = Command::StepEngagement(StepEngagement { engagement, on: said.on, rule: said.rule, step });
        match give(&app, &signed, command, &said.reason).await? {
            Ok(_) => return Ok(go(&format!("{}?done={}", audit.path(), opened.act))),
            Err(refusal) => {
                let field = if refusal.code == "NOT_INDEPENDENT" { "capital_ties" } else { "" };
                problems.push(Problem::refused(field, &refusal));
            }
        }
    }
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    one(&app, &signed, &id, (&opened, &none), (&fields, problems), status).await
}
