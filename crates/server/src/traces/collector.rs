//! The client to the collector: the one that witnesses are asked with, so that there is one set of rules and of TLS.

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use sekisho_gate::upstream::{SetupError, peer};
use std::pin::Pin;
use std::time::Duration;

/// Most of an answer that is read: it says how much was taken, or why not.
const ANSWER: usize = 64 << 10;

#[derive(Debug)]
pub(super) struct Collector(reqwest::Client);

impl Collector {
    pub(super) fn new(extra_roots: Option<&[u8]>, patience: Duration) -> Result<Self, SetupError> {
        Ok(Self(peer(concat!("sekisho/", env!("CARGO_PKG_VERSION")), extra_roots, patience)?))
    }

    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let mut answer = self.0.execute(request.try_into()?).await.map_err(reqwest::Error::without_url)?;
        let mut body = Vec::new();
        while body.len() < ANSWER
            && let Some(piece) = answer.chunk().await?
        {
            body.extend_from_slice(&piece);
        }
        let mut response = Response::new(body.into());
        *response.status_mut() = answer.status();
        Ok(response)
    }
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'async_trait>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'a: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.post(request))
    }
}
