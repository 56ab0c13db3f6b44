//! The forms of an application: what whoever looks at it may do next, and how it is read.

use super::super::step;
use super::acts::{self, Act, Cites, Shown, is_open};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Problem};
use crate::http::page::words::day;
use sekisho_domain::command::{Command, StepFiling};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{FilingId, MeetingId};
use sekisho_domain::ismap::committee::MeetingState;
use sekisho_domain::ismap::filing::{Filing, FilingState, FilingStep};
use sekisho_domain::register::Register;

/// Meetings that can still take an item, the nearest first.
pub(super) fn meetings(register: &Register) -> Vec<(MeetingId, String)> {
    let open = |state| matches!(state, MeetingState::Convened | MeetingState::Open);
    let mut all: Vec<_> = register.scheme().meetings.all().filter(|(_, m)| open(m.state)).collect();
    all.sort_by_key(|(_, meeting)| meeting.day);
    all.into_iter().map(|(id, m)| (id.clone(), format!("{}（{}）", day(m.day), m.state.label()))).collect()
}

/// Meetings as choices.
pub(in crate::http::page::ismap) fn meeting_choices(register: &Register) -> Vec<Choice> {
    meetings(register).into_iter().map(|(id, label)| Choice::new(id.as_str(), label)).collect()
}

/// The meeting that a form names, if it names one; one that cannot take anything on is told.
pub(super) fn meeting_chosen(register: &Register, fields: &Fields, problems: &mut Vec<Problem>) -> Option<MeetingId> {
    let named = Some(fields.line("meeting")).filter(|named| !named.is_empty())?;
    let known = meetings(register).into_iter().map(|(id, _)| id).find(|id| id.as_str() == named);
    if known.is_none() {
        problems.push(Problem::at("meeting", "一覧にある会議を選んでください。"));
    }
    known
}

/// It waits for a meeting: it is reviewed, or the meeting that it stood before left it undecided.
pub(super) fn is_ready(register: &Register, filing: &Filing) -> bool {
    let state = filing.meeting.as_ref().and_then(|id| register.scheme().meetings.now(id)).map(|meeting| meeting.state);
    match filing.state {
        FilingState::Reviewed | FilingState::Deferred => true,
        FilingState::Docketed => matches!(state, Some(MeetingState::Closed | MeetingState::Cancelled)),
        _ => false,
    }
}

/// What the person may do now, the next step first.
pub(super) fn all(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    id: &FilingId,
    filing: &Filing,
    shown: &Shown<'_>,
) -> Vec<Act> {
    let today = in_japan(app.world.now());
    let open = |step: FilingStep| {
        let command = StepFiling { filing: id.clone(), on: None, rule: None, step };
        is_open(app, register, signed, Command::StepFiling(command))
    };
    // A text in its form: what is asked is whether the step would be taken, not with which words.
    let any = || "-".to_owned();
    let with = |key: &str, own: Vec<Field>, cites: Cites| acts::fields(register, today, shown, key, own, cites);
    let mut acts = Vec::new();
    if open(FilingStep::CheckAcceptance) {
        let about = "書類がそろっているかの確認を始めます。あなたが受理担当になり、この申請の技術的審査は担当できなくなります。";
        acts.push(Act::new("check", "受理確認を始める", about, with("check", vec![], Cites::No)));
    }
    if open(FilingStep::Accept) {
        let about = "受理します。決定までの目安の 6 か月が、受理の日から始まります。";
        acts.push(Act::new("accept", "受理する", about, with("accept", vec![], Cites::May)));
    }
    if open(FilingStep::Return) {
        let about = "不備を事業者に伝えて差し戻します。下の「理由」に、直してほしいところを書いてください。";
        acts.push(Act::new("return", "差し戻す", about, with("return", vec![], Cites::No)));
    }
    if open(FilingStep::StartReview) {
        let about = "技術的審査を始めます。あなたがこの申請の審査担当になります。";
        acts.push(Act::new("start", "技術的審査を始める", about, with("start", vec![], Cites::No)));
    }
    if open(FilingStep::Review { basic_met: true, opinion: any() }) {
        let results =
            vec![Choice::new("met", "基本言明要件を満たす"), Choice::new("not_met", "基本言明要件を満たさない")];
        let own = vec![
            Field::radio("result", "審査の結果", results),
            Field::area("opinion", "所見", 6).help("委員会に示す審査の所見です。監査の結果とは別に記録します。"),
        ];
        let about =
            "技術的審査（基本言明要件の確認を含む）の結果を記録します。記録すると、事務局が会議に付議できます。";
        acts.push(Act::new("review", "審査の結果を記録する", about, with("review", own, Cites::May)));
    }
    if open(FilingStep::Inquire { question: any() }) {
        let own = vec![Field::area("question", "照会の内容", 4)];
        let about = "事業者に質問します。回答があると審査に戻ります。";
        acts.push(Act::new("inquire", "照会する", about, with("inquire", own, Cites::No)));
    }
    if open(FilingStep::Answer { answer: any() }) {
        let question = filing.inquiries.last().map(|i| i.question.clone()).unwrap_or_default();
        let own = vec![Field::area("answer", "回答", 6)];
        let about = format!("照会: {question}");
        acts.push(Act::new("answer", "回答する", about, with("answer", own, Cites::No)));
    }
    let takes = |meeting: &MeetingId| open(FilingStep::Docket { meeting: meeting.clone() });
    let all = meetings(register).into_iter().filter(|(meeting, _)| takes(meeting));
    let free: Vec<Choice> = all.map(|(meeting, label)| Choice::new(meeting.as_str(), label)).collect();
    if !free.is_empty() {
        let own = vec![Field::select("meeting", "会議", free)];
        let about = "この申請を会議の議題にします。";
        acts.push(Act::new("docket", "付議する", about, with("docket", own, Cites::No)));
    }
    if open(FilingStep::Withdraw) {
        let about = "申請を取り下げます。更新の申請だった場合、登録は有効期限までになります。元には戻せません。";
        acts.push(Act::new("withdraw", "取り下げる", about, with("withdraw", vec![], Cites::No)));
    }
    acts
}

/// Reads the step; the second part is the field that a refusal of its content is told at.
pub(super) fn read(fields: &Fields, problems: &mut Vec<Problem>) -> Option<(FilingStep, &'static str)> {
    let text = |name: &str| fields.text(name).trim().to_owned();
    Some(match fields.get(super::acts::ACT) {
        "check" => (FilingStep::CheckAcceptance, ""),
        "accept" => (FilingStep::Accept, ""),
        "return" => {
            if text(step::REASON).is_empty() {
                problems.push(Problem::at(step::REASON, "直してほしいところを入力してください。"));
            }
            (FilingStep::Return, "")
        }
        "start" => (FilingStep::StartReview, ""),
        "inquire" => (FilingStep::Inquire { question: text("question") }, "question"),
        "answer" => (FilingStep::Answer { answer: text("answer") }, "answer"),
        "review" => {
            let basic_met = match fields.get("result") {
                "met" => true,
                "not_met" => false,
                _ => {
                    problems.push(Problem::at("result", "審査の結果を選んでください。"));
                    return None;
                }
            };
            (FilingStep::Review { basic_met, opinion: text("opinion") }, "opinion")
        }
        "docket" => match MeetingId::new(fields.line("meeting")) {
            Ok(meeting) => (FilingStep::Docket { meeting }, "meeting"),
            Err(_) => {
                problems.push(Problem::at("meeting", "一覧にある会議を選んでください。"));
                return None;
            }
        },
        "withdraw" => (FilingStep::Withdraw, ""),
        _ => {
            problems.push(Problem::at("", "何をするかを選んでください。"));
            return None;
        }
    })
}
