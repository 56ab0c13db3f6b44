//! What every page has around its content: the body's name, who is signed in, where one is, what went wrong.

use super::places;
use crate::account::{SignedIn, Standing};
use crate::http::App;
use crate::http::page::error::PageError;
use askama::Template;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use sekisho_domain::refusal::Refusal;
use std::borrow::Cow;

/// No script, no frame, nothing from elsewhere; forms go to this server alone.
const CSP: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// The same with the script of the page, which talks to this server alone.
const CSP_WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A link.
pub(super) struct Link {
    pub(super) href: Cow<'static, str>,
    pub(super) label: Cow<'static, str>,
    /// The page one is on.
    pub(super) here: bool,
}

/// Something wrong with a form, linked to its field; an empty field means the form as a whole.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) field: Cow<'static, str>,
    pub(super) text: String,
}

impl Problem {
    pub(super) fn at(field: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }

    /// The status of a page with these problems: 200 without any, else 422.
    pub(super) fn status(problems: &[Self]) -> StatusCode {
        if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }

    /// What the register said against a command, with the clause it rests on.
    pub(super) fn refused(field: impl Into<Cow<'static, str>>, refusal: &Refusal) -> Self {
        let clause = refusal.clause.map(|clause| format!("（{clause}）")).unwrap_or_default();
        Self::at(field, format!("{}{clause}", refusal.ja))
    }
}

/// What a field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// `<input>` of this type.
    Input(&'static str),
    /// `<textarea>` of this many rows.
    Area(u8),
    /// `<select>`.
    Select,
    /// One of several, all to be seen.
    Radio,
    /// Any of several. Each choice is sent as a field of its own, `<id>.<value>`; see [`Fields::chosen`](super::form::Fields::chosen).
    Checks,
}

/// One thing to choose.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) help: String,
    pub(super) chosen: bool,
}

impl Choice {
    pub(super) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }
}

/// One field of a form.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: Cow<'static, str>,
    pub(super) label: Cow<'static, str>,
    pub(super) help: Cow<'static, str>,
    pub(super) control: Control,
    pub(super) autocomplete: &'static str,
    pub(super) value: String,
    pub(super) choices: Vec<Choice>,
    /// Said beside the label; what is wrong is found out by the server alone.
    pub(super) optional: bool,
    pub(super) problem: Option<String>,
}

impl Field {
    fn new(control: Control, id: impl Into<Cow<'static, str>>, label: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            help: Cow::Borrowed(""),
            control,
            autocomplete: "off",
            value: String::new(),
            choices: Vec::new(),
            optional: false,
            problem: None,
        }
    }

    /// A line of text.
    pub(super) fn text(
        id: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
        autocomplete: &'static str,
    ) -> Self {
        Self { autocomplete, ..Self::new(Control::Input("text"), id, label) }
    }

    /// A password: never sent back to the browser.
    pub(super) fn password(id: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { autocomplete, ..Self::new(Control::Input("password"), id, label) }
    }

    /// An input of another type: `date`, `number`, `url`, `search`.
    pub(super) fn input(
        kind: &'static str,
        id: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Control::Input(kind), id, label)
    }

    /// Several lines.
    pub(super) fn area(id: impl Into<Cow<'static, str>>, label: impl Into<Cow<'static, str>>, rows: u8) -> Self {
        Self::new(Control::Area(rows), id, label)
    }

    /// One of `choices`, folded up.
    pub(super) fn select(
        id: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
        choices: Vec<Choice>,
    ) -> Self {
        Self { choices, ..Self::new(Control::Select, id, label) }
    }

    /// One of `choices`, all to be seen.
    pub(super) fn radio(
        id: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
        choices: Vec<Choice>,
    ) -> Self {
        Self { choices, ..Self::new(Control::Radio, id, label) }
    }

    /// Any of `choices`.
    pub(super) fn checks(
        id: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
        choices: Vec<Choice>,
    ) -> Self {
        Self { choices, ..Self::new(Control::Checks, id, label) }
    }

    pub(super) fn help(self, help: impl Into<Cow<'static, str>>) -> Self {
        Self { help: help.into(), ..self }
    }

    pub(super) fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// Puts in what was typed; of choices, the one of this value.
    pub(super) fn value(mut self, value: &str) -> Self {
        if self.control != Control::Checks {
            for choice in &mut self.choices {
                choice.chosen = choice.value == value;
            }
        }
        Self { value: value.to_owned(), ..self }
    }

    /// Puts in what was ticked.
    pub(super) fn ticked<S: AsRef<str>>(mut self, values: &[S]) -> Self {
        for choice in &mut self.choices {
            choice.chosen = values.iter().any(|value| value.as_ref() == choice.value);
        }
        self
    }

    /// Takes what the problems say of this field.
    pub(super) fn told(self, problems: &[Problem]) -> Self {
        let problem = problems.iter().find(|p| p.field == self.id).map(|p| p.text.clone());
        Self { problem, ..self }
    }

    /// The input's type.
    pub(super) fn kind(&self) -> &'static str {
        match self.control {
            Control::Input(kind) => kind,
            Control::Area(_) | Control::Select | Control::Radio | Control::Checks => "",
        }
    }

    /// A group of choices under one legend.
    pub(super) fn is_group(&self) -> bool {
        matches!(self.control, Control::Radio | Control::Checks)
    }

    pub(super) fn is_radio(&self) -> bool {
        self.control == Control::Radio
    }

    pub(super) fn is_select(&self) -> bool {
        self.control == Control::Select
    }

    /// The rows of an area.
    pub(super) fn rows(&self) -> Option<u8> {
        if let Control::Area(rows) = self.control { Some(rows) } else { None }
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
    pub(super) title: Cow<'static, str>,
    pub(super) signed: Option<Shown>,
    /// Address of the page's script; without it the page works too.
    pub(super) script: Option<&'static str>,
    /// Uses the whole width of the window.
    pub(super) wide: bool,
    pub(super) navigation: Vec<Link>,
    pub(super) trail: Vec<Link>,
    pub(super) notice: Option<&'static str>,
    pub(super) problems: Vec<Problem>,
}

impl Frame {
    /// Without any knowledge of the installation: for pages that say that something failed.
    pub(super) fn bare(title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            organization: String::new(),
            title: title.into(),
            signed: None,
            script: None,
            wide: false,
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
        title: impl Into<Cow<'static, str>>,
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
            let roles = register.person(signed.person()).map(|person| &person.roles);
            let outside = register.scheme().is_outsider(signed.person());
            let mine = places::all().filter(|place| {
                roles.is_some_and(|roles| place.who.lets_in(roles)) && (!outside || place.lets_outsiders_in())
            });
            let links = mine.filter_map(|place| place.label.map(|label| (place.path, label)));
            // The longest that leads here: `/apply` is not the place of `/applications`.
            let below = |href: &str| path == href || (href != "/" && path.starts_with(&format!("{href}/")));
            let links: Vec<_> = links.collect();
            let here = links.iter().map(|(href, _)| *href).filter(|href| below(href)).max_by_key(|href| href.len());
            let link = |(href, label)| Link {
                href: Cow::Borrowed(href),
                label: Cow::Borrowed(label),
                here: Some(href) == here,
            };
            frame.navigation = links.into_iter().map(link).collect();
        }
        Ok(frame)
    }

    /// The way to this page, from the home page down.
    pub(super) fn below(mut self, trail: &[(&str, &str)]) -> Self {
        let link = |(href, label): &(&str, &str)| Link {
            href: Cow::Owned((*href).to_owned()),
            label: Cow::Owned((*label).to_owned()),
            here: false,
        };
        self.trail = trail.iter().map(link).collect();
        self
    }

    /// Runs a script of ours; see [`page`].
    pub(super) fn script(self, address: &'static str) -> Self {
        Self { script: Some(address), ..self }
    }

    /// Takes the whole width of the window.
    pub(super) fn wide(self) -> Self {
        Self { wide: true, ..self }
    }

    /// The session's token for the forms of this page.
    pub(super) fn token(&self) -> &str {
        self.signed.as_ref().map_or("", |signed| signed.form_token.as_str())
    }

    /// Says what has just been done, in words of ours.
    pub(super) fn notice(self, notice: Option<&'static str>) -> Self {
        Self { notice, ..self }
    }

    /// Says what has just been done, by the word in the address.
    pub(super) fn done(mut self, what: Option<&str>) -> Self {
        self.notice = match what {
            Some("founded") => Some("機関と最初の管理者を登録しました。サインインして、二要素認証を登録してください。"),
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

/// As [`page`], for one whose frame has a script.
pub(super) fn page_with_script(status: StatusCode, template: &impl Template) -> Response {
    let mut response = page(status, template);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP_WITH_SCRIPT));
    response
}

/// A file to keep, under a name of ASCII.
pub(super) fn download(kind: &'static str, name: &str, bytes: impl Into<Body>) -> Response {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect();
    let mut response = with_headers(Response::new(bytes.into()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
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
