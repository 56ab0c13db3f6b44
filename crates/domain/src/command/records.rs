//! 公文書: retention, holds, disposal in four steps by two persons, and disclosure by two persons.

use super::{
    Actor, ApproveDisposal, BeginDisposal, ClassifyRecord, CloseDisclosure, CompleteDisposal, DraftDisposal,
    GrantDisclosure, HandOutDisclosure, LiftHold, Occasion, OpenDisclosure, PlaceHold, RefuseDisposal, SetRetention,
    digest, fresh, words,
};
use crate::day::in_japan;
use crate::event::{
    DisclosureClosed, DisclosureGranted, DisclosureHandedOut, DisclosureOpened, DisposalApproved, DisposalBegun,
    DisposalCompleted, DisposalDrafted, DisposalRefused, Event, HoldLifted, HoldPlaced, RetentionSet,
};
use crate::id::DisposalId;
use crate::person::Role;
use crate::records::disclosure::{Disclosure, DisclosureState};
use crate::records::disposal::{Disposal, DisposalState, Listed};
use crate::records::hold::Scope;
use crate::records::retention::{Classified, Line, Status, Term};
use crate::refusal::Refusal;
use crate::register::Register;

type Decided = Result<Vec<Event>, Refusal>;

/// Most characters of a title.
const TITLE: usize = 200;
/// Most characters of what was asked for.
const ASKED: usize = 2_000;
/// Most words that are looked for.
const MOST_WORDS: usize = 20;

pub(super) fn set_retention(register: &Register, occasion: &Occasion, c: SetRetention) -> Decided {
    if let Line::Permit(permit) = &c.line
        && register.permit(permit).is_none()
    {
        return Err(Refusal::unknown("承認", "permit", permit));
    }
    let term = c.term.map(Term::check).transpose()?;
    if matches!(term, Some(Term::Days { .. })) {
        words("1年未満とする理由", "the reason for less than a year", &occasion.reason, TITLE)?;
    }
    Ok(vec![Event::RetentionSet(RetentionSet { line: c.line, term })])
}

pub(super) fn classify(register: &Register, occasion: &Occasion, c: ClassifyRecord) -> Decided {
    let Some(made) = &c.made else {
        return Err(Refusal::unknown("利用", "use", &c.of));
    };
    let Actor::Person(person) = &occasion.actor else {
        return Err(Refusal::new("NOT_ALLOWED", "職員が行ってください。", "a person must do this"));
    };
    let keeps = register.holds(person, Role::RecordsManager);
    if !keeps && person != &made.person {
        return Err(Refusal::new(
            "NOT_ALLOWED",
            "他の人の利用の区分は、文書管理者だけが決められます。",
            "only the records manager says what the uses of others are",
        ));
    }
    let records = register.records();
    if records.is_erased(made) || records.is_being_destroyed(made) {
        return Err(Refusal::wrong_state(
            "この利用の内容は廃棄されたか、廃棄の実施中です。",
            "the content of this use is destroyed or being destroyed",
        ));
    }
    let found = records.ground().classification(&c.of).map(|found| &found.status);
    if matches!(found, Some(Status::OfficialDocument { .. })) && !keeps {
        return Err(Refusal::wrong_state(
            "行政文書として登録済みです。変更は文書管理者に依頼してください。",
            "this is registered as an official document; ask the records manager to change it",
        ));
    }
    match &c.status {
        Status::OfficialDocument { title, term } => {
            words("文書の名称", "the title", title, TITLE)?;
            let term = term.check()?;
            let (day, ground) = (made.day(), records.ground());
            if term.last_day(day) < ground.schedule().without_a_word(made).last_day(day) && !keeps {
                return Err(Refusal::new(
                    "NOT_ALLOWED",
                    "この業務に定められた保存期間より短くできるのは、文書管理者だけです。",
                    "only the records manager makes the term shorter than the schedule has it",
                ));
            }
        }
        // What others use, or what shows how a decision came about, is no memo, whatever it is called.
        Status::PersonalMemo { shared: true, .. } | Status::PersonalMemo { traces_decision: true, .. } => {
            return Err(Refusal::invalid(
                "他の人と使っているもの、または意思決定の経緯を示すものは、個人的メモにできません。行政文書として登録してください。",
                "what others use or what traces a decision is no personal memo; register it as an official document",
            ));
        }
        Status::PersonalMemo { .. } => words("個人的メモとする理由", "the reason", &occasion.reason, ASKED)?,
        Status::Undetermined if found.is_none() => {
            return Err(Refusal::wrong_state("既に未判定です。", "it is undetermined already"));
        }
        Status::Undetermined => {}
    }
    Ok(vec![Event::RecordClassified(Classified { of: c.of, status: c.status })])
}

pub(super) fn place_hold(register: &Register, occasion: &Occasion, c: PlaceHold) -> Decided {
    words("件名", "the title", &c.title, TITLE)?;
    words("停止の理由", "the reason", &occasion.reason, ASKED)?;
    names(register, &c.scope)?;
    let hold = fresh("hold", occasion)?;
    Ok(vec![Event::HoldPlaced(HoldPlaced { hold, title: c.title, ground: c.ground, scope: c.scope })])
}

pub(super) fn lift_hold(register: &Register, occasion: &Occasion, c: LiftHold) -> Decided {
    let hold = register.records().hold(&c.hold);
    let hold = hold.ok_or_else(|| Refusal::unknown("廃棄の停止", "hold", &c.hold))?;
    if !hold.is_in_force() {
        return Err(Refusal::wrong_state("既に解除されています。", "it is lifted already"));
    }
    words("解除の理由", "the reason", &occasion.reason, ASKED)?;
    Ok(vec![Event::HoldLifted(HoldLifted { hold: c.hold })])
}

/// A scope names only what the register knows.
fn names(register: &Register, scope: &Scope) -> Result<(), Refusal> {
    scope.check()?;
    if let Some(id) = scope.people.iter().find(|id| register.person(id).is_none()) {
        return Err(Refusal::unknown("職員", "person", id));
    }
    if let Some(id) = scope.departments.iter().find(|id| register.department(id).is_none()) {
        return Err(Refusal::unknown("部局", "department", id));
    }
    if let Some(id) = scope.services.iter().find(|id| register.service(id).is_none()) {
        return Err(Refusal::unknown("サービス", "service", id));
    }
    if let Some(id) = scope.permits.iter().find(|id| register.permit(id).is_none()) {
        return Err(Refusal::unknown("承認", "permit", id));
    }
    Ok(())
}

/// A list must have been counted on what holds now.
fn counted_on_now(register: &Register, counted_at: u64) -> Result<(), Refusal> {
    if counted_at < register.records().changed() || counted_at > register.position() {
        return Err(Refusal::new(
            "STALE",
            "廃棄簿を数えている間に、保存期間・区分・廃棄の停止のいずれかが変わりました。もう一度作成してください。",
            "retention, a classification or a hold changed while the list was counted; draw it up again",
        ));
    }
    Ok(())
}

fn list_of_something(list: &Listed) -> Result<(), Refusal> {
    digest("廃棄簿の要約値", "the list's digest", &list.digest)?;
    if list.uses == 0 {
        return Err(Refusal::wrong_state(
            "この日までに保存期間が満了し、廃棄できる利用はありません。",
            "nothing may be destroyed as of this day",
        ));
    }
    Ok(())
}

pub(super) fn draft_disposal(register: &Register, occasion: &Occasion, c: DraftDisposal) -> Decided {
    let today = in_japan(occasion.at);
    if c.as_of > today {
        return Err(Refusal::invalid(
            format!("基準日は今日（{today}）以前にしてください。"),
            format!("the day must not lie after today, {today}"),
        ));
    }
    counted_on_now(register, c.counted_at)?;
    list_of_something(&c.list)?;
    if let Some(open) = register.records().disposals().find(|d| {
        matches!(d.state, DisposalState::Drafted | DisposalState::Approved)
            || matches!(d.state, DisposalState::Running { .. } | DisposalState::Halted { .. })
    }) {
        return Err(Refusal::wrong_state(
            format!(
                "廃棄簿 `{}` が終わっていません（{}）。先にそれを終わらせてください。",
                open.disposal,
                open.state.label()
            ),
            format!("the disposal `{}` has not ended; end it first", open.disposal),
        ));
    }
    let disposal = fresh("disposal", occasion)?;
    Ok(vec![Event::DisposalDrafted(DisposalDrafted { disposal, as_of: c.as_of, list: c.list })])
}

fn disposal<'r>(register: &'r Register, id: &DisposalId) -> Result<&'r Disposal, Refusal> {
    register.records().disposal(id).ok_or_else(|| Refusal::unknown("廃棄簿", "disposal", id))
}

fn drafted<'r>(register: &'r Register, occasion: &Occasion, id: &DisposalId) -> Result<&'r Disposal, Refusal> {
    let disposal = disposal(register, id)?;
    if !matches!(disposal.state, DisposalState::Drafted) {
        return Err(Refusal::wrong_state(
            format!("この廃棄簿は既に「{}」です。", disposal.state.label()),
            "this list does not wait for approval",
        ));
    }
    if occasion.actor == Actor::Person(disposal.drafted_by.clone()) {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "廃棄簿を作成した人は承認できません。別の文書管理者または統括情報セキュリティ責任者が承認してください。",
            "who drew up the list cannot approve it; another records manager or the CISO must",
        ));
    }
    Ok(disposal)
}

pub(super) fn approve_disposal(register: &Register, occasion: &Occasion, c: ApproveDisposal) -> Decided {
    drafted(register, occasion, &c.disposal)?;
    if c.consent.chars().count() > TITLE {
        return Err(Refusal::invalid(
            format!("同意の文書番号は {TITLE} 文字までにしてください。"),
            format!("the number of the consent has at most {TITLE} characters"),
        ));
    }
    Ok(vec![Event::DisposalApproved(DisposalApproved { disposal: c.disposal, consent: c.consent })])
}

pub(super) fn refuse_disposal(register: &Register, occasion: &Occasion, c: RefuseDisposal) -> Decided {
    let disposal = disposal(register, &c.disposal)?;
    // Whoever drew it up may take it back, also after somebody agreed.
    let open = matches!(disposal.state, DisposalState::Drafted | DisposalState::Approved);
    if !open {
        return Err(Refusal::wrong_state(
            format!("この廃棄簿は既に「{}」です。", disposal.state.label()),
            "this list can no longer be refused",
        ));
    }
    words("理由", "the reason", &occasion.reason, ASKED)?;
    Ok(vec![Event::DisposalRefused(DisposalRefused { disposal: c.disposal })])
}

pub(super) fn begin_disposal(register: &Register, c: BeginDisposal) -> Decided {
    let disposal = disposal(register, &c.disposal)?;
    if !matches!(disposal.state, DisposalState::Approved) {
        return Err(Refusal::wrong_state(
            format!("承認済みの廃棄簿だけを実施できます（今は「{}」）。", disposal.state.label()),
            "only an approved list can begin",
        ));
    }
    counted_on_now(register, c.counted_at)?;
    if c.list != disposal.list {
        return Err(Refusal::new(
            "LIST_CHANGED",
            format!(
                "承認された廃棄簿（{} 件）と、今の対象（{} 件）が一致しません。承認の後に区分・保存期間・廃棄の停止が変わっています。                 この廃棄簿を取り下げ、作り直してください。",
                disposal.list.uses, c.list.uses
            ),
            format!(
                "the approved list has {} uses, now there are {}; take it back and draw up another",
                disposal.list.uses, c.list.uses
            ),
        ));
    }
    Ok(vec![Event::DisposalBegun(DisposalBegun { disposal: c.disposal, list: c.list })])
}

pub(super) fn complete_disposal(register: &Register, c: CompleteDisposal) -> Decided {
    let disposal = disposal(register, &c.disposal)?;
    let (entries, whole) = match &disposal.state {
        DisposalState::Running { entries, .. } => (*entries, true),
        DisposalState::Halted { entries, .. } => (*entries, false),
        state => {
            return Err(Refusal::wrong_state(
                format!("実施中の廃棄簿だけに証明を付けられます（今は「{}」）。", state.label()),
                "only a disposal that has begun can be completed",
            ));
        }
    };
    if c.certificate.through > entries || (whole && c.certificate.through != entries) {
        return Err(Refusal::invalid(
            "証明の範囲が廃棄簿と一致しません。",
            "the certificate does not reach as far as the list",
        ));
    }
    Ok(vec![Event::DisposalCompleted(DisposalCompleted { disposal: c.disposal, certificate: c.certificate })])
}

pub(super) fn open_disclosure(register: &Register, occasion: &Occasion, c: OpenDisclosure) -> Decided {
    words("請求の内容", "what is asked for", &c.asked, ASKED)?;
    let today = in_japan(occasion.at);
    if c.received > today {
        return Err(Refusal::invalid(
            format!("受付日は今日（{today}）以前にしてください。"),
            format!("the day of arrival must not lie after today, {today}"),
        ));
    }
    if c.words.len() > MOST_WORDS || c.words.iter().any(|word| word.trim().is_empty() || word.chars().count() > 100) {
        return Err(Refusal::invalid(
            format!("探す語は 1 つ 100 文字まで、{MOST_WORDS} 個までにしてください。"),
            format!("at most {MOST_WORDS} words of 1 to 100 characters"),
        ));
    }
    names(register, &c.scope)?;
    let disclosure = fresh("disclosure", occasion)?;
    let OpenDisclosure { received, asked, scope, words } = c;
    Ok(vec![Event::DisclosureOpened(DisclosureOpened { disclosure, received, asked, scope, words })])
}

fn disclosure<'r>(register: &'r Register, id: &crate::id::DisclosureId) -> Result<&'r Disclosure, Refusal> {
    let found = register.records().disclosure(id).ok_or_else(|| Refusal::unknown("開示請求", "disclosure", id))?;
    if !found.is_open() {
        return Err(Refusal::wrong_state("この開示請求は終結しています。", "this request is closed"));
    }
    Ok(found)
}

pub(super) fn grant_disclosure(register: &Register, occasion: &Occasion, c: GrantDisclosure) -> Decided {
    let found = disclosure(register, &c.disclosure)?;
    if found.state == DisclosureState::Granted {
        return Err(Refusal::wrong_state("既に同意されています。", "a second person has agreed already"));
    }
    if occasion.actor == Actor::Person(found.reader.clone()) {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "開示請求を受け付けた人は同意できません。別の人が同意してください。",
            "who took up the request cannot agree; another person must",
        ));
    }
    let to = found.reader.clone();
    Ok(vec![Event::DisclosureGranted(DisclosureGranted { disclosure: c.disclosure, to })])
}

pub(super) fn hand_out(register: &Register, occasion: &Occasion, c: HandOutDisclosure) -> Decided {
    let found = disclosure(register, &c.disclosure)?;
    let Actor::Person(person) = &occasion.actor else {
        return Err(Refusal::new("NOT_ALLOWED", "職員が行ってください。", "a person must do this"));
    };
    if !found.may_read(person) {
        return Err(Refusal::new(
            "NOT_ALLOWED",
            "別の人の同意を得た、受付の担当者だけが開示用のファイルを作れます。",
            "only who took up the request makes the file, once another person has agreed",
        ));
    }
    if c.counted_at < register.records().placed() {
        return Err(Refusal::new(
            "STALE",
            "対象を数えている間に部局の構成が変わりました。もう一度作成してください。",
            "a department moved while the scope was counted; make the file again",
        ));
    }
    digest("ファイルの要約値", "the file's digest", &c.what.sha256)?;
    digest("対象の要約値", "the scope's digest", &c.what.digest)?;
    Ok(vec![Event::DisclosureHandedOut(DisclosureHandedOut { disclosure: c.disclosure, what: c.what })])
}

pub(super) fn close_disclosure(register: &Register, occasion: &Occasion, c: CloseDisclosure) -> Decided {
    disclosure(register, &c.disclosure)?;
    words("決定の内容", "the decision", &occasion.reason, ASKED)?;
    Ok(vec![Event::DisclosureClosed(DisclosureClosed { disclosure: c.disclosure })])
}
