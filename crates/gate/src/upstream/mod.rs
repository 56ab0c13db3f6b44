//! Upstream models: one file per wire format, one door ([`Upstreams::send`]).
//!
//! The address called comes from the service register's `base_url` and from nowhere else: no redirects, no proxy
//! variables, and no private addresses unless the body runs the service itself. Bodies of OpenAI-compatible services
//! pass through untouched in both directions, save for the value of `model` on the way out; other formats are
//! translated.

pub mod address;
mod anthropic;
mod azure;
mod body;
mod chat_writer;
mod client;
mod error;
mod extractive;
mod gennai;
pub mod in_house;
mod openai;
mod responses_request;
mod responses_writer;
mod secret;
mod stream;
mod written;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

pub use address::RefusedAddress;
pub use client::{SetupError, depot, peer, reader};
pub use error::{Explained, Phase, UpstreamError};
use in_house::InHouse;
pub use secret::Secret;
pub use stream::{AnswerStream, StreamEvent};

/// What an upstream speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireFormat {
    /// OpenAI and everything compatible with it: vLLM, Ollama, llama.cpp.
    #[serde(alias = "openai")]
    OpenAi,
    /// Azure OpenAI: deployments in the path, `api-key`, `api-version`.
    #[serde(alias = "azure_openai")]
    AzureOpenAi,
    /// Anthropic Messages, translated.
    Anthropic,
    /// The built-in model that only quotes; no network.
    Extractive,
    /// An app that speaks 源内's protocol.
    Gennai,
    /// The tools of this program's own library; no network.
    Library,
}

/// Which of the OpenAI-compatible endpoints a request came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `POST /v1/chat/completions`
    ChatCompletions,
    /// `POST /v1/responses`
    Responses,
    /// `POST /v1/embeddings`
    Embeddings,
    /// A call of a tool: `/mcp` and the JSON API of the search.
    Tools,
}

/// Where a request goes, as the service register has it.
#[derive(Debug, Clone)]
pub struct Target {
    /// What is spoken there.
    pub format: WireFormat,
    /// The address up to, and without, the endpoint's own path: `https://api.example/v1` for OpenAI,
    /// `https://name.openai.azure.com` for Azure, `https://api.anthropic.com` for Anthropic; not read for the
    /// extractive model.
    pub base_url: String,
    /// The model's (on Azure: the deployment's) name there.
    pub upstream_model: String,
    /// The key, where one is needed.
    pub secret: Option<Secret>,
    /// Azure's `api-version`, or Anthropic's `anthropic-version`.
    pub api_version: Option<String>,
    /// The service may have a private address, because the body runs it itself.
    pub private_addresses: bool,
}

/// How long and how large an answer may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a new connection, TLS included.
    pub connect: Duration,
    /// From sending to the answer's first byte; of a stream, to the first byte of its body. Includes `connect`.
    pub first_byte: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// For the whole answer.
    pub total: Duration,
    /// The longest answer.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(120),
            idle: Duration::from_secs(60),
            total: Duration::from_secs(600),
            answer_bytes: 32 << 20,
        }
    }
}

/// A request on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The endpoint it came in by.
    pub endpoint: Endpoint,
    /// Whether a stream is asked for.
    pub stream: bool,
    /// The client's JSON: one object without duplicate keys.
    pub body: Bytes,
    /// The model as the client named it.
    pub model: String,
    /// The id of the use; answers written here (not passed through) carry it.
    pub use_id: String,
    /// Unix seconds, for answers written here.
    pub created: i64,
}

/// An upstream's answer.
#[derive(Debug)]
pub enum Reply {
    /// All of it.
    Whole(Whole),
    /// As it comes.
    Stream(AnswerStream),
}

/// An answer in one piece.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The HTTP status, always 2xx: others are [`UpstreamError::Status`].
    pub status: u16,
    /// The headers that may reach the client.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The client's bytes.
    pub body: Bytes,
    /// The assistant's text, for scanning.
    pub text: String,
    /// What else the body says that scanning should see: refusals, reasoning, arguments of tool calls. Empty for most.
    pub aside: String,
    /// Tokens, zero where the upstream did not say.
    pub usage: Usage,
}

/// Tokens used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Of the request.
    pub input_tokens: u64,
    /// Of the answer.
    pub output_tokens: u64,
}

/// The way to every model. Build it once: it holds the connections.
#[derive(Debug)]
pub struct Upstreams {
    clients: client::Clients,
    house: Option<Arc<dyn InHouse>>,
}

impl Upstreams {
    /// Loads the system's certificate authorities, adds those in `extra_roots_pem`, and makes the HTTP clients.
    ///
    /// # Errors
    /// The PEM text holds no certificate or a broken one, or the TLS set-up fails.
    pub fn new(limits: Limits, extra_roots_pem: Option<&[u8]>) -> Result<Self, SetupError> {
        Ok(Self { clients: client::Clients::new(limits, extra_roots_pem)?, house: None })
    }

    /// With what answers inside this program.
    #[must_use]
    pub fn with_house(self, house: Arc<dyn InHouse>) -> Self {
        Self { house: Some(house), ..self }
    }

    /// Sends a request and returns when the answer is whole or its stream begins.
    ///
    /// # Errors
    /// [`UpstreamError`]; [`UpstreamError::explain`] says what to tell the client.
    pub async fn send(&self, target: &Target, out: Outgoing) -> Result<Reply, UpstreamError> {
        match target.format {
            WireFormat::OpenAi => openai::send(&self.clients, target, out).await,
            WireFormat::AzureOpenAi => azure::send(&self.clients, target, out).await,
            WireFormat::Anthropic => anthropic::send(&self.clients, target, out).await,
            WireFormat::Extractive => {
                let house = self.house.clone();
                // It reads whatever the message holds: other requests must not wait for that.
                let answered = tokio::task::spawn_blocking(move || extractive::answer(&out, house.as_deref()));
                answered.await.map_err(|error| UpstreamError::InHouse(error.to_string()))?
            }
            WireFormat::Library => in_house::answer(self.house.as_ref(), out).await,
            WireFormat::Gennai => gennai::send(&self.clients, target, out).await,
        }
    }
}
