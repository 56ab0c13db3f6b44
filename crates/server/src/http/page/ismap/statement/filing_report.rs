//! The report of the internal audit, which an LIU application carries: kept as it came, the form has its hash.

use super::filing::{Shown, drafted, is_open, own, shown};
use crate::http::App;
use crate::http::page::act::give_with;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Problem, download, go};
use crate::http::page::upload::Parcel;
use crate::ismap::documents;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::id::FilingId;
use sekisho_domain::ismap::filing::FilingForm;

/// The report, for whoever may read the application.
pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let scheme = register.scheme();
    let id = FilingId::new(&id).map_err(|_| PageError::Missing)?;
    if !scheme.may_read_filing(signed.person(), &id) {
        return Err(PageError::Missing);
    }
    let form = scheme.filings.now(&id).and_then(|filing| filing.form.as_ref()).ok_or(PageError::Missing)?;
    if form.internal_audit_sha256.is_empty() {
        return Err(PageError::Missing);
    }
    let bytes = documents::open(&app, &form.internal_audit_sha256).await?;
    // What it is nobody has looked at: it is saved, never shown.
    Ok(download("application/octet-stream", &format!("internal-audit-{id}"), bytes))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Parcel { signed, fields: _, file }: Parcel,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (id, _, filing, _) = own(&register, &signed, &id)?;
    let form = filing.form.as_deref().filter(|_| is_open(filing)).ok_or(PageError::Missing)?;
    let again = |problem: Problem| {
        let given = Fields::default();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        shown(&app, &signed, Shown { id: Some(id.clone()), given, problems: vec![problem], status, done: None })
    };
    let chosen = match file {
        Some(Ok(chosen)) if !chosen.bytes.is_empty() => chosen,
        Some(Ok(_)) => return again(Problem::at("upload", "ファイルが空です。別のファイルを選んでください。")).await,
        Some(Err(text)) => return again(Problem::at("upload", text)).await,
        None => return again(Problem::at("upload", "内部監査の報告書を選んでください。")).await,
    };
    let sha256 = documents::keep(&app, signed.person(), &chosen.bytes).await?;
    let next = FilingForm { internal_audit_sha256: sha256.clone(), ..form.clone() };
    match give_with(&app, &signed, drafted(&id, next), "", vec![sha256]).await? {
        Ok(_) => Ok(go(&format!("/ismap/filings/{id}/edit?done=report"))),
        Err(refusal) => again(Problem::refused("upload", &refusal)).await,
    }
}
