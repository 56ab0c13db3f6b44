//! The door of the pages: forms from this site alone, a session for everything but the entrances, and both factors for
//! everything but the second one.

use super::error::PageError;
use super::frame::go;
use super::next;
use super::places::{Place, Who};
use crate::account::{SignedIn, Standing};
use crate::config::SignIn;
use crate::http::App;
use crate::http::identity::{Door, Identity, Unknown, who};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Who came through the door. A handler that takes this cannot stand behind an open path.
#[derive(Debug, Clone)]
pub(super) struct Seen(pub(super) SignedIn);

impl FromRequestParts<App> for Seen {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        parts.extensions.get::<Self>().cloned().ok_or(PageError::Stale)
    }
}

/// Who looks at an open page, if they are signed in.
pub(super) async fn visitor(app: &App, headers: &HeaderMap) -> Option<SignedIn> {
    match who(app, Door::Page, headers).await {
        Ok(Identity::Session(signed)) => Some(*signed),
        Ok(Identity::Key(_)) | Err(_) => None,
    }
}

/// Lets a request for a page through, or answers it here. Without a place it is a page that does not exist.
pub(in crate::http) async fn pass(app: App, place: Option<&Place>, mut request: Request, onward: Next) -> Response {
    let path = request.uri().path().to_owned();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && !is_from_here(request.headers(), &app.config.signin) {
        // Not the path: it may hold a secret.
        tracing::info!(route = place.map_or("(none)", |place| place.path), "a form from elsewhere was refused");
        return PageError::Foreign.into_response();
    }
    let who_may = place.map_or(Who::SignedIn, |place| place.who);
    if who_may != Who::Anyone {
        let signed = match who(&app, Door::Page, request.headers()).await {
            Ok(Identity::Session(signed)) => *signed,
            Ok(Identity::Key(_)) | Err(Unknown::Nobody | Unknown::Api(_)) => {
                let wanted = request.uri().path_and_query().map(|wanted| wanted.as_str()).filter(|_| reads);
                return go(&next::remembering("/signin", wanted));
            }
            Err(Unknown::Failed(error)) => return PageError::from(error).into_response(),
        };
        let (only, onto) = match signed.standing {
            Standing::Full => ("", ""),
            Standing::Code => ("/signin/code", "/signin/code"),
            Standing::Enrol => ("/me/second-factor", "/me/second-factor"),
        };
        if !only.is_empty() && path != only && path != "/signout" {
            let wanted = request.uri().path_and_query().map(|wanted| wanted.as_str()).filter(|_| reads);
            return go(&next::remembering(onto, wanted));
        }
        let register = match app.journal.register() {
            Ok(register) => register,
            Err(error) => return PageError::from(error).into_response(),
        };
        if place.is_some_and(|place| !place.lets_outsiders_in()) && register.scheme().is_outsider(signed.person()) {
            return PageError::Forbidden(&[]).into_response();
        }
        if let Who::Holding(roles) = who_may
            && !register.person(signed.person()).is_some_and(|person| who_may.lets_in(&person.roles))
        {
            return PageError::Forbidden(roles).into_response();
        }
        request.extensions_mut().insert(Seen(signed));
    }
    let response = onward.run(request).await;
    // What the router answers by itself is meant for programs.
    match response.status() {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED if !is_html(&response) => {
            let mut told = PageError::Missing.into_response();
            *told.status_mut() = response.status();
            if let Some(allow) = response.headers().get(header::ALLOW) {
                told.headers_mut().insert(header::ALLOW, allow.clone());
            }
            told
        }
        _ => response,
    }
}

fn is_html(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Whether a browser says that a form was sent from a page of this site. One that says nothing is not believed.
fn is_from_here(headers: &HeaderMap, settings: &SignIn) -> bool {
    let one = |name: &str| {
        let mut all = headers.get_all(name).iter();
        let value = all.next().map(|value| value.to_str().unwrap_or("?"));
        if all.next().is_some() { Some("?") } else { value }
    };
    let site = one("sec-fetch-site");
    let origin = one("origin");
    let ours = |origin: &str| match &settings.public_url {
        Some(url) => origin == url,
        None => {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            host.is_some() && host == one("host")
        }
    };
    (site.is_some() || origin.is_some()) && site.is_none_or(|site| site == "same-origin") && origin.is_none_or(ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use axum::http::HeaderValue;
    use std::path::Path;

    #[test]
    fn a_form_says_where_it_comes_from_and_that_is_here() {
        let mut settings = Config::for_data(Path::new("/x")).unwrap().signin;
        let ask = |settings: &SignIn, given: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("127.0.0.1:8080"));
            for (name, value) in given {
                headers.append(*name, HeaderValue::from_str(value).unwrap());
            }
            is_from_here(&headers, settings)
        };
        let here = ("origin", "http://127.0.0.1:8080");
        assert!(ask(&settings, &[here]));
        assert!(ask(&settings, &[here, ("sec-fetch-site", "same-origin")]));
        assert!(ask(&settings, &[("sec-fetch-site", "same-origin")]));
        for bad in [
            vec![],
            vec![("origin", "null")],
            vec![("origin", "http://evil.example")],
            vec![("origin", "http://127.0.0.1:8081")],
            vec![("origin", "http://127.0.0.1:8080.evil.example")],
            vec![("origin", "127.0.0.1:8080")],
            vec![here, here],
            vec![here, ("sec-fetch-site", "same-site")],
            vec![here, ("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "none")],
        ] {
            assert!(!ask(&settings, &bad), "{bad:?}");
        }
        settings.public_url = Some("https://sekisho.example.lg.jp".into());
        assert!(ask(&settings, &[("origin", "https://sekisho.example.lg.jp")]));
        assert!(!ask(&settings, &[here]));
        assert!(!ask(&settings, &[("origin", "http://sekisho.example.lg.jp")]));
    }
}
