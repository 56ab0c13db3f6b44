//! Signing in with password and code, and recognising who is signed in on every request.

use super::session::{self, Secret, Standing};
use super::throttle::{ACCOUNT, SOURCE};
use super::{Busy, matches, recovery, totp};
use crate::installation::Installation;
use jiff::Timestamp;
use sekisho_domain::id::PersonId;
use sekisho_gate::identify::hash_of;
use sekisho_store::{AccountChange, JournalError, ReadError, SessionRow};
use std::net::IpAddr;

/// Someone at the door.
pub(crate) struct Attempt<'a> {
    pub(crate) login: &'a str,
    pub(crate) password: &'a str,
    pub(crate) source: IpAddr,
    pub(crate) agent: String,
}

/// Why nobody was let in. Unknown name and wrong password are one answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSignedIn {
    #[error("name or password is wrong")]
    Wrong,
    #[error("locked until {0}")]
    Locked(Timestamp),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Someone with a session that lives, as far as they have come.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) row: SessionRow,
    pub(crate) login: String,
    pub(crate) standing: Standing,
    /// What every form of the session carries.
    pub(crate) form_token: String,
}

impl SignedIn {
    pub(crate) fn person(&self) -> &PersonId {
        &self.row.person
    }
}

/// What a cookie leads to.
pub(crate) enum Visit {
    /// Nobody: no cookie, no such session, or one that has ended.
    Nobody,
    /// A session.
    SignedIn(Box<SignedIn>),
}

/// Whom a session belongs to, by the register of now: who has left is nobody, at once.
pub(crate) async fn visit(app: &Installation, secret: Option<&Secret>) -> Result<Visit, NotSignedIn> {
    let Some(secret) = secret else { return Ok(Visit::Nobody) };
    let Some(row) = app.store.session(&secret.hash()).await? else { return Ok(Visit::Nobody) };
    let register = app.journal.register()?;
    let active = register.person(&row.person).is_some_and(|p| p.active);
    let Some(means) = register.means(&row.person).filter(|_| active) else { return Ok(Visit::Nobody) };
    let now = app.world.now();
    let standing = session::standing(row.second_factor, means, register.needs_second_factor(&row.person));
    if !session::is_alive(&row, standing, &app.config.signin, now) {
        return Ok(Visit::Nobody);
    }
    let Some(account) = app.store.account_of(&row.person).await? else { return Ok(Visit::Nobody) };
    if session::is_worth_noting(&row, now) {
        // Beside the answer: a page is read though nothing can be written, and then the session ends early.
        let (journal, hash) = (app.journal.clone(), row.hash.clone());
        app.tasks.spawn(async move {
            if let Err(error) = journal.keep_account(AccountChange::Seen { hash, at: now }).await {
                tracing::warn!(%error, "the use of a session was not noted");
            }
        });
    }
    let form_token = secret.form_token();
    Ok(Visit::SignedIn(Box::new(SignedIn { row, login: account.login, standing, form_token })))
}

fn names(login: &str, source: IpAddr) -> (String, String) {
    // By digest: what someone types as a name, a password by mistake perhaps, is not kept in memory.
    (format!("account {}", hash_of(login)), format!("source {source}"))
}

/// Counts an attempt, unless name or source is locked.
pub(super) fn count(app: &Installation, login: &str, source: IpAddr) -> Result<(), Timestamp> {
    let (account, source) = names(login, source);
    let now = app.world.now();
    app.accounts.throttle(|throttle| {
        let locked = [&account, &source].into_iter().filter_map(|name| throttle.locked(name, now)).max();
        if let Some(until) = locked {
            return Err(until);
        }
        throttle.count(&account, ACCOUNT, now);
        throttle.count(&source, SOURCE, now);
        Ok(())
    })
}

/// Takes an attempt that succeeded off; `whole` forgives the account all that was before.
pub(super) fn succeeded(app: &Installation, login: &str, source: IpAddr, whole: bool) {
    let (account, source) = names(login, source);
    app.accounts.throttle(|throttle| {
        throttle.take_off(&source, SOURCE);
        if whole {
            throttle.clear(&account);
        } else {
            throttle.take_off(&account, ACCOUNT);
        }
    });
}

/// Looks at name and password and begins a session, which may still lack its second factor.
pub(crate) async fn sign_in(app: &Installation, attempt: Attempt<'_>) -> Result<(Secret, Standing), NotSignedIn> {
    let login = super::login(attempt.login).unwrap_or_else(|| attempt.login.chars().take(200).collect());
    count(app, &login, attempt.source).map_err(NotSignedIn::Locked)?;
    let account = app.store.account_by_login(&login).await?;
    let password = account.as_ref().map(|account| account.password.as_str());
    let right = matches(app, attempt.password, password).await?;
    let register = app.journal.register()?;
    let account = account.filter(|_| right);
    let means = account.as_ref().and_then(|account| {
        let active = register.person(&account.person).is_some_and(|p| p.active);
        register.means(&account.person).filter(|_| active)
    });
    let (Some(account), Some(means)) = (account, means) else {
        tracing::info!(source = %attempt.source, "sign-in refused");
        return Err(NotSignedIn::Wrong);
    };
    let standing = session::standing(false, means, register.needs_second_factor(&account.person));
    // With a second factor still to come the password alone forgives nothing: its codes must not be guessed either.
    succeeded(app, &login, attempt.source, standing == Standing::Full);
    let secret = Secret::fresh(&*app.world);
    let row =
        session::begin(&secret, account.person.clone(), false, attempt.agent, &app.config.signin, app.world.now());
    app.journal.keep_account(AccountChange::Begin { session: row, instead_of: None }).await?;
    tracing::info!(person = %account.person, ?standing, "signed in with a password");
    Ok((secret, standing))
}

/// Looks at a code of the second factor, or a recovery code. The session gives way to a new one.
pub(crate) async fn show_code(
    app: &Installation,
    signed: &SignedIn,
    typed: &str,
    source: IpAddr,
) -> Result<Secret, NotSignedIn> {
    count(app, &signed.login, source).map_err(NotSignedIn::Locked)?;
    let account = app.store.account_of(signed.person()).await?.ok_or(NotSignedIn::Wrong)?;
    let secret = account.totp.ok_or(NotSignedIn::Wrong)?;
    let person = account.person;
    let digits: String = super::password::normal(typed).chars().filter(|c| !c.is_whitespace()).collect();
    let change = if let Some(step) = totp::check(&secret, &digits, app.world.now()) {
        AccountChange::UseStep { person: person.clone(), step }
    } else if let Some(hash) = recovery::hash(&person, &digits) {
        AccountChange::UseRecoveryCode { person: person.clone(), hash }
    } else {
        tracing::info!(%person, %source, "second factor refused");
        return Err(NotSignedIn::Wrong);
    };
    // The row decides: of two requests with one code, one changes it.
    if app.journal.keep_account(change).await? != 1 {
        tracing::warn!(%person, %source, "a code of the second factor was shown again, or is unknown");
        return Err(NotSignedIn::Wrong);
    }
    succeeded(app, &signed.login, source, true);
    let cookie = Secret::fresh(&*app.world);
    let row =
        session::begin(&cookie, person.clone(), true, signed.row.agent.clone(), &app.config.signin, app.world.now());
    let change = AccountChange::Begin { session: row, instead_of: Some(signed.row.hash.clone()) };
    app.journal.keep_account(change).await?;
    tracing::info!(%person, "second factor shown");
    Ok(cookie)
}
