//! The application form as it was typed: kept word for word in drafts and on pages that say what is wrong, and read into
//! what the register understands.

use super::wording::AXES;
use crate::http::page::form::Fields;
use crate::http::page::frame::Problem;
use jiff::civil::Date;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DepartmentId, PersonId, ServiceId};
use sekisho_domain::permit::{Draft, RiskSheet, UserRange, terms_to_read};
use sekisho_domain::refusal::Refusal;
use sekisho_domain::register::Register;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Longest text that is kept of a field.
const MOST: usize = 4_000;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Sheet {
    pub(super) services: BTreeSet<String>,
    /// The version of the terms that was on the page when 「読みました」 was ticked.
    pub(super) read: BTreeMap<String, String>,
    pub(super) purpose: String,
    pub(super) departments: BTreeSet<String>,
    pub(super) posts: BTreeSet<String>,
    pub(super) people: BTreeSet<String>,
    pub(super) ceiling: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) statement: String,
    /// One answer per axis; empty where none was given.
    pub(super) risk: [String; 4],
    pub(super) liu: bool,
    /// The returned application this answers; empty for a new one.
    pub(super) application: String,
    /// What was looked for.
    #[serde(skip)]
    pub(super) find: String,
    #[serde(skip)]
    pub(super) find_service: String,
}

impl Sheet {
    /// As a form sent it.
    pub(super) fn read(fields: &Fields) -> Self {
        let chosen = |name: &str| fields.chosen(name).into_iter().map(str::to_owned).collect::<BTreeSet<String>>();
        let cut = |text: String| text.chars().take(MOST).collect::<String>();
        let seen = |id: &String| fields.line(&format!("seen.{id}")).to_owned();
        Self {
            services: chosen("services"),
            read: chosen("read").into_iter().map(|id| (id.clone(), seen(&id))).collect(),
            purpose: cut(fields.line("purpose").to_owned()),
            departments: chosen("departments"),
            posts: chosen("posts"),
            people: chosen("people"),
            ceiling: fields.line("ceiling").to_owned(),
            from: fields.line("from").to_owned(),
            until: fields.line("until").to_owned(),
            statement: cut(fields.text("statement")),
            risk: AXES.map(|(name, ..)| fields.line(name).to_owned()),
            liu: !fields.chosen("liu").is_empty(),
            application: fields.line("application").to_owned(),
            find: fields.line("find").to_owned(),
            find_service: fields.line("find_service").to_owned(),
        }
    }

    /// As an application stands.
    pub(super) fn of(draft: &Draft) -> Self {
        let risk = draft.risk.map(|r| [r.users, r.work, r.learning, r.judgement].map(|answer| answer.to_string()));
        Self {
            services: draft.services.iter().map(ToString::to_string).collect(),
            read: draft.terms_read.iter().map(|(id, hash)| (id.to_string(), hash.clone())).collect(),
            purpose: draft.purpose.clone(),
            departments: draft.users.departments.iter().map(ToString::to_string).collect(),
            posts: draft.users.posts.clone(),
            people: draft.users.people.iter().map(ToString::to_string).collect(),
            ceiling: draft.ceiling.0.to_string(),
            from: draft.from.to_string(),
            until: draft.until.to_string(),
            statement: draft.risk_statement.clone(),
            risk: risk.unwrap_or_default(),
            liu: draft.liu_work_listed_low,
            ..Self::default()
        }
    }

    /// Every field as a form would send it again.
    pub(super) fn hidden(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (name, values) in [
            ("services", &self.services),
            ("departments", &self.departments),
            ("posts", &self.posts),
            ("people", &self.people),
        ] {
            all.extend(values.iter().map(|value| (format!("{name}.{value}"), "on".to_owned())));
        }
        for (id, hash) in &self.read {
            all.push((format!("read.{id}"), "on".into()));
            all.push((format!("seen.{id}"), hash.clone()));
        }
        for (name, value) in [
            ("purpose", &self.purpose),
            ("ceiling", &self.ceiling),
            ("from", &self.from),
            ("until", &self.until),
            ("statement", &self.statement),
            ("application", &self.application),
        ] {
            all.push((name.to_owned(), value.clone()));
        }
        all.extend(AXES.iter().zip(&self.risk).map(|((name, ..), answer)| ((*name).to_owned(), answer.clone())));
        if self.liu {
            all.push(("liu.yes".into(), "on".into()));
        }
        all
    }

    /// The application it makes, or what is wrong where.
    pub(super) fn draft(&self, register: &Register) -> Result<Draft, Vec<Problem>> {
        let mut wrong = Vec::new();
        let services = self.services(register, &mut wrong);
        words(&mut wrong, "purpose", "利用目的（業務）", &self.purpose, 200);
        words(&mut wrong, "statement", "選定時の確認結果", &self.statement, 2_000);
        let users = self.users(&mut wrong);
        let ceiling = self.ceiling.parse().map(Grade).ok();
        if ceiling.is_none() {
            wrong.push(Problem::at("ceiling", "扱う情報の格付の上限を選んでください。"));
        }
        let mut date = |field: &'static str, label: &str, text: &str| {
            let read = text.parse::<Date>().ok();
            if read.is_none() {
                wrong.push(Problem::at(field, format!("{label}を 2026-04-01 のような形の日付で入力してください。")));
            }
            read
        };
        let (from, until) = (date("from", "開始日", &self.from), date("until", "末日", &self.until));
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            wrong.push(Problem::at("until", "末日は開始日より前にできません。"));
        }
        let risk = self.sheet(&mut wrong);
        match (ceiling, from, until) {
            (Some(ceiling), Some(from), Some(until)) if wrong.is_empty() => {
                let read = |id: &ServiceId| Some((id.clone(), self.read.get(id.as_str())?.clone()));
                Ok(Draft {
                    terms_read: services.iter().filter_map(read).filter(|(_, hash)| !hash.is_empty()).collect(),
                    services,
                    purpose: self.purpose.clone(),
                    users,
                    ceiling,
                    from,
                    until,
                    risk_statement: self.statement.clone(),
                    risk,
                    liu_work_listed_low: self.liu,
                })
            }
            _ => Err(wrong),
        }
    }

    fn services(&self, register: &Register, wrong: &mut Vec<Problem>) -> BTreeSet<ServiceId> {
        let services: BTreeSet<ServiceId> = self.services.iter().filter_map(|id| ServiceId::new(id).ok()).collect();
        if services.is_empty() {
            wrong.push(Problem::at("services", "使うサービスを一つ以上選んでください。"));
        }
        for id in &services {
            let Some(record) = register.service(id).filter(|record| !record.withdrawn) else {
                let text = format!("サービス「{id}」は、いま提供されていません。選択を外してください。");
                wrong.push(Problem::at("services", text));
                continue;
            };
            let name = &record.service.name;
            match (terms_to_read(record.service.form, record.service.terms.as_ref()), self.read.get(id.as_str())) {
                (Some(current), Some(read)) if current != read => wrong.push(Problem::at(
                    "services",
                    format!("「{name}」の約款・提供条件は、読んだ後に変わりました。新しい版を読んで、もう一度印を付けてください。"),
                )),
                (Some(_), None) => wrong.push(Problem::at(
                    "services",
                    format!("「{name}」の約款・提供条件を読み、「読みました」に印を付けてください。"),
                )),
                _ => {}
            }
        }
        services
    }

    fn users(&self, wrong: &mut Vec<Problem>) -> UserRange {
        let range = UserRange {
            people: self.people.iter().filter_map(|id| PersonId::new(id).ok()).collect(),
            departments: self.departments.iter().filter_map(|id| DepartmentId::new(id).ok()).collect(),
            posts: self.posts.iter().filter(|post| !post.is_empty()).cloned().collect(),
        };
        if range.is_empty() {
            wrong.push(Problem::at("find", "利用者の範囲を、部局・職・人のどれかで一つ以上選んでください。"));
        }
        range
    }

    /// The risk sheet: all four answers, or none.
    fn sheet(&self, wrong: &mut Vec<Problem>) -> Option<RiskSheet> {
        if self.risk.iter().all(String::is_empty) {
            return None;
        }
        let mut answers = [None; 4];
        for (slot, ((name, label, ..), text)) in answers.iter_mut().zip(AXES.iter().zip(&self.risk)) {
            *slot = text.parse::<u8>().ok().filter(|answer| *answer <= 3);
            if slot.is_none() {
                wrong.push(Problem::at(
                    *name,
                    format!("「{label}」に答えてください。四つすべてに答えるか、すべて空けます。"),
                ));
            }
        }
        match answers {
            [Some(users), Some(work), Some(learning), Some(judgement)] => {
                Some(RiskSheet { users, work, learning, judgement })
            }
            _ => None,
        }
    }
}

fn words(wrong: &mut Vec<Problem>, field: &'static str, label: &str, text: &str, most: usize) {
    let length = text.chars().count();
    if text.trim().is_empty() {
        wrong.push(Problem::at(field, format!("{label}を入力してください。")));
    } else if length > most {
        let text = format!("{label}が長すぎます（{length} 文字）。{most} 文字までにしてください。");
        wrong.push(Problem::at(field, text));
    }
}

/// The field a refusal of the register speaks of.
pub(super) fn place_of(refusal: &Refusal) -> &'static str {
    match refusal.code {
        "TERMS_NOT_READ" => "services",
        "UNKNOWN" => "find",
        "INVALID" if refusal.ja.contains("サービスを") => "services",
        "INVALID" if refusal.ja.contains("期間") => "until",
        "INVALID" if refusal.ja.contains("格付") => "ceiling",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_as_it_was() {
        let body = "services.kakuu.a=on&read.kakuu.a=on&seen.kakuu.a=abc&purpose=%E6%A5%AD&departments.d=on&people.p-1=on\
                    &ceiling=1&from=2026-04-01&until=x&statement=a%0D%0Ab&users=1&liu.yes=on&application=ap-1";
        let sheet = Sheet::read(&Fields::read(body.as_bytes()).unwrap());
        assert_eq!((sheet.until.as_str(), sheet.statement.as_str(), sheet.liu), ("x", "a\nb", true));
        let again: Vec<String> = sheet
            .hidden()
            .iter()
            .map(|(name, value)| {
                format!("{name}={}", form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>())
            })
            .collect();
        assert_eq!(Sheet::read(&Fields::read(again.join("&").as_bytes()).unwrap()), sheet);
        let kept: Sheet = serde_json::from_slice(&serde_json::to_vec(&sheet).unwrap()).unwrap();
        assert_eq!(kept, sheet);
    }

    #[test]
    fn every_fault_is_told_at_its_field() {
        let mut sheet = Sheet { until: "2026-01-01".into(), from: "2026-02-01".into(), ..Sheet::default() };
        sheet.risk = ["1".into(), "4".into(), String::new(), "0".into()];
        let wrong = sheet.draft(&Register::default()).unwrap_err();
        let fields: Vec<&str> = wrong.iter().map(|problem| &*problem.field).collect();
        assert_eq!(fields, ["services", "purpose", "statement", "find", "ceiling", "until", "work", "learning"]);
    }
}
