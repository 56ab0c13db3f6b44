//! Azure OpenAI: OpenAI's bodies at Azure's paths.
//!
//! Chat completions and embeddings live under the deployment; responses only under `/openai/v1`, where the deployment
//! is the body's `model` and a dated `api-version` is refused.

use http::HeaderName;

use super::client::{Clients, endpoint, key_header};
use super::openai::{named, reply};
use super::{Endpoint, Outgoing, Reply, Target, UpstreamError};

const API_VERSION: &str = "2024-10-21";
const API_KEY: HeaderName = HeaderName::from_static("api-key");

pub(super) async fn send(clients: &Clients, target: &Target, out: Outgoing) -> Result<Reply, UpstreamError> {
    let deployment = target.upstream_model.as_str();
    let version = target.api_version.as_deref();
    let (path, version): (&[&str], _) = match out.endpoint {
        Endpoint::ChatCompletions => {
            (&["openai", "deployments", deployment, "chat", "completions"], version.or(Some(API_VERSION)))
        }
        Endpoint::Embeddings => (&["openai", "deployments", deployment, "embeddings"], version.or(Some(API_VERSION))),
        Endpoint::Responses => {
            (&["openai", "v1", "responses"], version.filter(|v| matches!(*v, "preview" | "latest" | "v1")))
        }
        Endpoint::Tools => return Err(UpstreamError::no_tools()),
    };
    let mut url = endpoint(target, path)?;
    if let Some(version) = version {
        url.query_pairs_mut().append_pair("api-version", version);
    }
    let headers = key_header(target, API_KEY, "")?;
    let answer = clients.post(target, url, headers, named(target, &out)?, out.stream).await?;
    reply(answer, &out).await
}
