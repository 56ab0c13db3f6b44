//! What a command would record, in words: shown before the button is pressed.

use super::wording;
use crate::http::page::words::day;
use sekisho_domain::entry::Governance;
use sekisho_domain::event::Event;
use sekisho_domain::ismap::filing::FilingStep;
use sekisho_domain::ismap::firm::FirmStep;
use sekisho_domain::ismap::statement::StatementStep;
use sekisho_domain::ismap::{ListStatus, Registration};
use sekisho_domain::permit::describe;
use sekisho_domain::register::Register;

/// A line for each thing that would be recorded.
pub(super) fn lines(register: &Register, entries: &[Governance]) -> Vec<String> {
    let mut lines: Vec<String> = entries.iter().filter_map(|entry| line(register, &entry.event)).collect();
    let suspended = entries.iter().filter(|entry| matches!(entry.event, Event::PermitSuspended(_))).count();
    if suspended > 0 {
        lines.push(format!("この登録を前提とする利用の承認 {suspended} 件が、同時に自動で停止します。"));
    }
    lines
}

fn line(register: &Register, event: &Event) -> Option<String> {
    Some(match event {
        Event::MeetingStepped(e) => format!("会議の記録: {}", wording::meeting(&e.step)),
        Event::FilingStepped(e) => match &e.step {
            FilingStep::Registered { number, .. } => format!("申請を「登録決定」にします（登録番号 {number}）。"),
            FilingStep::Refused { .. } => "申請を「不登録」にします。".to_owned(),
            FilingStep::Deferred { .. } => "申請を「継続審議」にします。別の会議に付議し直せます。".to_owned(),
            step => format!("申請の記録: {}", wording::filing(step)),
        },
        Event::FirmStepped(e) => match &e.step {
            FirmStep::Registered { from, until } => {
                format!("監査機関を {} から {} まで登録します。", day(*from), day(*until))
            }
            FirmStep::Rejected => "監査機関を「不登録」にします。".to_owned(),
            _ => "監査機関の状態を変えます。".to_owned(),
        },
        Event::StatementStepped(e) => match &e.step {
            StatementStep::Published { .. } => "言明書を「公開中」にします。".to_owned(),
            StatementStep::Superseded => "これまで公開していた言明書を「後続あり」にします。".to_owned(),
            StatementStep::Unfiled => "言明書を、もう一度申請に使える状態に戻します。".to_owned(),
            StatementStep::Filed { .. } => "言明書を「申請中」にします。".to_owned(),
            _ => return None,
        },
        Event::RegistrationRecorded(row) => recorded(register, row),
        Event::RegistrationStatusChanged(e) => {
            format!("登録 {} を「{}」にします（{}から）。", e.number, status(e.status), day(e.on))
        }
        Event::RenewalFiled(e) => {
            format!("登録 {} の更新の申請を記録します。決定までは、有効期限を過ぎても有効です。", e.number)
        }
        Event::RenewalEnded(e) => match register.registration(&e.number) {
            Some(row) => format!(
                "登録 {} の更新の申請がなくなります。登録は有効期限 {} で終わります。",
                e.number,
                day(row.valid_until)
            ),
            None => format!("登録 {} の更新の申請がなくなります。", e.number),
        },
        Event::IncidentOpened(e) => {
            format!(
                "登録 {} に「インシデント対応中」の印を付けます。この登録による利用は条件付きになります。",
                e.number
            )
        }
        Event::IncidentClosed(e) => format!("登録 {} の「インシデント対応中」の印を外します。", e.number),
        Event::SchemeIncidentStepped(e) => format!("インシデントの記録: {}", wording::incident(&e.step)),
        Event::ChangeNoticeStepped(e) => format!("届出の記録: {}", wording::notice(&e.step)),
        Event::PermitSuspended(e) if !e.changes.is_empty() => {
            format!("停止する承認の前提の変化: {}", describe(&e.changes))
        }
        _ => return None,
    })
}

/// What people call a status of the list.
pub(super) fn status(status: ListStatus) -> &'static str {
    match status {
        ListStatus::Listed => "登録",
        ListStatus::Suspended => "一時停止",
        ListStatus::Removed => "取消",
    }
}

fn recorded(register: &Register, row: &Registration) -> String {
    let list = |texts: &std::collections::BTreeSet<String>| match texts.len() {
        0 => "記載なし".to_owned(),
        _ => texts.iter().cloned().collect::<Vec<_>>().join("・"),
    };
    let verb = if register.registration(&row.number).is_some() { "書き換えます" } else { "加えます" };
    let computed = match row.computed_until() {
        Some(until) if until == row.valid_until => "（監査対象期間の末日から計算）",
        _ => "",
    };
    format!(
        "登録簿の行 {} を{verb}: {}「{}」、有効期限 {}{computed}、リージョン {}、サブサービス {}、生成AI {}。",
        row.number,
        row.csp_name,
        row.service_name,
        day(row.valid_until),
        list(&row.scope.regions),
        list(&row.scope.sub_services),
        if row.scope.generative_ai { "含む" } else { "含まない" },
    )
}
