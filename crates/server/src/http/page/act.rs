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
    let typed = without_made(&format!("{command:?}"));
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

/// The fewest digits of what a program made.
const MADE: usize = 32;

/// A text without the words that are 32 or more hexadecimal digits and nothing else: one pass, as long as the text is.
pub(in crate::http) fn without_made(text: &str) -> String {
    let mut typed = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if word.len() >= MADE && word.bytes().all(|b| b.is_ascii_hexdigit()) {
            typed.extend(piece.strip_prefix(word));
        } else {
            typed.push_str(piece);
        }
    }
    typed
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_made_is_left_out_and_nothing_that_was_typed() {
        let (hash, id) = ("0123456789abcdef".repeat(4), "ABCDEF0123456789".repeat(2));
        let text = format!("[Row {{ sha256: \"{hash}\", by: {id}、架空の目的 123456789018 }}, {hash}]");
        assert_eq!(without_made(&text), "[Row { sha256: \"\", by: 、架空の目的 123456789018 }, ]");
        // A digit less, a letter that is no digit before or behind, and a hash within a longer word are typed.
        for typed in [&hash[..31], &format!("sk{hash}"), &format!("{hash}xyz"), "", "、", "架空 deadbeef"] {
            assert_eq!(without_made(typed), typed);
        }
        // The same word in another place, and one that begins as another one does, are judged by themselves.
        assert_eq!(without_made(&format!("{hash} {hash}z {id}")), format!(" {hash}z "));
    }
}
