//! What the steps of the operator's records are called, and the keys of the forms that take them.

use crate::http::page::list::Tone;
use crate::http::page::words::day;
use sekisho_domain::ismap::change_notice::{NoticeState, NoticeStep};
use sekisho_domain::ismap::committee::{AgendaItem, MeetingState, MeetingStep};
use sekisho_domain::ismap::filing::{FilingState, FilingStep};
use sekisho_domain::ismap::incident::{IncidentState, IncidentStep};
use sekisho_domain::ismap::party::PartyStep;
use sekisho_domain::register::Register;

/// A step of an application.
pub(super) fn filing(step: &FilingStep) -> String {
    match step {
        FilingStep::Draft { .. } => "申請書の記入".to_owned(),
        FilingStep::File => "申請".to_owned(),
        FilingStep::CheckAcceptance => "受理確認の開始".to_owned(),
        FilingStep::Return => "差戻し".to_owned(),
        FilingStep::Accept => "受理".to_owned(),
        FilingStep::StartReview => "技術的審査の開始".to_owned(),
        FilingStep::Inquire { question } => format!("照会: {question}"),
        FilingStep::Answer { answer } => format!("回答: {answer}"),
        FilingStep::Review { basic_met: true, .. } => "技術的審査の結果: 基本言明要件を満たす".to_owned(),
        FilingStep::Review { basic_met: false, .. } => "技術的審査の結果: 基本言明要件を満たさない".to_owned(),
        FilingStep::Docket { meeting } => format!("会議 {meeting} に付議"),
        FilingStep::Registered { number, .. } => format!("登録決定（{number}）"),
        FilingStep::Refused { .. } => "不登録の決定".to_owned(),
        FilingStep::Deferred { .. } => "継続審議の決定".to_owned(),
        FilingStep::Withdraw => "取下げ".to_owned(),
    }
}

/// The key of the form that takes a step of an application.
pub(super) fn filing_key(step: &FilingStep) -> &'static str {
    match step {
        FilingStep::CheckAcceptance => "check",
        FilingStep::Return => "return",
        FilingStep::Accept => "accept",
        FilingStep::StartReview => "start",
        FilingStep::Inquire { .. } => "inquire",
        FilingStep::Answer { .. } => "answer",
        FilingStep::Review { .. } => "review",
        FilingStep::Docket { .. } => "docket",
        FilingStep::Withdraw => "withdraw",
        _ => "",
    }
}

/// Who moves an application on from a state.
pub(super) fn turn(state: FilingState) -> &'static str {
    match state {
        FilingState::Draft | FilingState::Returned | FilingState::Inquiry => "事業者",
        FilingState::Filed | FilingState::AcceptanceCheck => "受理担当",
        FilingState::Accepted | FilingState::TechnicalReview => "技術審査担当",
        FilingState::Reviewed | FilingState::Deferred => "事務局",
        FilingState::Docketed => "運営委員会",
        FilingState::Registered | FilingState::Refused | FilingState::Withdrawn => "",
    }
}

/// How a state of an application is meant.
pub(super) fn filing_tone(state: FilingState) -> Tone {
    match state {
        FilingState::Returned | FilingState::Inquiry | FilingState::Deferred => Tone::Look,
        FilingState::Refused | FilingState::Withdrawn => Tone::Bad,
        _ => Tone::Good,
    }
}

/// A step of a meeting.
pub(super) fn meeting(step: &MeetingStep) -> String {
    match step {
        MeetingStep::Convene { day: on, quorum } => format!("招集（{}、定足数 {quorum} 人）", day(*on)),
        MeetingStep::Move { day: on } => format!("日を {} に変更", day(*on)),
        MeetingStep::Add { item } => format!("議題の追加: {}", plain_item(item)),
        MeetingStep::Open { present } => format!("開会（出席 {} 人）", present.len()),
        MeetingStep::Recuse { item, .. } => format!("忌避: {}", plain_item(item)),
        MeetingStep::Decide { item, outcome, votes } => format!(
            "決定: {}「{}」（賛成 {}、反対 {}、棄権 {}）",
            plain_item(item),
            outcome.label(),
            votes.approve,
            votes.against,
            votes.abstain
        ),
        MeetingStep::Minutes { number, .. } => format!("閉会、議事録 {number}"),
        MeetingStep::Cancel => "中止".to_owned(),
    }
}

/// The key of the form that takes a step of a meeting.
pub(super) fn meeting_key(step: &MeetingStep) -> &'static str {
    match step {
        MeetingStep::Convene { .. } => "convene",
        MeetingStep::Move { .. } => "move",
        MeetingStep::Add { .. } => "add",
        MeetingStep::Open { .. } => "open",
        MeetingStep::Recuse { .. } => "recuse",
        MeetingStep::Decide { .. } => "decide",
        MeetingStep::Minutes { .. } => "minutes",
        MeetingStep::Cancel => "cancel",
    }
}

/// How a state of a meeting is meant.
pub(super) fn meeting_tone(state: MeetingState) -> Tone {
    match state {
        MeetingState::Convened => Tone::Look,
        MeetingState::Open => Tone::Good,
        MeetingState::Closed => Tone::Plain,
        MeetingState::Cancelled => Tone::Bad,
    }
}

/// An item by its identifier, where no register is at hand.
fn plain_item(item: &AgendaItem) -> String {
    match item {
        AgendaItem::Filing { filing } => format!("登録申請 {filing}"),
        AgendaItem::Firm { firm } => format!("監査機関 {firm}"),
        AgendaItem::Registration { number } => format!("登録 {number}"),
        AgendaItem::Other { title } => title.clone(),
    }
}

/// An item as people call it, and the page of what it is about.
pub(super) fn item(register: &Register, item: &AgendaItem) -> (String, Option<String>) {
    let scheme = register.scheme();
    let name = |id| scheme.parties.now(id).map_or_else(|| format!("{id}"), |p| p.name.clone());
    match item {
        AgendaItem::Filing { filing } => {
            let form = scheme.filings.now(filing).and_then(|f| f.form.as_ref());
            let title = form.map_or_else(|| filing.to_string(), |form| super::filings::title(register, form));
            (format!("登録申請: {title}"), Some(format!("/ismap/filings/{filing}")))
        }
        AgendaItem::Firm { firm } => (format!("監査機関の登録: {}", name(firm)), Some(format!("/ismap/firms/{firm}"))),
        AgendaItem::Registration { number } => {
            let service = register.registration(number).map(|r| r.service_name.clone()).unwrap_or_default();
            (format!("登録 {number} {service}"), None)
        }
        AgendaItem::Other { title } => (title.clone(), None),
    }
}

/// An item as a form names it.
pub(super) fn item_key(item: &AgendaItem) -> String {
    match item {
        AgendaItem::Filing { filing } => format!("filing:{filing}"),
        AgendaItem::Firm { firm } => format!("firm:{firm}"),
        AgendaItem::Registration { number } => format!("registration:{number}"),
        AgendaItem::Other { title } => format!("other:{title}"),
    }
}

/// A step of an incident.
pub(super) fn incident(step: &IncidentStep) -> String {
    match step {
        IncidentStep::Know { .. } => "インシデントの届出",
        IncidentStep::FilePreliminary { .. } => "速報の提出",
        IncidentStep::FileFinal { .. } => "確報の提出",
        IncidentStep::Review => "確認の開始",
        IncidentStep::Close => "完了",
        IncidentStep::OrderReAudit => "再監査を求める",
        IncidentStep::ProposeSuspension => "一時停止の付議",
    }
    .to_owned()
}

/// The key of the form that takes a step of an incident.
pub(super) fn incident_key(step: &IncidentStep) -> &'static str {
    match step {
        IncidentStep::Know { .. } => "know",
        IncidentStep::FilePreliminary { .. } => "preliminary",
        IncidentStep::FileFinal { .. } => "final",
        IncidentStep::Review => "review",
        IncidentStep::Close => "close",
        IncidentStep::OrderReAudit => "re_audit",
        IncidentStep::ProposeSuspension => "suspend",
    }
}

/// How a state of an incident is meant.
pub(super) fn incident_tone(state: IncidentState) -> Tone {
    match state {
        IncidentState::PrelimDue | IncidentState::FinalDue => Tone::Bad,
        IncidentState::Closed => Tone::Good,
        _ => Tone::Look,
    }
}

/// A step of a notice of change.
pub(super) fn notice(step: &NoticeStep) -> String {
    match step {
        NoticeStep::Draft { .. } => "届出書の記入".to_owned(),
        NoticeStep::File => "届出".to_owned(),
        NoticeStep::Triage => "確認の開始".to_owned(),
        NoticeStep::Resolve { outcome } => format!("対応の決定: {}", outcome.label()),
        NoticeStep::Close => "完了".to_owned(),
    }
}

/// The key of the form that takes a step of a notice of change.
pub(super) fn notice_key(step: &NoticeStep) -> &'static str {
    match step {
        NoticeStep::Draft { .. } => "draft",
        NoticeStep::File => "file",
        NoticeStep::Triage => "triage",
        NoticeStep::Resolve { .. } => "resolve",
        NoticeStep::Close => "close",
    }
}

/// How a state of a notice is meant.
pub(super) fn notice_tone(state: NoticeState) -> Tone {
    match state {
        NoticeState::Drafted => Tone::Plain,
        NoticeState::Filed | NoticeState::Triaged => Tone::Look,
        NoticeState::Resolved | NoticeState::Closed => Tone::Good,
    }
}

/// A step of a party.
pub(super) fn party(step: &PartyStep, name: impl Fn(&sekisho_domain::id::PersonId) -> String) -> String {
    match step {
        PartyStep::Enter { kind, name, .. } => format!("当事者の登録: {}「{name}」", kind.label()),
        PartyStep::Rename { name } => format!("名称を「{name}」に変更"),
        PartyStep::Admit { person, role } => format!("{}: {} を加える", role.label(), name(person)),
        PartyStep::Release { person, role } => format!("{}: {} を外す", role.label(), name(person)),
        PartyStep::Offer { offering, name } => format!("クラウドサービス「{name}」（{offering}）の登録"),
    }
}
