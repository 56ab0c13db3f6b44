//! Rows of the published ISMAP list.

use super::{
    ChangeRegistrationStatus, CloseIncident, FileRenewal, Occasion, OpenIncident, RecordList, RenewRegistration,
    digest, words,
};
use crate::day::in_japan;
use crate::event::{
    Event, IncidentClosed, IncidentOpened, ListRecorded, RegistrationRenewed, RegistrationStatusChanged, RenewalFiled,
};
use crate::ismap::list::Difference;
use crate::ismap::{ListStatus, Registration};
use crate::refusal::Refusal;
use crate::register::Register;
use jiff::civil::Date;
use std::collections::BTreeSet;

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn record(register: &Register, occasion: &Occasion, mut c: Registration) -> Decided {
    checked(occasion, &c)?;
    if let Some(row) = register.registration(&c.number) {
        by_list(row)?;
        c = c.keeping(row);
    }
    Ok(vec![Event::RegistrationRecorded(c)])
}

/// Most rows of a list: several times what the scheme has ever had.
const MOST_ROWS: usize = 10_000;

/// Takes up a copy of the published list. What did not change is not recorded anew; what the committee decided here is
/// not touched; what is missing is recorded as removed only where that was asked for.
pub(super) fn record_list(register: &Register, occasion: &Occasion, c: RecordList) -> Decided {
    digest("リストのファイル", "the file of the list", &c.source.sha256)?;
    if c.source.url.chars().count() > 400 {
        return Err(Refusal::invalid(
            "公表元のアドレスは 400 文字までにしてください。",
            "the address of the list has at most 400 characters",
        ));
    }
    not_to_come(occasion, c.source.fetched_on)?;
    if let Some(list) = register.list_in_force()
        && c.source.fetched_on < list.source.fetched_on
    {
        return Err(Refusal::wrong_state(
            format!(
                "今のリストは {} に取得したもので、このリスト（{} 取得）のほうが古いため取り込めません。{} 以後に取得したリストを取り込んでください。",
                list.source.fetched_on, c.source.fetched_on, list.source.fetched_on
            ),
            format!(
                "the list in force was fetched on {} and this one on {}; take up one fetched on {} or later",
                list.source.fetched_on, c.source.fetched_on, list.source.fetched_on
            ),
        ));
    }
    if c.rows.is_empty() || c.rows.len() > MOST_ROWS {
        return Err(Refusal::invalid(
            format!("リストの行は 1 件から {MOST_ROWS} 件までです（今は {} 件）。", c.rows.len()),
            format!("a list has between 1 and {MOST_ROWS} rows, not {}", c.rows.len()),
        ));
    }
    let mut numbers = BTreeSet::new();
    for row in &c.rows {
        checked(occasion, row).map_err(|refusal| of_row(&row.number, refusal))?;
        if !numbers.insert(row.number.as_str()) {
            return Err(Refusal::invalid(
                format!("登録番号 {} がリストに二度あります。", row.number),
                format!("`{}` stands twice in the list", row.number),
            ));
        }
    }
    let difference = Difference::of(register, &c.rows, &c.unread);
    let gone: BTreeSet<String> = difference.gone.iter().map(|row| row.number.clone()).collect();
    let changed: BTreeSet<&str> = difference
        .new
        .iter()
        .map(|row| row.number.as_str())
        .chain(difference.changed.iter().map(|(row, _)| row.number.as_str()))
        .collect();
    let rows = u32::try_from(c.rows.len()).unwrap_or(u32::MAX);
    let mut events = vec![Event::ListRecorded(ListRecorded { source: c.source.clone(), rows, gone: gone.clone() })];
    for row in c.rows.iter().filter(|row| changed.contains(row.number.as_str())) {
        let mut row = Registration { source: Some(c.source.clone()), ..row.clone() };
        if let Some(known) = register.registration(&row.number) {
            row = row.keeping(known);
        }
        events.push(Event::RegistrationRecorded(row));
    }
    if c.remove_gone {
        let (status, on) = (ListStatus::Removed, c.source.fetched_on);
        let removed = |number| Event::RegistrationStatusChanged(RegistrationStatusChanged { number, status, on });
        events.extend(gone.into_iter().map(removed));
    }
    Ok(events)
}

fn of_row(number: &str, refusal: Refusal) -> Refusal {
    Refusal {
        ja: format!("登録番号 {number}: {}", refusal.ja), en: format!("`{number}`: {}", refusal.en), ..refusal
    }
}

/// What every row of a list must hold.
fn checked(occasion: &Occasion, c: &Registration) -> Result<(), Refusal> {
    words("登録番号", "the registration number", &c.number, 60)?;
    words("事業者名", "the name of the provider", &c.csp_name, 200)?;
    words("サービス名", "the name of the service", &c.service_name, 200)?;
    if c.valid_until < c.registered_on {
        return Err(Refusal::invalid(
            format!("有効期限 {} が登録日 {} より前です。", c.valid_until, c.registered_on),
            format!("`valid_until` {} lies before `registered_on` {}", c.valid_until, c.registered_on),
        ));
    }
    if let Some((from, to)) = c.audit_period.filter(|(from, to)| to < from) {
        return Err(Refusal::invalid(
            format!("監査対象期間の末日 {to} が初日 {from} より前です。"),
            format!("the audit period ends on {to}, before it begins on {from}"),
        ));
    }
    // A renewal that has not been filed yet keeps nothing alive.
    if let Some(filed) = c.renewal_filed_on {
        not_to_come(occasion, filed)?;
    }
    // Only the committee makes such a row, and only its decisions change one.
    if c.decided_by.is_some() || c.offering.is_some() || c.statement.is_some() {
        return Err(Refusal::invalid(
            "運営委員会の決定による登録の項目（decided_by、offering、statement）は、リストの取込みでは書けません。",
            "`decided_by`, `offering` and `statement` come from a decision of the committee alone",
        ));
    }
    Ok(())
}

pub(super) fn change_status(register: &Register, occasion: &Occasion, c: ChangeRegistrationStatus) -> Decided {
    let row = known(register, &c.number)?;
    by_list(row)?;
    not_to_come(occasion, c.on)?;
    if row.status == ListStatus::Removed {
        return Err(Refusal::wrong_state(
            "削除された登録の状態は変えられません。再登録された場合は新しい行として記録してください。",
            "a removed registration stays removed; record a new row if it was registered again",
        ));
    }
    if row.status == c.status {
        return Err(Refusal::wrong_state("状態は変わっていません。", "the status has not changed"));
    }
    Ok(vec![Event::RegistrationStatusChanged(RegistrationStatusChanged {
        number: c.number,
        status: c.status,
        on: c.on,
    })])
}

pub(super) fn file_renewal(register: &Register, occasion: &Occasion, c: FileRenewal) -> Decided {
    let row = still_listed(register, &c.number)?;
    by_list(row)?;
    not_to_come(occasion, c.on)?;
    if c.on > row.valid_until {
        return Err(Refusal::wrong_state(
            format!("更新の申請は有効期限 {} までです（申請日 {}）。登録は失効しています。", row.valid_until, c.on),
            format!(
                "a renewal is filed by {} at the latest, not on {}; the registration has lapsed",
                row.valid_until, c.on
            ),
        ));
    }
    Ok(vec![Event::RenewalFiled(RenewalFiled { number: c.number, on: c.on })])
}

pub(super) fn renew(register: &Register, c: RenewRegistration) -> Decided {
    let row = still_listed(register, &c.number)?;
    by_list(row)?;
    if c.valid_until <= row.valid_until {
        return Err(Refusal::invalid(
            format!("新しい有効期限は現在の {} より後の日にしてください。", row.valid_until),
            format!("the new `valid_until` must lie after {}", row.valid_until),
        ));
    }
    Ok(vec![Event::RegistrationRenewed(RegistrationRenewed { number: c.number, valid_until: c.valid_until })])
}

pub(super) fn open_incident(register: &Register, c: OpenIncident) -> Decided {
    words("インシデントの名称", "the name of the incident", &c.incident, 200)?;
    if known(register, &c.number)?.incidents.contains(&c.incident) {
        return Err(Refusal::exists("インシデント", "incident", &c.incident));
    }
    Ok(vec![Event::IncidentOpened(IncidentOpened { number: c.number, incident: c.incident })])
}

pub(super) fn close_incident(register: &Register, c: CloseIncident) -> Decided {
    if !known(register, &c.number)?.incidents.contains(&c.incident) {
        return Err(Refusal::unknown("インシデント", "incident", &c.incident));
    }
    let reported = register.scheme().incidents.all().any(|(id, i)| id.as_str() == c.incident && i.number == c.number);
    if reported {
        return Err(Refusal::wrong_state(
            format!("インシデント {} は届出によるものです。制度の運営者が手続を終えると閉じられます。", c.incident),
            format!("`{}` was reported under the scheme; the operator's steps close it", c.incident),
        ));
    }
    Ok(vec![Event::IncidentClosed(IncidentClosed { number: c.number, incident: c.incident })])
}

/// A row that the committee decided here is changed by its decisions alone.
fn by_list(row: &Registration) -> Result<(), Refusal> {
    match &row.decided_by {
        None => Ok(()),
        Some(meeting) => Err(Refusal::wrong_state(
            format!(
                "{} は会議 {meeting} の決定による登録です。状態や期限は、運営委員会の決定によってのみ変わります。",
                row.number
            ),
            format!("`{}` was decided by the meeting `{meeting}`; only the committee changes it", row.number),
        )),
    }
}

/// A removed registration is neither renewed nor kept alive by a filing.
fn still_listed<'r>(register: &'r Register, number: &str) -> Result<&'r Registration, Refusal> {
    let row = known(register, number)?;
    if row.status == ListStatus::Removed {
        return Err(Refusal::wrong_state(
            "削除された登録は更新できません。再登録された場合は新しい行として記録してください。",
            "a removed registration cannot be renewed; record a new row if it was registered again",
        ));
    }
    Ok(row)
}

/// The register takes up at once what is recorded, so only what has happened is recorded.
fn not_to_come(occasion: &Occasion, on: Date) -> Result<(), Refusal> {
    let today = in_japan(occasion.at);
    if on > today {
        return Err(Refusal::invalid(
            format!("日付 {on} はまだ来ていません（今日は {today}）。その日になってから記録してください。"),
            format!("{on} has not come yet (today is {today}); record it on that day"),
        ));
    }
    Ok(())
}

fn known<'r>(register: &'r Register, number: &str) -> Result<&'r Registration, Refusal> {
    register.registration(number).ok_or_else(|| Refusal::unknown("ISMAP 登録", "ISMAP registration", &number))
}
