//! What a row of the list says, field by field, and what a new copy of the list changes.

use super::registration::{ListStatus, Registration};
use crate::register::Register;
use std::collections::BTreeSet;

/// A field of a row, as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowField {
    /// What people call it.
    pub label: &'static str,
    /// What the row says; empty when nothing.
    pub text: String,
}

/// One field that differs between two rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// What people call the field.
    pub label: &'static str,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}

fn joined(set: &BTreeSet<String>) -> String {
    set.iter().map(String::as_str).collect::<Vec<_>>().join("、")
}

impl Registration {
    /// Everything the list says, in the order people read it; without its number and its source.
    pub fn fields(&self) -> Vec<RowField> {
        let period = self.audit_period.map(|(from, to)| format!("{from} から {to} まで")).unwrap_or_default();
        let ai = if self.scope.generative_ai { "対象に含む" } else { "対象に含まない" };
        [
            ("区分", self.scheme.label().to_owned()),
            ("事業者名", self.csp_name.clone()),
            ("法人番号", self.corporate_number.clone()),
            ("サービス名", self.service_name.clone()),
            ("サービスモデル", joined(&self.service_models)),
            ("言明の対象範囲", self.statement_scope.clone()),
            ("サブサービス", joined(&self.scope.sub_services)),
            ("地域", joined(&self.scope.regions)),
            ("生成AI機能", ai.to_owned()),
            ("生成AIに関する情報", self.ai_information.clone()),
            ("監査機関", self.audit_firm.clone()),
            ("監査対象期間", period),
            ("登録日", self.registered_on.to_string()),
            ("有効期限", self.valid_until.to_string()),
            ("状態", self.status.label().to_owned()),
            ("更新の申請日", self.renewal_filed_on.map(|day| day.to_string()).unwrap_or_default()),
            ("準拠法", self.governing_law.clone()),
            ("裁判管轄", self.jurisdiction.clone()),
            ("外国法の適用リスク", self.foreign_law_risk.clone()),
            ("基本言明要件のうち実施している統制目標", joined(&self.objectives)),
            ("後発事象", self.subsequent_events.clone()),
        ]
        .into_iter()
        .map(|(label, text)| RowField { label, text })
        .collect()
    }

    /// The row with what the published list does not speak of: incidents, and a renewal filed for this very term. A new
    /// copy of a row must not end them.
    pub fn keeping(mut self, known: &Self) -> Self {
        self.incidents.extend(known.incidents.iter().cloned());
        if self.valid_until == known.valid_until {
            self.renewal_filed_on = self.renewal_filed_on.or(known.renewal_filed_on);
        }
        self
    }

    /// What another row says differently.
    pub fn changes_to(&self, now: &Self) -> Vec<RowChange> {
        self.fields()
            .into_iter()
            .zip(now.fields())
            .filter(|(before, after)| before.text != after.text)
            .map(|(before, after)| RowChange { label: before.label, before: before.text, after: after.text })
            .collect()
    }
}

/// What a new copy of the list changes.
#[derive(Debug, Clone, Default)]
pub struct Difference<'r> {
    /// Rows that are not known yet.
    pub new: Vec<&'r Registration>,
    /// Rows that say something else than before, with what.
    pub changed: Vec<(&'r Registration, Vec<RowChange>)>,
    /// How many rows say what they said.
    pub unchanged: usize,
    /// Rows that the committee decided here, with what the list says otherwise: the list does not change them.
    pub decided_here: Vec<(&'r Registration, Vec<RowChange>)>,
    /// Rows of former copies that this one does not hold.
    pub gone: Vec<&'r Registration>,
}

impl<'r> Difference<'r> {
    /// Compares the rows of a copy with what is known. `unread` are numbers in lines that could not be read.
    pub fn of(register: &'r Register, rows: &'r [Registration], unread: &BTreeSet<String>) -> Self {
        let mut difference = Self::default();
        for row in rows {
            let Some(known) = register.registration(&row.number) else {
                difference.new.push(row);
                continue;
            };
            let mut changes = known.changes_to(&row.clone().keeping(known));
            // From now on it is a row of the list: missing from a later copy, it will be told.
            if known.source.is_none() && known.decided_by.is_none() {
                let (before, after) = ("手入力".to_owned(), "公表されたリスト".to_owned());
                changes.push(RowChange { label: "出典", before, after });
            }
            if known.decided_by.is_some() {
                difference.decided_here.push((row, changes));
            } else if changes.is_empty() {
                difference.unchanged += 1;
            } else {
                difference.changed.push((row, changes));
            }
        }
        let numbers: BTreeSet<&str> = rows.iter().map(|row| row.number.as_str()).collect();
        // A row that somebody recorded by hand was on no list, so a list that does not hold it says nothing of it.
        let listed = register.registrations().filter(|known| {
            known.source.is_some() && known.decided_by.is_none() && known.status != ListStatus::Removed
        });
        difference.gone = listed
            .filter(|known| !numbers.contains(known.number.as_str()) && !unread.contains(&known.number))
            .collect();
        difference
    }
}
