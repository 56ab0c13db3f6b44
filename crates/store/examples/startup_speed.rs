//! How long a start takes with many governance events: writes N of them through the journal, closes, opens again.
//!
//! `cargo run --release -p sekisho-store --example startup_speed -- 1000000` prints JSON. With `SEKISHO_DATABASE=postgres://…`
//! of an empty database, what opens again is another node that joins.
#![expect(clippy::disallowed_methods, reason = "a measurement runs its own tasks")]

use futures_util::future::join_all;
use sekisho_domain::command::{Actor, Command, EstablishOrganization, GrantRole, IssueKey, JoinPerson, Occasion};
use sekisho_domain::id::{DepartmentId, OrganizationId, PersonId};
use sekisho_domain::organization::{Department, Sector};
use sekisho_domain::person::Role;
use sekisho_ledger::checkpoint::Origin;
use sekisho_ledger::note::Signer;
use sekisho_store::{CheckpointSigner, ContentKey, Database, Journal, JournalSettings, Postgres, Store, Synchronous};
use std::path::Path;
use std::time::Instant;
use zeroize::Zeroizing;

type Failure = Box<dyn std::error::Error>;

async fn open(dir: &Path, node: &str) -> Result<(Store, Journal, tokio::task::JoinHandle<()>), Failure> {
    let origin = Origin::new("speed.invalid/log1")?;
    let signer = Signer::for_log(&origin, [7; 32]);
    let signer = CheckpointSigner::open(origin, signer, &dir.join(format!("last-signed-{node}")))?;
    let database = match std::env::var("SEKISHO_DATABASE") {
        Ok(url) => Database::Postgres(Postgres::at(url)),
        Err(_) => Database::Sqlite(dir.join("speed.db")),
    };
    let key = ContentKey::new(&Zeroizing::new([7; 32]));
    let (store, journal, writer) =
        Store::open(&database, Synchronous::Full, key, (signer, node), JournalSettings::default()).await?;
    Ok((store, journal, tokio::spawn(writer)))
}

async fn give(journal: &Journal, actor: &Actor, number: u64, command: Command) -> Result<(), Failure> {
    let occasion = Occasion {
        actor: actor.clone(),
        at: jiff::Timestamp::from_second(1_700_000_000)?,
        reason: String::new(),
        documents: vec![],
        fresh: number.to_string(),
    };
    journal.govern(occasion, command, vec![]).await?.map(|_| ()).map_err(|refusal| refusal.en.into())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let wanted: u64 = std::env::args().nth(1).map_or(Ok(100_000), |n| n.parse())?;
    let dir = tempfile::tempdir()?;
    let (store, journal, writer) = open(dir.path(), "a").await?;
    let body = EstablishOrganization {
        organization: OrganizationId::new("kakuu-sho")?,
        name: "架空省".into(),
        sector: Sector::National,
        grades: None,
    };
    let first = Actor::Installation;
    give(&journal, &first, 0, Command::EstablishOrganization(body)).await?;
    let department = DepartmentId::new("kikaku")?;
    let place = Command::PlaceDepartment(Department { department: department.clone(), parent: None });
    give(&journal, &first, 1, place).await?;
    let admin = PersonId::new("p-admin")?;
    let join = JoinPerson { person: admin.clone(), department: department.clone(), post: String::new() };
    give(&journal, &first, 2, Command::JoinPerson(join)).await?;
    let grant = GrantRole { person: admin.clone(), role: Role::Administrator };
    give(&journal, &first, 3, Command::GrantRole(grant)).await?;
    let key = IssueKey { hash: "0".repeat(64), person: admin.clone(), permit: None, declared: None, valid_until: None };
    give(&journal, &first, 4, Command::IssueKey(key)).await?;
    let admin = Actor::Person(admin);
    let began = Instant::now();
    let mut number = 5;
    while number < wanted {
        let end = wanted.min(number + 2_048);
        let mut waiting = Vec::new();
        for n in number..end {
            let person = PersonId::new(format!("p-{n:032x}"))?;
            let join = JoinPerson { person, department: department.clone(), post: "kakariin".into() };
            waiting.push(give(&journal, &admin, n, Command::JoinPerson(join)));
        }
        for done in join_all(waiting).await {
            done?;
        }
        number = end;
    }
    let written = began.elapsed().as_secs_f64();
    journal.stop().await;
    writer.await?;
    store.close().await;

    let began = Instant::now();
    let (_store, journal, _writer) = open(dir.path(), "b").await?;
    let started = began.elapsed().as_secs_f64();
    let persons = journal.register()?.persons().count();
    println!(
        "{}",
        serde_json::json!({ "governance_events": wanted, "persons": persons, "seconds_to_write": written,
                            "commands_per_second": wanted as f64 / written, "seconds_to_start": started })
    );
    Ok(())
}
