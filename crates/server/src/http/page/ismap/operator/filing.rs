//! One 登録申請: one view for its provider and the operator, with the next step of whoever looks on top.

use super::super::as_of::AsOf;
use super::super::history::{self, Past};
use super::super::{frame, step};
use super::acts::{self, Acts, Moved, Shown, Wanted};
use super::filing_acts;
use super::filings::{clock, kind, left, party_name, title};
use super::wording;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, go, page};
use crate::http::page::words::{Names, day};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepFiling};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{FilingId, PersonId};
use sekisho_domain::ismap::chronicle::Chronicle;
use sekisho_domain::ismap::filing::{Filing, FilingState, Pledge};
use sekisho_domain::ismap::party::SchemeRole;
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "ismap/operator/filing.html")]
struct FilingPage {
    frame: Frame,
    id: String,
    past: Option<String>,
    moment: Field,
    tone: &'static str,
    state: &'static str,
    turn: &'static str,
    kind: String,
    party: String,
    statement: String,
    engagement: String,
    preliminary: String,
    internal_audit: String,
    disclosures: Vec<(&'static str, String)>,
    pledges: Vec<(&'static str, &'static str, bool)>,
    /// The audit's result, which is not the review's.
    audit: Vec<(&'static str, String)>,
    review: Vec<(&'static str, String)>,
    inquiries: Vec<Inquiry>,
    clock: Vec<(&'static str, String)>,
    /// Why something cannot be done that one might look for here.
    hint: Option<&'static str>,
    /// The provider may still change the form.
    edits: bool,
    meeting: Option<(String, String)>,
    number: Option<String>,
    acts: Acts,
    history: Vec<Past>,
}

/// A question and its answer.
struct Inquiry {
    question: String,
    asked_on: String,
    answer: Option<(String, String)>,
}

/// An application that the person may see.
fn seen<'r>(
    register: &'r Register,
    person: &PersonId,
    id: &str,
) -> Result<(FilingId, &'r Chronicle<Filing>), PageError> {
    let id = FilingId::new(id).map_err(|_| PageError::Missing)?;
    let scheme = register.scheme();
    let chronicle = scheme.filings.get(&id).ok_or(PageError::Missing)?;
    if scheme.may_read_filing(person, &id) { Ok((id, chronicle)) } else { Err(PageError::Missing) }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    past: AsOf,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let done = match wanted.done.as_deref() {
        Some("check") => Some("受理確認を始めました。"),
        Some("return") => Some("事業者に差し戻しました。"),
        Some("accept") => Some("受理しました。決定までの目安の期間が始まりました。"),
        Some("start") => Some("技術的審査を始めました。あなたが審査担当です。"),
        Some("inquire") => Some("事業者に照会しました。"),
        Some("answer") => Some("回答しました。審査が再開します。"),
        Some("review") => Some("審査の結果を記録しました。"),
        Some("docket") => Some("会議に付議しました。"),
        Some("withdraw") => Some("取り下げました。"),
        _ => None,
    };
    let as_of = past.day();
    one(&app, &signed, &id, Shown { as_of, done, act: wanted.act, ..Shown::default() }).await
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let scheme = register.scheme();
    let now = in_japan(app.world.now());
    let today = shown.as_of.unwrap_or(now);
    let (id, chronicle) = seen(&register, signed.person(), id)?;
    let then = match shown.as_of {
        Some(day) => Some(chronicle.as_of(day).ok_or(PageError::Missing)?),
        None => None,
    };
    // What the operator sees begins with the filing, on past days too.
    let filing = then.as_ref().unwrap_or_else(|| chronicle.now());
    let form = filing.form.as_ref().ok_or(PageError::Missing)?;
    let own = scheme.party_of(signed.person()) == Some(&form.party);
    if !own && filing.filed_on.is_none() {
        return Err(PageError::Missing);
    }
    let path = format!("/ismap/filings/{id}");
    let frame = frame(app, signed, &path, title(&register, form), &[("/ismap/filings", "登録申請")]).await?;
    let frame = frame.wide().notice(shown.done).wrong(shown.problems.clone());
    let acts = match shown.as_of {
        Some(_) => Acts::none(path.clone()),
        None => {
            let all = filing_acts::all(app, &register, signed, &id, filing, &shown);
            Acts::choose(path.clone(), chronicle.steps().count(), all, &shown.act)
        }
    };
    let received = filing.receptionist.as_ref() == Some(signed.person());
    let waits = filing_acts::is_ready(&register, filing)
        && super::seeing::operates(&register, signed.person(), SchemeRole::Secretariat)
        && !acts.offers("docket");
    let hint = if received && filing.state == FilingState::Accepted {
        Some("受理を担当したため、この申請の技術的審査は担当できません。別の審査担当が始めます。")
    } else if waits {
        Some("付議できる会議がありません。「運営委員会の会議」で次の会議を招集してから、付議してください。")
    } else {
        None
    };
    let acted: Vec<&PersonId> = filing.receptionist.iter().chain(filing.reviewer.iter()).collect();
    let people = Names::of(app, acted).await?;
    let d = &form.disclosures;
    let meeting = filing.meeting.as_ref().map(|id| {
        let on = scheme.meetings.now(id).map_or_else(|| id.to_string(), |m| day(m.day));
        (format!("/ismap/meetings/{id}"), format!("{on}の会議"))
    });
    let shown_page = FilingPage {
        past: shown.as_of.map(day),
        moment: Field::input("date", "as_of", "過去の日の時点"),
        tone: wording::filing_tone(filing.state).class(),
        state: filing.state.label(),
        turn: wording::turn(filing.state),
        kind: kind(form),
        party: party_name(&register, &form.party),
        statement: form.statement.to_string(),
        engagement: form.engagement.to_string(),
        preliminary: form.preliminary.as_ref().map(ToString::to_string).unwrap_or_default(),
        internal_audit: form.internal_audit_sha256.clone(),
        disclosures: vec![
            ("資本関係及び役員等（3.4(1)）", d.capital_and_officers.clone()),
            ("国外の法令が適用されるリスク（3.4(2)）", d.foreign_law_risk.clone()),
            ("準拠法（3.4(3)）", d.governing_law.clone()),
            ("裁判管轄（3.4(3)）", d.jurisdiction.clone()),
            ("第三者による検査の状況（3.4(4)）", d.tests.clone()),
        ],
        pledges: Pledge::ALL.map(|p| (p.article(), p.label(), form.pledges.contains(&p))).to_vec(),
        audit: audit(&register, filing),
        review: review(filing, &people),
        inquiries: filing
            .inquiries
            .iter()
            .map(|i| Inquiry {
                question: i.question.clone(),
                asked_on: day(i.asked_on),
                answer: i.answer.as_ref().map(|(text, on)| (text.clone(), day(*on))),
            })
            .collect(),
        clock: clock_lines(&register, filing, today),
        hint: hint.filter(|_| shown.as_of.is_none()),
        edits: own && shown.as_of.is_none() && matches!(filing.state, FilingState::Draft | FilingState::Returned),
        meeting,
        number: filing.number.clone(),
        acts,
        history: history::of(app, chronicle, shown.as_of, wording::filing).await?,
        id: id.to_string(),
        frame,
    };
    Ok(page(shown.status, &shown_page))
}

/// What the audit's report says. It does not say that the 基本言明要件 are met.
fn audit(register: &Register, filing: &Filing) -> Vec<(&'static str, String)> {
    let Some(form) = &filing.form else { return Vec::new() };
    let Some(engagement) = register.scheme().engagements.now(&form.engagement) else { return Vec::new() };
    let mut lines = vec![
        ("監査機関", party_name(register, &engagement.firm)),
        ("監査の種類", engagement.kind.label().to_owned()),
        ("状態", engagement.state.label().to_owned()),
    ];
    if let Some(statement) = register.scheme().statements.now(&form.statement) {
        lines.push(("監査対象期間", format!("{}から{}まで", day(statement.from), day(statement.to))));
    }
    if let (Some(report), Some(on)) = (&engagement.report, engagement.reported_on) {
        let counts = report.counts();
        lines.push(("報告日", day(on)));
        lines.push((
            "評価した項目",
            format!("{} 項目（整備状況 {}、運用状況 {}）", counts.in_scope, counts.design, counts.operating),
        ));
        lines.push(("報告書に残った発見事項", format!("{} 件", report.findings_reported())));
    }
    lines
}

fn review(filing: &Filing, people: &Names) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(person) = &filing.receptionist {
        lines.push(("受理担当", people.get(person)));
    }
    if let Some(person) = &filing.reviewer {
        lines.push(("審査担当", people.get(person)));
    }
    let result = match filing.basic_met {
        Some(true) => "基本言明要件を満たす",
        Some(false) => "基本言明要件を満たさない",
        None => "まだ出ていません",
    };
    lines.push(("技術的審査の結果", result.to_owned()));
    if !filing.opinion.is_empty() {
        lines.push(("所見", filing.opinion.clone()));
    }
    lines
}

fn clock_lines(register: &Register, filing: &Filing, today: Date) -> Vec<(&'static str, String)> {
    let Some(accepted) = filing.accepted_on else { return Vec::new() };
    let mut lines = vec![("受理日（起算日）", day(accepted))];
    if let Some((due, days)) = clock(register, filing, today) {
        lines.push(("決定の目安（6 か月）", day(due)));
        if !filing.state.is_over() {
            lines.push(("残り", left(days).1));
        }
    }
    let pauses = if register.scheme().settings().clock_pauses {
        "照会から回答までの日数だけ延びます（運営者の設定）"
    } else {
        "照会の間も止まりません（運営者の設定）"
    };
    lines.push(("照会の間", pauses.to_owned()));
    if let Some(ended) = filing.ended_on {
        lines.push(("決定・取下げの日", day(ended)));
    }
    lines
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (filing, chronicle) = seen(&register, signed.person(), &id)?;
    let act = fields.get(acts::ACT).to_owned();
    match acts::moved(chronicle, &signed, &fields, wording::filing_key) {
        Moved::No => {}
        Moved::ByThis => return Ok(go(&format!("/ismap/filings/{filing}?done={act}"))),
        Moved::Otherwise => return one(&app, &signed, &id, Shown::overtaken(&fields)).await,
    }
    let mut problems = Vec::new();
    let said = step::Said::read(&fields, &mut problems);
    let (Some((step, first)), true) = (filing_acts::read(&fields, &mut problems), problems.is_empty()) else {
        return one(&app, &signed, &id, Shown::again(&fields, problems)).await;
    };
    let command = StepFiling { filing: filing.clone(), on: said.on, rule: said.rule, step };
    match give(&app, &signed, Command::StepFiling(command), &said.reason).await? {
        Ok(_) => Ok(go(&format!("/ismap/filings/{filing}?done={act}"))),
        Err(refusal) => one(&app, &signed, &id, Shown::refused(&fields, &refusal, first)).await,
    }
}
