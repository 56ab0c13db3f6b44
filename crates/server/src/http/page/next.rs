//! Where to go after signing in: a path of this site, or nowhere.

/// The path and query, if it is one of ours that makes sense after signing in.
pub(super) fn safe(next: Option<&str>) -> Option<&str> {
    let next = next.filter(|next| next.len() <= 512)?;
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>');
    let path = next.split(['?', '#']).next().unwrap_or(next);
    let ours = next.starts_with('/') && !next.starts_with("//") && next.bytes().all(plain);
    let elsewhere =
        path == "/signout" || path == "/signin" || path.starts_with("/signin/") || path.starts_with("/enrol/");
    (ours && !elsewhere).then_some(next)
}

/// An address that remembers where to go afterwards.
pub(super) fn remembering(path: &str, next: Option<&str>) -> String {
    match safe(next) {
        Some(next) => {
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            format!("{path}?next={next}")
        }
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for good in ["/me", "/me/sessions?done=ended", "/", "/api/openapi.json"] {
            assert_eq!(safe(Some(good)), Some(good));
        }
        for bad in [
            "",
            "me",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/ /evil.example",
            "/\t/evil.example",
            "/\r\nset-cookie:x",
            "/関所",
            "/signout",
            "/signin?next=/signin",
            "/signin/code",
            "/enrol/x",
            &format!("/{}", "a".repeat(600)),
        ] {
            assert_eq!(safe(Some(bad)), None, "{bad:?}");
        }
        assert_eq!(remembering("/signin", Some("/me?a=b&c")), "/signin?next=%2Fme%3Fa%3Db%26c");
        assert_eq!(remembering("/signin", Some("//x")), "/signin");
    }
}
