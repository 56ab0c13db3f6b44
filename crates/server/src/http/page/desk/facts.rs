//! What the register says today of a service, as an applicant and an approver need it.

use super::wording;
use crate::http::page::list::Tone;
use crate::http::page::words;
use crate::ismap::freshness::freshness;
use jiff::civil::Date;
use sekisho_domain::ismap::{RegistrationState, Scheme};
use sekisho_domain::permit::{Draft, terms_to_read};
use sekisho_domain::register::{Register, ServiceRecord};
use sekisho_domain::service::ProvisionForm;

pub(super) struct Facts {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) provider: String,
    pub(super) withdrawn: bool,
    pub(super) form: &'static str,
    pub(super) form_means: String,
    pub(super) ismap: String,
    pub(super) ismap_tone: &'static str,
    pub(super) region: String,
    pub(super) law: String,
    pub(super) route: String,
    pub(super) terms_url: String,
    pub(super) terms: String,
    /// What became of the terms since the applicant read them; empty without an application.
    pub(super) terms_since: &'static str,
    pub(super) terms_changed: bool,
    pub(super) advisories: Vec<String>,
    pub(super) consultation: &'static str,
    pub(super) consultation_tone: &'static str,
    pub(super) incidents: Vec<String>,
    pub(super) liu: bool,
    /// The copy of the published list is too old to rest on; empty while it is not.
    pub(super) stale: String,
}

impl Facts {
    pub(super) fn of(register: &Register, record: &ServiceRecord, today: Date) -> Self {
        let service = &record.service;
        let own = service.form == ProvisionForm::SelfOperated;
        let row = service.ismap.as_deref().and_then(|number| register.registration(number));
        let state = register.ismap_state(service, today);
        let ismap = match (row, &service.ismap) {
            _ if own && service.ismap.is_none() => "対象外（自組織運用）".to_owned(),
            (Some(row), _) => {
                let until = words::day(row.valid_until);
                format!("{}（{}、有効期限 {until}）", state.label(), row.number)
            }
            (None, Some(number)) => format!("{number} はリストにありません"),
            (None, None) => RegistrationState::None.label().to_owned(),
        };
        let ismap_tone = match state {
            RegistrationState::Active => Tone::Good,
            RegistrationState::Continuing => Tone::Look,
            RegistrationState::None if own => Tone::Plain,
            RegistrationState::None
            | RegistrationState::Expired
            | RegistrationState::Suspended
            | RegistrationState::Removed => Tone::Bad,
        };
        let needs_consent = service.form == ProvisionForm::IndividualContract;
        let consented = record.consultation == sekisho_domain::service::Consultation::Consented;
        Self {
            id: service.service.to_string(),
            name: service.name.clone(),
            provider: service.provider.clone(),
            withdrawn: record.withdrawn,
            form: service.form.label(),
            form_means: form_means(register, service.form),
            ismap,
            ismap_tone: ismap_tone.class(),
            region: place(&service.region),
            law: place(&service.governing_law),
            route: route(&service.hosting_route),
            terms_url: service.terms.as_ref().map(|terms| terms.url.clone()).unwrap_or_default(),
            terms: terms_to_read(service.form, service.terms.as_ref()).unwrap_or_default().to_owned(),
            terms_since: "",
            terms_changed: false,
            advisories: record.advisories.iter().cloned().collect(),
            consultation: if needs_consent { wording::consultation(record.consultation) } else { "対象外" },
            consultation_tone: match (needs_consent, consented) {
                (true, true) => Tone::Good.class(),
                (true, false) => Tone::Bad.class(),
                (false, _) => Tone::Plain.class(),
            },
            incidents: row.map(|row| row.incidents.iter().cloned().collect()).unwrap_or_default(),
            liu: row.is_some_and(|row| row.scheme == Scheme::Liu),
            stale: row
                .filter(|row| row.decided_by.is_none() && row.source.is_some())
                .and_then(|_| freshness(register, today, today))
                .filter(|fresh| fresh.stale)
                .map(|fresh| fresh.text)
                .unwrap_or_default(),
        }
    }

    /// For every service of a draft, with what became of the terms since.
    pub(super) fn of_draft(register: &Register, draft: &Draft, today: Date) -> Vec<Self> {
        let one = |id| {
            let record = register.service(id)?;
            let mut facts = Self::of(register, record, today);
            if !facts.terms.is_empty() {
                facts.terms_changed = draft.terms_read.get(id) != Some(&facts.terms);
                facts.terms_since = if facts.terms_changed {
                    "申請者が読んだ後に変わりました。差し戻して、新しい版を確かめてもらってください。"
                } else {
                    "申請者が読んだ版のままです。"
                };
            }
            Some(facts)
        };
        draft.services.iter().filter_map(one).collect()
    }

    /// A link is followed only where it leads to the web.
    pub(super) fn terms_link(&self) -> bool {
        self.terms_url.starts_with("https://") || self.terms_url.starts_with("http://")
    }
}

fn form_means(register: &Register, form: ProvisionForm) -> String {
    match form {
        ProvisionForm::StandardTerms => format!(
            "約款に同意するだけで使うサービスです。要機密情報は原則として扱えません（{}）。",
            wording::clause(register, "統一基準R3 4.2.1")
        ),
        ProvisionForm::IndividualContract => "この機関が個別に契約したサービスです。".into(),
        ProvisionForm::SelfOperated => "この機関が自分の機械で動かしています。".into(),
    }
}

/// A region or law in words, where it is a code everybody meets.
fn place(code: &str) -> String {
    match code.to_ascii_lowercase().as_str() {
        "jp" => "日本".into(),
        _ => code.to_owned(),
    }
}

fn route(code: &str) -> String {
    match code {
        "internet" => "インターネット".into(),
        "on-premises" => "庁内".into(),
        "lgwan-asp" => "LGWAN-ASP".into(),
        _ => code.to_owned(),
    }
}
