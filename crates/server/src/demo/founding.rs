//! The first steps of an installation: the body, a department and the first administrator with a key.

use crate::installation::{Installation, fresh_pseudonym, fresh_secret};
use anyhow::bail;
use sekisho_domain::command::{Actor, Command, EstablishOrganization, GrantRole, IssueKey, JoinPerson, Occasion};
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DepartmentId, OrganizationId, PermitId, PersonId};
use sekisho_domain::organization::{Department, Sector};
use sekisho_domain::person::Role;
use sekisho_gate::identify::hash_of;
use sekisho_store::{Committed, DirectoryChange};
use zeroize::Zeroizing;

/// What is founded.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Identifier of the body.
    pub organization: String,
    /// Its name.
    pub name: String,
    /// Family of rules.
    pub sector: Sector,
    /// Name of the first administrator.
    pub administrator: String,
    /// Identifier of the administrator's department.
    pub department: String,
}

/// Gives a command and waits until it is durable. A refusal is an error with its Japanese and English text.
pub(crate) async fn give(
    installation: &Installation,
    actor: Actor,
    command: Command,
    reason: &str,
    directory: Vec<DirectoryChange>,
) -> anyhow::Result<Committed> {
    let name = command.name();
    let occasion = Occasion {
        actor,
        at: installation.world.now(),
        reason: reason.to_owned(),
        documents: Vec::new(),
        fresh: installation.world.fresh(),
    };
    match installation.journal.govern(occasion, command, directory).await? {
        Ok(committed) => Ok(committed),
        Err(refusal) => bail!("{name}: {} / {}", refusal.ja, refusal.en),
    }
}

/// Adds a person with directory data.
pub(crate) async fn join(
    installation: &Installation,
    actor: Actor,
    department: &DepartmentId,
    name: &str,
    post: (&str, &str),
) -> anyhow::Result<PersonId> {
    let person = PersonId::new(fresh_pseudonym(&*installation.world))?;
    let row = DirectoryChange::Person {
        person: person.clone(),
        name: name.to_owned(),
        mail: String::new(),
        post: post.1.to_owned(),
    };
    let command = Command::JoinPerson(JoinPerson {
        person: person.clone(),
        department: department.clone(),
        post: post.0.to_owned(),
    });
    give(installation, actor, command, "", vec![row]).await?;
    Ok(person)
}

/// Issues a key and returns its secret.
pub(crate) async fn issue_key(
    installation: &Installation,
    actor: Actor,
    person: &PersonId,
    permit: Option<PermitId>,
) -> anyhow::Result<Zeroizing<String>> {
    let secret = fresh_secret(&*installation.world);
    let command = Command::IssueKey(IssueKey {
        hash: hash_of(&secret),
        person: person.clone(),
        permit,
        declared: Some(Grade::default()),
        valid_until: None,
    });
    give(installation, actor, command, "", vec![]).await?;
    Ok(secret)
}

/// Founds the body. Returns the first administrator and the key, shown once.
pub async fn found(installation: &Installation, founding: Founding) -> anyhow::Result<(PersonId, Zeroizing<String>)> {
    let command = Command::EstablishOrganization(EstablishOrganization {
        organization: OrganizationId::new(&founding.organization)?,
        name: founding.name,
        sector: founding.sector,
        grades: None,
    });
    give(installation, Actor::Installation, command, "", vec![]).await?;
    let department = DepartmentId::new(&founding.department)?;
    let command = Command::PlaceDepartment(Department { department: department.clone(), parent: None });
    give(installation, Actor::Installation, command, "", vec![]).await?;
    let person = join(installation, Actor::Installation, &department, &founding.administrator, ("", "")).await?;
    let command = Command::GrantRole(GrantRole { person: person.clone(), role: Role::Administrator });
    give(installation, Actor::Installation, command, "", vec![]).await?;
    // The key comes last: from then on the installation itself may govern nothing.
    let secret = issue_key(installation, Actor::Installation, &person, None).await?;
    Ok((person, secret))
}
