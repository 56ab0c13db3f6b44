//! 監査機関: the registered ones for everybody, all of them for the operator, and each firm its own; on any day.

use super::super::acts::{self, Acts, Moved, Shown, Wanted};
use super::super::as_of::AsOf;
use super::super::step::Said;
use super::super::{frame, history};
use super::firm_acts;
use super::wording::today;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::{Names, day};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepFirm};
use sekisho_domain::id::PartyId;
use sekisho_domain::ismap::firm::{Firm, FirmForm, FirmRequirement, FirmState, FirmStep};
use sekisho_domain::ismap::party::{PartyKind, SchemeRole};
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "ismap/audit/firms.html")]
struct ListPage {
    frame: Frame,
    q: Field,
    as_of: Field,
    past: Option<String>,
    table: Table,
    /// The form of one's own firm, where it was never filled in.
    begins: Option<String>,
}

#[derive(Template)]
#[template(path = "ismap/audit/firm.html")]
struct FirmPage {
    frame: Frame,
    id: String,
    past: Option<String>,
    moment: Field,
    state: &'static str,
    from: String,
    until: String,
    /// Shown to the firm and the operator only.
    form: Option<Filed>,
    history: Vec<history::Past>,
    acts: Acts,
    /// The form can be written or handed in anew.
    writes: bool,
}

/// The form as it was filed.
struct Filed {
    grounds: Vec<Line>,
    exec: String,
    lead: String,
    team: String,
    exception: String,
}

/// A requirement and how it is met.
struct Line {
    article: &'static str,
    label: &'static str,
    note: String,
    sha256: String,
}

/// The person sees all of a firm, not only that it is registered.
fn inside(register: &Register, signed: &SignedIn, firm: &PartyId) -> bool {
    let scheme = register.scheme();
    scheme.is_operator(signed.person()) || scheme.party_of(signed.person()) == Some(firm)
}

fn name(register: &Register, id: &PartyId) -> String {
    register.scheme().parties.now(id).map_or_else(|| id.to_string(), |party| party.name.clone())
}

fn tone(state: FirmState) -> Tone {
    match state {
        FirmState::Registered | FirmState::RenewalUnderReview => Tone::Good,
        FirmState::Suspended | FirmState::Removed | FirmState::Rejected | FirmState::Expired => Tone::Bad,
        _ => Tone::Plain,
    }
}

fn until(firm: &Firm) -> String {
    firm.until.map(day).unwrap_or_default()
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    let (register, now) = today(&app)?;
    let past = as_of.day();
    let on = past.unwrap_or(now);
    let rows: Vec<(PartyId, String, Firm)> = register
        .scheme()
        .firms
        .chronicles()
        .filter_map(|(id, c)| Some((id, past.map_or_else(|| Some(c.now().clone()), |day| c.as_of(day))?)))
        .filter(|(id, firm)| firm.is_registered(on) || inside(&register, &signed, id))
        .map(|(id, firm)| (id.clone(), name(&register, id), firm))
        .filter(|(_, name, _)| asked.finds(&[name]))
        .collect();
    let slice = asked.slice(rows, &[("name", &|one, other| one.1.cmp(&other.1))]);
    let columns = [
        Column::sorted("name", "監査機関"),
        Column::plain("状態"),
        Column::plain("登録日"),
        Column::plain("期間の末日（更新申請の期限）"),
    ];
    let empty = "登録された監査機関はありません。";
    let table = Table::new("/ismap/firms", ("監査機関", empty), &columns, &asked, slice, |(id, name, firm)| {
        let mut path = format!("/ismap/firms/{id}");
        if let Some(day) = past {
            path.push_str(&format!("?as_of={day}"));
        }
        let state = firm.state_on(on);
        vec![
            Cell::link(path, name),
            Cell::tag(tone(state), state.label()),
            Cell::text(firm.registered_on.map(day).unwrap_or_default()),
            Cell::text(until(&firm)),
        ]
    })
    .keeping("as_of", as_of.given());
    if let Some(file) = table.file("firms")? {
        return Ok(file);
    }
    let scheme = register.scheme();
    let mine = scheme.party_of(signed.person()).filter(|id| scheme.firms.get(id).is_none());
    let begins = mine.filter(|id| scheme.parties.now(id).is_some_and(|p| p.kind == PartyKind::AuditFirm));
    let begins = begins.map(|id| format!("/ismap/firms/{id}/form"));
    let shown = ListPage {
        frame: frame(&app, &signed, "/ismap/firms", "監査機関", &[]).await?.wide(),
        q: Field::input("search", "q", "監査機関").optional().value(&asked.q),
        as_of: Field::input("date", "as_of", "いつの時点").optional().value(as_of.given()),
        past: past.map(day),
        table,
        begins,
    };
    Ok(page(StatusCode::OK, &shown))
}

fn filed(form: &FirmForm, names: &Names) -> Filed {
    let line = |requirement: FirmRequirement| {
        let ground = form.grounds.get(&requirement).cloned().unwrap_or_default();
        Line { article: requirement.article(), label: requirement.label(), note: ground.note, sha256: ground.sha256 }
    };
    Filed {
        grounds: FirmRequirement::ALL.into_iter().map(line).collect(),
        exec: names.get(&form.exec),
        lead: names.get(&form.lead),
        team: form.team.iter().map(|person| names.get(person)).collect::<Vec<_>>().join("、"),
        exception: form.exception.clone(),
    }
}

fn said(step: &FirmStep) -> String {
    match step {
        FirmStep::Draft { .. } => "申請書の作成",
        FirmStep::Submit => "提出",
        FirmStep::Screen => "審査の開始",
        FirmStep::Return => "差戻し",
        FirmStep::Docket { .. } => "付議",
        FirmStep::Registered { from, until } => return format!("登録（{}〜{}）", day(*from), day(*until)),
        FirmStep::Rejected => "不登録",
        FirmStep::FileRenewal { .. } => "更新の申請",
        FirmStep::Suspend => "一時停止",
        FirmStep::Lift => "一時停止の解除",
        FirmStep::Remove => "取消",
        FirmStep::Withdraw => "取下げ・辞退",
    }
    .to_owned()
}

/// What has just been done, in words.
fn done(what: Option<&str>) -> Option<&'static str> {
    Some(match what? {
        "draft" => "申請書を記録しました。内容を確かめて、提出してください。",
        "renew" => "更新を申請しました。",
        "submit" => "提出しました。",
        "docket" => "付議しました。",
        _ => "記録しました。",
    })
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    as_of: AsOf,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let shown = Shown { as_of: as_of.day(), done: done(wanted.done.as_deref()), act: wanted.act, ..Shown::default() };
    one(&app, &signed, &id, shown).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let firm = PartyId::new(&id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().firms.get(&firm).ok_or(PageError::Missing)?;
    if !inside(&register, &signed, &firm) {
        return Err(PageError::Missing);
    }
    match acts::moved(chronicle, &signed, &fields, firm_acts::key) {
        Moved::No => {}
        Moved::ByThis => return Ok(go(&format!("/ismap/firms/{firm}?done={}", fields.get(acts::ACT)))),
        Moved::Otherwise => return one(&app, &signed, &id, Shown::overtaken(&fields)).await,
    }
    let mut problems = Vec::new();
    let said = Said::read(&fields, &mut problems);
    let key = fields.get(acts::ACT);
    let step = firm_acts::step(key, &fields);
    if step.is_none() {
        problems.push(Problem::at("meeting", "一覧にある会議を選んでください。"));
    }
    problems.extend(firm_acts::lacks_reason(key, &said.reason));
    if let (Some(step), true) = (step, problems.is_empty()) {
        let command = Command::StepFirm(StepFirm { firm: firm.clone(), on: said.on, rule: said.rule, step });
        match give(&app, &signed, command, &said.reason).await? {
            Ok(_) => return Ok(go(&format!("/ismap/firms/{firm}?done={key}"))),
            Err(refusal) => problems.push(Problem::refused(acts::at(&refusal, ""), &refusal)),
        }
    }
    one(&app, &signed, &id, Shown::again(&fields, problems)).await
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let (register, now) = today(app)?;
    let id = PartyId::new(id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().firms.get(&id).ok_or(PageError::Missing)?;
    let past: Option<Date> = shown.as_of;
    let on = past.unwrap_or(now);
    let firm = past.map_or_else(|| Some(chronicle.now().clone()), |day| chronicle.as_of(day));
    let firm = firm.ok_or(PageError::Missing)?;
    let inside = inside(&register, signed, &id);
    if !inside && !firm.is_registered(on) {
        return Err(PageError::Missing);
    }
    let form = firm.form.as_ref().filter(|_| inside);
    let people: Vec<_> = form.into_iter().flat_map(|f| [&f.exec, &f.lead].into_iter().chain(&f.team)).collect();
    let names = Names::of(app, people).await?;
    let path = format!("/ismap/firms/{id}");
    // Reasons and returns of an application are between the firm and the operator.
    let history = if inside { history::of(app, chronicle, past, said).await? } else { Vec::new() };
    let acts = match past {
        Some(_) => Acts::none(path.clone()),
        None => {
            let all = firm_acts::all(app, &register, signed, &id, now, &shown);
            Acts::choose(path.clone(), chronicle.steps().count(), all, &shown.act)
        }
    };
    let roles = register.scheme().parties.now(&id).and_then(|party| party.members.get(signed.person()));
    let leads = [SchemeRole::AuditExec, SchemeRole::AuditLead];
    let frame = frame(app, signed, &path, name(&register, &id), &[("/ismap/firms", "監査機関")]).await?;
    let status = shown.status;
    let firm_page = FirmPage {
        writes: past.is_none() && roles.is_some_and(|roles| leads.iter().any(|role| roles.contains(role))),
        acts,
        frame: frame.wide().notice(shown.done).wrong(shown.problems),
        past: past.map(day),
        moment: Field::input("date", "as_of", "過去の日の時点"),
        state: firm.state_on(on).label(),
        from: firm.registered_on.map(day).unwrap_or_default(),
        until: until(&firm),
        form: form.map(|form| filed(form, &names)),
        history,
        id: id.to_string(),
    };
    Ok(page(status, &firm_page))
}
