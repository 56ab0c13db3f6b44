//! Anthropic Messages: chat completions, and simple responses, translated both ways.

mod answer;
mod reader;
mod request;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::client::{Clients, endpoint, key_header};
use super::stream::{AnswerStream, Reader as AnyReader};
use super::written::{Origin, Writer, error_body, object, text};
use super::{Endpoint, Outgoing, Reply, Target, UpstreamError, responses_request};

pub(super) use reader::Reader;

const VERSION: &str = "2023-06-01";
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const API_VERSION: HeaderName = HeaderName::from_static("anthropic-version");

pub(super) async fn send(clients: &Clients, target: &Target, out: Outgoing) -> Result<Reply, UpstreamError> {
    let client_request = object(&out.body)?;
    let message = match out.endpoint {
        Endpoint::ChatCompletions => request::from_chat(&client_request, &target.upstream_model, out.stream)?,
        Endpoint::Responses => {
            request::from_chat(&responses_request::to_chat(&client_request)?, &target.upstream_model, out.stream)?
        }
        Endpoint::Embeddings => {
            return Err(UpstreamError::Unsupported("the Anthropic API has no embeddings".to_owned()));
        }
        Endpoint::Tools => return Err(UpstreamError::no_tools()),
    };
    let origin = Origin::new(&out, &client_request);
    drop(client_request);

    // A base that already ends in `v1` is meant as the same.
    let in_v1 = target.base_url.trim().trim_end_matches('/').ends_with("/v1");
    let url = endpoint(target, if in_v1 { &["messages"] } else { &["v1", "messages"] })?;
    let mut headers = key_header(target, API_KEY, "")?;
    let version = HeaderValue::from_str(target.api_version.as_deref().unwrap_or(VERSION))
        .map_err(|_| UpstreamError::Misconfigured("`api_version` is not a header's text".to_owned()))?;
    headers.insert(API_VERSION, version);
    let body = message.to_string().into();

    let mut answer = clients.post(target, url, headers, body, out.stream).await.map_err(in_openai_shape)?;
    if out.stream && answer.event_stream {
        let reader = Reader::new(Writer::new(out.endpoint, origin));
        return Ok(Reply::Stream(AnswerStream::read(answer, AnyReader::Anthropic(Box::new(reader)))));
    }
    if out.stream {
        return Err(UpstreamError::Malformed("a stream was asked for and none came".to_owned()));
    }
    let headers = std::mem::take(&mut answer.headers);
    let whole = answer::read(&answer.body.whole().await?)?;
    Ok(Reply::Whole(origin.whole(out.endpoint, whole, headers)))
}

/// Anthropic's error bodies have the same parts under one more layer; 529 is its word for 503.
fn in_openai_shape(error: UpstreamError) -> UpstreamError {
    let UpstreamError::Status { status, body, headers } = error else { return error };
    let status = if status == 529 { 503 } else { status };
    let body = translate_error(&body).unwrap_or(body);
    UpstreamError::Status { status, body, headers }
}

fn translate_error(body: &[u8]) -> Option<Bytes> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let error = value.get("error")?;
    let body = error_body(text(error, "type").unwrap_or("api_error"), text(error, "message")?);
    Some(body.to_string().into())
}
