//! One 変更の届出: what changes, its class, what the operator makes of it.

use super::super::as_of::AsOf;
use super::super::history::{self, Past};
use super::super::{frame, step};
use super::acts::{self, Act, Acts, Cites, Moved, Shown, Wanted, is_open};
use super::filing_acts::{meeting_choices, meeting_chosen};
use super::incident::{add, may_add};
use super::{change_notices, consequence, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepChangeNotice};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{NoticeId, PersonId};
use sekisho_domain::ismap::change_notice::{ChangeNotice, NoticeKind, NoticeOutcome, NoticeState, NoticeStep};
use sekisho_domain::ismap::chronicle::Chronicle;
use sekisho_domain::ismap::rule_document::Citation;
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "ismap/operator/change_notice.html")]
struct NoticePage {
    frame: Frame,
    id: String,
    past: Option<String>,
    moment: Field,
    tone: &'static str,
    state: &'static str,
    facts: Vec<(&'static str, String)>,
    text: String,
    /// What the list says now, and what it would say.
    differences: Vec<(&'static str, String, String)>,
    edits: bool,
    acts: Acts,
    history: Vec<Past>,
}

fn seen<'r>(
    register: &'r Register,
    person: &PersonId,
    id: &str,
) -> Result<(NoticeId, &'r Chronicle<ChangeNotice>), PageError> {
    let id = NoticeId::new(id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().notices.get(&id).ok_or(PageError::Missing)?;
    if change_notices::sees(register, person, chronicle.now()) { Ok((id, chronicle)) } else { Err(PageError::Missing) }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    past: AsOf,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let done = match wanted.done.as_deref() {
        Some("draft") => Some("下書きを記録しました。内容と分類を確かめて、届け出てください。"),
        Some("file") => Some("届け出ました。"),
        Some("triage") => Some("確認を始めました。"),
        Some("resolve") => Some("対応を記録しました。"),
        Some("added") => Some("対応を記録し、一時停止を会議の議題に加えました。"),
        Some("close") => Some("完了にしました。"),
        _ => None,
    };
    let as_of = past.day();
    one(&app, &signed, &id, Shown { as_of, done, act: wanted.act, ..Shown::default() }).await
}

/// What would change on the list.
fn differences(register: &Register, notice: &ChangeNotice) -> Vec<(&'static str, String, String)> {
    let NoticeKind::Listed { service_name, scope } = &notice.kind else { return Vec::new() };
    let Some(row) = register.registration(&notice.number) else { return Vec::new() };
    let list = |names: &std::collections::BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join("、");
    let ai = |has: bool| if has { "含む" } else { "含まない" }.to_owned();
    let mut all = Vec::new();
    if let Some(name) = service_name {
        all.push(("サービスの名称", row.service_name.clone(), name.clone()));
    }
    if let Some(scope) = scope {
        all.push(("リージョン", list(&row.scope.regions), list(&scope.regions)));
        all.push(("サブサービス", list(&row.scope.sub_services), list(&scope.sub_services)));
        all.push(("生成AIの機能", ai(row.scope.generative_ai), ai(scope.generative_ai)));
    }
    all.retain(|(_, before, after)| before != after);
    all
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (id, chronicle) = seen(&register, signed.person(), id)?;
    let then = match shown.as_of {
        Some(on) => {
            let then = chronicle.as_of(on).ok_or(PageError::Missing)?;
            // On a past day, too, a draft is its provider's alone.
            if !change_notices::sees(&register, signed.person(), &then) {
                return Err(PageError::Missing);
            }
            Some(then)
        }
        None => None,
    };
    let notice = then.as_ref().unwrap_or_else(|| chronicle.now());
    let path = format!("/ismap/change-notices/{id}");
    let trail = [("/ismap/change-notices", "変更の届出")];
    let frame = frame(app, signed, &path, format!("変更の届出（{}）", notice.number), &trail).await?;
    let frame = frame.wide().notice(shown.done).wrong(shown.problems.clone());
    let acts = match shown.as_of {
        Some(_) => Acts::none(path.clone()),
        None => {
            let all = all(app, &register, signed, &id, notice, &shown);
            Acts::choose(path.clone(), chronicle.steps().count(), all, &shown.act)
        }
    };
    let mut facts = vec![("登録", notice.number.clone())];
    if let Some(row) = register.registration(&notice.number) {
        facts.push(("サービス", format!("{}（{}）", row.service_name, row.csp_name)));
    }
    facts.push(("分類（管理基準 2.2.4。要確認）", change_notices::class(&notice.kind).to_owned()));
    if let NoticeKind::Control { changes, criteria } = &notice.kind {
        facts.push(("変更の種類", changes.iter().map(|c| c.label()).collect::<Vec<_>>().join("、")));
        if !criteria.is_empty() {
            facts.push(("対象の管理策", criteria.iter().cloned().collect::<Vec<_>>().join("、")));
        }
    }
    facts.push(("変更の日", day(notice.effective_on)));
    facts.extend(notice.filed_on.map(|on| ("届出日", day(on))));
    facts.extend(notice.outcome.map(|outcome| ("対応", outcome.label().to_owned())));
    let open = matches!(notice.state, NoticeState::Drafted | NoticeState::Filed | NoticeState::Triaged);
    let tone = match wording::notice_tone(notice.state).class() {
        "" => "tag",
        class => class,
    };
    let shown_page = NoticePage {
        past: shown.as_of.map(day),
        moment: Field::input("date", "as_of", "過去の日の時点"),
        tone,
        state: notice.state.label(),
        facts,
        text: notice.text.clone(),
        differences: if open && shown.as_of.is_none() { differences(&register, notice) } else { Vec::new() },
        edits: shown.as_of.is_none() && notice.state == NoticeState::Drafted,
        acts,
        history: history::of(app, chronicle, shown.as_of, wording::notice).await?,
        id: id.to_string(),
        frame,
    };
    Ok(page(shown.status, &shown_page))
}

fn command(notice: &NoticeId, said: &step::Said, step: NoticeStep) -> Command {
    Command::StepChangeNotice(StepChangeNotice { notice: notice.clone(), on: said.on, rule: said.rule.clone(), step })
}

fn outcome_key(outcome: NoticeOutcome) -> &'static str {
    match outcome {
        NoticeOutcome::Noted => "noted",
        NoticeOutcome::ListUpdated => "list_updated",
        NoticeOutcome::AdditionalAudit => "additional_audit",
        NoticeOutcome::ReAudit => "re_audit",
        NoticeOutcome::SuspensionProposed => "suspension_proposed",
    }
}

fn all(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    id: &NoticeId,
    notice: &ChangeNotice,
    shown: &Shown<'_>,
) -> Vec<Act> {
    let today = in_japan(app.world.now());
    let nothing = step::Said::default();
    let open = |step: NoticeStep| is_open(app, register, signed, command(id, &nothing, step));
    let with = |key: &str, own: Vec<Field>, cites: Cites| acts::fields(register, today, shown, key, own, cites);
    let mut acts = Vec::new();
    if open(NoticeStep::File) {
        let about = "届け出ます。届け出たあとは、内容を変えられません。";
        acts.push(Act::new("file", "届け出る", about, with("file", vec![], Cites::No)));
    }
    if open(NoticeStep::Triage) {
        acts.push(Act::new("triage", "確認を始める", "届出の確認を始めます。", with("triage", vec![], Cites::No)));
    }
    if open(NoticeStep::Resolve { outcome: NoticeOutcome::Noted }) {
        let listed = matches!(notice.kind, NoticeKind::Listed { .. });
        let fit = |outcome: &NoticeOutcome| listed || *outcome != NoticeOutcome::ListUpdated;
        let mut choices: Vec<Choice> = Vec::new();
        let mut documents = register.scheme().rule_documents.all().filter(|(_, d)| d.is_in_force(today));
        let rule = documents.next().map(|(id, _)| Citation { document: id.clone(), article: "-".to_owned() });
        for outcome in NoticeOutcome::ALL.into_iter().filter(fit) {
            let help = match outcome {
                NoticeOutcome::Noted => "記録だけ残します。".to_owned(),
                NoticeOutcome::AdditionalAudit => "追加監査を求めます。監査の画面で始めます。".to_owned(),
                NoticeOutcome::ReAudit => "再監査（登録規則 13）を求めます。監査の画面で始めます。".to_owned(),
                NoticeOutcome::SuspensionProposed => "停止するかどうかは委員会が決めます。".to_owned(),
                NoticeOutcome::ListUpdated => {
                    let said = step::Said { rule: rule.clone(), ..step::Said::default() };
                    let step = NoticeStep::Resolve { outcome };
                    let would = acts::would(app, register, signed, command(id, &said, step));
                    would.map(|entries| consequence::lines(register, &entries).join(" ")).unwrap_or_default()
                }
            };
            choices.push(Choice { help, ..Choice::new(outcome_key(outcome), outcome.label()) });
        }
        let mut own = vec![Field::radio("outcome", "対応", choices)];
        if may_add(app, register, signed, &notice.number) {
            let mut choices = vec![Choice::new("", "（あとで議題に加える）")];
            choices.extend(meeting_choices(register));
            own.push(Field::select("meeting", "一時停止を付議するときの会議", choices).optional());
        }
        let about = "届出への対応を決めます。";
        acts.push(Act::new("resolve", "対応を決める", about, with("resolve", own, Cites::Must)));
    }
    if open(NoticeStep::Close) {
        acts.push(Act::new("close", "完了にする", "この届出の手続を終えます。", with("close", vec![], Cites::No)));
    }
    acts
}

fn read(fields: &Fields, problems: &mut Vec<Problem>) -> Option<(NoticeStep, &'static str)> {
    Some(match fields.get(acts::ACT) {
        "file" => (NoticeStep::File, ""),
        "triage" => (NoticeStep::Triage, ""),
        "resolve" => {
            let key = fields.get("outcome");
            let Some(outcome) = NoticeOutcome::ALL.into_iter().find(|outcome| outcome_key(*outcome) == key) else {
                problems.push(Problem::at("outcome", "対応を選んでください。"));
                return None;
            };
            (NoticeStep::Resolve { outcome }, "outcome")
        }
        "close" => (NoticeStep::Close, ""),
        _ => {
            problems.push(Problem::at("", "何をするかを選んでください。"));
            return None;
        }
    })
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (notice, chronicle) = seen(&register, signed.person(), &id)?;
    let act = fields.get(acts::ACT).to_owned();
    match acts::moved(chronicle, &signed, &fields, wording::notice_key) {
        Moved::No => {}
        Moved::ByThis => return Ok(go(&format!("/ismap/change-notices/{notice}?done={act}"))),
        Moved::Otherwise => return one(&app, &signed, &id, Shown::overtaken(&fields)).await,
    }
    let mut problems = Vec::new();
    let said = step::Said::read(&fields, &mut problems);
    let read = read(&fields, &mut problems);
    let number = chronicle.now().number.clone();
    let meeting = meeting_chosen(&register, &fields, &mut problems);
    let (Some((step, first)), true) = (read, problems.is_empty()) else {
        return one(&app, &signed, &id, Shown::again(&fields, problems)).await;
    };
    let proposes = matches!(step, NoticeStep::Resolve { outcome: NoticeOutcome::SuspensionProposed });
    match give(&app, &signed, command(&notice, &said, step), &said.reason).await? {
        Ok(_) => {}
        Err(refusal) => return one(&app, &signed, &id, Shown::refused(&fields, &refusal, first)).await,
    }
    if let (Some(meeting), true) = (meeting, proposes)
        && give(&app, &signed, add(&meeting, &number), &said.reason).await?.is_ok()
    {
        return Ok(go(&format!("/ismap/change-notices/{notice}?done=added")));
    }
    Ok(go(&format!("/ismap/change-notices/{notice}?done={act}")))
}
