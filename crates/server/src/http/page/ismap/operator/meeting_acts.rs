//! The forms of a meeting, but for its decisions, which have a page of their own.

use super::acts::{self, Act, Cites, Shown, is_open};
use super::meetings::committee;
use super::wording;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Problem};
use crate::http::page::words::Names;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepMeeting};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{FilingId, MeetingId, PartyId, PersonId};
use sekisho_domain::ismap::committee::{AgendaItem, Meeting, MeetingStep};
use sekisho_domain::ismap::party::SchemeRole;
use sekisho_domain::register::Register;
use std::collections::BTreeSet;

/// An item as a form names it.
pub(super) fn item(key: &str) -> Option<AgendaItem> {
    let (about, rest) = key.split_once(':')?;
    Some(match about {
        "filing" => AgendaItem::Filing { filing: FilingId::new(rest).ok()? },
        "firm" => AgendaItem::Firm { firm: PartyId::new(rest).ok()? },
        "registration" => AgendaItem::Registration { number: rest.to_owned() },
        "other" => AgendaItem::Other { title: rest.to_owned() },
        _ => return None,
    })
}

/// What the person may do now, the next step first.
pub(super) fn all(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    (id, meeting, agenda): (&MeetingId, &Meeting, &BTreeSet<AgendaItem>),
    names: &Names,
    shown: &Shown<'_>,
) -> Vec<Act> {
    let today = in_japan(app.world.now());
    let open = |step: MeetingStep| {
        let command = StepMeeting { meeting: id.clone(), on: None, rule: None, public: None, step };
        is_open(app, register, signed, Command::StepMeeting(command))
    };
    let with = |key: &str, own: Vec<Field>| acts::fields(register, today, shown, key, own, Cites::No);
    let members = committee(register.scheme());
    let undecided: Vec<&AgendaItem> = agenda.iter().filter(|item| !meeting.decisions.contains_key(item)).collect();
    let mut acts = Vec::new();
    if today >= meeting.day && open(MeetingStep::Open { present: BTreeSet::new() }) {
        let who = members.iter().map(|person| Choice::new(person.as_str(), names.get(person))).collect();
        let own = vec![Field::checks("present", "出席した委員", who)];
        let about = format!("出席した委員を選んで開会します。定足数は {} 人です。", meeting.quorum);
        acts.push(Act::new("open", "開会する", about, with("open", own)));
    }
    let minutes = open(MeetingStep::Minutes { number: String::new(), sha256: String::new() });
    if minutes && undecided.is_empty() {
        acts.push(closing(with("minutes", vec![Field::text("number", "議事録の番号", "off")]), 0, shown));
    }
    if open(MeetingStep::Add { item: AgendaItem::Other { title: String::new() } }) {
        let mut rows = vec![Choice::new("", "（登録についての議題ではない）")];
        rows.extend(
            register
                .registrations()
                .map(|row| Choice::new(row.number.clone(), format!("{} {}", row.number, row.service_name))),
        );
        let own = vec![
            Field::select("registration", "登録（一時停止・解除・取消の議題）", rows).optional(),
            Field::text("title", "そのほかの議題", "off").help("登録を選ばないときに書きます。").optional(),
        ];
        let about = "登録についての議題、または報告などの議題を加えます。登録申請と監査機関の申請は、それぞれの画面から付議します。";
        acts.push(Act::new("add", "議題を加える", about, with("add", own)));
    }
    if let Some(first) = undecided.first() {
        let own_alone = !super::seeing::operates(register, signed.person(), SchemeRole::Secretariat);
        let who: Vec<&PersonId> = members.iter().filter(|person| !own_alone || *person == signed.person()).collect();
        let may = who
            .first()
            .is_some_and(|person| open(MeetingStep::Recuse { member: (*person).clone(), item: (*first).clone() }));
        if may {
            let items = undecided.iter().map(|i| Choice::new(wording::item_key(i), wording::item(register, i).0));
            let people = who.iter().map(|person| Choice::new(person.as_str(), names.get(person)));
            let own =
                vec![Field::select("item", "議題", items.collect()), Field::select("member", "委員", people.collect())];
            let about = "利害関係のある委員を、その議題の議決から外します。下の「理由」に関係を書いてください。";
            acts.push(Act::new("recuse", "忌避を記録する", about, with("recuse", own)));
        }
    }
    if open(MeetingStep::Move { day: meeting.day }) {
        let own = vec![Field::input("date", "day", "新しい開催日").value(&meeting.day.to_string())];
        acts.push(Act::new("move", "開催日を変える", "議題はそのまま残ります。", with("move", own)));
    }
    if minutes && !undecided.is_empty() {
        let own = vec![Field::text("number", "議事録の番号", "off")];
        acts.push(closing(with("minutes", own), undecided.len(), shown));
    }
    if open(MeetingStep::Cancel) {
        let about = "会議を中止します。付議した申請は、ほかの会議に付議し直してください。元には戻せません。";
        acts.push(Act::new("cancel", "会議を中止する", about, with("cancel", vec![])));
    }
    acts
}

fn closing(fields: Vec<Field>, undecided: usize, shown: &Shown<'_>) -> Act {
    let about = match undecided {
        0 => "すべての議題を決定しました。議事録を保管して会議を閉じます。".to_owned(),
        n => format!("決定していない議題が {n} 件あります。閉じると、この会議では決定できません。"),
    };
    let told = if shown.act == "minutes" { shown.problems.as_slice() } else { &[] };
    Act::new("minutes", "議事録を保管して閉会する", about, fields).with_file(
        "議事録のファイル",
        "内容はそのまま暗号化して保管し、SHA-256 を台帳に記録します。",
        told,
    )
}

/// Reads the step; the second part is the field that a refusal of its content is told at.
pub(super) fn read(fields: &Fields, problems: &mut Vec<Problem>) -> Option<(MeetingStep, &'static str)> {
    Some(match fields.get(acts::ACT) {
        "open" => {
            let present: BTreeSet<PersonId> =
                fields.chosen("present").into_iter().filter_map(|id| PersonId::new(id).ok()).collect();
            if present.is_empty() {
                problems.push(Problem::at("present", "出席した委員を選んでください。"));
            }
            (MeetingStep::Open { present }, "present")
        }
        "add" => match (fields.line("registration"), fields.line("title")) {
            ("", "") => {
                problems.push(Problem::at("title", "登録を選ぶか、議題を入力してください。"));
                return None;
            }
            ("", title) => (MeetingStep::Add { item: AgendaItem::Other { title: title.to_owned() } }, "title"),
            (number, _) => {
                let item = AgendaItem::Registration { number: number.to_owned() };
                (MeetingStep::Add { item }, "registration")
            }
        },
        "recuse" => match (item(fields.get("item")), PersonId::new(fields.line("member"))) {
            (Some(item), Ok(member)) => {
                if fields.text(super::super::step::REASON).trim().is_empty() {
                    let text = "忌避の理由（利害関係）を入力してください。";
                    problems.push(Problem::at(super::super::step::REASON, text));
                }
                (MeetingStep::Recuse { member, item }, "member")
            }
            _ => {
                problems.push(Problem::at("item", "議題と委員を一覧から選んでください。"));
                return None;
            }
        },
        "move" => match fields.line("day").parse::<Date>() {
            Ok(day) => (MeetingStep::Move { day }, "day"),
            Err(_) => {
                problems.push(Problem::at("day", "開催日を 2026-12-15 の形で入力してください。"));
                return None;
            }
        },
        "cancel" => (MeetingStep::Cancel, ""),
        _ => {
            problems.push(Problem::at("", "何をするかを選んでください。"));
            return None;
        }
    })
}
