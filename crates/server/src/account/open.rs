//! Opening an account behind its link, and changing the password later. Only the person ever knows it.

use super::session::{self, Secret};
use super::sign_in::{SignedIn, count, succeeded};
use super::{Busy, hash, matches, password};
use crate::installation::Installation;
use jiff::Timestamp;
use sekisho_domain::command::{Actor, Command, Occasion, OpenAccount};
use sekisho_domain::id::PersonId;
use sekisho_domain::refusal::Refusal;
use sekisho_gate::identify::hash_of;
use sekisho_store::{AccountChange, AccountRow, JournalError, ReadError};
use std::net::IpAddr;

/// Why an account was not opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The link does not work (any more).
    #[error("the link does not work")]
    Link,
    /// The new password may not be one.
    #[error("{0}")]
    Password(&'static str),
    /// The register says no.
    #[error("{}", .0.en)]
    Refused(Refusal),
    /// Too many at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Nothing could be recorded.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Nothing could be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Whose account a link opens, while it works.
pub(crate) async fn invited(app: &Installation, secret: &str) -> Result<AccountRow, NotOpened> {
    let register = app.journal.register()?;
    let invitation = register.invitation(&hash_of(secret)).filter(|i| app.world.now() <= i.valid_until);
    let person = invitation.map(|i| i.person.clone()).ok_or(NotOpened::Link)?;
    app.store.account_of(&person).await?.ok_or(NotOpened::Link)
}

/// Uses a link up: sets the password and ends whatever was there before.
pub async fn open(app: &Installation, secret: &str, new: &str) -> Result<PersonId, NotOpened> {
    let account = invited(app, secret).await?;
    if let Some(problem) = password::problem(new, &account.login) {
        return Err(NotOpened::Password(problem));
    }
    let password = hash(app, new).await?;
    let now = app.world.now();
    let occasion = Occasion {
        actor: Actor::Person(account.person.clone()),
        at: now,
        reason: String::new(),
        documents: Vec::new(),
        fresh: app.world.fresh(),
    };
    let command = Command::OpenAccount(OpenAccount { invitation: hash_of(secret) });
    let row = AccountChange::Open { person: account.person.clone(), password, at: now };
    match app.journal.govern_with(occasion, command, Vec::new(), vec![row]).await? {
        Ok(_) => Ok(account.person),
        Err(refusal) if refusal.code == "WRONG_STATE" => Err(NotOpened::Link),
        Err(refusal) => Err(NotOpened::Refused(refusal)),
    }
}

/// Why a password was not changed.
#[derive(Debug)]
pub(crate) enum ChangeRefused {
    /// The present password is wrong.
    Present,
    /// The new one may not be one.
    New(&'static str),
    /// Too many wrong ones.
    Locked(Timestamp),
    /// It could not be done.
    Failed(NotOpened),
}

impl<E: Into<NotOpened>> From<E> for ChangeRefused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Changes a password. Every session of the person ends and a new one takes the place of this one. A wrong present
/// password counts as a failed sign-in: a stolen session must not be a way to guess it.
pub(crate) async fn change_password(
    app: &Installation,
    signed: &SignedIn,
    present: &str,
    new: &str,
    source: IpAddr,
) -> Result<Secret, ChangeRefused> {
    let person = signed.person();
    let account = app.store.account_of(person).await?.ok_or(ChangeRefused::Present)?;
    count(app, &account.login, source).map_err(ChangeRefused::Locked)?;
    if !matches(app, present, Some(&account.password)).await? {
        return Err(ChangeRefused::Present);
    }
    succeeded(app, &account.login, source, true);
    if let Some(problem) = password::problem(new, &account.login) {
        return Err(ChangeRefused::New(problem));
    }
    if password::same(&password::normal(present), &password::normal(new)) {
        return Err(ChangeRefused::New("いまのパスワードと違うものにしてください。"));
    }
    let password = hash(app, new).await?;
    let now = app.world.now();
    app.journal.keep_account(AccountChange::Password { person: person.clone(), password, at: now }).await?;
    let (secret, agent) = (Secret::fresh(&*app.world), signed.row.agent.clone());
    let session = session::begin(&secret, person.clone(), signed.row.second_factor, agent, &app.config.signin, now);
    app.journal.keep_account(AccountChange::Begin { session, instead_of: None }).await?;
    tracing::info!(%person, "password changed");
    Ok(secret)
}
