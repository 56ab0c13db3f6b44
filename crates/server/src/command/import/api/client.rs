//! A polite reader: one request at a time, a pause between them, and patience with a site that is busy.

use super::Options;
use crate::cli::Failed;
use anyhow::{Context as _, anyhow};
use reqwest::header::RETRY_AFTER;
use std::time::Duration;
use tokio::time::Instant;

/// The most bytes of one answer.
const LARGEST: usize = 64 << 20;
/// How often a request is made before it is given up.
const TRIES: u32 = 5;
/// The longest that is waited when the site asks for it; a site that asks for more is left alone.
const LONGEST: Duration = Duration::from_secs(600);

const AGENT: &str =
    concat!("sekisho/", env!("CARGO_PKG_VERSION"), " (import of public records; one request at a time)");

#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: reqwest::Url,
    pause: Duration,
    last: Option<Instant>,
}

/// What a site answered.
#[derive(Debug)]
pub(super) enum Answer {
    Body(Vec<u8>),
    /// A status that asking again does not change, with the beginning of what it says.
    Refused(u16, String),
}

/// Why one try failed, and whether and when another makes sense.
struct Again {
    wait: Option<Duration>,
    why: String,
}

impl Client {
    pub(super) fn new(options: &Options, official: &str) -> Result<Self, Failed> {
        let text = options.base_url.as_deref().unwrap_or(official);
        let wrong = |what: &str| Failed::Usage(format!("--base-url `{text}`: {what}"));
        let base = reqwest::Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(wrong("http か https の URL ではありません / not an http or https URL"));
        }
        let http = sekisho_gate::upstream::reader(AGENT, options.base_url.is_some()).context("no HTTP client")?;
        Ok(Self { http, base, pause: Duration::from_secs_f64(options.pause), last: None })
    }

    /// Asks for a path below the base address.
    pub(super) async fn get(&mut self, path: &[&str], query: &[(&str, String)]) -> Result<Answer, Failed> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.query_pairs_mut().extend_pairs(query.iter().map(|(name, value)| (*name, value.as_str())));
        let mut why = String::new();
        for attempt in 0..TRIES {
            self.rest().await;
            match self.once(&url).await {
                Ok(answer) => return Ok(answer),
                Err(again) => {
                    why = again.why;
                    let patience = self.pause.max(Duration::from_millis(50)) * 2_u32.pow(attempt);
                    let wait = again.wait.unwrap_or(patience);
                    if wait > LONGEST {
                        why = format!("{why}; asked to wait {} s", wait.as_secs());
                        break;
                    }
                    if attempt + 1 < TRIES {
                        tokio::time::sleep(wait).await;
                    }
                }
            }
        }
        Err(anyhow!(
            "`{url}` から取得できません（{why}）。時間をおいて同じコマンドを実行すれば、続きから取得します / cannot be fetched; run the same command again later, it goes on from here"
        )
        .into())
    }

    /// Waits until the pause since the last request is over.
    async fn rest(&mut self) {
        if let Some(last) = self.last {
            tokio::time::sleep_until(last + self.pause).await;
        }
        self.last = Some(Instant::now());
    }

    async fn once(&self, url: &reqwest::Url) -> Result<Answer, Again> {
        let failed = |error: reqwest::Error| Again { wait: None, why: chain(&error.without_url()) };
        let mut response = self.http.get(url.clone()).send().await.map_err(failed)?;
        let status = response.status();
        let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LARGEST {
                return Ok(Answer::Refused(status.as_u16(), format!("an answer of over {LARGEST} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(Answer::Body(body));
        }
        let said: String = String::from_utf8_lossy(&body).chars().take(200).collect();
        if status.is_server_error() || matches!(status.as_u16(), 408 | 429) {
            return Err(Again { wait: wait.map(Duration::from_secs), why: format!("{status} {said}") });
        }
        Ok(Answer::Refused(status.as_u16(), said))
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
