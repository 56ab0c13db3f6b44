//! A service as its manager describes it: registering one and changing it.

use super::service::found;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::Command;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::id::{ModelId, ServiceId};
use sekisho_domain::service::{Model, ProvisionForm, Service, Terms, Upstream, Wire};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "desk/service_form.html")]
struct FormPage {
    frame: Frame,
    to: String,
    fields: Vec<Field>,
    seen: usize,
    /// Permits that a change may suspend.
    active: usize,
    new: bool,
}

/// Characters of a field that an address may fill in.
const LONGEST_KNOWN: usize = 200;

const FORMS: [(&str, ProvisionForm, &str); 3] = [
    ("standard_terms", ProvisionForm::StandardTerms, "約款に同意するだけで使えるもの"),
    ("individual_contract", ProvisionForm::IndividualContract, "個別に契約したもの"),
    ("self_operated", ProvisionForm::SelfOperated, "この機関が自分の機械で動かすもの"),
];

const WIRES: [(&str, Wire, &str); 6] = [
    ("open_ai", Wire::OpenAi, "OpenAI 互換"),
    ("azure_open_ai", Wire::AzureOpenAi, "Azure OpenAI"),
    ("anthropic", Wire::Anthropic, "Anthropic Messages"),
    ("gennai", Wire::Gennai, "源内のアプリの形"),
    ("extractive", Wire::Extractive, "内蔵の抽出モデル"),
    ("library", Wire::Library, "内蔵の検索（法令・国会会議録）"),
];

/// The fields of the form as text.
fn typed(service: &Service) -> Vec<(&'static str, String)> {
    let form = FORMS.iter().find(|(_, form, _)| *form == service.form).map_or("", |(key, ..)| *key);
    let wire = WIRES.iter().find(|(_, wire, _)| *wire == service.upstream.wire).map_or("", |(key, ..)| *key);
    let line = |model: &Model| {
        let kind = if model.generative { "生成" } else { "その他" };
        let sub = model.sub_service.as_deref().unwrap_or("");
        format!("{} | {} | {kind} | {sub}", model.model, model.upstream_model).trim_end_matches([' ', '|']).to_owned()
    };
    vec![
        ("service", service.service.to_string()),
        ("name", service.name.clone()),
        ("provider", service.provider.clone()),
        ("form", form.to_owned()),
        ("terms_url", service.terms.as_ref().map(|terms| terms.url.clone()).unwrap_or_default()),
        ("terms_sha256", service.terms.as_ref().map(|terms| terms.sha256.clone()).unwrap_or_default()),
        ("models", service.models.iter().map(line).collect::<Vec<_>>().join("\n")),
        ("region", service.region.clone()),
        ("governing_law", service.governing_law.clone()),
        ("hosting_route", service.hosting_route.clone()),
        ("ismap", service.ismap.clone().unwrap_or_default()),
        ("wire", wire.to_owned()),
        ("base_url", service.upstream.base_url.clone()),
        ("secret", service.upstream.secret.clone().unwrap_or_default()),
        ("api_version", service.upstream.api_version.clone().unwrap_or_default()),
    ]
}

fn fields(values: impl Fn(&str) -> String, new: bool, problems: &[Problem]) -> Vec<Field> {
    let forms = FORMS.map(|(key, form, help)| Choice { help: help.into(), ..Choice::new(key, form.label()) }).to_vec();
    let wires = WIRES.map(|(key, _, label)| Choice::new(key, label)).to_vec();
    let mut all = Vec::new();
    if new {
        all.push(
            Field::text("service", "識別子", "off")
                .help("英小文字・数字・- で短く付けます。後から変えられません。例: kakuu-cloud"),
        );
    }
    all.extend([
        Field::text("name", "サービス名（機能名）", "off"),
        Field::text("provider", "提供者名", "off"),
        Field::radio("form", "提供形態", forms),
        Field::input("url", "terms_url", "約款・提供条件のアドレス").optional().help("自組織運用のほかは必要です。"),
        Field::text("terms_sha256", "約款・提供条件の SHA-256", "off")
            .optional()
            .help("読んだ版のファイルのハッシュ（16 進 64 桁）です。自組織運用のほかは必要です。"),
        Field::area("models", "モデル", 4).help(
            "一行に一つ、「呼び名 | 上流でのモデル名 | 生成 または その他 | サブサービス」の順に | で区切ります。三つ目は省くと生成AI、四つ目は任意です。",
        ),
        Field::text("region", "処理する地域", "off").help("例: jp"),
        Field::text("governing_law", "準拠法", "off").help("国のコード。例: JP"),
        Field::text("hosting_route", "接続経路", "off").help("例: internet、lgwan-asp、on-premises"),
        Field::text("ismap", "ISMAPの登録番号", "off").optional(),
        Field::select("wire", "通信の形式", wires),
        Field::input("url", "base_url", "接続先").optional().help("例: https://api.example.com/v1。内蔵の抽出モデルと検索では空にします。"),
        Field::text("secret", "鍵の名前", "off").optional().help("設定ファイルの [secrets] にある名前です。鍵そのものは書きません。"),
        Field::text("api_version", "api-version", "off").optional().help("Azure OpenAI だけに要ります。"),
    ]);
    all.into_iter()
        .map(|field| {
            let value = values(&field.id);
            field.value(&value).told(problems)
        })
        .collect()
}

/// The service a form describes, or what is wrong where.
fn described(app: &App, fields: &Fields, id: Option<ServiceId>) -> Result<Service, Vec<Problem>> {
    let mut wrong = Vec::new();
    let line = |name: &str| fields.line(name).to_owned();
    let some = |name: &str| Some(line(name)).filter(|text| !text.is_empty());
    let id = id.map_or_else(|| ServiceId::new(fields.line("service")), Ok);
    let id = id.ok().filter(|id| id.as_str() != "new");
    if id.is_none() {
        wrong.push(Problem::at(
            "service",
            "識別子は英小文字・数字・`-`・`_`・`.` で 64 文字までにしてください（new は使えません）。",
        ));
    }
    for (name, label) in [
        ("name", "サービス名"),
        ("provider", "提供者名"),
        ("region", "処理する地域"),
        ("governing_law", "準拠法"),
        ("hosting_route", "接続経路"),
    ] {
        if line(name).is_empty() {
            wrong.push(Problem::at(name, format!("{label}を入力してください。")));
        }
    }
    // A name that the configuration does not know is likely the key itself, and would stay in the ledger.
    if some("secret").is_some_and(|name| !app.config.secrets.contains_key(&name)) {
        wrong.push(Problem::at("secret", "設定ファイルの [secrets] にない名前です。鍵そのものは書かないでください。"));
    }
    let form = FORMS.iter().find(|(key, ..)| *key == fields.get("form")).map(|(_, form, _)| *form);
    if form.is_none() {
        wrong.push(Problem::at("form", "提供形態を選んでください。"));
    }
    let wire = WIRES.iter().find(|(key, ..)| *key == fields.get("wire")).map(|(_, wire, _)| *wire);
    if wire.is_none() {
        wrong.push(Problem::at("wire", "通信の形式を選んでください。"));
    }
    let terms = match (some("terms_url"), some("terms_sha256")) {
        (None, None) => None,
        (url, sha256) => {
            let sha256 = sha256.unwrap_or_default().to_ascii_lowercase();
            Some(Terms { url: url.unwrap_or_default(), sha256 })
        }
    };
    if form.is_some_and(|form| form != ProvisionForm::SelfOperated) && terms.is_none() {
        wrong.push(Problem::at("terms_url", "約款・提供条件のアドレスと SHA-256 を入力してください。"));
    }
    let mut models = Vec::new();
    for (at, text) in (1..).zip(fields.text("models").lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let mut parts = text.split('|').map(str::trim);
        let (name, upstream) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let (kind, sub) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        match ModelId::new(name) {
            Ok(model) if !upstream.is_empty() => models.push(Model {
                model,
                upstream_model: upstream.to_owned(),
                generative: kind != "その他",
                sub_service: Some(sub.to_owned()).filter(|sub| !sub.is_empty()),
            }),
            _ => {
                let text = format!(
                    "{at} 行目を読めません。「呼び名 | 上流でのモデル名」の形にしてください。呼び名は英小文字・数字・- です。"
                );
                wrong.push(Problem::at("models", text));
            }
        }
    }
    if models.is_empty() && !wrong.iter().any(|problem| problem.field == "models") {
        wrong.push(Problem::at("models", "モデルを一つ以上書いてください。"));
    }
    match (id, form, wire) {
        (Some(service), Some(form), Some(wire)) if wrong.is_empty() => Ok(Service {
            service,
            name: line("name"),
            provider: line("provider"),
            form,
            terms,
            models,
            region: line("region"),
            governing_law: line("governing_law"),
            hosting_route: line("hosting_route"),
            ismap: some("ismap"),
            upstream: Upstream {
                wire,
                base_url: line("base_url"),
                secret: some("secret"),
                api_version: some("api_version"),
            },
        }),
        _ => Err(wrong),
    }
}

/// The field a refusal of the register speaks of.
fn place_of(text: &str) -> &'static str {
    [
        ("サービス `", "service"),
        ("約款のハッシュ", "terms_sha256"),
        ("約款", "terms_url"),
        ("モデル", "models"),
        ("接続先", "base_url"),
        ("サービス名", "name"),
        ("提供者名", "provider"),
        ("地域", "region"),
        ("準拠法", "governing_law"),
        ("接続経路", "hosting_route"),
    ]
    .into_iter()
    .find(|(start, _)| text.starts_with(start))
    .map_or("", |(_, field)| field)
}

async fn form(
    app: &App,
    signed: &SignedIn,
    id: Option<&str>,
    values: impl Fn(&str) -> String,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = sekisho_domain::day::in_japan(app.world.now());
    let record = id.map(|id| found(&register, id)).transpose()?;
    let title = if record.is_some() { "サービスの内容を変更する" } else { "サービスを登録する" };
    let frame = Frame::new(app, Some(signed), "/services", title).await?;
    let at = id.map(|id| format!("/services/{id}"));
    let mut trail = vec![("/", "ホーム"), ("/services", "サービス")];
    if let (Some(record), Some(at)) = (&record, &at) {
        trail.push((at.as_str(), record.service.name.as_str()));
    }
    let frame = frame.below(&trail);
    let active = record.as_ref().map_or(0, |record| {
        let permits = register.permits_on(&record.service.service);
        permits.filter(|permit| permit.standing_on(today) == PermitStanding::Active).count()
    });
    let shown = FormPage {
        to: at.as_ref().map_or_else(|| "/services/new".to_owned(), |at| format!("{at}/change")),
        fields: fields(values, record.is_none(), &problems),
        seen: record.as_ref().map_or(0, |record| record.history.len()),
        active,
        new: record.is_none(),
        frame: frame.wrong(problems),
    };
    Ok(page(status, &shown))
}

/// What is known of a service that somebody found in use, to begin its registration with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Known {
    name: String,
    provider: String,
}

pub(super) async fn new(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(known): Query<Known>,
) -> Result<Response, PageError> {
    let value = |field: &str| {
        let text = match field {
            "name" => &known.name,
            "provider" => &known.provider,
            _ => "",
        };
        text.chars().take(LONGEST_KNOWN).collect()
    };
    form(&app, &signed, None, value, Vec::new(), StatusCode::OK).await
}

pub(super) async fn change(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let record = found(&register, &id)?;
    let known = typed(&record.service);
    let value =
        |name: &str| known.iter().find(|(field, _)| *field == name).map(|(_, text)| text.clone()).unwrap_or_default();
    form(&app, &signed, Some(&id), value, Vec::new(), StatusCode::OK).await
}

pub(super) async fn register_one(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let again = |field: &str| fields.text(field);
    let service = match described(&app, &fields, None) {
        Ok(service) => service,
        Err(wrong) => return form(&app, &signed, None, again, wrong, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let to = format!("/services/{}?done=registered", service.service);
    // The same form sent twice finds its own service.
    let register = app.journal.register()?;
    if register.service(&service.service).is_some_and(|record| {
        record.service == service && record.history.first().is_some_and(|step| step.by == *signed.person())
    }) {
        return Ok(go(&to));
    }
    match give(&app, &signed, Command::RegisterService(service), "サービスの登録").await? {
        Ok(_) => Ok(go(&to)),
        Err(refusal) => {
            let wrong = vec![Problem::refused(place_of(&refusal.ja), &refusal)];
            form(&app, &signed, None, again, wrong, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

pub(super) async fn change_one(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let record = found(&register, &id)?;
    let again = |field: &str| fields.text(field);
    let bad = StatusCode::UNPROCESSABLE_ENTITY;
    let service = match described(&app, &fields, Some(record.service.service.clone())) {
        Ok(service) => service,
        Err(wrong) => return form(&app, &signed, Some(&id), again, wrong, bad).await,
    };
    let to = format!("/services/{id}?done=changed");
    if record.service == service {
        return Ok(go(&to));
    }
    if fields.get("seen") != record.history.len().to_string() {
        let text = "この画面を開いた後に、別の人がこのサービスの内容を変えています。何も変更していません。もう一度送ると、この画面の内容で上書きします。先に「サービス」で変更を確かめてください。";
        return form(&app, &signed, Some(&id), again, vec![Problem::at("", text)], StatusCode::CONFLICT).await;
    }
    match give(&app, &signed, Command::ChangeService(service), "サービスの内容の変更").await? {
        Ok(_) => Ok(go(&to)),
        Err(refusal) => {
            let wrong = vec![Problem::refused(place_of(&refusal.ja), &refusal)];
            form(&app, &signed, Some(&id), again, wrong, bad).await
        }
    }
}
