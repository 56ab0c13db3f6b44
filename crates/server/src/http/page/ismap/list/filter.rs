//! What is looked for on the list: read from an address, from a form, and told in words.

use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field};
use jiff::civil::Date;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::{Registration, RegistrationState, Scheme};
use sekisho_domain::register::Register;
use serde::Deserialize;
use std::borrow::Cow;

/// The filters. Every one is a text as it was typed; what cannot be read filters nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    pub(super) q: String,
    #[serde(default)]
    pub(super) scheme: String,
    #[serde(default)]
    pub(super) scope: String,
    #[serde(default)]
    pub(super) region: String,
    #[serde(default)]
    pub(super) model: String,
    #[serde(default)]
    pub(super) ai: String,
    #[serde(default)]
    pub(super) law: String,
    #[serde(default)]
    pub(super) risk: String,
    #[serde(default)]
    pub(super) before: String,
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    pub(super) as_of: String,
}

impl Filter {
    /// From a form that carries the filters as hidden fields.
    pub(super) fn of(fields: &Fields) -> Self {
        let text = |name: &str| fields.line(name).to_owned();
        Self {
            q: text("q"),
            scheme: text("scheme"),
            scope: text("scope"),
            region: text("region"),
            model: text("model"),
            ai: text("ai"),
            law: text("law"),
            risk: text("risk"),
            before: text("before"),
            state: text("state"),
            as_of: text("as_of"),
        }
    }

    /// Name, text, and what people call it.
    pub(super) fn all(&self) -> [(&'static str, &str, &'static str); 11] {
        [
            ("q", &self.q, "名称・番号"),
            ("scheme", &self.scheme, "区分"),
            ("scope", &self.scope, "対象範囲の語"),
            ("region", &self.region, "地域"),
            ("model", &self.model, "サービスモデル"),
            ("ai", &self.ai, "生成AI機能"),
            ("law", &self.law, "準拠法"),
            ("risk", &self.risk, "外国法の適用リスク"),
            ("before", &self.before, "有効期限がこの日より前"),
            ("state", &self.state, "状態"),
            ("as_of", &self.as_of, "いつの時点"),
        ]
    }

    /// The day that is asked about: today, or a past one.
    pub(super) fn day(&self, today: Date) -> Date {
        self.past(today).unwrap_or(today)
    }

    /// The past day that is asked about.
    pub(super) fn past(&self, today: Date) -> Option<Date> {
        self.as_of.trim().parse().ok().filter(|day: &Date| *day < today)
    }

    /// The filter in words, for the record of a look-up.
    pub(super) fn words(&self) -> String {
        let said = |(name, text, label): (&'static str, &str, &'static str)| {
            let text = match name {
                "scheme" => scheme(text).map_or("", Scheme::label),
                "state" => state(text).map_or("", RegistrationState::label),
                "ai" => ai(text).map_or("", |yes| if yes { "対象に含む" } else { "対象に含まない" }),
                "risk" => risk(text).map_or("", |told| if told { "記載あり" } else { "記載なし" }),
                _ => text.trim(),
            };
            (!text.is_empty()).then(|| format!("{label}: {text}"))
        };
        let all: Vec<String> = self.all().into_iter().filter_map(said).collect();
        let words = if all.is_empty() { "すべて".to_owned() } else { all.join("、") };
        words.chars().take(1_000).collect()
    }

    /// The rows that are looked for, as they were known at the end of the day and as the person may see them: a filter
    /// tells nothing that the row itself would not.
    pub(super) fn rows<'r>(
        &self,
        register: &'r Register,
        person: &PersonId,
        today: Date,
    ) -> Vec<Cow<'r, Registration>> {
        let day = self.day(today);
        let seen = |row: &'r Registration| register.scheme().seen_row(person, row);
        match self.past(today) {
            Some(past) => register.registrations_as_of(past).map(seen).filter(|row| self.finds(row, day)).collect(),
            None => register.registrations().map(seen).filter(|row| self.finds(row, day)).collect(),
        }
    }

    fn finds(&self, row: &Registration, day: Date) -> bool {
        let lower = |text: &str| text.to_lowercase();
        let holds = |text: &str, wanted: &str| lower(text).contains(&lower(wanted.trim()));
        let words = |wanted: &str, texts: &[&str]| {
            wanted.split_whitespace().all(|word| texts.iter().any(|text| holds(text, word)))
        };
        let parts =
            || row.scope.sub_services.iter().map(String::as_str).chain([row.statement_scope.as_str()]).collect();
        let scope_texts: Vec<&str> = if self.scope.trim().is_empty() { Vec::new() } else { parts() };
        words(&self.q, &[&row.number, &row.service_name, &row.csp_name, &row.corporate_number])
            && scheme(&self.scheme).is_none_or(|wanted| row.scheme == wanted)
            && (self.scope.trim().is_empty() || words(&self.scope, &scope_texts))
            && (self.region.trim().is_empty() || row.scope.regions.iter().any(|region| holds(region, &self.region)))
            && (self.model.trim().is_empty() || row.service_models.iter().any(|model| holds(model, &self.model)))
            && ai(&self.ai).is_none_or(|wanted| row.scope.generative_ai == wanted)
            && (self.law.trim().is_empty() || holds(&row.governing_law, &self.law))
            && risk(&self.risk).is_none_or(|told| row.foreign_law_risk.trim().is_empty() != told)
            && self.before.trim().parse::<Date>().map_or(true, |before| row.valid_until < before)
            && state(&self.state).is_none_or(|wanted| row.state_on(day) == wanted)
    }

    /// The fields of the form.
    pub(super) fn fields(&self) -> Vec<Field> {
        let choose = |all: Vec<(&str, &str)>| {
            let mut choices = vec![Choice::new("", "すべて")];
            choices.extend(all.into_iter().map(|(value, label)| Choice::new(value, label)));
            choices
        };
        let states: Vec<(&str, &str)> = RegistrationState::ALL.iter().map(|s| (s.code(), s.label())).collect();
        let text =
            |id: &'static str, label: &'static str, value: &str| Field::text(id, label, "off").optional().value(value);
        let date = |id: &'static str, label: &'static str, value: &str| {
            Field::input("date", id, label).optional().value(value)
        };
        vec![
            Field::input("search", "q", "サービス名・事業者名・番号").optional().value(&self.q),
            Field::select("scheme", "区分", choose(vec![("ismap", "ISMAP"), ("liu", "ISMAP-LIU")])).value(&self.scheme),
            Field::select("state", "状態", choose(states)).value(&self.state),
            text("scope", "対象範囲の語", &self.scope),
            text("region", "地域", &self.region),
            Field::select(
                "model",
                "サービスモデル",
                choose(vec![("IaaS", "IaaS"), ("PaaS", "PaaS"), ("SaaS", "SaaS")]),
            )
            .value(&self.model),
            Field::select("ai", "生成AI機能", choose(vec![("yes", "対象に含む"), ("no", "対象に含まない")]))
                .value(&self.ai),
            text("law", "準拠法", &self.law),
            Field::select("risk", "外国法の適用リスク", choose(vec![("told", "記載あり"), ("untold", "記載なし")]))
                .value(&self.risk),
            date("before", "有効期限がこの日より前", &self.before),
            date("as_of", "いつの時点（空欄は今日）", &self.as_of),
        ]
    }
}

fn scheme(text: &str) -> Option<Scheme> {
    match text {
        "ismap" => Some(Scheme::Ismap),
        "liu" => Some(Scheme::Liu),
        _ => None,
    }
}

fn state(text: &str) -> Option<RegistrationState> {
    RegistrationState::ALL.into_iter().find(|state| state.code() == text)
}

fn ai(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn risk(text: &str) -> Option<bool> {
    match text {
        "told" => Some(true),
        "untold" => Some(false),
        _ => None,
    }
}
