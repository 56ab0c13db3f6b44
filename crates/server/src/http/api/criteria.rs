//! `POST /api/ismap/import/criteria`: a version of 管理基準 from the bytes of a table, or a dry run of it; and
//! `GET /api/ismap/criteria/{id}/content`: its items.

use crate::http::body::receive;
use crate::http::error::ApiError;
use crate::http::{App, Identified};
use crate::ismap::adoption::{self, Facts, MAPPING};
use crate::ismap::documents;
use crate::ismap::working::{self, Draft};
use crate::ismap::{criteria_import, criteria_import::Looked};
use crate::sheet::Columns;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sekisho_domain::command::{Actor, Occasion, decide};
use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::may_keep;
use sekisho_domain::register::Register;
use serde::Deserialize;
use serde_json::{Value, json};

/// What stands in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct Asked {
    id: String,
    title: String,
    edition: String,
    effective_from: String,
    fictional: String,
    rule: String,
    article: String,
    against: String,
    reason: String,
    dry_run: String,
}

impl Asked {
    fn field(&self, name: &str) -> &str {
        match name {
            "id" => &self.id,
            "title" => &self.title,
            "edition" => &self.edition,
            "effective_from" => &self.effective_from,
            "fictional" => &self.fictional,
            "rule" => &self.rule,
            "article" => &self.article,
            _ => "",
        }
    }
}

pub(in crate::http) async fn import(
    State(app): State<App>,
    Identified(caller): Identified,
    Query(asked): Query<Asked>,
    body: Body,
) -> Result<Response, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    if !may_keep(&register, &caller.person) {
        return Err(ApiError::forbidden(
            "管理基準の取込みは、事務局、外部サービス管理者または統括情報セキュリティ責任者だけができます。",
            "only the secretariat, a service manager or the CISO may import criteria",
        ));
    }
    let facts = Facts::read(|name| asked.field(name)).map_err(|wrong| ApiError::parameters(&wrong))?;
    let against = against(&register, &asked.against)?;
    let bytes = receive(body, &app.config.limits).await.map_err(|problem| ApiError::unreadable(None, problem))?;
    let kept: Option<Columns> = working::load(&app, Draft::Columns, MAPPING).await?;
    let (file, columns) = (bytes.clone(), kept.unwrap_or_default());
    let look = move || criteria_import::look(&file, columns, false);
    let looked: Looked = app.tasks.spawn_blocking(look).await.map_err(|e| ApiError::inside(&e))?;
    let reading = looked.outcome.map_err(|rejects| ApiError::rejected(json!(rejects), rejects.len()))?;

    let content = serde_json::to_vec(&reading.catalogue).map_err(|e| ApiError::inside(&e))?;
    let counts = reading.catalogue.counts();
    let sha256 = documents::sha256(&content);
    let with = against.or_else(|| adoption::earlier(&register, Some(facts.effective_from), Some(&facts.id)));
    let difference = adoption::compared(&app, &register, with.as_ref(), &reading.catalogue).await?;
    let dry = !matches!(asked.dry_run.as_str(), "" | "false" | "0");
    let mut answer = json!({
        "dry_run": dry, "id": facts.id, "fictional": facts.fictional, "columns": looked.columns, "counts": counts,
        "against": with, "difference": difference, "notices": reading.notices, "rejects": [], "sha256": sha256,
    });
    let occasion = Occasion {
        actor: Actor::Person(caller.person.clone()),
        at: app.world.now(),
        reason: asked.reason.clone(),
        documents: vec![documents::sha256(&bytes)],
        fresh: app.world.fresh(),
    };
    let command = facts.adopt(sha256, counts);
    // What would be refused keeps no content.
    decide(&register, &occasion, command.clone()).map_err(|refusal| ApiError::refusal(&refusal))?;
    if app.gate.must_not_be_kept(&format!("{} {} {}", facts.title, facts.version, asked.reason)) {
        let text = "個人番号または鍵・パスワードが書かれています。台帳に残り、後から消せないので、除いてください。 (a 個人番号 or a credential would stay in the ledger)";
        return Err(ApiError::invalid("MUST_NOT_BE_KEPT", text));
    }
    if dry {
        return Ok((StatusCode::OK, Json(answer)).into_response());
    }
    documents::keep(&app, &caller.person, &bytes).await?;
    documents::keep(&app, &caller.person, &content).await?;
    let governed = app.journal.govern(occasion, command, Vec::new()).await;
    let committed = governed.map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let committed = committed.map_err(|refusal| ApiError::refusal(&refusal))?;
    if let Some(map) = answer.as_object_mut() {
        map.insert("first".into(), committed.first.into());
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn against(register: &Register, text: &str) -> Result<Option<CatalogueId>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    let known = CatalogueId::new(text).ok().filter(|id| register.scheme().catalogues.now(id).is_some());
    match known {
        Some(id) => Ok(Some(id)),
        None => {
            let shown: String = text.chars().take(80).collect();
            let ja = format!("比べる版 `{shown}` がありません。一覧で識別子を確かめてください。");
            let en = format!("there is no version `{shown}` to compare with");
            Err(ApiError::parameters(&[("against", ja, en)]))
        }
    }
}

pub(in crate::http) async fn content(
    State(app): State<App>,
    Identified(_): Identified,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let shown: String = id.chars().take(80).collect();
    let known = CatalogueId::new(&id).ok().filter(|id| register.scheme().catalogues.now(id).is_some());
    let id = known.ok_or_else(|| ApiError::missing(&format!("管理基準の版 `{shown}`")))?;
    let catalogue = documents::catalogue(&app, &register, &id).await?;
    Ok(Json(json!({ "id": id, "catalogue": &*catalogue })))
}
