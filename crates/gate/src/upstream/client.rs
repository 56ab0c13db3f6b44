//! The HTTP clients, and every limit on what comes back through them.

use std::error::Error as _;
use std::future::Future;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, LOCATION};
use http::{HeaderName, HeaderValue};
use reqwest::Url;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::time::Instant;

use super::address::{CheckedResolver, RefusedAddress, check_literal};
use super::{Limits, Phase, Target, UpstreamError};

/// Why the clients could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The extra certificate authorities cannot be read.
    #[error("the extra certificate authorities: {0}")]
    Roots(String),
    /// TLS refused its set-up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP client refused its set-up.
    #[error("HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

/// The most of an error's body that is read.
const ERROR_BYTES: usize = 64 << 10;

/// One client for public addresses, one that may reach private ones: their connections never mix.
#[derive(Debug)]
pub(super) struct Clients {
    public: reqwest::Client,
    private: reqwest::Client,
    pub(super) limits: Limits,
}

/// An answer whose status is 2xx and whose body has not been read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) event_stream: bool,
    pub(super) body: Body,
}

/// A body under its limits.
#[derive(Debug)]
pub(super) struct Body {
    response: reqwest::Response,
    started: Instant,
    limits: Limits,
    taken: usize,
}

/// A client that reads from official sites for an import: the same rules as for models (no proxy variables, no
/// redirects, addresses checked when names are resolved). `private` is for mirrors within the body's own network.
///
/// # Errors
/// TLS or the client refused its set-up.
pub fn reader(user_agent: &str, private: bool) -> Result<reqwest::Client, SetupError> {
    Ok(reqwest::Client::builder()
        .user_agent(user_agent)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .dns_resolver(CheckedResolver { private })
        .tls_backend_preconfigured(tls(None)?)
        .http1_only()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(60))
        .build()?)
}

/// A client for servers that the configuration names, such as the witnesses of the ledger: the rules of [`reader`], with
/// the body's own certificate authorities, and private addresses allowed, because another department may be next door.
///
/// # Errors
/// TLS or the client refused its set-up.
pub fn peer(user_agent: &str, extra_roots_pem: Option<&[u8]>, total: Duration) -> Result<reqwest::Client, SetupError> {
    Ok(reqwest::Client::builder()
        .user_agent(user_agent)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .dns_resolver(CheckedResolver { private: true })
        .tls_backend_preconfigured(tls(extra_roots_pem)?)
        .http1_only()
        .tcp_nodelay(true)
        .connect_timeout(total.min(Duration::from_secs(5)))
        .timeout(total)
        .build()?)
}

/// A client for a service that holds large files and that the configuration names: the rules of [`peer`], without a limit on
/// the whole of a transfer. One that stands still for a minute ends.
///
/// # Errors
/// TLS or the client refused its set-up.
pub fn depot(user_agent: &str, extra_roots_pem: Option<&[u8]>) -> Result<reqwest::Client, SetupError> {
    Ok(reqwest::Client::builder()
        .user_agent(user_agent)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .dns_resolver(CheckedResolver { private: true })
        .tls_backend_preconfigured(tls(extra_roots_pem)?)
        .http1_only()
        .tcp_nodelay(true)
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(60))
        .build()?)
}

impl Clients {
    pub(super) fn new(limits: Limits, extra_roots_pem: Option<&[u8]>) -> Result<Self, SetupError> {
        let tls = tls(extra_roots_pem)?;
        let build = |private| {
            reqwest::Client::builder()
                .user_agent(concat!("sekisho/", env!("CARGO_PKG_VERSION")))
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .dns_resolver(CheckedResolver { private })
                .tls_backend_preconfigured(tls.clone())
                .http1_only()
                .tcp_nodelay(true)
                .tcp_keepalive(Duration::from_secs(30))
                .pool_idle_timeout(Duration::from_secs(30))
                .connect_timeout(limits.connect)
                .build()
        };
        Ok(Self { public: build(false)?, private: build(true)?, limits })
    }

    /// Posts JSON and waits for the status line.
    pub(super) async fn post(
        &self,
        target: &Target,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        stream: bool,
    ) -> Result<Answer, UpstreamError> {
        self.post_within(self.limits, target, url, headers, body, stream).await
    }

    /// The same under limits of its own.
    pub(super) async fn post_within(
        &self,
        limits: Limits,
        target: &Target,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        stream: bool,
    ) -> Result<Answer, UpstreamError> {
        check_literal(&url, target.private_addresses)?;
        let client = if target.private_addresses { &self.private } else { &self.public };
        let mut request = reqwest::Request::new(http::Method::POST, url);
        *request.headers_mut() = headers;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let accept = if stream { "text/event-stream, application/json" } else { "application/json" };
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
        *request.body_mut() = Some(body.into());

        let started = Instant::now();
        let wait = limits.first_byte.min(limits.total);
        let response = tokio::time::timeout(wait, client.execute(request))
            .await
            .map_err(|_| UpstreamError::Timeout(Phase::FirstByte))?
            .map_err(not_sent)?;
        let status = response.status();
        let headers = allowed(response.headers());
        let event_stream = is_event_stream(response.headers());
        let location = response.headers().get(LOCATION).map(|l| String::from_utf8_lossy(l.as_bytes()).into_owned());
        let mut body = Body { response, started, limits, taken: 0 };
        if status.is_success() {
            return Ok(Answer { status: status.as_u16(), headers, event_stream, body });
        }
        if status.is_redirection() {
            return Err(UpstreamError::Redirect { status: status.as_u16(), location: location.unwrap_or_default() });
        }
        let body = body.start().await;
        Err(UpstreamError::Status { status: status.as_u16(), headers, body })
    }
}

impl Body {
    /// All of the body.
    pub(super) async fn whole(mut self) -> Result<Bytes, UpstreamError> {
        if self.response.content_length().is_some_and(|length| length > self.limits.answer_bytes as u64) {
            return Err(UpstreamError::TooLong(self.limits.answer_bytes));
        }
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let mut all = BytesMut::from(first);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// The start of an error's body: its status matters more than its end.
    async fn start(&mut self) -> Bytes {
        let mut start = BytesMut::new();
        while let Ok(Some(chunk)) = self.chunk().await {
            start.extend_from_slice(&chunk);
            if start.len() > ERROR_BYTES {
                start.truncate(ERROR_BYTES);
                break;
            }
        }
        start.freeze()
    }

    /// The next piece, `None` at the proper end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        let total = self.started + self.limits.total;
        let (wait, phase) = if self.taken == 0 {
            (self.started + self.limits.first_byte, Phase::FirstByte)
        } else {
            (Instant::now() + self.limits.idle, Phase::Idle)
        };
        let (until, phase) = if total < wait { (total, Phase::Total) } else { (wait, phase) };
        let chunk = within(until, phase, self.response.chunk()).await?;
        self.taken += chunk.as_ref().map_or(0, Bytes::len);
        if self.taken > self.limits.answer_bytes {
            return Err(UpstreamError::TooLong(self.limits.answer_bytes));
        }
        Ok(chunk)
    }

    /// The next piece if it comes at once: what follows an answer's last event may not hold the client up.
    pub(super) async fn chunk_at_once(&mut self) -> Option<Bytes> {
        let until = Instant::now() + Duration::from_millis(50);
        within(until, Phase::Idle, self.response.chunk()).await.ok().flatten()
    }
}

async fn within<T>(
    until: Instant,
    phase: Phase,
    read: impl Future<Output = Result<T, reqwest::Error>>,
) -> Result<T, UpstreamError> {
    match tokio::time::timeout_at(until, read).await {
        Ok(read) => read.map_err(|error| UpstreamError::Truncated(chain(&error.without_url()))),
        Err(_) => Err(UpstreamError::Timeout(phase)),
    }
}

/// Sorts out why there was no answer.
fn not_sent(error: reqwest::Error) -> UpstreamError {
    let error = error.without_url();
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<RefusedAddress>() {
            return refused.clone().into();
        }
        source = cause.source();
    }
    if error.is_timeout() {
        UpstreamError::Timeout(Phase::Connect)
    } else if error.is_connect() {
        UpstreamError::Connect(chain(&error))
    } else {
        UpstreamError::Reset(chain(&error))
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// The headers that may reach the client.
fn allowed(headers: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    let may = |name: &str| {
        matches!(name, "content-type" | "retry-after" | "retry-after-ms" | "x-request-id")
            || name.starts_with("openai-")
            || name.starts_with("x-ratelimit-")
    };
    headers.iter().filter(|(name, _)| may(name.as_str())).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// `base_url` with the endpoint's own path behind it.
pub(super) fn endpoint(target: &Target, segments: &[&str]) -> Result<Url, UpstreamError> {
    let bad = |what: &str| UpstreamError::Misconfigured(format!("`base_url` {what}"));
    let mut url = Url::parse(target.base_url.trim()).map_err(|error| bad(&format!("is not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("holds a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("holds a query or a fragment"));
    }
    match url.path_segments_mut() {
        Ok(mut path) => path.pop_if_empty().extend(segments),
        Err(()) => return Err(bad("cannot have a path")),
    };
    Ok(url)
}

/// The target's key in a header, if it has one.
pub(super) fn key_header(target: &Target, name: HeaderName, prefix: &str) -> Result<HeaderMap, UpstreamError> {
    let mut headers = HeaderMap::new();
    if let Some(secret) = &target.secret {
        let broken = || UpstreamError::Misconfigured("the key holds characters no header may".to_owned());
        headers.insert(name, secret.header(prefix).ok_or_else(broken)?);
    }
    Ok(headers)
}

/// TLS with ring, the system's authorities and the extra ones. A machine without any still starts: it can reach its
/// own models without TLS.
fn tls(extra_roots_pem: Option<&[u8]>) -> Result<rustls::ClientConfig, SetupError> {
    let mut roots = rustls::RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "a certificate authority of the system cannot be read");
    }
    let (added, ignored) = roots.add_parsable_certificates(system.certs);
    tracing::debug!(added, ignored, "certificate authorities of the system");
    if let Some(pem) = extra_roots_pem {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| SetupError::Roots(error.to_string()))?;
            roots.add(certificate).map_err(|error| SetupError::Roots(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(SetupError::Roots("no certificate in the PEM text".to_owned()));
        }
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}
