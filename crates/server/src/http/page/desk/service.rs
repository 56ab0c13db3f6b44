//! One service: what the register says, which permits rest on it, what happened to it, and what its managers record.

use super::facts::Facts;
use super::wording::{self, Past};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{ChangeTerms, Command, LiftAdvisory, OpenAdvisory, RecordConsultation, WithdrawService};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::history::Deed;
use sekisho_domain::id::ServiceId;
use sekisho_domain::permit::Permit;
use sekisho_domain::person::Role;
use sekisho_domain::register::ServiceRecord;
use sekisho_domain::returns::Stage;
use sekisho_domain::service::{Consultation, ProvisionForm, Terms, Wire};

/// Who keeps the register of services.
pub(super) const MANAGERS: &[Role] = &[Role::ServiceManager, Role::Administrator, Role::Ciso];

#[derive(Template)]
#[template(path = "desk/service.html")]
struct ServicePage {
    frame: Frame,
    id: String,
    facts: Facts,
    models: Vec<(String, &'static str, String)>,
    address: Option<String>,
    active: usize,
    permits: Table,
    history: Vec<Past>,
    manages: bool,
    seen: usize,
    terms: Vec<Field>,
    advisory: Field,
    advisories: Vec<String>,
    consultation: Vec<Field>,
    /// Drafts of reports: where they are, where one is recorded as sent, and their names.
    drafts: Vec<(String, String, &'static str)>,
    withdraw: Field,
}

#[derive(Default)]
struct Shown<'f> {
    done: Option<&'static str>,
    problems: Vec<Problem>,
    typed: Option<&'f Fields>,
    status: StatusCode,
    asked: Asked,
}

const STATES: [(&str, &str, Consultation); 3] = [
    ("reported", "報告した", Consultation::Reported),
    ("consented", "了解を得た", Consultation::Consented),
    ("none", "報告していない（取消し）", Consultation::None),
];

pub(super) fn found(register: &sekisho_domain::register::Register, id: &str) -> Result<ServiceRecord, PageError> {
    let id = ServiceId::new(id).map_err(|_| PageError::Missing)?;
    register.service(&id).cloned().ok_or(PageError::Missing)
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("registered") => Some("サービスを登録しました。職員は利用申請で選べます。"),
        Some("changed") => Some("内容を変更しました。前提が変わった承認は自動で停止しています。"),
        Some("terms") => Some("新しい約款・提供条件を記録しました。このサービスによる承認は、再承認まで停止します。"),
        Some("advise") => Some("注意喚起を記録しました。このサービスによる承認は、再承認まで停止します。"),
        Some("lift") => Some("注意喚起を解除しました。"),
        Some("consult") => Some("報告・了解の状況を記録しました。"),
        Some("withdraw") => Some("提供を終えました。"),
        _ => None,
    };
    one(&app, &signed, &id, Shown { done, status: StatusCode::OK, asked, ..Shown::default() }).await
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let record = found(&register, id)?;
    let Shown { done, problems, typed, status, asked } = shown;
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let governs = wording::governs(&register, signed.person());
    let manages = register.holds_any(signed.person(), MANAGERS);
    let all: Vec<&Permit> = register.permits_on(&record.service.service).collect();
    let active = all.iter().filter(|permit| permit.standing_on(today) == PermitStanding::Active).count();
    let mine: Vec<&Permit> =
        all.into_iter().filter(|permit| governs || register.in_range(&permit.draft.users, person)).collect();
    let slice = asked.slice(
        mine,
        &[
            ("purpose", &|one, other| one.draft.purpose.cmp(&other.draft.purpose)),
            ("until", &|one, other| one.draft.until.cmp(&other.draft.until)),
        ],
    );
    let columns = [
        Column::sorted("purpose", "業務"),
        Column::plain("状態"),
        Column::plain("格付の上限"),
        Column::sorted("until", "末日"),
    ];
    let empty = "このサービスによる承認で、あなたに見えるものはありません。利用申請が承認されると、ここに並びます。";
    let permits = Table::new(
        format!("/services/{id}"),
        ("このサービスによる承認", empty),
        &columns,
        &asked,
        slice,
        |permit| {
            let (tone, standing) = wording::standing(permit.standing_on(today));
            vec![
                Cell::link(format!("/permits/{}", permit.permit), permit.draft.purpose.clone()),
                Cell::tag(tone, standing),
                Cell::text(format!("{}まで", words::grade(&register, permit.draft.ceiling))),
                Cell::text(words::day(permit.draft.until)),
            ]
        },
    );
    if let Some(file) = permits.file("service-permits")? {
        return Ok(file);
    }
    let frame = Frame::new(app, Some(signed), "/services", record.service.name.clone()).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/services", "サービス")]).notice(done).wide();
    let text = |name: &str| typed.map(|fields| fields.line(name).to_owned()).unwrap_or_default();
    let url = record.service.terms.as_ref().map(|terms| terms.url.clone()).unwrap_or_default();
    let upstream = &record.service.upstream;
    let shown = ServicePage {
        id: id.to_owned(),
        models: record
            .service
            .models
            .iter()
            .map(|model| {
                let kind = if model.generative { "生成AI" } else { "生成AIではない（埋め込みなど）" };
                (model.model.to_string(), kind, model.sub_service.clone().unwrap_or_default())
            })
            .collect(),
        address: manages.then(|| match upstream.wire {
            Wire::Extractive => "内蔵の抽出モデル（外には接続しません）".to_owned(),
            Wire::Library => "内蔵の検索（外には接続しません）".to_owned(),
            Wire::OpenAi | Wire::AzureOpenAi | Wire::Anthropic | Wire::Gennai => upstream.base_url.clone(),
        }),
        active,
        permits,
        history: wording::history(app, &register, &record.history, None).await?,
        manages: manages && !record.withdrawn,
        seen: record.history.len(),
        terms: vec![
            Field::input("url", "terms_url", "約款・提供条件のアドレス")
                .value(&if typed.is_some() { text("terms_url") } else { url })
                .told(&problems),
            Field::text("terms_sha256", "読んだ版の SHA-256", "off")
                .help("保存したファイルのハッシュです。sha256sum ファイル名 などで求めた 16 進 64 桁を入れます。")
                .value(&text("terms_sha256"))
                .told(&problems),
            Field::text("terms_reason", "変更の概要", "off").optional().value(&text("terms_reason")).told(&problems),
        ],
        advisory: Field::text("advisory", "注意喚起の題名", "off").value(&text("advisory")).told(&problems),
        advisories: record.advisories.iter().cloned().collect(),
        consultation: if record.service.form == ProvisionForm::IndividualContract {
            let choices = STATES.map(|(key, label, _)| Choice::new(key, label)).to_vec();
            let on = if text("on").is_empty() { today.to_string() } else { text("on") };
            vec![
                Field::select("consulted", "状況", choices).value(&text("consulted")).told(&problems),
                Field::text("addressee", "報告先", "off").value(&text("addressee")).told(&problems),
                Field::input("date", "on", "報告・了解の日").value(&on).told(&problems),
            ]
        } else {
            Vec::new()
        },
        drafts: if super::returns::is_due(&register, &record) {
            let draft = |stage: Stage| {
                let name = stage.as_str();
                let (draft, sent) =
                    (format!("/services/{id}/return?stage={name}"), format!("/returns/new?service={id}&stage={name}"));
                (draft, sent, stage.japanese())
            };
            Stage::ALL.map(draft).to_vec()
        } else {
            Vec::new()
        },
        withdraw: Field::text("withdraw_reason", "提供を終える理由", "off")
            .help("終えると、このサービスは選べなくなり、元には戻せません。")
            .value(&text("withdraw_reason"))
            .told(&problems),
        facts: Facts::of(&register, &record, today),
        frame: frame.wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if !register.holds_any(signed.person(), MANAGERS) {
        return Err(PageError::Forbidden(MANAGERS));
    }
    let record = found(&register, &id)?;
    let act = fields.get("act").to_owned();
    if fields.get("seen") != record.history.len().to_string() {
        return stale(&app, &signed, &id, &record, &act).await;
    }
    let again = |problems| Shown {
        problems,
        typed: Some(&fields),
        status: StatusCode::UNPROCESSABLE_ENTITY,
        ..Shown::default()
    };
    let (command, reason, field) = match asked(&fields, record.service.service.clone()) {
        Ok(asked) => asked,
        Err(problem) => return one(&app, &signed, &id, again(vec![problem])).await,
    };
    match give(&app, &signed, command, &reason).await? {
        Ok(_) => Ok(go(&format!("/services/{id}?done={act}"))),
        Err(refusal) => one(&app, &signed, &id, again(vec![Problem::refused(field, &refusal)])).await,
    }
}

fn asked(fields: &Fields, service: ServiceId) -> Result<(Command, String, &'static str), Problem> {
    let line = |name: &str| fields.line(name).to_owned();
    let reason = |name: &'static str| {
        let text = line(name);
        if text.chars().count() > 2_000 {
            Err(Problem::at(name, "2,000 文字までにしてください。"))
        } else {
            Ok(text)
        }
    };
    match fields.get("act") {
        "terms" => {
            if line("terms_url").is_empty() {
                return Err(Problem::at("terms_url", "約款・提供条件のアドレスを入力してください。"));
            }
            let terms = Terms { url: line("terms_url"), sha256: line("terms_sha256").to_ascii_lowercase() };
            Ok((Command::ChangeTerms(ChangeTerms { service, terms }), reason("terms_reason")?, "terms_sha256"))
        }
        "advise" => {
            let advisory = line("advisory");
            Ok((Command::OpenAdvisory(OpenAdvisory { service, advisory }), "注意喚起の記録".into(), "advisory"))
        }
        "lift" => {
            let advisory = fields.get("lifted").to_owned();
            Ok((Command::LiftAdvisory(LiftAdvisory { service, advisory }), "注意喚起の解除".into(), ""))
        }
        "consult" => {
            let state = STATES.iter().find(|(key, ..)| *key == fields.get("consulted")).map(|(.., state)| *state);
            let state = state.ok_or_else(|| Problem::at("consulted", "状況を選んでください。"))?;
            let on = line("on").parse::<Date>();
            let on = on.map_err(|_| Problem::at("on", "日付を 2026-11-25 のような形で入力してください。"))?;
            let command = RecordConsultation { service, state, addressee: line("addressee"), on };
            Ok((Command::RecordConsultation(command), "申合せの報告・了解".into(), "addressee"))
        }
        "withdraw" => {
            let why = reason("withdraw_reason")?;
            if why.is_empty() {
                return Err(Problem::at("withdraw_reason", "提供を終える理由を入力してください。"));
            }
            Ok((Command::WithdrawService(WithdrawService { service }), why, "withdraw_reason"))
        }
        _ => Err(Problem::at("", "何をするかを選んでください。")),
    }
}

/// The page was older than the service: what was asked for is already done, or somebody else was first.
async fn stale(
    app: &App,
    signed: &SignedIn,
    id: &str,
    record: &ServiceRecord,
    act: &str,
) -> Result<Response, PageError> {
    let last = record.history.last();
    let kind = match act {
        "terms" => "約款・提供条件の変更",
        "advise" => "注意喚起",
        "lift" => "注意喚起の解除",
        "consult" => "申合せの報告・了解",
        _ => "提供の終了",
    };
    let done = last.is_some_and(|step| {
        step.by == *signed.person() && matches!(&step.deed, Deed::Service { what, .. } if *what == kind)
    });
    if done {
        return Ok(go(&format!("/services/{id}?done={act}")));
    }
    let text = wording::overtaken(last);
    let problems = vec![Problem::at("", text)];
    one(app, signed, id, Shown { problems, status: StatusCode::CONFLICT, ..Shown::default() }).await
}
