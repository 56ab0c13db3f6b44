//! `POST /api/commands/{name}`: every change of the register, decided under the ledger's lock.

use crate::account::{NotInvited, invitation_row};
use crate::http::api::handlings::known;
use crate::http::body::receive;
use crate::http::error::ApiError;
use crate::http::ledger::read_error;
use crate::http::page::without_made;
use crate::http::{App, Identified};
use crate::installation::{fresh_pseudonym, fresh_secret};
use crate::records::with_facts;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_domain::command::{Actor, Command, GrantContent, Occasion, RequestContent, SetHandling};
use sekisho_domain::ds920::judgement::BoardStep;
use sekisho_domain::ds920::risk_case::READERS;
use sekisho_gate::identify::hash_of;
use sekisho_gate::world::World;
use sekisho_store::{DirectoryChange, ReadError};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// What a command comes in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    /// The command's content.
    #[serde(borrow)]
    content: &'a RawValue,
    /// Why, in the actor's words.
    #[serde(default)]
    reason: String,
    /// SHA-256 of attached documents.
    #[serde(default)]
    documents: Vec<String>,
    /// What the new person or department is called: directory data, never in the ledger.
    #[serde(default)]
    directory: Option<Directory>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Directory {
    #[serde(default)]
    name: String,
    #[serde(default)]
    mail: String,
    #[serde(default)]
    post: String,
    /// The name to sign in with; goes with `account.invite` alone.
    #[serde(default)]
    login: Option<String>,
}

pub(in crate::http) async fn run(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = receive(body, &app.config.limits).await.map_err(|problem| ApiError::unreadable(None, problem))?;
    let bad = |e: &serde_json::Error| {
        let text = format!(
            "コマンド `{name}` の内容を読めません: {e}。形は GET /api/openapi.json にあります。 (the command cannot be read)"
        );
        ApiError::invalid("INVALID_COMMAND", text)
    };
    if !Command::NAMES.contains(&name.as_str()) {
        return Err(unknown(&name));
    }
    if Command::BY_PAGES_ONLY.contains(&name.as_str()) {
        return Err(by_pages_only());
    }
    let envelope: Envelope<'_> = serde_json::from_slice(&body).map_err(|e| bad(&e))?;
    let (content, secret) = complete(&app, &name, envelope.content.get()).map_err(|e| bad(&e))?;
    let command = match Command::read(&name, content.as_deref().unwrap_or(envelope.content.get())) {
        Some(command) => command.map_err(|e| bad(&e))?,
        None => return Err(unknown(&name)),
    };
    if command.speaks_of_content() {
        return Err(by_pages_only());
    }
    let plain = |d: &String| d.len() == 64 && d.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if envelope.reason.chars().count() > 2_000 || envelope.documents.len() > 50 || !envelope.documents.iter().all(plain)
    {
        let text = "理由は 2,000 文字まで、添付文書は SHA-256（16 進小文字 64 桁）で 50 件までです。 (reason: at most 2,000 characters; documents: at most 50 SHA-256 in lower-case hex)";
        return Err(ApiError::invalid("INVALID_COMMAND", text));
    }
    let accounts = match &command {
        Command::InviteAccount(c) => {
            let login = envelope.directory.as_ref().and_then(|directory| directory.login.as_deref());
            invitation_row(&app, &c.person, login).await.map_err(not_invited)?
        }
        _ => Vec::new(),
    };
    let link = secret.as_ref().filter(|_| matches!(command, Command::InviteAccount(_)));
    let link = link.map(|secret| format!("{}/enrol/{}", address(&app, &headers), secret.as_str()));
    let directory = directory_of(&command, envelope.directory)?;
    if let Command::RequestContent(RequestContent { of }) | Command::GrantContent(GrantContent { of }) = &command {
        app.store.use_row(of).await.map_err(read_error)?;
    }
    if let Command::StepRiskCase(c) = &command {
        let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
        let sees_all = register.holds_any(&caller.person, &READERS);
        for of in c.step.named() {
            // What others used is answered as if there were no such use.
            let row = app.store.use_row(of).await.map_err(read_error)?;
            if row.person != caller.person && !sees_all {
                return Err(read_error(ReadError::Missing(format!("use `{of}`"))));
            }
        }
    }
    let command = with_facts(&app, command).await.map_err(read_error)?;
    if let Command::SetHandling(SetHandling { rule, .. }) = &command {
        known(rule)?;
    }
    // What is written of a case or of a risk stays in the ledger for ever, whichever door it came in by.
    let stays = holds_free_text(&command)
        && (app.gate.must_not_be_kept(&envelope.reason)
            || app.gate.must_not_be_kept(&without_made(&format!("{command:?}"))));
    let stays = stays
        || is_of_ds920(&command)
            && typed_of(&command).iter().chain([&envelope.reason.as_str()]).any(|text| app.gate.must_not_be_kept(text));
    if stays {
        let text = "個人番号または鍵・パスワードが書かれています。台帳に残り、後から消せないので、除いてから送ってください。 (a 個人番号 or a credential would stay in the ledger; take it out)";
        return Err(ApiError::invalid("MUST_NOT_BE_KEPT", text));
    }
    let occasion = Occasion {
        actor: Actor::Person(caller.person),
        at: app.world.now(),
        reason: envelope.reason,
        documents: envelope.documents,
        fresh: app.world.fresh(),
    };
    let decided = app.journal.govern_with(occasion, command, directory, accounts).await;
    match decided.map_err(|e| ApiError::unavailable(&e.to_string()))? {
        Ok(committed) => {
            let events = committed.entries.iter().map(|entry| {
                json!({ "kind": entry.event.kind(), "clause": entry.event.clause(), "data": entry.event.data().ok(), "reason": entry.reason })
            });
            let events: Vec<_> = events.collect();
            let mut answer = json!({ "first": committed.first, "events": events });
            if let (Some(secret), Some(map)) = (&secret, answer.as_object_mut()) {
                // Shown this once; the register keeps its hash.
                map.insert("secret".into(), secret.as_str().into());
                if let Some(link) = link {
                    map.insert("link".into(), link.into());
                }
            }
            Ok((StatusCode::CREATED, Json(answer)).into_response())
        }
        Err(refusal) => Err(ApiError::refusal(&refusal)),
    }
}

/// Other commands in which people write freely what stays for ever.
fn holds_free_text(command: &Command) -> bool {
    matches!(
        command,
        Command::OpenSurvey(_)
            | Command::AnswerReturn(_)
            | Command::RetractStory(_)
            | Command::PlaceHold(_)
            | Command::LiftHold(_)
            | Command::ClassifyRecord(_)
            | Command::SetRetention(_)
            | Command::ApproveDisposal(_)
            | Command::RefuseDisposal(_)
            | Command::OpenDisclosure(_)
            | Command::GrantDisclosure(_)
            | Command::CloseDisclosure(_)
    )
}

/// Commands under DS-920 in which people write freely.
fn is_of_ds920(command: &Command) -> bool {
    matches!(
        command,
        Command::StepRiskCase(_)
            | Command::StepRiskBoard(_)
            | Command::JudgeRisk(_)
            | Command::AnswerRisk(_)
            | Command::AdoptRiskTable(_)
            | Command::SetRiskClocks(_)
    )
}

/// What was typed in them, apart from the reason.
fn typed_of(command: &Command) -> Vec<&str> {
    match command {
        Command::StepRiskCase(c) => c.step.typed().to_vec(),
        Command::StepRiskBoard(c) => match &c.step {
            BoardStep::Report { purpose, mitigation, quality } => vec![purpose, mitigation, quality],
            BoardStep::Advise { items } => items.iter().map(String::as_str).collect(),
            BoardStep::Respond { response, .. } => vec![response],
        },
        Command::SetRiskClocks(c) => c.clocks.iter().map(|clock| clock.basis.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Fills in what a person should not have to make: a pseudonym for a new colleague, the secret of a new key or link.
fn complete(
    app: &App,
    name: &str,
    content: &str,
) -> Result<(Option<String>, Option<Zeroizing<String>>), serde_json::Error> {
    let lacking = match name {
        "person.join" => "person",
        "key.issue" | "account.invite" => "hash",
        _ => return Ok((None, None)),
    };
    let world: &dyn World = &*app.world;
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(content)?;
    if name == "account.invite" {
        let until = world.now().checked_add(app.config.signin.link).unwrap_or(jiff::Timestamp::MAX);
        fields.entry("valid_until").or_insert_with(|| until.to_string().into());
    }
    if fields.contains_key(lacking) {
        return Ok((Some(serde_json::to_string(&fields)?), None));
    }
    let secret = (lacking == "hash").then(|| fresh_secret(world));
    let value = match &secret {
        Some(secret) => hash_of(secret),
        None => fresh_pseudonym(world),
    };
    fields.insert(lacking.to_owned(), value.into());
    Ok((Some(serde_json::to_string(&fields)?), secret))
}

/// The address at which people reach the pages.
fn address(app: &App, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    app.config.signin.public_url.clone().unwrap_or_else(|| format!("http://{host}"))
}

fn not_invited(error: NotInvited) -> ApiError {
    match error {
        NotInvited::Login { ja, en } => ApiError::invalid("INVALID_LOGIN", format!("{ja} ({en})")),
        NotInvited::Refused(refusal) => ApiError::refusal(&refusal),
        NotInvited::Journal(error) => ApiError::unavailable(&error.to_string()),
        NotInvited::Read(error) => ApiError::inside(&error),
    }
}

fn by_pages_only() -> ApiError {
    let text = "本人が画面で行うか、/api/ismap/import の取込みで行う操作です。 (given on a page by the person themselves, or by an import under /api/ismap/import)";
    ApiError::invalid("BY_PAGES_ONLY", text)
}

fn unknown(name: &str) -> ApiError {
    let nearest = Command::NAMES.iter().min_by_key(|known| strsim::damerau_levenshtein(name, known)).unwrap_or(&"");
    let name: String = name.chars().take(80).collect();
    ApiError::missing(&format!(
        "コマンド `{name}`。`{nearest}` のことですか。一覧: sekisho admin list / did you mean `{nearest}`?"
    ))
}

/// Names belong to the directory; a command that names nobody has no use for one.
fn directory_of(command: &Command, directory: Option<Directory>) -> Result<Vec<DirectoryChange>, ApiError> {
    let Some(Directory { name, mail, post, login }) = directory else { return Ok(Vec::new()) };
    let named = matches!(command, Command::JoinPerson(_) | Command::MovePerson(_) | Command::PlaceDepartment(_));
    if matches!(command, Command::InviteAccount(_)) && name.is_empty() && mail.is_empty() && post.is_empty() {
        return Ok(Vec::new());
    }
    if login.is_some() || (named && name.is_empty()) {
        let text = "`directory` には氏名・名称（name）を書きます。`login` は account.invite だけで使えます。 (`directory` needs `name`; `login` goes with account.invite only)";
        return Err(ApiError::invalid("INVALID_COMMAND", text));
    }
    Ok(vec![match command {
        Command::JoinPerson(c) => DirectoryChange::Person { person: c.person.clone(), name, mail, post },
        Command::MovePerson(c) => DirectoryChange::Person { person: c.person.clone(), name, mail, post },
        Command::PlaceDepartment(c) => DirectoryChange::Department { department: c.department.clone(), name },
        _ => {
            let text = "`directory` は person.join・person.move・department.place だけで使えます。 (`directory` goes with these only)";
            return Err(ApiError::invalid("INVALID_COMMAND", text));
        }
    }])
}
