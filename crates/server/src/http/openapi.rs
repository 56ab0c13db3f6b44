//! The OpenAPI document: the fixed paths by hand, every command from the schema of its content.

use axum::Json;
use sekisho_domain::command::{Command, schemas};
use serde_json::{Map, Value, json};

/// Fixed paths: method, path, summary, whether a body is sent.
const PATHS: [(&str, &str, &str, bool); 47] = [
    ("get", "/healthz", "The process answers", false),
    ("get", "/readyz", "The register is fresh enough to decide on, and the program was not asked to stop", false),
    ("get", "/v1/models", "Models the caller's permits reach today", false),
    ("post", "/v1/chat/completions", "OpenAI chat completions, whole or streamed", true),
    ("post", "/v1/responses", "OpenAI responses, whole or streamed", true),
    ("post", "/v1/embeddings", "OpenAI embeddings", true),
    ("get", "/v1/files", "One's own files, in OpenAI's shape", false),
    ("post", "/v1/files", "Upload a file as `file` of a form; it is examined before anything else", true),
    ("get", "/v1/files/{id}", "One file with its text and what was found", false),
    ("delete", "/v1/files/{id}", "Destroy a file", false),
    ("get", "/api/openapi.json", "This document", false),
    ("get", "/api/me", "Who the register takes the caller for", false),
    ("get", "/api/services", "The service register", false),
    ("get", "/api/registrations", "ISMAP registrations", false),
    ("get", "/api/ismap/{kind}", "Records of ISMAP of a kind, as of a day if `as_of` names one", false),
    ("get", "/api/ismap/{kind}/{id}", "One record of ISMAP with its steps", false),
    (
        "post",
        "/api/oscal/check",
        "Read an OSCAL document and tell what would not be carried over; nothing is recorded",
        true,
    ),
    ("get", "/api/oscal/{model}/{id}", "A record of ISMAP as an OSCAL document", false),
    ("get", "/api/ismap/criteria/{id}/content", "The items of a version of the criteria", false),
    (
        "post",
        "/api/ismap/import/criteria",
        "Import a version of the criteria from the bytes of an XLSX or CSV: `id`, `title`, `edition`, `effective_from`, and `dry_run`, `against`, `fictional`, `rule`, `article`, `reason` if wanted",
        true,
    ),
    ("post", "/api/ismap/import/list", "Take up the published list: the file itself (XLSX or CSV) as the body", true),
    ("get", "/api/rules", "Rule sets in force, with their text", false),
    ("get", "/api/handlings", "Rules of detection and what is done about their findings", false),
    (
        "get",
        "/api/budgets",
        "Budgets that bind the caller with what is spent; all of them, and prices, for who looks after them",
        false,
    ),
    ("get", "/api/files", "One's own files", false),
    ("post", "/api/files", "Upload a file as `file` of a form, with its `grade` if declared", true),
    ("get", "/api/files/{id}", "One file with its text and what was found", false),
    ("delete", "/api/files/{id}", "Destroy a file", false),
    ("get", "/api/regulation", "Parts of the regulation in force, and those missing", false),
    ("get", "/api/applications", "Applications: one's own, or all for those who govern", false),
    ("get", "/api/permits", "Permits: those that include the caller, or all for those who govern", false),
    ("get", "/api/persons", "Persons with their names (administrators)", false),
    ("get", "/api/departments", "Departments", false),
    ("get", "/api/keys", "Keys: one's own, or all for administrators", false),
    ("post", "/apps/{id}/invoke", "Run an app in the protocol of 源内; the key may come as `x-api-key`", true),
    (
        "get",
        "/api/search/{corpus}",
        "Search `law`, `diet` or `document`: `q`, and `limit`, `as_of`, `kind`, `since`, `until`, `house` if wanted; a use of the built-in search, recorded as one",
        false,
    ),
    (
        "get",
        "/api/units/{corpus}/{id}",
        "An article, speech or document as of a day (`as_of`); the id may hold `/`",
        false,
    ),
    (
        "post",
        "/api/citations/verify",
        "Does `quotation` stand in the unit `id` of `corpus` (as of `as_of`)? If not, why and what is nearest",
        true,
    ),
    ("post", "/api/tools/{name}", "Call a tool of `/mcp` with its arguments as the body", true),
    (
        "post",
        "/mcp",
        "MCP over streamable HTTP, without sessions: search_law, get_article, search_diet, get_speech, verify_citation",
        true,
    ),
    ("get", "/api/uses", "Uses, newest first (auditors, CISO, administrators)", false),
    ("get", "/api/uses/{id}", "One use with its entries and proofs", false),
    ("get", "/api/uses/{id}/content", "Sealed content, after two persons agreed", false),
    ("get", "/api/ledger/{index}/proof", "C2SP tlog-proof of one entry", false),
    ("get", "/ledger/checkpoint", "Newest signed checkpoint", false),
    ("get", "/ledger/vkey", "Verifier key of the log", false),
    ("get", "/ledger/tile/{path}", "Tiles; `entries/…` for auditors, CISO and administrators", false),
];

pub(super) async fn serve() -> Json<Value> {
    Json(document())
}

/// The whole document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for (method, path, summary, body) in PATHS {
        let mut operation =
            json!({ "summary": summary, "responses": { "200": { "description": "ok" }, "default": error() } });
        if let Some(map) = operation.as_object_mut() {
            if body {
                let kind = match path {
                    _ if path.ends_with("/files") => "multipart/form-data",
                    _ if path.starts_with("/api/ismap/import/") => "application/octet-stream",
                    _ => "application/json",
                };
                let any = json!({ "required": true, "content": { kind: { "schema": { "type": "object" } } } });
                map.insert("requestBody".into(), any);
            }
            let parameters: Vec<Value> = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
                .collect();
            if !parameters.is_empty() {
                map.insert("parameters".into(), parameters.into());
            }
            if super::is_open(path) {
                map.insert("security".into(), json!([]));
            } else if path == super::INVOKE {
                map.insert("security".into(), json!([{ "key": [] }, { "app": [] }]));
            }
        }
        let all = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(all) = all.as_object_mut() {
            all.insert(method.to_owned(), operation);
        }
    }
    let mut components = Map::new();
    for command in schemas().into_iter().filter(|command| !Command::BY_PAGES_ONLY.contains(&command.command)) {
        for (name, schema) in command.parts {
            components.insert(name, serde_json::to_value(schema).unwrap_or(Value::Null));
        }
        let content = json!({ "$ref": format!("#/components/schemas/{}", command.schema) });
        let envelope = json!({
            "type": "object", "required": ["content"], "additionalProperties": false,
            "properties": {
                "content": content,
                "reason": { "type": "string", "description": "Why, in the actor's words" },
                "documents": { "type": "array", "items": { "type": "string" }, "description": "SHA-256 of attached documents" },
                "directory": { "$ref": "#/components/schemas/Directory" },
            },
        });
        let operation = json!({ "post": {
            "summary": command.command,
            "requestBody": { "required": true, "content": { "application/json": { "schema": envelope } } },
            "responses": { "201": { "description": "Recorded; the entries are durable" }, "default": error() },
        }});
        paths.insert(format!("/api/commands/{}", command.command), operation);
    }
    components.insert(
        "Directory".into(),
        json!({
            "type": "object", "description": "What a new person or department is called; never enters the ledger",
            "properties": { "name": { "type": "string" }, "mail": { "type": "string" }, "post": { "type": "string" },
                            "login": { "type": "string", "description": "The name to sign in with; goes with account.invite alone" } },
        }),
    );
    components.insert(
        "Error".into(),
        json!({
            "type": "object",
            "properties": { "error": { "type": "object", "properties": {
                "type": { "type": "string" }, "code": { "type": "string" }, "message": { "type": "string" },
                "param": { "type": ["string", "null"] }, "use": { "type": "string" },
                "reasons": { "type": "array", "items": { "type": "object" } },
                "found": { "type": "array", "items": { "type": "object" },
                           "description": "What was found in the request, where, and what is done about it" },
                "confirm": { "type": "string",
                             "description": "Sent back with a reason (`x-sekisho-confirm`, or `confirm` and `reason` in `metadata`) it confirms what was asked" },
            }}},
        }),
    );
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Sekisho", "version": env!("CARGO_PKG_VERSION"),
                  "description": "Every use of AI passes one gate; every change of the register is one command." },
        "components": { "schemas": components,
                        "securitySchemes": {
                            "key": { "type": "http", "scheme": "bearer" },
                            "app": { "type": "apiKey", "in": "header", "name": "x-api-key" },
                        } },
        "security": [{ "key": [] }],
        "paths": paths,
    })
}

fn error() -> Value {
    json!({ "description": "error", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } } })
}
