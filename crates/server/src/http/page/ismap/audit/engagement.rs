//! One audit: where it stands, what comes next for who looks, and everything that happened.

use super::super::acts::{self, Act, Acts, Cites, Moved, Shown, Wanted};
use super::super::as_of::AsOf;
use super::super::frame;
use super::super::history::{self, Past};
use super::super::step::Said;
use super::access::{Audit, Side};
use super::engagements::tone;
use super::wording::{notice, today};
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
use axum::response::Response;
use jiff::civil::Date;
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
    acts: Acts,
    facts: Vec<(&'static str, String)>,
    statement: String,
    pages: Vec<(String, &'static str)>,
    history: Vec<Past>,
}

/// Key, button, what it means.
const ACTS: [(&str, &str, &str); 5] = [
    (
        "independence",
        "独立性を確認する",
        "この事業者との資本関係と役員の関係を確かめます。どちらかでもあれば、監査は引き受けられません。",
    ),
    ("contract", "契約を記録する", "契約日に監査機関の登録が有効であることが必要です。"),
    ("start", "監査を始める", "計画に基づいて、整備状況と運用状況の評価を始めます。"),
    ("close", "完了にする", "報告のあと、やり取りが終わったことを記録します。"),
    (WITHDRAW, "中止する", "報告の前に監査を取りやめます。元には戻せません。"),
];
const WITHDRAW: &str = "withdraw";

/// The step of a key; what was typed goes with it.
fn step(key: &str, fields: &Fields) -> Option<EngagementStep> {
    let text = |field: &str| fields.text(field).trim().to_owned();
    Some(match key {
        "independence" => {
            EngagementStep::CheckIndependence { capital_ties: text("capital_ties"), officer_ties: text("officer_ties") }
        }
        "contract" => EngagementStep::Contract,
        "start" => EngagementStep::Start,
        "close" => EngagementStep::Close,
        WITHDRAW => EngagementStep::Withdraw,
        _ => return None,
    })
}

/// The key of a step, to know a form that was sent twice.
fn key(step: &EngagementStep) -> &'static str {
    match step {
        EngagementStep::CheckIndependence { .. } => "independence",
        EngagementStep::Contract => "contract",
        EngagementStep::Start => "start",
        EngagementStep::Close => "close",
        EngagementStep::Withdraw => WITHDRAW,
        _ => "",
    }
}

fn command(audit: &Audit<'_>, said: Said, step: EngagementStep) -> Command {
    Command::StepEngagement(StepEngagement { engagement: audit.id.clone(), on: said.on, rule: said.rule, step })
}

/// What somebody can do here, the next first.
fn all(app: &App, signed: &SignedIn, audit: &Audit<'_>, now: Date, shown: &Shown<'_>) -> Vec<Act> {
    let tie = |field: &'static str, label: &'static str| {
        let about = "なければ空欄のままにします。あれば、その内容を書いてください（引受けはできません）。";
        Field::area(field, label, 2).optional().help(about)
    };
    let mut all = Vec::new();
    for (name, label, about) in ACTS {
        let Some(step) = step(name, &Fields::default()) else { continue };
        if !acts::is_open(app, audit.register, signed, command(audit, Said::default(), step)) {
            continue;
        }
        let own = match name {
            "independence" => vec![tie("capital_ties", "資本関係"), tie("officer_ties", "役員の関係")],
            _ => Vec::new(),
        };
        let fields = acts::fields(audit.register, now, shown, name, own, Cites::No);
        all.push(Act::new(name, label, about, fields));
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

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let (register, now) = today(app)?;
    let audit = Audit::seen(&register, signed.person(), id)?;
    let past = shown.as_of;
    let then = match past {
        Some(day) => audit.chronicle.as_of(day).ok_or(PageError::Missing)?,
        None => audit.now.clone(),
    };
    let all = if past.is_some() { Vec::new() } else { all(app, signed, &audit, now, &shown) };
    // Withdrawing is never what comes next by itself.
    let hidden = shown.act != WITHDRAW && all.first().is_some_and(|act| act.key == WITHDRAW);
    let acts = if hidden {
        Acts::none(audit.path())
    } else {
        Acts::choose(audit.path(), audit.chronicle.steps().count(), all, &shown.act)
    };
    let next = if past.is_some() { None } else { next(&audit) };
    let mut links = pages(&audit);
    links.extend(hidden.then(|| (format!("{}?act={WITHDRAW}", audit.path()), "中止する")));
    let counted = then.plan.map_or_else(
        || "まだありません".to_owned(),
        |c| format!("対象 {} 項目（整備 {}、運用 {}）", c.in_scope, c.design, c.operating),
    );
    let on = |date: Option<Date>| date.map_or_else(|| "—".to_owned(), day);
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
    let frame = frame(app, signed, "/ismap/engagements", audit.title(), &[("/ismap/engagements", "監査")]).await?;
    let status = shown.status;
    let engagement_page = EngagementPage {
        path: audit.path(),
        state: Cell::tag(tone(then.state), then.state.label()),
        past: past.map(day),
        cautions: if past.is_some() { Vec::new() } else { audit.cautions(now) },
        waits: if past.is_some() { None } else { waits(&audit) },
        next,
        acts,
        facts,
        statement: format!("/ismap/statements/{}", then.statement),
        pages: links,
        history: history::of(app, audit.chronicle, past, words).await?,
        frame: frame.notice(shown.done).wrong(shown.problems),
    };
    Ok(page(status, &engagement_page))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    let done = notice(wanted.done.as_deref());
    one(&app, &signed, &id, Shown { as_of: as_of.day(), done, act: wanted.act, ..Shown::default() }).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let audit = Audit::seen(&register, signed.person(), &id)?;
    let done = format!("{}?done={}", audit.path(), fields.get(acts::ACT));
    match acts::moved(audit.chronicle, &signed, &fields, key) {
        Moved::No => {}
        Moved::ByThis => return Ok(go(&done)),
        Moved::Otherwise => return one(&app, &signed, &id, Shown::overtaken(&fields)).await,
    }
    let mut problems = Vec::new();
    let said = Said::read(&fields, &mut problems);
    let step = step(fields.get(acts::ACT), &fields).ok_or(PageError::Unreadable)?;
    if !problems.is_empty() {
        return one(&app, &signed, &id, Shown::again(&fields, problems)).await;
    }
    let reason = said.reason.clone();
    match give(&app, &signed, command(&audit, said, step), &reason).await? {
        Ok(_) => Ok(go(&done)),
        Err(refusal) => {
            let first = if refusal.code == "NOT_INDEPENDENT" { "capital_ties" } else { "" };
            let problem = Problem::refused(if first.is_empty() { acts::at(&refusal, "") } else { first }, &refusal);
            one(&app, &signed, &id, Shown::again(&fields, vec![problem])).await
        }
    }
}
