//! A stand-in for an S3-compatible service: enough of its protocol to put, get, list, delete and put if absent, in memory. It
//! looks at no signature beyond that there is one. What a real service does, it cannot prove.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

/// What lies in the bucket, and how often each key was written.
#[derive(Debug, Default)]
pub(crate) struct Inside {
    pub(crate) objects: BTreeMap<String, Bytes>,
    pub(crate) puts: Vec<String>,
    /// Requests that nobody signed.
    pub(crate) unsigned: usize,
}

pub(crate) type Bucket = Arc<Mutex<Inside>>;

/// Starts one; it ends with the test's runtime. Answers its address.
pub(crate) async fn start() -> (String, Bucket) {
    let bucket = Bucket::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new()
        .route("/{bucket}", axum::routing::any(of_bucket))
        .route("/{bucket}/{*key}", axum::routing::any(of_object))
        .with_state(bucket.clone());
    let serving = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener.into_std().unwrap()).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
    });
    drop(serving);
    (address, bucket)
}

const DATE: &str = "2026-04-01T00:00:00.000Z";

async fn of_bucket(State(bucket): State<Bucket>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let prefix = query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).unwrap_or_default();
    let prefix = prefix.replace("%2F", "/").replace("%2f", "/");
    let inside = bucket.lock().unwrap();
    let mut list = String::from("<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>");
    for (key, bytes) in inside.objects.iter().filter(|(key, _)| key.starts_with(&prefix)) {
        let size = bytes.len();
        write!(list, "<Contents><Key>{key}</Key><LastModified>{DATE}</LastModified><Size>{size}</Size></Contents>")
            .unwrap();
    }
    list.push_str("</ListBucketResult>");
    list.into_response()
}

async fn of_object(
    State(bucket): State<Bucket>,
    Path((_, key)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut inside = bucket.lock().unwrap();
    if !headers.get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256")) {
        inside.unsigned += 1;
    }
    let dated = [("etag", "\"1\""), ("last-modified", "Wed, 01 Apr 2026 00:00:00 GMT")];
    match method {
        Method::PUT if headers.contains_key("if-none-match") && inside.objects.contains_key(&key) => {
            StatusCode::PRECONDITION_FAILED.into_response()
        }
        Method::PUT => {
            inside.puts.push(key.clone());
            inside.objects.insert(key, body);
            (dated, "").into_response()
        }
        Method::GET | Method::HEAD => match inside.objects.get(&key) {
            Some(bytes) => (dated, bytes.clone()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        Method::DELETE => {
            inside.objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}
