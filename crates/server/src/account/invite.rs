//! The link with which an account begins: made by an administrator, used once by the person.

use crate::installation::{Installation, fresh_secret};
use sekisho_domain::command::{Actor, Command, InviteAccount, Occasion};
use sekisho_domain::id::PersonId;
use sekisho_domain::refusal::Refusal;
use sekisho_gate::identify::hash_of;
use sekisho_store::{AccountChange, JournalError, ReadError};
use zeroize::Zeroizing;

/// What an administrator hands over.
#[derive(Debug)]
pub struct Link {
    /// The secret in the link, shown this once.
    pub secret: Zeroizing<String>,
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum NotInvited {
    /// The register says no.
    #[error("{}", .0.en)]
    Refused(Refusal),
    /// The login name cannot be used.
    #[error("{en}")]
    Login {
        /// For people.
        ja: String,
        /// For programs.
        en: String,
    },
    /// Nothing could be recorded.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Nothing could be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The private row that goes with an invitation: the login name, which a first invitation needs.
pub(crate) async fn row(
    app: &Installation,
    person: &PersonId,
    login: Option<&str>,
) -> Result<Vec<AccountChange>, NotInvited> {
    let Some(given) = login else {
        if app.store.account_of(person).await?.is_some() {
            return Ok(Vec::new());
        }
        return Err(NotInvited::Login {
            ja: "初めてのアカウントです。サインイン名を `directory` の `login` で指定してください（コマンドラインでは --login）。".into(),
            en: "a first account needs a login name: `login` in `directory`, or --login".into(),
        });
    };
    let Some(login) = super::login(given) else {
        let given: String = given.chars().take(80).collect();
        return Err(NotInvited::Login {
            ja: format!(
                "サインイン名 `{given}` は使えません。半角の英小文字・数字・`.`・`-`・`_`・`@` で 64 文字までにしてください。"
            ),
            en: format!("`{given}` is not a login name: use 1 to 64 of a-z, 0-9, `.`, `-`, `_`, `@`"),
        });
    };
    if app.store.account_by_login(&login).await?.is_some_and(|account| account.person != *person) {
        return Err(NotInvited::Login {
            ja: format!("サインイン名 `{login}` は別の人が使っています。"),
            en: format!("the login name `{login}` belongs to someone else"),
        });
    }
    Ok(vec![AccountChange::Invite { person: person.clone(), login, at: app.world.now() }])
}

/// Invites a person: an entry of the ledger and the login name.
pub async fn invite(
    app: &Installation,
    by: &PersonId,
    person: &PersonId,
    login: Option<&str>,
    reason: &str,
) -> Result<Link, NotInvited> {
    let rows = row(app, person, login).await?;
    let (secret, now) = (fresh_secret(&*app.world), app.world.now());
    let command = Command::InviteAccount(InviteAccount {
        hash: hash_of(&secret),
        person: person.clone(),
        valid_until: now.checked_add(app.config.signin.link).unwrap_or(now),
    });
    let occasion = Occasion {
        actor: Actor::Person(by.clone()),
        at: now,
        reason: reason.to_owned(),
        documents: Vec::new(),
        fresh: app.world.fresh(),
    };
    app.journal.govern_with(occasion, command, Vec::new(), rows).await?.map_err(NotInvited::Refused)?;
    Ok(Link { secret })
}
