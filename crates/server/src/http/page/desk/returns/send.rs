//! Recording that a report was sent: the text is kept as it was sent, its hash stands in the ledger.

use super::super::service::MANAGERS;
use super::{is_due, written};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{MUST_NOT_BE_KEPT, ONCE, give_named, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, SendReturn};
use sekisho_domain::day::in_japan;
use sekisho_domain::event::Event;
use sekisho_domain::id::{PermitId, ServiceId};
use sekisho_domain::register::{Register, ServiceRecord};
use sekisho_domain::returns::{Stage, Way, addressee_on};
use serde::Deserialize;

/// Most characters of a report.
const MOST: usize = 200_000;

#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct About {
    #[serde(default)]
    service: String,
    #[serde(default)]
    permit: String,
    #[serde(default)]
    stage: String,
}

#[derive(Template)]
#[template(path = "desk/return_new.html")]
struct NewPage {
    frame: Frame,
    about: Vec<Field>,
    form: Option<Form>,
}

struct Form {
    service: String,
    permit: String,
    stage: &'static str,
    once: String,
    addressee_note: Option<&'static str>,
    fields: Vec<Field>,
}

/// What a report is about, as far as it is said.
struct Meant<'r> {
    record: &'r ServiceRecord,
    permit: Option<PermitId>,
    stage: Stage,
}

fn meant<'r>(register: &'r Register, about: &About) -> Option<Meant<'r>> {
    let id = ServiceId::new(&about.service).ok()?;
    let record = register.service(&id).filter(|record| is_due(register, record))?;
    let permit = match about.permit.as_str() {
        "" => None,
        permit => Some(PermitId::new(permit).ok()?),
    };
    Some(Meant { record, permit, stage: Stage::named(&about.stage)? })
}

pub(in super::super) async fn form(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(about): Query<About>,
) -> Result<Response, PageError> {
    render(&app, &signed, &about, None, Vec::new()).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    about: &About,
    typed: Option<&Fields>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let services = register.services().filter(|record| is_due(&register, record));
    let services = services.map(|record| Choice::new(record.service.service.as_str(), record.service.name.clone()));
    let mut permits = vec![Choice::new("", "承認を特定しない（サービスの全体）")];
    if let Ok(id) = ServiceId::new(&about.service) {
        let all = register.permits_on(&id);
        permits.extend(all.map(|permit| Choice::new(permit.permit.as_str(), permit.draft.purpose.clone())));
    }
    let stages = Stage::ALL.map(|stage| Choice::new(stage.as_str(), stage.japanese())).to_vec();
    let fields = vec![
        Field::select("service", "サービス", services.collect()).value(&about.service),
        Field::select("stage", "何の報告か", stages).value(&about.stage),
        Field::select("permit", "業務（承認）", permits)
            .help("サービスを選んで下書きを作り直すと、そのサービスの承認が並びます。")
            .value(&about.permit),
    ];
    let form = match meant(&register, about) {
        None => None,
        Some(meant) => {
            let addressee = addressee_on(today);
            let text = |name: &str| typed.map(|fields| fields.text(name));
            let draft = match text("text") {
                Some(typed) => typed,
                None => written(app, &register, meant.record, meant.stage, meant.permit.as_ref()).await?,
            };
            let ways = Way::ALL.map(|way| Choice::new(way.as_str(), way.japanese())).to_vec();
            let on = text("on").unwrap_or_else(|| today.to_string());
            let to = text("addressee").unwrap_or_else(|| addressee.map(|one| one.name.to_owned()).unwrap_or_default());
            Some(Form {
                service: about.service.clone(),
                permit: about.permit.clone(),
                stage: meant.stage.as_str(),
                once: typed.map(|fields| fields.get(ONCE).to_owned()).unwrap_or_else(|| once(app)),
                addressee_note: addressee.filter(|one| !one.confirmed).map(|one| one.document),
                fields: vec![
                    Field::text("addressee", "宛先", "off").value(&to).told(&problems),
                    Field::input("date", "on", "送った日").value(&on).told(&problems),
                    Field::radio("way", "送り方", ways).value(&text("way").unwrap_or_default()).told(&problems),
                    Field::text("reference", "文書番号", "off")
                        .optional()
                        .value(&text("reference").unwrap_or_default())
                        .told(&problems),
                    Field::area("text", "送った文", 24)
                        .help("登録簿から埋めた下書きです。実際に送ったとおりに直してください。このまま保管し、SHA-256 を台帳に記録します。")
                        .value(&draft)
                        .told(&problems),
                ],
            })
        }
    };
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/returns", "送った報告を記録する").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/returns", "報告")]).wrong(problems);
    Ok(page(status, &NewPage { frame, about: fields, form }))
}

pub(in super::super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if !register.holds_any(signed.person(), MANAGERS) {
        return Err(PageError::Forbidden(MANAGERS));
    }
    let about = About {
        service: fields.get("service").to_owned(),
        permit: fields.get("permit").to_owned(),
        stage: fields.get("stage").to_owned(),
    };
    let meant = meant(&register, &about).ok_or(PageError::Missing)?;
    let mut problems = Vec::new();
    if fields.line("addressee").is_empty() {
        problems.push(Problem::at("addressee", "宛先を入力してください。"));
    }
    let on = fields.line("on").parse::<Date>();
    if on.is_err() {
        problems.push(Problem::at("on", "日付を 2026-11-25 のような形で入力してください。"));
    }
    let way = Way::named(fields.get("way"));
    if way.is_none() {
        problems.push(Problem::at("way", "送り方を選んでください。"));
    }
    let text = fields.text("text");
    if text.trim().is_empty() || text.chars().count() > MOST {
        problems.push(Problem::at("text", "送った文を 200,000 文字以内で入力してください。"));
    } else if app.gate.must_not_be_kept(&text) {
        problems.push(Problem::at("text", MUST_NOT_BE_KEPT));
    }
    let (Ok(on), Some(way), true) = (on, way, problems.is_empty()) else {
        return render(&app, &signed, &about, Some(&fields), problems).await;
    };
    // The text first: what the ledger speaks of must be there. Kept for nothing, it harms nobody.
    let sha256 = documents::keep(&app, signed.person(), text.as_bytes()).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a report could not be kept");
        PageError::Inside
    })?;
    let command = Command::SendReturn(SendReturn {
        service: meant.record.service.service.clone(),
        permit: meant.permit,
        stage: meant.stage,
        addressee: fields.line("addressee").to_owned(),
        on,
        way,
        reference: fields.line("reference").to_owned(),
        sha256,
    });
    let fresh = named_once(&app, &signed, &fields);
    let name = format!("return-{fresh}");
    match give_named(&app, &signed, command, "送った報告の記録", fresh, vec![]).await? {
        Ok(committed) => {
            let sent = committed.entries.iter().find_map(|entry| match &entry.event {
                Event::ReturnSent(sent) => Some(sent.id.to_string()),
                _ => None,
            });
            Ok(go(&format!("/returns/{}?done=sent", sent.unwrap_or(name))))
        }
        // The same form sent twice recorded one report.
        Err(refusal) if refusal.code == "EXISTS" => Ok(go(&format!("/returns/{name}"))),
        Err(refusal) => render(&app, &signed, &about, Some(&fields), vec![Problem::refused("", &refusal)]).await,
    }
}
