//! Who is this? The one place that answers, for the API by its key and for pages by the session's cookie. Another way
//! to sign in (OpenID Connect) ends in a session too, so nothing above this file changes with it.

use super::error::ApiError;
use crate::account::{NotSignedIn, Secret, SignedIn, Visit, visit};
use crate::config::SignIn;
use crate::installation::Installation;
use axum::http::{HeaderMap, HeaderValue, header};
use sekisho_gate::identify::{Caller, identify};
use std::net::IpAddr;

/// Someone the register knows.
pub(super) enum Identity {
    /// A program or person with a key.
    Key(Caller),
    /// A person at a browser, as far as they have come.
    Session(Box<SignedIn>),
}

/// By what one may come in. A cookie opens no API path: what a browser sends by itself must not be enough there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    Api,
    /// An app's address, to which programs of 源内 send the key as `x-api-key`.
    App,
    Page,
}

/// Why nobody was recognised.
pub(super) enum Unknown {
    /// Nobody, as far as we know.
    Nobody,
    /// The API's answer.
    Api(ApiError),
    /// It could not be found out.
    Failed(NotSignedIn),
}

/// Recognises the caller.
pub(super) async fn who(app: &Installation, door: Door, headers: &HeaderMap) -> Result<Identity, Unknown> {
    match door {
        Door::Api | Door::App => {
            let register = app.journal.register().map_err(|e| Unknown::Api(ApiError::unavailable(&e.to_string())))?;
            let secret = if door == Door::App { of_app(headers) } else { bearer(headers) };
            let secret = secret.map_err(Unknown::Api)?;
            identify(&register, secret, app.world.now()).map(Identity::Key).map_err(|error| {
                tracing::info!(%error, "not identified");
                Unknown::Api(ApiError::not_identified())
            })
        }
        Door::Page => match visit(app, cookie(headers, &app.config.signin).as_ref()).await {
            Ok(Visit::SignedIn(signed)) => Ok(Identity::Session(signed)),
            Ok(Visit::Nobody) => Err(Unknown::Nobody),
            Err(error) => Err(Unknown::Failed(error)),
        },
    }
}

/// The key of the request: `Authorization: Bearer …`, exactly once.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(ApiError::twice("authorization"));
    }
    Ok(value.to_str().ok().and_then(|text| {
        let (scheme, secret) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
    }))
}

/// The key of a request to an app: `x-api-key`, or as everywhere else; one of the two.
fn of_app(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let mut all = headers.get_all("x-api-key").iter();
    let Some(value) = all.next() else { return bearer(headers) };
    if all.next().is_some() {
        return Err(ApiError::twice("x-api-key"));
    }
    if headers.contains_key(header::AUTHORIZATION) {
        let text = "鍵は `x-api-key` か `Authorization` のどちらか一方で示してください。 (show the key in `x-api-key` or in `authorization`, not in both)";
        return Err(ApiError::invalid("DUPLICATE_HEADER", text));
    }
    Ok(value.to_str().ok().map(str::trim))
}

/// `__Host-` lets no other host and no plain connection set the cookie.
fn cookie_name(settings: &SignIn) -> &'static str {
    if settings.secure() { "__Host-sekisho" } else { "sekisho" }
}

/// The session's secret; `None` when there is none, or when there are two and nobody can say which one is ours.
fn cookie(headers: &HeaderMap, settings: &SignIn) -> Option<Secret> {
    let name = cookie_name(settings);
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(known, _)| *known == name);
    let (_, value) = found.next()?;
    if found.next().is_some() { None } else { Secret::read(value) }
}

/// The header that gives a browser its session, or takes it.
pub(super) fn set_cookie(secret: Option<&Secret>, settings: &SignIn) -> Option<HeaderValue> {
    let (value, end) = secret.map_or(("", "; Max-Age=0"), |secret| (secret.as_str(), ""));
    let secure = if settings.secure() { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/{secure}; HttpOnly; SameSite=Lax{end}", cookie_name(settings));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Where a request comes from: what the nearest proxy of ours says it was, else the other end of the connection.
pub(super) fn source(peer: IpAddr, headers: &HeaderMap, settings: &SignIn) -> IpAddr {
    if !settings.proxies.contains(&peer) {
        return peer;
    }
    let all = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = all.flat_map(|value| value.split(',')).map(str::trim).collect();
    let addresses = hops.iter().rev().map_while(|hop| hop.parse::<IpAddr>().ok());
    let mut nearest = peer;
    for address in addresses {
        nearest = address;
        if !settings.proxies.contains(&address) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_cookie_is_ours_by_its_name_and_only_when_it_stands_alone() {
        let settings = Config::for_data(Path::new("/x")).unwrap().signin;
        let (one, other) = ("ab".repeat(32), "cd".repeat(32));
        let ours = format!("a=b; __Host-sekisho={one}; c=d");
        assert_eq!(cookie(&headers("cookie", &[&ours]), &settings).unwrap().as_str(), one);
        for values in [
            vec![format!("sekisho={one}")],
            vec![format!("__Host-sekisho={one}; __Host-sekisho={other}")],
            vec![format!("__Host-sekisho={one}"), format!("__Host-sekisho={other}")],
            vec!["__Host-sekisho=x".to_owned()],
        ] {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            assert!(cookie(&headers("cookie", &values), &settings).is_none(), "{values:?}");
        }
        let set = set_cookie(Secret::read(&one).as_ref(), &settings).unwrap();
        assert_eq!(set, format!("__Host-sekisho={one}; Path=/; Secure; HttpOnly; SameSite=Lax").as_str());
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed_and_only_its_own_word() {
        let settings = Config::for_data(Path::new("/x")).unwrap().signin;
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        for (peer, forwarded, expected) in [
            ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
            ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "203.0.113.9, 127.0.0.1", "203.0.113.9"),
            ("127.0.0.1", "x, 203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "203.0.113.9, x", "127.0.0.1"),
            ("127.0.0.1", "", "127.0.0.1"),
        ] {
            let told = headers("x-forwarded-for", &[forwarded]);
            assert_eq!(source(ip(peer), &told, &settings), ip(expected), "{peer} {forwarded}");
        }
    }
}
