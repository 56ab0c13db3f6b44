//! Forms with files: `multipart/form-data` beside the plain form, under the same token.

use crate::account::SignedIn;
use crate::account::same;
use crate::app::form::FileIn;
use crate::http::App;
use crate::http::body::receive;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use std::convert::Infallible;

/// Most parts of a form.
const MOST_PARTS: usize = 600;

/// A form of someone with a session, with the files that came along, by the name of their field.
pub(super) struct Received {
    pub(super) signed: SignedIn,
    pub(super) fields: Fields,
    pub(super) files: Vec<(String, FileIn)>,
}

impl FromRequest<App> for Received {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let Ok(boundary) = multer::parse_boundary(kind) else {
            let Submitted { signed, fields } = Submitted::from_request(request, app).await?;
            return Ok(Self { signed, fields, files: Vec::new() });
        };
        let Seen(signed) = request.extensions().get::<Seen>().cloned().ok_or(PageError::Stale)?;
        let body = receive(request.into_body(), &app.config.limits).await.map_err(|_| PageError::Unreadable)?;
        let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
        let (mut plain, mut files, mut count) = (Vec::<(String, String)>::new(), Vec::new(), 0);
        while let Some(part) = parts.next_field().await.map_err(|_| PageError::Unreadable)? {
            count += 1;
            let Some(name) = part.name().map(str::to_owned).filter(|_| count <= MOST_PARTS) else {
                return Err(PageError::Unreadable);
            };
            let file = part.file_name().map(str::to_owned);
            let bytes = part.bytes().await.map_err(|_| PageError::Unreadable)?;
            match file {
                // A browser sends an empty part for a field in which nothing was chosen.
                Some(file) if file.is_empty() && bytes.is_empty() => {}
                Some(file) => files.push((name, FileIn { name: file, content: STANDARD.encode(&bytes) })),
                None => {
                    let text = std::str::from_utf8(&bytes).map_err(|_| PageError::Unreadable)?;
                    plain.push((name, text.to_owned()));
                }
            }
        }
        let plain = form_urlencoded::Serializer::new(String::new()).extend_pairs(plain).finish();
        let fields = Fields::read(plain.as_bytes()).ok_or(PageError::Unreadable)?;
        if same(fields.get("token"), &signed.form_token) {
            Ok(Self { signed, fields, files })
        } else {
            tracing::info!(person = %signed.person(), "a form without the session's token was refused");
            Err(PageError::Stale)
        }
    }
}
