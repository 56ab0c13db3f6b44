//! Forms on their way in. A page's handler gets the fields of a form only through [`Submitted`], which has checked the
//! session's token, so forgetting the check does not compile.

use super::door::Seen;
use super::error::PageError;
use super::frame::Problem;
use crate::account::{SignedIn, same};
use crate::config::RequestLimits;
use crate::http::App;
use crate::http::body::receive;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use jiff::civil::Date;

/// Most bytes of a form: a long text to work on, percent-encoded.
const MOST: usize = 4 * 1024 * 1024;
/// Most fields of a form.
const MOST_FIELDS: usize = 600;
/// The hidden field with the session's token.
pub(super) const TOKEN: &str = "token";

/// Said of a text that is no day.
pub(super) const NO_DAY: &str = "日付を 2026-12-01 の形で入力してください。";

/// The fields of a form, each given once.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// What was typed; empty when the field is missing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The text of a line, without what surrounds it.
    pub(super) fn line(&self, name: &str) -> &str {
        self.get(name).trim()
    }

    /// A text of several lines, which browsers send with CR LF.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).replace("\r\n", "\n")
    }

    /// A day, if one was typed; what is no day is told at its field.
    pub(super) fn day(&self, name: &'static str, wrong: &mut Vec<Problem>) -> Option<Date> {
        let typed = Some(self.line(name)).filter(|text| !text.is_empty())?;
        let day = typed.parse().ok();
        if day.is_none() {
            wrong.push(Problem::at(name, NO_DAY));
        }
        day
    }

    /// What was ticked of a field of [`Control::Checks`](super::frame::Control::Checks).
    pub(super) fn chosen(&self, name: &str) -> Vec<&str> {
        let ticked = self.0.iter().filter(|(_, value)| !value.is_empty());
        ticked.filter_map(|(known, _)| known.strip_prefix(name)?.strip_prefix('.')).collect()
    }

    /// All fields, as they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Reads `application/x-www-form-urlencoded`; `None` when a field stands twice.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        Self::of(form_urlencoded::parse(bytes).into_owned())
    }

    /// Takes fields read elsewhere; `None` when one stands twice.
    pub(super) fn of(all: impl IntoIterator<Item = (String, String)>) -> Option<Self> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in all {
            if fields.len() >= MOST_FIELDS || fields.iter().any(|(known, _)| *known == name) {
                return None;
            }
            fields.push((name, value));
        }
        Some(Self(fields))
    }
}

async fn fields(app: &App, request: Request) -> Result<Fields, PageError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(PageError::Unreadable);
    }
    let limits = RequestLimits { body_bytes: MOST.min(app.config.limits.body_bytes), ..app.config.limits };
    let bytes = receive(request.into_body(), &limits).await.map_err(|_| PageError::Unreadable)?;
    Fields::read(&bytes).ok_or(PageError::Unreadable)
}

/// A form of someone with a session, sent from a page of that very session.
pub(super) struct Submitted {
    pub(super) signed: SignedIn,
    pub(super) fields: Fields,
}

impl FromRequest<App> for Submitted {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let Seen(signed) = request.extensions().get::<Seen>().cloned().ok_or(PageError::Stale)?;
        let fields = fields(app, request).await?;
        if same(fields.get(TOKEN), &signed.form_token) {
            Ok(Self { signed, fields })
        } else {
            tracing::info!(person = %signed.person(), "a form without the session's token was refused");
            Err(PageError::Stale)
        }
    }
}

/// A form sent before there is a session; that it came from a page of ours is checked at the door.
pub(super) struct Entered(pub(super) Fields);

impl FromRequest<App> for Entered {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        fields(app, request).await.map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_stands_twice_is_no_form() {
        let fields = Fields::read("a=1&b=%E9%96%A2+%E6%89%80".as_bytes()).unwrap();
        assert_eq!((fields.get("a"), fields.get("b"), fields.get("c")), ("1", "関 所", ""));
        assert!(Fields::read(b"a=1&a=2").is_none());
        assert!(Fields::read(b"x&").is_some());
        let ticked = Fields::read(b"s.a=on&s.b=on&s.c=&sx=1&s=1").unwrap();
        assert_eq!(ticked.chosen("s"), ["a", "b"]);
        let many: String = (0..700).map(|n| format!("f{n}=1&")).collect();
        assert!(Fields::read(many.as_bytes()).is_none());
    }
}
