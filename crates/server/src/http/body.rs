//! Receiving a body under a limit of size and time.

use crate::config::RequestLimits;
use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use sekisho_gate::inbound::Unreadable;

/// Receives a body, or says what is wrong with it.
pub(super) async fn receive(body: Body, limits: &RequestLimits) -> Result<Bytes, Unreadable> {
    let most = limits.body_bytes;
    match tokio::time::timeout(limits.body, Limited::new(body, most).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if is_too_large(&*error) => Err(Unreadable {
            code: "BODY_TOO_LARGE",
            param: None,
            ja: format!("要求が大きすぎます。{most} バイトまでにしてください。"),
            en: format!("the request is larger than {most} bytes"),
        }),
        Ok(Err(error)) => Err(Unreadable {
            code: "BODY_BROKEN",
            param: None,
            ja: "要求の本文が途中で切れました。送り直してください。".into(),
            en: format!("the body broke off: {error}"),
        }),
        Err(_) => Err(Unreadable {
            code: "BODY_TOO_SLOW",
            param: None,
            ja: format!("要求の受信が {} 秒以内に終わりませんでした。", limits.body.as_secs()),
            en: format!("the body did not arrive within {} seconds", limits.body.as_secs()),
        }),
    }
}

fn is_too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        if error.is::<LengthLimitError>() {
            return true;
        }
        at = error.source();
    }
    false
}
