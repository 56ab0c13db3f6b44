//! What answers a call: this server for whoever came by HTTP, an installation opened by this process, or another server.

use crate::command::admin::{Sent, Server, ask};
use crate::http::{App, Identified, narrowing, told};
use crate::research::call::call;
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use sekisho_gate::call::{Narrowing, Stopped};
use sekisho_gate::identify::{Caller, identify};
use serde_json::{Map, Value, json};
use std::future::Future;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What became of a call.
pub(crate) enum Outcome {
    /// The result.
    Done(Value),
    /// Why there is none, in the API's shape.
    Not(Value),
}

/// Where calls go.
pub(crate) trait Behind: Clone + Send + Sync + 'static {
    fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        context: &RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<Outcome, ErrorData>> + Send;
}

/// The app that uses of this kind are recorded under.
const APP: &str = "mcp";

async fn here(app: &App, caller: Caller, narrowing: Narrowing, tool: &str, given: Map<String, Value>) -> Outcome {
    let caller = Caller { app: APP.to_owned(), ..caller };
    match call(app, caller, narrowing, tool, given).await {
        Ok(called) => Outcome::Done(called.with_findings()),
        Err(stopped) => Outcome::Not(told(stopped)),
    }
}

/// This server, for the caller that the router has identified.
#[derive(Clone)]
pub(crate) struct ByHttp(pub(crate) App);

impl Behind for ByHttp {
    async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        context: &RequestContext<RoleServer>,
    ) -> Result<Outcome, ErrorData> {
        let parts = context.extensions.get::<http::request::Parts>();
        let nobody = || ErrorData::internal_error("the request came without its caller", None);
        let parts = parts.ok_or_else(nobody)?;
        let Identified(caller) = parts.extensions.get::<Identified>().ok_or_else(nobody)?.clone();
        match narrowing(&parts.headers) {
            Ok(narrowing) => Ok(here(&self.0, caller, narrowing, tool, arguments).await),
            Err(problem) => {
                let endpoint = sekisho_gate::pipeline::name(sekisho_gate::upstream::Endpoint::Tools);
                Ok(Outcome::Not(told(self.0.gate.refuse_unread(&caller, endpoint, 0, problem).await)))
            }
        }
    }
}

/// An installation that this process has opened, for the owner of a key. The key is looked up at every call, so that
/// revoking it works at once.
#[derive(Clone)]
pub(crate) struct ByKey {
    pub(crate) app: App,
    pub(crate) key: Arc<Zeroizing<String>>,
}

impl Behind for ByKey {
    async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        _: &RequestContext<RoleServer>,
    ) -> Result<Outcome, ErrorData> {
        let register = match self.app.journal.register() {
            Ok(register) => register,
            Err(error) => return Ok(Outcome::Not(told(Stopped::Unavailable { inside: error.to_string() }))),
        };
        match identify(&register, Some(self.key.as_str()), self.app.world.now()) {
            Ok(caller) if !register.scheme().is_outsider(&caller.person) => {
                Ok(here(&self.app, caller, Narrowing::default(), tool, arguments).await)
            }
            Ok(_) => Ok(Outcome::Not(not_identified())),
            Err(error) => {
                tracing::info!(%error, "a call without a valid key");
                Ok(Outcome::Not(not_identified()))
            }
        }
    }
}

fn not_identified() -> Value {
    let text = "鍵が有効ではありません。環境変数 SEKISHO_KEY に、承認に結び付いた有効な鍵を入れてください。 (the key in SEKISHO_KEY is not valid)";
    json!({ "error": { "type": "authentication_error", "code": "invalid_api_key", "message": text, "param": null } })
}

/// Another server, through its JSON API.
#[derive(Clone)]
pub(crate) struct ByServer(pub(crate) Arc<Server>);

impl Behind for ByServer {
    async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        _: &RequestContext<RoleServer>,
    ) -> Result<Outcome, ErrorData> {
        let sent = Some(Sent::Json(Value::Object(arguments)));
        let answer = ask(&self.0, "POST", &format!("tools/{tool}"), sent).await.map_err(|failed| {
            tracing::warn!(?failed, "the server cannot be asked");
            ErrorData::internal_error("サーバーに接続できません (the server cannot be reached)", None)
        })?;
        let strange = |_| ErrorData::internal_error("the server's answer is not JSON", None);
        let value: Value = serde_json::from_str(&answer.text).map_err(strange)?;
        Ok(if answer.ok { Outcome::Done(value) } else { Outcome::Not(value) })
    }
}
