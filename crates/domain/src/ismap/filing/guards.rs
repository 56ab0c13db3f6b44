//! Who may take which step of an application, and what has to be true.

use super::{Filing, FilingForm, FilingKind, FilingState, FilingStep, Pledge};
use crate::command::StepFiling;
use crate::event::{Event, FilingStepped, RenewalEnded, RenewalFiled, StatementStepped};
use crate::ismap::committee::{AgendaItem, open_for_agenda};
use crate::ismap::deciding::{Acting, may};
use crate::ismap::engagement::EngagementState;
use crate::ismap::party::SchemeRole;
use crate::ismap::preliminary::PreliminaryState;
use crate::ismap::registration::{ListStatus, Registration, RegistrationState, Scheme as ListScheme};
use crate::ismap::statement::{Statement, StatementState, StatementStep};
use crate::ismap::term::computed_expiry;
use crate::refusal::Refusal;
use jiff::civil::Date;

pub(crate) fn decide(acting: &Acting<'_>, command: StepFiling) -> Result<Vec<Event>, Refusal> {
    use FilingState as S;
    let chronicle = acting.scheme.filings.get(&command.filing);
    let on = acting.day(command.on, chronicle.and_then(|c| c.last()).map(|last| last.stamp.on))?;
    if let Some(rule) = &command.rule {
        acting.acquainted(rule, on)?;
    }
    let nothing = Filing::default();
    let now = chronicle.map_or(&nothing, |c| c.now());
    let party = match (&command.step, &now.form) {
        (FilingStep::Draft { form }, None) => &form.party,
        (_, Some(form)) => &form.party,
        (_, None) => return Err(Refusal::unknown("登録申請", "application for registration", &command.filing)),
    };
    let provider = || {
        may(
            acting.holding(party, &[SchemeRole::CspStaff, SchemeRole::CspHead]),
            "この手続は、申請した事業者の担当者と言明責任者だけができます。",
        )
    };
    let operator =
        |roles: &[SchemeRole], who: &str| may(acting.operator(roles), &format!("この手続は{who}だけができます。"));
    let reception = || operator(&[SchemeRole::IpaReception], "受理担当");
    let reviewer = || operator(&[SchemeRole::IpaReviewer], "技術審査担当");
    let (role, fits) = match &command.step {
        FilingStep::Draft { form } => {
            let role = provider()?;
            drafted(acting, now, form)?;
            (role, matches!(now.state, S::Draft | S::Returned))
        }
        FilingStep::File => (provider()?, matches!(now.state, S::Draft | S::Returned)),
        FilingStep::CheckAcceptance => (reception()?, now.state == S::Filed),
        FilingStep::Return => (reception()?, now.state == S::AcceptanceCheck),
        FilingStep::Accept => (reception()?, now.state == S::AcceptanceCheck),
        FilingStep::StartReview => {
            let role = reviewer()?;
            if acting.person.is_some_and(|person| now.received_by.contains(person)) {
                return Err(Refusal::new(
                    "SEPARATION_OF_DUTIES",
                    "受理を担当した人は、同じ申請の技術的審査を担当できません。別の審査担当に依頼してください。",
                    "who received an application does not review it; another reviewer must",
                ));
            }
            let orphaned = now.state == S::TechnicalReview && reviewer_is_gone(acting, now);
            (role, now.state == S::Accepted || orphaned)
        }
        FilingStep::Inquire { question } => {
            acting.words("照会の内容", "the question", question, 4_000)?;
            (reviewing(acting, now, reviewer()?)?, now.state == S::TechnicalReview)
        }
        FilingStep::Answer { answer } => {
            acting.words("回答", "the answer", answer, 8_000)?;
            (provider()?, now.state == S::Inquiry)
        }
        FilingStep::Review { opinion, .. } => {
            acting.words("審査の所見", "the opinion", opinion, 8_000)?;
            (reviewing(acting, now, reviewer()?)?, now.state == S::TechnicalReview)
        }
        FilingStep::Docket { meeting } => {
            let role = operator(&[SchemeRole::Secretariat], "事務局")?;
            open_for_agenda(acting, meeting, &AgendaItem::Filing { filing: command.filing.clone() })?;
            let moved = now.state == S::Docketed && now.meeting.as_ref() != Some(meeting);
            (role, matches!(now.state, S::Reviewed | S::Deferred) || moved)
        }
        FilingStep::Withdraw => (provider()?, !now.state.is_over() && chronicle.is_some()),
        FilingStep::Registered { .. } | FilingStep::Refused { .. } | FilingStep::Deferred { .. } => {
            return Err(Refusal::new(
                "NOT_ALLOWED",
                "登録の可否は、運営委員会の決定によってのみ定まります。",
                "only a decision of the committee decides an application",
            ));
        }
    };
    if !fits {
        return Err(Refusal::wrong_state(
            format!("今の状態（{}）からは、この手続に進めません。", now.state.label()),
            format!("this step does not follow from the state `{:?}`", now.state).to_lowercase(),
        ));
    }
    let follows = match (&command.step, &now.form) {
        (FilingStep::File, Some(form)) => {
            filed(acting, now, form, on)?;
            let step = StatementStep::Filed { filing: command.filing.clone() };
            let event = Event::StatementStepped(StatementStepped { statement: form.statement.clone(), role, step });
            [Some(event), kept_alive(acting, now, form, on, acting.today)].into_iter().flatten().collect()
        }
        (FilingStep::Accept, Some(form)) => accepted(acting, now, form, on)?,
        (FilingStep::Withdraw | FilingStep::Return, Some(form)) => undone(acting, now, form, role),
        _ => Vec::new(),
    };
    let own = FilingStepped { filing: command.filing, role, on, rule: command.rule, step: command.step };
    Ok([Event::FilingStepped(own)].into_iter().chain(follows).collect())
}

/// The event by which a renewal keeps its registration alive: with the first day on which it was filed, and only while the
/// registration has not lapsed by `by`.
fn kept_alive(acting: &Acting<'_>, now: &Filing, form: &FilingForm, on: Date, by: Date) -> Option<Event> {
    let FilingKind::Renewal { number } = &form.kind else { return None };
    let row = acting.register.registration(number)?;
    let on = now.filed_on.unwrap_or(on);
    (by <= row.valid_until).then(|| Event::RenewalFiled(RenewalFiled { number: number.clone(), on }))
}

/// 受理 brings a registration back that lapsed while its renewal, first filed in time, lay with the provider.
fn accepted(acting: &Acting<'_>, now: &Filing, form: &FilingForm, on: Date) -> Result<Vec<Event>, Refusal> {
    let FilingKind::Renewal { number } = &form.kind else { return Ok(Vec::new()) };
    let Some(row) = acting.register.registration(number) else {
        return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", number));
    };
    if row.status == ListStatus::Removed {
        return Err(removed(row));
    }
    if row.renewal_filed_on.is_some() {
        return Ok(Vec::new());
    }
    let first = now.filed_on.unwrap_or(on);
    Ok(vec![Event::RenewalFiled(RenewalFiled { number: number.clone(), on: first })])
}

/// What follows when an application goes back to its provider or ends without a registration: the statement may be filed
/// again, and a renewal no longer keeps the registration alive.
pub(in crate::ismap) fn undone(
    acting: &Acting<'_>,
    now: &Filing,
    form: &FilingForm,
    role: Option<SchemeRole>,
) -> Vec<Event> {
    let mut events = Vec::new();
    // One that lies with the provider holds nothing any more: another application may by now.
    if now.filed_on.is_none() || now.state == FilingState::Returned {
        return events;
    }
    let filed = acting.scheme.statements.now(&form.statement).is_some_and(|s| s.state == StatementState::Filed);
    if filed {
        let statement = form.statement.clone();
        events.push(Event::StatementStepped(StatementStepped { statement, role, step: StatementStep::Unfiled }));
    }
    if let FilingKind::Renewal { number } = &form.kind
        && acting.register.registration(number).is_some_and(|row| row.renewal_filed_on.is_some())
    {
        events.push(Event::RenewalEnded(RenewalEnded { number: number.clone() }));
    }
    events
}

/// The reviewer of an application is one person.
fn reviewing(acting: &Acting<'_>, now: &Filing, role: Option<SchemeRole>) -> Result<Option<SchemeRole>, Refusal> {
    if now.reviewer.as_ref() == acting.person {
        return Ok(role);
    }
    Err(Refusal::new(
        "NOT_ALLOWED",
        "この申請の審査担当ではありません。審査担当が交代したときは、審査を引き継いでください。",
        "you are not the reviewer of this application; take the review over if its reviewer has gone",
    ))
}

/// The reviewer was released from the role, or has left.
fn reviewer_is_gone(acting: &Acting<'_>, now: &Filing) -> bool {
    let reviewer = now.reviewer.as_ref();
    reviewer.is_some_and(|person| !acting.scheme.roles_of(person).contains(&SchemeRole::IpaReviewer))
}

fn drafted(acting: &Acting<'_>, now: &Filing, form: &FilingForm) -> Result<(), Refusal> {
    if now.form.as_ref().is_some_and(|before| before.party != form.party) {
        return Err(Refusal::invalid(
            "申請した事業者は変えられません。",
            "the provider of an application does not change",
        ));
    }
    // The day of the first filing counts for this registration alone.
    if now.filed_on.is_some()
        && now.form.as_ref().is_some_and(|b| (&b.kind, &b.offering) != (&form.kind, &form.offering))
    {
        return Err(Refusal::invalid(
            "一度出した申請の種類、登録番号、サービスは変えられません。取り下げて、新しい申請を作ってください。",
            "an application that was filed once keeps its kind, number and service; withdraw it and begin another",
        ));
    }
    let Some(statement) = acting.scheme.statements.now(&form.statement) else {
        return Err(Refusal::unknown("言明書", "statement", &form.statement));
    };
    if statement.party != form.party || statement.offering != form.offering {
        return Err(Refusal::invalid(
            "言明書が、この事業者のこのサービスのものではありません。",
            "the statement is about another service",
        ));
    }
    let audits = acting.scheme.engagements.now(&form.engagement).is_some_and(|e| e.statement == form.statement);
    if !audits {
        return Err(Refusal::unknown("この言明書の監査", "engagement on this statement", &form.engagement));
    }
    if let FilingKind::Renewal { number } = &form.kind
        && acting.register.registration(number).is_none_or(|r| r.offering.as_ref() != Some(&form.offering))
    {
        return Err(Refusal::unknown("このサービスの登録", "registration of this service", number));
    }
    Ok(())
}

/// What has to be true when an application is filed.
fn filed(acting: &Acting<'_>, now: &Filing, form: &FilingForm, on: Date) -> Result<(), Refusal> {
    promised(acting, form)?;
    let Some(statement) = acting.scheme.statements.now(&form.statement) else {
        return Err(Refusal::unknown("言明書", "statement", &form.statement));
    };
    audited(acting, form, statement, on)?;
    match &form.kind {
        FilingKind::Renewal { number } => renewal(acting, now, form, number, statement)?,
        FilingKind::New => {
            // A suspended registration is still one: its provider files a renewal.
            let stands = |row: &Registration| match row.state_on(on) {
                RegistrationState::Suspended => on <= row.valid_until || row.renewal_filed_on.is_some(),
                state => state.is_effective(),
            };
            let of_this = |row: &&Registration| row.offering.as_ref() == Some(&form.offering) && stands(row);
            if let Some(row) = acting.register.registrations().find(of_this) {
                return Err(Refusal::wrong_state(
                    format!("このサービスは {} として登録されています。更新として申請してください。", row.number),
                    format!("the service is registered as `{}`; file a renewal", row.number),
                ));
            }
        }
    }
    let another = acting.scheme.filings.all().any(|(_, f)| {
        f.filed_on.is_some()
            && !f.state.is_over()
            && f.state != FilingState::Returned
            && f.form.as_ref().is_some_and(|g| g.offering == form.offering)
    });
    if another {
        return Err(Refusal::wrong_state(
            "このサービスの申請が既に進んでいます。",
            "an application for this service is under way",
        ));
    }
    if form.scheme == ListScheme::Liu {
        let eligible = form.preliminary.as_ref().and_then(|id| acting.scheme.preliminaries.now(id)).is_some_and(|p| {
            p.state == PreliminaryState::Eligible && p.party == form.party && p.offering == form.offering
        });
        if !eligible {
            return Err(Refusal::wrong_state(
                "ISMAP-LIU の申請には、対象となると認められた事前申請が必要です。",
                "an LIU application needs a pre-application that was found eligible",
            )
            .under("LIU登録規則 3"));
        }
        acting.digest("内部監査の報告書", "the report of the internal audit", &form.internal_audit_sha256)?;
    }
    Ok(())
}

/// What is disclosed (登録規則 3.4) and pledged (3.5, 3.6).
fn promised(acting: &Acting<'_>, form: &FilingForm) -> Result<(), Refusal> {
    let d = &form.disclosures;
    for (name, en, text) in [
        ("資本関係及び役員等の情報（登録規則 3.4(1)）", "3.4(1)", &d.capital_and_officers),
        ("国外の法令が適用されるリスク（登録規則 3.4(2)）", "3.4(2)", &d.foreign_law_risk),
        ("準拠法（登録規則 3.4(3)）", "3.4(3), governing law", &d.governing_law),
        ("裁判管轄（登録規則 3.4(3)）", "3.4(3), jurisdiction", &d.jurisdiction),
        ("第三者による検査の状況（登録規則 3.4(4)）", "3.4(4)", &d.tests),
    ] {
        acting.words(name, en, text, 4_000).map_err(|r| r.under("登録規則 3.4"))?;
    }
    let missing: Vec<&str> = Pledge::ALL.iter().filter(|p| !form.pledges.contains(p)).map(|p| p.article()).collect();
    if !missing.is_empty() {
        return Err(Refusal::invalid(
            format!("誓約がそろっていません: {}。", missing.join("、")),
            "not every pledge of 3.5 and 3.6 is given",
        )
        .under("登録規則 3.5"));
    }
    Ok(())
}

/// The statement is signed, its audit reported, and its term not over before it is decided.
fn audited(acting: &Acting<'_>, form: &FilingForm, statement: &Statement, on: Date) -> Result<(), Refusal> {
    if statement.state != StatementState::Audited || statement.signed_by.is_none() {
        return Err(Refusal::wrong_state(
            format!("申請には、署名と監査の済んだ言明書が必要です（今の状態: {}）。", statement.state.label()),
            "an application needs a signed and audited statement",
        ));
    }
    let Some(engagement) = acting.scheme.engagements.now(&form.engagement) else {
        return Err(Refusal::unknown("監査", "engagement", &form.engagement));
    };
    let reported = matches!(engagement.state, EngagementState::Reported | EngagementState::Closed);
    if !reported || statement.engagement.as_ref() != Some(&form.engagement) {
        return Err(Refusal::wrong_state(
            format!("申請には、この言明書の監査の報告が必要です（今の状態: {}）。", engagement.state.label()),
            "an application needs the report of the audit of this statement",
        ));
    }
    match computed_expiry(statement.to) {
        Some(until) if on <= until => Ok(()),
        until => {
            let until = until.map_or(String::new(), |day| day.to_string());
            Err(Refusal::wrong_state(
                format!(
                    "監査対象期間の末日 {} から計算した有効期限 {until} を過ぎています（申請日 {on}）。新しい期間の言明書で申請してください。",
                    statement.to
                ),
                format!("the expiry computed from {}, {until}, has passed on {on}; file a statement on a later period", statement.to),
            )
            .under("基本規程 3.5"))
        }
    }
}

/// A renewal is filed by the expiry, of what is on the list, with a statement that carries it on.
fn renewal(
    acting: &Acting<'_>,
    now: &Filing,
    form: &FilingForm,
    number: &str,
    statement: &Statement,
) -> Result<(), Refusal> {
    let Some(row) = acting.register.registration(number) else {
        return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", &number));
    };
    if row.status == ListStatus::Removed {
        return Err(removed(row));
    }
    // Who files is the one who says so: a day in the past does not make it one in time. What was handed back is filed on
    // the first day.
    let on = now.filed_on.unwrap_or(acting.today);
    if on > row.valid_until {
        return Err(Refusal::wrong_state(
            format!(
                "更新の申請は有効期限 {} までです（申請日 {on}）。登録は失効しています。新規の申請として出してください。",
                row.valid_until
            ),
            format!("a renewal is filed by {} at the latest, not on {on}; file it as a new application", row.valid_until),
        )
        .under("基本規程 3.5"));
    }
    if form.scheme != row.scheme {
        return Err(Refusal::invalid(
            format!("{number} とは別の制度（ISMAP／ISMAP-LIU）での更新はできません。新規の申請として出してください。"),
            format!("`{number}` is registered under the other of ISMAP and ISMAP-LIU; file a new application"),
        ));
    }
    if let Some((_, end)) = row.audit_period
        && (statement.to < end || row.statement.as_ref() == Some(&form.statement))
    {
        return Err(Refusal::invalid(
            format!("更新には、登録中の言明書（監査対象期間の末日 {end}）に続く言明書を出してください。"),
            format!("a renewal rests on a statement that carries on the registered one, whose period ends on {end}"),
        ));
    }
    Ok(())
}

fn removed(row: &Registration) -> Refusal {
    Refusal::wrong_state(
        format!("{} は登録が削除されています。新規の申請として出してください。", row.number),
        format!("`{}` was removed; file a new application", row.number),
    )
}
