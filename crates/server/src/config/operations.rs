//! What whoever runs the program sees of it: `[metrics]`, `[traces]` and `[log]`.

use super::{ConfigError, wrong};
use reqwest::Url;
use serde::Deserialize;
use std::net::SocketAddr;
use tracing_subscriber::EnvFilter;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MetricsFile {
    listen: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TracesFile {
    endpoint: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LogFile {
    level: String,
    format: String,
}

impl Default for LogFile {
    fn default() -> Self {
        let Log { level, format: _ } = Log::default();
        Self { level, format: "json".into() }
    }
}

/// How logs are written, to standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// A level, or a filter such as `warn,sekisho::use=info`.
    pub level: String,
    /// One JSON object a line, or text.
    pub format: LogFormat,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For programs.
    Json,
    /// For people.
    Text,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "warn".into(), format: LogFormat::Json }
    }
}

/// The three sections, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operations {
    /// Where metrics are served; nowhere when `None`.
    pub metrics: Option<SocketAddr>,
    /// The collector's address for traces; none are made when `None`.
    pub traces: Option<Url>,
    /// Logs.
    pub log: Log,
}

pub(super) fn check(
    metrics: &MetricsFile,
    traces: &TracesFile,
    log: LogFile,
    public: SocketAddr,
    at: &impl Fn(&str) -> String,
) -> Result<Operations, ConfigError> {
    let metrics = match metrics.listen.as_str() {
        "" => None,
        text => {
            let listen: SocketAddr = text.parse().map_err(|_| {
                wrong(at("metrics.listen"), format!("`{text}` is not an address; write one such as `127.0.0.1:9464`"))
            })?;
            if listen.port() != 0 && listen.port() == public.port() {
                let problem = "must have another port than `listen`: metrics are not for the public address";
                return Err(wrong(at("metrics.listen"), problem));
            }
            Some(listen)
        }
    };
    let traces = match traces.endpoint.as_str() {
        "" => None,
        text => Some(collector(text).ok_or_else(|| {
            let problem = "must be an `http://` or `https://` address without user, query or fragment, such as \
                           `http://127.0.0.1:4318`; `/v1/traces` is put behind it";
            wrong(at("traces.endpoint"), format!("`{text}` {problem}"))
        })?),
    };
    if let Err(error) = EnvFilter::try_new(&log.level) {
        let problem = format!("`{}`: {error}; write a level such as `info`", log.level);
        return Err(wrong(at("log.level"), problem));
    }
    let format = match log.format.as_str() {
        "json" => LogFormat::Json,
        "text" => LogFormat::Text,
        other => return Err(wrong(at("log.format"), format!("`{other}` is neither `json` nor `text`"))),
    };
    Ok(Operations { metrics, traces, log: Log { level: log.level, format } })
}

/// `v1/traces` below an address.
fn collector(text: &str) -> Option<Url> {
    let mut url = Url::parse(text.trim()).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain {
        return None;
    }
    url.path_segments_mut().ok()?.pop_if_empty().extend(["v1", "traces"]);
    Some(url)
}
