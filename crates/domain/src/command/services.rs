//! The service register.

use super::{ChangeTerms, LiftAdvisory, OpenAdvisory, RecordConsultation, WithdrawService, digest, words};
use crate::event::{AdvisoryLifted, AdvisoryOpened, ConsultationRecorded, Event, ServiceWithdrawn, TermsChanged};
use crate::id::ServiceId;
use crate::refusal::Refusal;
use crate::register::{Register, ServiceRecord};
use crate::service::{Consultation, ProvisionForm, Service, Terms, Wire};

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn register_service(register: &Register, c: Service) -> Decided {
    if register.service(&c.service).is_some() {
        return Err(Refusal::exists("サービス", "service", &c.service));
    }
    check(register, &c)?;
    Ok(vec![Event::ServiceRegistered(c)])
}

pub(super) fn change(register: &Register, c: Service) -> Decided {
    offered(register, &c.service)?;
    check(register, &c)?;
    Ok(vec![Event::ServiceChanged(c)])
}

pub(super) fn change_terms(register: &Register, c: ChangeTerms) -> Decided {
    let record = offered(register, &c.service)?;
    check_terms(&c.terms)?;
    if record.service.terms.as_ref() == Some(&c.terms) {
        return Err(Refusal::wrong_state("約款は変わっていません。", "the terms have not changed"));
    }
    Ok(vec![Event::TermsChanged(TermsChanged { service: c.service, terms: c.terms })])
}

pub(super) fn withdraw(register: &Register, c: WithdrawService) -> Decided {
    offered(register, &c.service)?;
    Ok(vec![Event::ServiceWithdrawn(ServiceWithdrawn { service: c.service })])
}

pub(super) fn open_advisory(register: &Register, c: OpenAdvisory) -> Decided {
    let record = offered(register, &c.service)?;
    words("注意喚起の題名", "the title of the advisory", &c.advisory, 200)?;
    if record.advisories.contains(&c.advisory) {
        return Err(Refusal::exists("注意喚起", "advisory", &c.advisory));
    }
    Ok(vec![Event::AdvisoryOpened(AdvisoryOpened { service: c.service, advisory: c.advisory })])
}

pub(super) fn lift_advisory(register: &Register, c: LiftAdvisory) -> Decided {
    let record = offered(register, &c.service)?;
    if !record.advisories.contains(&c.advisory) {
        return Err(Refusal::unknown("注意喚起", "advisory", &c.advisory));
    }
    Ok(vec![Event::AdvisoryLifted(AdvisoryLifted { service: c.service, advisory: c.advisory })])
}

pub(super) fn record_consultation(register: &Register, c: RecordConsultation) -> Decided {
    let record = offered(register, &c.service)?;
    words("報告先", "the addressee", &c.addressee, 200)?;
    if record.service.form == ProvisionForm::SelfOperated {
        return Err(Refusal::invalid(
            "自組織運用のサービスに申合せの報告は要りません。",
            "a self-operated service needs no consultation",
        ));
    }
    // 了解 answers the report it was asked for with: one word of the user's records both.
    let answered = (c.state == Consultation::Consented).then(|| super::returns::consented(register, &c.service, c.on));
    let recorded = ConsultationRecorded { service: c.service, state: c.state, addressee: c.addressee, on: c.on };
    Ok(std::iter::once(Event::ConsultationRecorded(recorded)).chain(answered.flatten()).collect())
}

pub(super) fn offered<'r>(register: &'r Register, id: &ServiceId) -> Result<&'r ServiceRecord, Refusal> {
    let record = register.service(id).ok_or_else(|| Refusal::unknown("サービス", "service", id))?;
    if record.withdrawn {
        return Err(Refusal::wrong_state(
            format!("サービス `{id}` は提供を終えています。"),
            format!("the service `{id}` is withdrawn"),
        ));
    }
    Ok(record)
}

fn check(register: &Register, s: &Service) -> Result<(), Refusal> {
    words("サービス名", "the name of the service", &s.name, 200)?;
    words("提供者名", "the provider", &s.provider, 200)?;
    words("処理する地域（region）", "the region", &s.region, 60)?;
    words("準拠法（governing_law）", "the governing law", &s.governing_law, 60)?;
    words("接続経路（hosting_route）", "the hosting route", &s.hosting_route, 60)?;
    match (s.form, &s.terms) {
        (_, Some(terms)) => check_terms(terms)?,
        (ProvisionForm::SelfOperated, None) => {}
        (ProvisionForm::StandardTerms | ProvisionForm::IndividualContract, None) => {
            return Err(Refusal::invalid(
                "約款・提供条件（terms）の URL と SHA-256 が必要です。自組織運用のサービスだけが省けます。",
                "`terms` with `url` and `sha256` are needed; only a self-operated service goes without",
            )
            .under("統一基準R3 4.2.2(2)(a)"));
        }
    }
    if s.models.is_empty() || s.models.len() > 200 {
        return Err(Refusal::invalid(
            "モデルを 1 件以上 200 件以下で登録してください。",
            "a service offers 1 to 200 models",
        ));
    }
    let mut names = std::collections::BTreeSet::new();
    for model in &s.models {
        words("上流でのモデル名（upstream_model）", "the upstream model", &model.upstream_model, 200)?;
        if !names.insert(&model.model) {
            return Err(Refusal::exists("モデル", "model", &model.model));
        }
        if let Some(other) = register.service_of_model(model.model.as_str())
            && other.service.service != s.service
        {
            return Err(Refusal::new(
                "EXISTS",
                format!(
                    "モデル名 `{}` はサービス `{}` が使っています。別の名前にしてください。",
                    model.model, other.service.service
                ),
                format!(
                    "the model name `{}` belongs to the service `{}`; choose another",
                    model.model, other.service.service
                ),
            ));
        }
    }
    check_address(s)
}

fn check_terms(terms: &Terms) -> Result<(), Refusal> {
    digest("約款のハッシュ（terms.sha256）", "`terms.sha256`", &terms.sha256)?;
    words("約款の URL（terms.url）", "`terms.url`", &terms.url, 2_000)
}

/// The address is used as it stands, so its form is checked where it enters: http(s), a host, no user, query or
/// fragment. Plain http is for the body's own machines alone.
fn check_address(s: &Service) -> Result<(), Refusal> {
    let bad = |ja: &str, en: &str| {
        Err(Refusal::invalid(format!("接続先（upstream.base_url）: {ja}"), format!("`upstream.base_url`: {en}")))
    };
    let url = s.upstream.base_url.as_str();
    if s.upstream.wire.is_built_in() {
        return if url.is_empty() {
            Ok(())
        } else {
            bad(
                "内蔵の抽出モデルと検索に接続先は要りません。空にしてください。",
                "what is built in has no address; leave it empty",
            )
        };
    }
    let rest = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => rest,
        (None, Some(rest)) if s.form == ProvisionForm::SelfOperated => rest,
        (None, Some(_)) => {
            return bad(
                "http:// は自組織運用のサービスだけが使えます。https:// にしてください。",
                "only a self-operated service may use http://",
            );
        }
        (None, None) => {
            return bad("`https://ホスト/パス` の形にしてください。", "use the form `https://host/path`");
        }
    };
    let host = rest.split('/').next().unwrap_or("");
    let plain = url.bytes().all(|b| b.is_ascii_graphic());
    if host.is_empty() || host.contains('@') || url.contains(['?', '#', '\\']) || !plain || url.len() > 500 {
        return bad(
            "ホスト名が必要です。利用者名・?・# は含められません。",
            "a host is needed; user names, `?` and `#` are not allowed",
        );
    }
    if s.upstream.wire == Wire::AzureOpenAi && s.upstream.api_version.as_deref().unwrap_or("").is_empty() {
        return bad("Azure OpenAI には api_version が必要です。", "Azure OpenAI needs an `api_version`");
    }
    Ok(())
}
