//! What an application still lacks before it can be filed, as the register will ask.

use super::filing::is_reported;
use crate::http::page::words::day;
use jiff::civil::Date;
use sekisho_domain::id::FilingId;
use sekisho_domain::ismap::Scheme;
use sekisho_domain::ismap::filing::{FilingForm, FilingKind, FilingState, Pledge};
use sekisho_domain::ismap::preliminary::PreliminaryState;
use sekisho_domain::ismap::statement::StatementState;
use sekisho_domain::register::Register;

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lack {
    /// It is there.
    pub(super) there: bool,
    /// What is asked.
    pub(super) what: String,
    /// What to do while it is not there.
    pub(super) remedy: String,
    /// Field to go to.
    pub(super) field: &'static str,
}

/// Everything that is asked of a form, whether it is there or not.
pub(super) fn lacks(register: &Register, form: &FilingForm, id: Option<&FilingId>, today: Date) -> Vec<Lack> {
    let scheme = register.scheme();
    let mut all = Vec::new();
    let mut ask = |there: bool, what: &str, remedy: String, field: &'static str| {
        all.push(Lack { there, what: what.to_owned(), remedy, field });
    };
    let statement = scheme.statements.now(&form.statement);
    let audited = statement.is_some_and(|s| s.state == StatementState::Audited && s.signed_by.is_some());
    let state = statement.map_or("不明", |s| s.state.label());
    ask(
        audited,
        "署名と監査の済んだ言明書",
        format!("今の状態は「{state}」です。監査の報告を待ってください。"),
        "statement",
    );
    let reported = is_reported(register, &form.engagement);
    ask(reported, "監査の実施結果報告書", "監査機関が報告書を発行するのを待ってください。".to_owned(), "statement");
    let d = &form.disclosures;
    for (text, what, field) in [
        (&d.capital_and_officers, "資本関係及び役員等の情報（登録規則 3.4(1)）", "capital_and_officers"),
        (&d.foreign_law_risk, "国外の法令が適用されるリスク（登録規則 3.4(2)）", "foreign_law_risk"),
        (&d.governing_law, "準拠法（登録規則 3.4(3)）", "governing_law"),
        (&d.jurisdiction, "裁判管轄（登録規則 3.4(3)）", "jurisdiction"),
        (&d.tests, "第三者による検査の状況（登録規則 3.4(4)）", "tests"),
    ] {
        ask(!text.trim().is_empty(), what, "書いてください。".to_owned(), field);
    }
    for pledge in Pledge::ALL {
        let what = format!("誓約（{}）", pledge.article());
        ask(form.pledges.contains(&pledge), &what, "読んで印を付けてください。".to_owned(), "pledges");
    }
    match &form.kind {
        FilingKind::Renewal { number } => {
            let row = register.registration(number);
            let until = row.map(|row| row.valid_until);
            let what = match until {
                Some(until) => format!("更新の期限（有効期限 {} まで）", day(until)),
                None => "更新する登録".to_owned(),
            };
            let remedy = match until {
                Some(_) => "期限を過ぎたため、更新としては申請できません。新規の登録として申請してください。",
                None => "更新する登録を選んでください。",
            };
            ask(until.is_some_and(|until| today <= until), &what, remedy.to_owned(), "kind");
        }
        FilingKind::New => {
            let listed = register
                .registrations()
                .find(|row| row.offering.as_ref() == Some(&form.offering) && row.state_on(today).is_effective());
            let remedy = listed.map_or(String::new(), |row| {
                format!("{} として登録されています。更新として申請してください。", row.number)
            });
            ask(listed.is_none(), "まだ登録されていないサービス", remedy, "kind");
        }
    }
    let another = scheme.filings.all().any(|(other, filing)| {
        Some(other) != id
            && filing.filed_on.is_some()
            && !filing.state.is_over()
            && filing.state != FilingState::Returned
            && filing.form.as_ref().is_some_and(|other| other.offering == form.offering)
    });
    ask(
        !another,
        "同じサービスの申請がほかに進んでいない",
        "先の申請が終わるのを待つか、取り下げてください。".to_owned(),
        "statement",
    );
    if form.scheme == Scheme::Liu {
        let eligible = form.preliminary.as_ref().and_then(|id| scheme.preliminaries.now(id)).is_some_and(|p| {
            p.state == PreliminaryState::Eligible && p.party == form.party && p.offering == form.offering
        });
        ask(
            eligible,
            "対象となると認められた事前申請（ISMAP-LIU）",
            "このサービスの事前申請を選んでください。".to_owned(),
            "preliminary",
        );
        let report = !form.internal_audit_sha256.is_empty();
        ask(report, "内部監査の報告書（ISMAP-LIU）", "下の欄から出してください。".to_owned(), "upload");
    }
    all
}
