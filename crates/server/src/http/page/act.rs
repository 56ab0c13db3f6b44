//! What a page does in a person's name: a command to the register, a paper to keep.

use super::error::PageError;
use super::form::Fields;
use crate::account::SignedIn;
use crate::http::App;
use bytes::Bytes;
use sekisho_domain::command::{Actor, Command, Occasion};
use sekisho_domain::refusal::Refusal;
use sekisho_gate::identify::hash_of;
use sekisho_store::{Body, Committed, DirectoryChange, PaperRow, RANDOM_BYTES};
use serde::Serialize;

/// The hidden field that makes a form count once.
pub(super) const ONCE: &str = "once";

/// Said of a text that would stay in the ledger for ever.
pub(super) const MUST_NOT_BE_KEPT: &str =
    "個人番号または鍵・パスワードが書かれています。台帳に残り、後から消せないので、除いてから送ってください。";

/// A fresh value for [`ONCE`].
pub(super) fn once(app: &App) -> String {
    app.world.fresh()
}

/// The name of what a form makes. The same form sent twice by the same person gives the same name, so that the second
/// time the thing is found to exist already; another person's form never gives it.
pub(super) fn named_once(app: &App, signed: &SignedIn, fields: &Fields) -> String {
    match fields.get(ONCE) {
        "" => app.world.fresh(),
        once => hash_of(&format!("{} {once}", signed.person())).chars().take(32).collect(),
    }
}

/// Gives a command in the name of who is signed in.
pub(super) async fn give(
    app: &App,
    signed: &SignedIn,
    command: Command,
    reason: &str,
) -> Result<Result<Committed, Refusal>, PageError> {
    give_named(app, signed, command, reason, app.world.fresh(), vec![]).await
}

/// As [`give`], with the SHA-256 of documents that go with it.
pub(super) async fn give_with(
    app: &App,
    signed: &SignedIn,
    command: Command,
    reason: &str,
    documents: Vec<String>,
) -> Result<Result<Committed, Refusal>, PageError> {
    given(app, signed, command, (reason, documents), app.world.fresh(), vec![]).await
}

/// As [`give`], with the name of what it makes and rows of the directory.
pub(super) async fn give_named(
    app: &App,
    signed: &SignedIn,
    command: Command,
    reason: &str,
    fresh: String,
    directory: Vec<DirectoryChange>,
) -> Result<Result<Committed, Refusal>, PageError> {
    given(app, signed, command, (reason, Vec::new()), fresh, directory).await
}

async fn given(
    app: &App,
    signed: &SignedIn,
    command: Command,
    (reason, documents): (&str, Vec<String>),
    fresh: String,
    directory: Vec<DirectoryChange>,
) -> Result<Result<Committed, Refusal>, PageError> {
    // Everything of the command enters the ledger; what a program made (hashes, identifiers) says nothing of people.
    let content = format!("{command:?}");
    let made = |word: &str| word.len() >= 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = content.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| made(word));
    let typed = words.fold(content.clone(), |text, word| text.replace(word, ""));
    if app.gate.must_not_be_kept(reason) || app.gate.must_not_be_kept(&typed) {
        return Ok(Err(Refusal::new(
            "MUST_NOT_BE_KEPT",
            MUST_NOT_BE_KEPT,
            "a 個人番号 or a credential would stay in the ledger",
        )));
    }
    let occasion = Occasion {
        actor: Actor::Person(signed.person().clone()),
        at: app.world.now(),
        reason: reason.to_owned(),
        documents,
        fresh,
    };
    Ok(app.journal.govern(occasion, command, directory).await?)
}

/// Keeps a paper; `false` when somebody else, or the same person on another page, was first.
pub(super) async fn keep(app: &App, row: PaperRow, content: &impl Serialize) -> Result<bool, PageError> {
    let bytes = serde_json::to_vec(content).map_err(|error| {
        tracing::error!(%error, "a paper could not be written down");
        PageError::Inside
    })?;
    let mut random = [0; RANDOM_BYTES];
    app.world.random(&mut random);
    Ok(app.journal.keep_paper(row, &Body::new(Bytes::from(bytes), &random)).await?)
}
