//! A form that carries a file. Beside [`Submitted`](super::form::Submitted): the session's token has to be its first field.

use super::door::Seen;
use super::error::PageError;
use super::form::{Fields, TOKEN};
use crate::account::{SignedIn, same};
use crate::http::App;
use crate::http::body::receive;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use bytes::Bytes;
use futures_util::stream;
use std::convert::Infallible;

/// The field with the file.
const FILE: &str = "upload";

/// A file as it was chosen.
pub(super) struct Chosen {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// A form with a file, sent from a page of the very session of who sent it.
pub(super) struct Parcel {
    pub(super) signed: SignedIn,
    pub(super) fields: Fields,
    /// Why there is no file: `None` when none was chosen.
    pub(super) file: Option<Result<Chosen, String>>,
}

impl FromRequest<App> for Parcel {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let Seen(signed) = request.extensions().get::<Seen>().cloned().ok_or(PageError::Stale)?;
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let boundary = multer::parse_boundary(kind).map_err(|_| PageError::Unreadable)?;
        let body = receive(request.into_body(), &app.config.limits).await.map_err(|problem| {
            tracing::info!(code = problem.code, "an upload was refused");
            PageError::Unreadable
        })?;
        let broken = |_: multer::Error| PageError::Unreadable;
        let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
        let (mut all, mut file) = (Vec::new(), None);
        while let Some(field) = parts.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            if all.is_empty() && file.is_none() {
                // Nothing is looked at before it is known whose form it is.
                let token = if name == TOKEN { field.text().await.map_err(broken)? } else { String::new() };
                if !same(&token, &signed.form_token) {
                    tracing::info!(person = %signed.person(), "a form without the session's token was refused");
                    return Err(PageError::Stale);
                }
                all.push((name, token));
            } else if name == FILE {
                let known = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(broken)?;
                if file.is_some() {
                    file = Some(Err("ファイルは一度に一つだけ選んでください。".to_owned()));
                } else if !known.is_empty() {
                    file = Some(Ok(Chosen { name: known, bytes }));
                }
            } else {
                all.push((name, field.text().await.map_err(broken)?));
            }
        }
        let fields = Fields::of(all).ok_or(PageError::Unreadable)?;
        if fields.get(TOKEN).is_empty() {
            return Err(PageError::Stale);
        }
        Ok(Self { signed, fields, file })
    }
}
