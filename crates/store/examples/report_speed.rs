//! How long use reports take on a large body: writes a database as it was before kinds of use had numbers, with the sums of
//! a year, opens it (which brings it up to date), and counts.
//!
//! `cargo run --release -p sekisho-store --example report_speed -- USES PEOPLE` prints JSON.
#![expect(clippy::disallowed_methods, reason = "a measurement runs its own tasks")]

use jiff::civil::{Date, date};
use sekisho_domain::budget::{Force, Period, Unit, Whom};
use sekisho_domain::command::{Actor, Command, EstablishOrganization, GrantRole, JoinPerson, Occasion, SetBudget};
use sekisho_domain::id::{BudgetId, DepartmentId, OrganizationId, PersonId};
use sekisho_domain::organization::{Department, Sector};
use sekisho_domain::person::Role;
use sekisho_domain::use_report::Scope;
use sekisho_ledger::checkpoint::Origin;
use sekisho_ledger::note::Signer;
use sekisho_store::{CheckpointSigner, ContentKey, Database, Journal, JournalSettings, Store, Synchronous};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use zeroize::Zeroizing;

type Failure = Box<dyn std::error::Error>;

/// The schema up to the step before kinds had numbers.
const OLD: [&str; 8] = [
    include_str!("../migrations/0001_ledger.sql"),
    include_str!("../migrations/0002_file.sql"),
    include_str!("../migrations/0003_account.sql"),
    include_str!("../migrations/0004_paper.sql"),
    include_str!("../migrations/0005_directory_index.sql"),
    include_str!("../migrations/0006_use_index.sql"),
    include_str!("../migrations/0007_use_sum.sql"),
    include_str!("../migrations/0008_use_sum_index.sql"),
];
const DAYS: u64 = 365;
const DEPARTMENTS: u64 = 400;
const FIRST: Date = date(2026, 4, 1);
/// The number of the first day, as the tables count days.
const DAY: u64 = 20_544;

/// Processor time of this thread, in seconds; what else runs on the machine does not show in it. SQLite counts on the
/// thread that asks.
fn busy() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or(0) as f64 / 1e9
}

/// Numbers that look drawn by lot and are the same every time.
struct Lot(u64);

impl Lot {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }
}

/// Writes the sums; returns rows and uses.
fn write(path: &Path, uses: u64, people: u64) -> Result<(u64, u64), Failure> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE schema_step (step BIGINT PRIMARY KEY);",
    )?;
    for (step, sql) in OLD.iter().enumerate() {
        let sql =
            sql.replace("/*WITHOUT ROWID*/", "WITHOUT ROWID").replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY");
        connection.execute_batch(&sql)?;
        connection.execute("INSERT INTO schema_step (step) VALUES (?1)", [step as i64])?;
    }
    let tx = connection.transaction()?;
    let (mut lot, mut rows, mut all) = (Lot(1), 0, 0);
    {
        let mut sum = tx.prepare("INSERT INTO use_sum VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)")?;
        let mut row = tx.prepare(
            "INSERT INTO use_row VALUES (?1,?2,?3,?4,?5,'permit','service','model','chat',1,'node','refused','CODE',0,0,0,0,'')",
        )?;
        let mut reason = tx.prepare("INSERT INTO use_reason VALUES (?1,?2,?3,?4)")?;
        let mut opened = 1_i64;
        for day in 0..DAYS {
            let mut sums: BTreeMap<(u64, u64, u64, u64), u64> = BTreeMap::new();
            let mut of_day = 0;
            while of_day < uses / DAYS {
                // Some use it every day and most now and then; three in four times it is what they used before.
                let person = lot.below(people).min(lot.below(people));
                let habit = person.wrapping_mul(7_919);
                let kind = if lot.below(4) == 0 { lot.below(36) } else { habit % 36 };
                let more = 1 + lot.below(8);
                *sums.entry((person, kind % 3, kind / 3 % 4, kind / 12)).or_default() += more;
                of_day += more;
            }
            all += of_day;
            for ((person, service, app, grade), uses) in sums {
                let (who, department) = (format!("u-{person:032x}"), format!("ka{:03}", person % DEPARTMENTS));
                let refused = u64::from(lot.below(8) == 0);
                let (service, model) = (format!("kakuu-service-{service}"), format!("kakuu-model-{service}"));
                let permit = format!("permit-{:03}", person % 50);
                let app = ["", "chat", "law", "mcp"].get(app as usize).copied().unwrap_or_default();
                let (day, tokens) = ((DAY + day) as i64, (uses * 700) as i64);
                let sums = (uses as i64, i64::from(lot.below(50) == 0), refused as i64);
                sum.execute(rusqlite::params![
                    day,
                    who,
                    department,
                    service,
                    permit,
                    app,
                    model,
                    grade as i64,
                    sums.0,
                    sums.1,
                    sums.2,
                    tokens,
                    tokens
                ])?;
                rows += 1;
                if refused > 0 {
                    let at = day * 86_400_000_000 + 3_600_000_000 * (lot.below(9) as i64);
                    row.execute(rusqlite::params![opened, format!("r-{opened}"), at, who, department])?;
                    reason.execute(rusqlite::params![opened, format!("CODE rule-{}", lot.below(12)), at, who])?;
                    opened += 28;
                }
            }
        }
    }
    tx.commit()?;
    Ok((rows, all))
}

async fn open(dir: &Path) -> Result<(Store, Journal, tokio::task::JoinHandle<()>), Failure> {
    let origin = Origin::new("speed.invalid/log1")?;
    let signer = CheckpointSigner::open(origin.clone(), Signer::for_log(&origin, [7; 32]), &dir.join("last-signed"))?;
    let database = Database::Sqlite(dir.join("speed.db"));
    let key = ContentKey::new(&Zeroizing::new([7; 32]));
    let settings = JournalSettings::default();
    let (store, journal, writer) = Store::open(&database, Synchronous::Full, key, (signer, "node"), settings).await?;
    Ok((store, journal, tokio::spawn(writer)))
}

async fn give(journal: &Journal, number: usize, command: Command) -> Result<(), Failure> {
    give_as(journal, Actor::Installation, number, command).await
}

async fn give_as(journal: &Journal, actor: Actor, number: usize, command: Command) -> Result<(), Failure> {
    let occasion = Occasion {
        actor,
        at: jiff::Timestamp::from_second(1_700_000_000)?,
        reason: String::new(),
        documents: vec![],
        fresh: number.to_string(),
    };
    journal.govern(occasion, command, vec![]).await?.map(|_| ()).map_err(|refusal| refusal.en.into())
}

/// Every department has a budget of tokens a month, the bureau and one department one of uses a day.
async fn budgets(journal: &Journal, bureau: &DepartmentId, first: usize) -> Result<(), Failure> {
    let manager = PersonId::new("manager")?;
    let post = String::new();
    let joined = JoinPerson { person: manager.clone(), department: bureau.clone(), post };
    give(journal, first, Command::JoinPerson(joined)).await?;
    let role = GrantRole { person: manager.clone(), role: Role::ServiceManager };
    give(journal, first + 1, Command::GrantRole(role)).await?;
    let of = |n: u64| DepartmentId::new(format!("ka{n:03}"));
    let mut all = vec![(bureau.clone(), Unit::Uses, Period::Day), (of(1)?, Unit::Uses, Period::Day)];
    for n in 0..DEPARTMENTS {
        all.push((of(n)?, Unit::Tokens, Period::Month));
    }
    for (number, (department, unit, period)) in all.into_iter().enumerate() {
        let set = SetBudget {
            budget: BudgetId::new(format!("budget-{number}"))?,
            whom: Whom::Department(department),
            unit,
            period,
            limit: 1_000_000,
            force: Force::Soft,
            tell_at: 80,
            from: None,
        };
        let actor = Actor::Person(manager.clone());
        give_as(journal, actor, first + 2 + number, Command::SetBudget(set)).await?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let argument = |at| std::env::args().nth(at).map(|n| n.parse::<u64>()).transpose();
    let (uses, people) = (argument(1)?.unwrap_or(1_000_000), argument(2)?.unwrap_or(6_000));
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("speed.db");
    let (rows, uses) = write(&path, uses, people)?;
    let size = |path: &Path| std::fs::metadata(path).map(|file| file.len() >> 20);
    let before = size(&path)?;
    let began = Instant::now();
    let (store, journal, _writer) = open(dir.path()).await?;
    let opened = began.elapsed().as_secs_f64();
    let body = EstablishOrganization {
        organization: OrganizationId::new("kakuu-sho")?,
        name: "架空省".into(),
        sector: Sector::National,
        grades: None,
    };
    give(&journal, 0, Command::EstablishOrganization(body)).await?;
    let bureau = DepartmentId::new("kyoku")?;
    give(&journal, 1, Command::PlaceDepartment(Department { department: bureau.clone(), parent: None })).await?;
    // One department in four belongs to the bureau.
    for n in 0..DEPARTMENTS {
        let parent = (n % 4 == 0).then(|| bureau.clone());
        let department = Department { department: DepartmentId::new(format!("ka{n:03}"))?, parent };
        give(&journal, 2 + n as usize, Command::PlaceDepartment(department)).await?;
    }
    budgets(&journal, &bureau, 2 + DEPARTMENTS as usize).await?;
    let register = journal.register()?;
    let last = FIRST.checked_add(jiff::Span::new().days(364))?;
    let mut times = BTreeMap::new();
    for (name, from, to, unit) in [
        ("year, all", FIRST, last, None),
        ("year, bureau", FIRST, last, Some(bureau.clone())),
        ("year, one department", FIRST, last, Some(DepartmentId::new("ka001")?)),
        ("quarter, all", date(2026, 7, 1), date(2026, 9, 30), None),
        ("month, all", date(2026, 7, 1), date(2026, 7, 31), None),
        ("day, all", date(2026, 7, 1), date(2026, 7, 1), None),
    ] {
        let (mut seconds, mut processor) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let scope = Scope::new(from, to, unit.clone())?;
            let (began, before) = (Instant::now(), busy());
            let report = store.use_report(&register, &scope, 5).await?.ok_or("the register moved")?;
            seconds.push(began.elapsed().as_secs_f64());
            processor.push(busy() - before);
            assert!(report.whole.is_some_and(|whole| whole.uses > 0), "{name}: nothing was counted");
            let spent = report.budgets.iter().filter(|budget| budget.amount.is_some_and(|amount| amount > 0)).count();
            assert!(spent > 0, "{name}: nothing of any budget was counted");
        }
        seconds.sort_by(f64::total_cmp);
        processor.sort_by(f64::total_cmp);
        times.insert(name, json!({ "wall": seconds, "processor": processor }));
    }
    println!(
        "{}",
        json!({ "uses": uses, "rows": rows, "people": people, "seconds_to_open": opened, "seconds_of_reports": times,
                "megabytes_before": before, "megabytes_after": size(&path)? })
    );
    journal.stop().await;
    Ok(())
}
