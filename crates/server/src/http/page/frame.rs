//! What every page has around its content: the body's name, who is signed in, where one is, what went wrong.

use crate::account::{SignedIn, Standing};
use crate::http::App;
use crate::http::page::error::PageError;
use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// No script, no frame, nothing from elsewhere; forms go to this server alone.
const CSP: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A link.
pub(super) struct Link {
    pub(super) href: &'static str,
    pub(super) label: &'static str,
    /// The page one is on.
    pub(super) here: bool,
}

/// Something wrong with a form, linked to its field.
#[derive(Clone)]
pub(super) struct Problem {
    pub(super) field: &'static str,
    pub(super) text: String,
}

/// One field of a form.
pub(super) struct Field {
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) help: &'static str,
    pub(super) kind: &'static str,
    pub(super) autocomplete: &'static str,
    pub(super) value: String,
    pub(super) problem: Option<String>,
}

impl Field {
    /// A line of text.
    pub(super) fn text(id: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { id, label, help: "", kind: "text", autocomplete, value: String::new(), problem: None }
    }

    /// A password: never sent back to the browser.
    pub(super) fn password(id: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { kind: "password", ..Self::text(id, label, autocomplete) }
    }

    pub(super) fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    pub(super) fn value(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    /// Takes what the problems say of this field.
    pub(super) fn told(self, problems: &[Problem]) -> Self {
        let problem = problems.iter().find(|p| p.field == self.id).map(|p| p.text.clone());
        Self { problem, ..self }
    }

    /// What the control points to, for those who listen.
    pub(super) fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.help.is_empty() {
            ids.push(format!("{}-help", self.id));
        }
        if self.problem.is_some() {
            ids.push(format!("{}-problem", self.id));
        }
        ids.join(" ")
    }
}

/// Who is signed in, as the header shows it.
pub(super) struct Shown {
    pub(super) name: String,
    pub(super) form_token: String,
}

/// The frame of a page.
pub(super) struct Frame {
    pub(super) organization: String,
    pub(super) title: &'static str,
    pub(super) signed: Option<Shown>,
    pub(super) navigation: Vec<Link>,
    pub(super) trail: Vec<Link>,
    pub(super) notice: Option<&'static str>,
    pub(super) problems: Vec<Problem>,
}

/// Pages everyone who is signed in has, in the order of the header. What a role adds is added here.
const NAVIGATION: [(&str, &str); 3] = [("/", "ホーム"), ("/me", "マイページ"), ("/me/sessions", "サインイン中の端末")];

impl Frame {
    /// Without any knowledge of the installation: for pages that say that something failed.
    pub(super) fn bare(title: &'static str) -> Self {
        Self {
            organization: String::new(),
            title,
            signed: None,
            navigation: Vec::new(),
            trail: Vec::new(),
            notice: None,
            problems: Vec::new(),
        }
    }

    /// For someone who may be signed in.
    pub(super) async fn new(
        app: &App,
        signed: Option<&SignedIn>,
        path: &str,
        title: &'static str,
    ) -> Result<Self, PageError> {
        let register = app.journal.register()?;
        let mut frame = Self::bare(title);
        frame.organization =
            register.organization().map_or_else(|| "（機関は未登録）".to_owned(), |body| body.name.clone());
        let Some(signed) = signed else { return Ok(frame) };
        let known = app.store.directory_person(signed.person()).await?;
        let name = known.map(|p| p.name).filter(|name| !name.is_empty()).unwrap_or_else(|| signed.login.clone());
        frame.signed = Some(Shown { name, form_token: signed.form_token.clone() });
        if signed.standing == Standing::Full {
            let link = |(href, label): (&'static str, &'static str)| Link { href, label, here: href == path };
            frame.navigation = NAVIGATION.map(link).into();
        }
        Ok(frame)
    }

    /// The way to this page, from the home page down.
    pub(super) fn below(mut self, trail: &[(&'static str, &'static str)]) -> Self {
        self.trail = trail.iter().map(|(href, label)| Link { href, label, here: false }).collect();
        self
    }

    /// Says what has just been done, by the word in the address.
    pub(super) fn done(mut self, what: Option<&str>) -> Self {
        self.notice = match what {
            Some("opened") => Some("パスワードを登録しました。サインインしてください。"),
            Some("signed-out") => Some("サインアウトしました。"),
            Some("password") => Some("パスワードを変更しました。ほかの端末はすべてサインアウトしました。"),
            Some("ended") => Some("選んだ端末をサインアウトしました。"),
            Some("ended-others") => Some("この端末のほかは、すべてサインアウトしました。"),
            _ => None,
        };
        self
    }

    /// Says what is wrong.
    pub(super) fn wrong(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }
}

/// A page as a response. Nothing of it is kept by the browser or a proxy.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => with_headers((status, Html(html)).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            with_headers((StatusCode::INTERNAL_SERVER_ERROR, Html("<!doctype html><title>500</title>")).into_response())
        }
    }
}

/// Sends the browser on with GET.
pub(super) fn go(to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    with_headers((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

/// The headers of every page.
fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: with that a browser sends `Origin: null` with our own forms.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
