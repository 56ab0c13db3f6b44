//! An app that runs elsewhere and speaks 源内's protocol: a service of the register with a form of its own.
//!
//! Permit, ceiling, ISMAP and terms apply to it as to any service, because it is one. Its model is the app.

use crate::account::SignedIn;
use crate::app::builtin;
use crate::app::catalog::{Kept, OUTSIDE, PAPER};
use crate::app::definition::{Definition, Typed};
use crate::http::App;
use crate::http::page::act::{give, keep};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::Command;
use sekisho_domain::id::{AppId, ModelId, ServiceId};
use sekisho_domain::register::Register;
use sekisho_domain::service::{Model, ProvisionForm, Service, Terms, Upstream, Wire};
use sekisho_store::PaperRow;

#[derive(Template)]
#[template(path = "apps/outside.html")]
struct OutsidePage {
    frame: Frame,
    app: Vec<Field>,
    service: Vec<Field>,
}

const FORMS: [(&str, ProvisionForm); 3] = [
    ("self_operated", ProvisionForm::SelfOperated),
    ("individual_contract", ProvisionForm::IndividualContract),
    ("standard_terms", ProvisionForm::StandardTerms),
];

pub(in crate::http::page) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    render(&app, &signed, &Fields::default(), Vec::new(), StatusCode::OK).await
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mut problems = Vec::new();
    let id = fields.line("id");
    let names = (AppId::new(id), ServiceId::new(id), ModelId::new(id));
    if names.0.is_err() {
        let text = "識別子は英小文字・数字・`-`・`_`・`.` で 64 文字までにしてください。";
        problems.push(Problem::at("id", text));
    }
    let kept = app.store.has_paper(PAPER, id).await?;
    let shared = names.0.as_ref().is_ok_and(|id| register.shared_app(id).is_some());
    if builtin::get(id).is_some() || id.starts_with("a-") || kept || shared {
        problems.push(Problem::at("id", "この識別子は、別のアプリが使っています。別の識別子にしてください。"));
    }
    let typed = Typed {
        name: fields.line("name").to_owned(),
        overview: fields.text("overview"),
        usage: fields.text("usage"),
        form: fields.text("form"),
        prompt: None,
    };
    let definition = match Definition::make(&typed) {
        Ok(definition) => Some(definition),
        Err(wrong) => {
            problems.extend(wrong.into_iter().map(|bad| Problem::at(bad.part, bad.ja)));
            None
        }
    };
    let form = FORMS.iter().find(|(value, _)| *value == fields.get("provision"));
    if form.is_none() {
        problems.push(Problem::at("provision", "提供形態を選んでください。"));
    }
    let secret = Some(fields.get("secret")).filter(|name| !name.is_empty());
    if secret.is_some_and(|name| !app.config.secrets.contains_key(name)) {
        problems.push(Problem::at("secret", "設定にない鍵の名前です。一覧から選んでください。"));
    }
    let (Some(definition), Some((_, form)), (Ok(_), Ok(service), Ok(model)), true) =
        (definition, form, names, problems.is_empty())
    else {
        return render(&app, &signed, &fields, problems, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let line = |name: &str| fields.line(name).to_owned();
    let terms = !(fields.line("terms_url").is_empty() && fields.line("terms_sha256").is_empty());
    let described = Service {
        service: service.clone(),
        name: definition.name.clone(),
        provider: line("provider"),
        form: *form,
        terms: terms.then(|| Terms { url: line("terms_url"), sha256: line("terms_sha256") }),
        models: vec![Model {
            model: model.clone(),
            upstream_model: id.to_owned(),
            generative: true,
            sub_service: Some(line("sub_service")).filter(|name| !name.is_empty()),
        }],
        region: line("region"),
        governing_law: line("law"),
        hosting_route: line("route"),
        ismap: Some(line("ismap")).filter(|number| !number.is_empty()),
        upstream: Upstream {
            wire: Wire::Gennai,
            base_url: line("url"),
            secret: secret.map(str::to_owned),
            api_version: None,
        },
    };
    // A second time, after the first broke off between the service and its form: the service is there already.
    let known = register.service(&service).is_some_and(|record| record.service == described && !record.withdrawn);
    if !known {
        let refused = give(&app, &signed, Command::RegisterService(described), "外部アプリの登録").await?.err();
        if let Some(refusal) = refused {
            let field = field_of(&refusal.en);
            let problems = vec![Problem::refused(field, &refusal)];
            return render(&app, &signed, &fields, problems, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    }
    let now = app.world.now();
    let row = PaperRow {
        kind: OUTSIDE.to_owned(),
        id: id.to_owned(),
        owner: signed.person().clone(),
        personal: false,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    keep(&app, row, &Kept { file: definition.file(), outside: Some(model) }).await?;
    Ok(go(&format!("/apps/{id}?done=outside")))
}

/// The control that a refusal of the register is about.
fn field_of(en: &str) -> &'static str {
    let about = [
        ("base_url", "url"),
        ("terms.sha256", "terms_sha256"),
        ("terms", "terms_url"),
        ("provider", "provider"),
        ("region", "region"),
        ("governing law", "law"),
        ("hosting route", "route"),
        ("exists", "id"),
        ("model name", "id"),
    ];
    about.iter().find(|(part, _)| en.contains(part)).map_or("", |(_, field)| field)
}

async fn render(
    app: &App,
    signed: &SignedIn,
    fields: &Fields,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let begun = fields.iter().next().is_some();
    let value = |name: &str, first: &str| if begun { fields.text(name) } else { first.to_owned() };
    let with = |field: Field, first: &str| {
        let typed = value(&field.id, first);
        field.value(&typed).told(&problems)
    };
    let form = "{\n  \"input_text\": {\n    \"type\": \"textarea\",\n    \"title\": \"質問\",\n    \"desc\": \"\",\n    \"required\": true\n  }\n}";
    let app_fields = vec![
        with(Field::text("name", "名前", "off"), ""),
        with(Field::text("id", "識別子", "off").help("英小文字と数字、- _ . で。台帳とアドレスに使い、後から変えられません。"), ""),
        with(Field::area("overview", "概要", 3), ""),
        with(Field::area("usage", "使い方", 5).optional(), ""),
        with(
            Field::area("form", "フォーム（JSON）", 12)
                .help("源内に登録するときと同じ定義を貼り付けます。種類は text, textarea, number, select, radio, checkbox, file。"),
            form,
        ),
    ];
    let forms = FORMS.iter().map(|(value, form)| Choice::new(*value, form.label())).collect();
    let mut secrets = vec![Choice::new("", "鍵を送らない")];
    secrets.extend(app.config.secrets.keys().map(|name| Choice::new(name.clone(), name.clone())));
    let service_fields = vec![
        with(
            Field::input("url", "url", "接続先の URL")
                .help("要求を送るアドレスの全体（例: https://app.example/invoke）。転送先へは進みません。"),
            "",
        ),
        with(
            Field::select("secret", "鍵（x-api-key）", secrets).help(
                "鍵そのものは入力しません。設定ファイルの [secrets] に、鍵の入ったファイルを登録した名前から選びます。",
            ),
            "",
        ),
        with(Field::text("provider", "提供者", "off"), ""),
        with(Field::radio("provision", "提供形態", forms), ""),
        with(
            Field::input("url", "terms_url", "約款・提供条件の URL")
                .help("自組織運用のときは空欄で構いません。")
                .optional(),
            "",
        ),
        with(
            Field::text("terms_sha256", "約款・提供条件の SHA-256", "off")
                .help("読んだ文書の sha256sum（16 進 64 桁）。")
                .optional(),
            "",
        ),
        with(Field::text("region", "処理する地域", "off").help("例: jp"), "jp"),
        with(Field::text("law", "準拠法", "off").help("国の符号。例: JP"), "JP"),
        with(Field::text("route", "接続経路", "off").help("例: internet、lgwan-asp、on-premises"), "internet"),
        with(Field::select("ismap", "ISMAPの登録", registrations(&register)).optional(), ""),
        with(Field::text("sub_service", "言明の対象となるサブサービス", "off").optional(), ""),
    ];
    let frame = Frame::new(app, Some(signed), "/apps/outside/new", "外部アプリを登録する").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/apps", "アプリ")]);
    Ok(page(status, &OutsidePage { app: app_fields, service: service_fields, frame: frame.wrong(problems) }))
}

fn registrations(register: &Register) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "登録なし・自組織運用")];
    choices.extend(register.registrations().map(|registration| {
        let until = words::day(registration.valid_until);
        Choice::new(registration.number.clone(), format!("{}（{until}まで）", registration.number))
    }));
    choices
}
