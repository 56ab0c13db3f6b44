//! The first run: while nobody administers the body, a link printed at the start leads to the page that makes the first
//! administrator. Whoever can read the program's output or its data folder holds the installation anyway.

use crate::account::{NotOpened, open};
use crate::installation::{Installation, fresh_pseudonym, fresh_secret, write_whole};
use anyhow::Context as _;
use sekisho_domain::command::{Actor, Command, EstablishOrganization, GrantRole, InviteAccount, JoinPerson, Occasion};
use sekisho_domain::id::{DepartmentId, OrganizationId, PersonId};
use sekisho_domain::organization::{Department, Sector};
use sekisho_domain::person::Role;
use sekisho_domain::refusal::Refusal;
use sekisho_gate::identify::hash_of;
use sekisho_store::{AccountChange, DirectoryChange, JournalError};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// What the page asks for.
#[derive(Debug, Clone)]
pub struct FirstAdministrator {
    /// Identifier of the body.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// Family of rules.
    pub sector: Sector,
    /// The administrator's department.
    pub department: DepartmentId,
    /// What it is called.
    pub department_name: String,
    /// Name of the administrator.
    pub administrator: String,
    /// Name to sign in with, in the form of [`crate::account::login`].
    pub login: String,
}

/// Why the body was not founded. What was done before stays and is not done twice.
#[derive(Debug, thiserror::Error)]
pub enum NotFounded {
    /// The register says no.
    #[error("{}", .0.en)]
    Refused(Refusal),
    /// The account could not be opened.
    #[error(transparent)]
    Account(#[from] NotOpened),
    /// Nothing could be recorded.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

fn file(app: &Installation) -> PathBuf {
    app.config.data.join("keys").join("first-run")
}

/// The link to the page, while it works. It stays the same over restarts.
pub fn link(app: &Installation) -> anyhow::Result<Option<Zeroizing<String>>> {
    let path = file(app);
    if app.journal.register()?.is_administered() {
        close(app);
        return Ok(None);
    }
    let secret = match std::fs::read_to_string(&path) {
        Ok(text) => Zeroizing::new(text.trim().to_owned()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let secret = fresh_secret(&*app.world);
            write_whole(&path, secret.as_bytes())?;
            secret
        }
        Err(e) => return Err(e).with_context(|| format!("cannot read `{}`", path.display())),
    };
    let url = app.config.signin.public_url.clone().unwrap_or_else(|| format!("http://{}", app.config.listen));
    Ok(Some(Zeroizing::new(format!("{url}/setup/{}", *secret))))
}

/// Whether this is the secret of the link, and the link still works.
pub(crate) fn opens(app: &Installation, secret: &str) -> Result<bool, JournalError> {
    if app.journal.register()?.is_administered() {
        return Ok(false);
    }
    let known = std::fs::read_to_string(file(app)).unwrap_or_default();
    Ok(!known.trim().is_empty() && crate::account::same(known.trim(), secret))
}

fn close(app: &Installation) {
    if let Err(error) = std::fs::remove_file(file(app))
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the secret of the first run could not be removed; it opens nothing any more");
    }
}

/// Founds the body with its first administrator, whose account is open afterwards. Each step is an entry of the ledger;
/// a second try goes on where the first one stopped.
pub(crate) async fn found(app: &Installation, wanted: FirstAdministrator, password: &str) -> Result<(), NotFounded> {
    let register = app.journal.register()?;
    if register.organization().is_none() {
        let command = Command::EstablishOrganization(EstablishOrganization {
            organization: wanted.organization,
            name: wanted.name,
            sector: wanted.sector,
            grades: None,
        });
        step(app, command, vec![], vec![]).await?;
    }
    let row = DirectoryChange::Department { department: wanted.department.clone(), name: wanted.department_name };
    let command = Command::PlaceDepartment(Department { department: wanted.department.clone(), parent: None });
    step(app, command, vec![row], vec![]).await?;
    let begun = register.persons().find(|p| p.active && p.roles.contains(&Role::Administrator));
    let person = match begun {
        Some(person) => person.person.clone(),
        None => {
            let person = PersonId::new(fresh_pseudonym(&*app.world))
                .map_err(|error| NotFounded::Refused(Refusal::invalid(error.to_string(), error.to_string())))?;
            let row = DirectoryChange::Person {
                person: person.clone(),
                name: wanted.administrator,
                mail: String::new(),
                post: String::new(),
            };
            let command = Command::JoinPerson(JoinPerson {
                person: person.clone(),
                department: wanted.department,
                post: String::new(),
            });
            step(app, command, vec![row], vec![]).await?;
            let command = Command::GrantRole(GrantRole { person: person.clone(), role: Role::Administrator });
            step(app, command, vec![], vec![]).await?;
            person
        }
    };
    let (secret, now) = (fresh_secret(&*app.world), app.world.now());
    let command = Command::InviteAccount(InviteAccount {
        hash: hash_of(&secret),
        person: person.clone(),
        valid_until: now.checked_add(app.config.signin.link).unwrap_or(now),
    });
    let row = AccountChange::Invite { person, login: wanted.login, at: now };
    step(app, command, vec![], vec![row]).await?;
    open(app, &secret, password).await?;
    close(app);
    Ok(())
}

async fn step(
    app: &Installation,
    command: Command,
    directory: Vec<DirectoryChange>,
    accounts: Vec<AccountChange>,
) -> Result<(), NotFounded> {
    let occasion = Occasion {
        actor: Actor::Installation,
        at: app.world.now(),
        reason: "初回設定".to_owned(),
        documents: Vec::new(),
        fresh: app.world.fresh(),
    };
    let decided = app.journal.govern_with(occasion, command, directory, accounts).await?;
    decided.map(drop).map_err(NotFounded::Refused)
}
