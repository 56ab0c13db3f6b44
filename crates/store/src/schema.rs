//! The shape of the database, and how it changes while programs of two versions serve from it.
//!
//! A step that only adds is taken by the first program that knows it; older ones go on beside it. A step that takes something
//! away waits until no older program serves: every serving program announces how many steps it knows, on the connection that
//! holds its name, and a contraction looks at that under the lock that all changes of the shape share. It also raises the
//! floor, so that an older program that comes later is turned away instead of failing in the middle of its work.

use crate::engine::{Engine, EngineError, EngineResult, Held, Tx, Value};
use sekisho_ledger::hash::EMPTY_ROOT;
use std::collections::BTreeSet;

/// One change of the shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaStep {
    /// Only adds: tables, indexes, columns with a default. Also what was taken before there was any release.
    Expand(&'static str),
    /// Takes away what no program that knows this step uses.
    Contract(&'static str),
}

/// All changes, oldest first; each is taken once. Only ever add to the end, and let a release lie between the step that adds
/// the new and the one that takes away the old.
pub(crate) const STEPS: [SchemaStep; 13] = [
    SchemaStep::Expand(include_str!("../migrations/0001_ledger.sql")),
    SchemaStep::Expand(include_str!("../migrations/0002_file.sql")),
    SchemaStep::Expand(include_str!("../migrations/0003_account.sql")),
    SchemaStep::Expand(include_str!("../migrations/0004_paper.sql")),
    SchemaStep::Expand(include_str!("../migrations/0005_directory_index.sql")),
    SchemaStep::Expand(include_str!("../migrations/0006_use_index.sql")),
    SchemaStep::Expand(include_str!("../migrations/0007_use_sum.sql")),
    SchemaStep::Expand(include_str!("../migrations/0008_use_sum_index.sql")),
    SchemaStep::Expand(include_str!("../migrations/0009_disposal.sql")),
    SchemaStep::Expand(include_str!("../migrations/0010_use_kind.sql")),
    SchemaStep::Expand(include_str!("../migrations/0011_signer.sql")),
    SchemaStep::Expand(include_str!("../migrations/0012_witness.sql")),
    SchemaStep::Expand(include_str!("../migrations/0013_floor.sql")),
];

/// Serialises whoever changes the shape of one PostgreSQL, or looks whether it may work on it.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7305792817)";
/// The levels of serving programs are of this kind among the database's locks.
pub(crate) const LEVELS: i32 = 730_580;

impl SchemaStep {
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Expand(sql) | Self::Contract(sql) => sql,
        }
    }
}

/// The steps a program knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// Beyond [`STEPS`]: only where a newer program is tried.
    later: &'static [SchemaStep],
}

impl Known {
    pub(crate) const fn with(later: &'static [SchemaStep]) -> Self {
        Self { later }
    }

    fn all(self) -> impl Iterator<Item = (u64, SchemaStep)> {
        (0..).zip(STEPS.iter().chain(self.later).copied())
    }

    /// How many they are.
    pub(crate) fn level(self) -> u64 {
        (STEPS.len() + self.later.len()) as u64
    }

    /// What is to be done, in order: with `alone`, contractions too.
    fn due(self, taken: &BTreeSet<u64>, alone: bool) -> Vec<(u64, SchemaStep)> {
        let is_due = |(number, step): &(u64, SchemaStep)| {
            !taken.contains(number) && (alone || matches!(step, SchemaStep::Expand(_)))
        };
        self.all().filter(is_due).collect()
    }
}

async fn taken(tx: &mut Tx) -> EngineResult<BTreeSet<u64>> {
    tx.fetch("SELECT step FROM schema_step", vec![]).await?.iter().map(|row| row.uint(0)).collect()
}

async fn take(tx: &mut Tx, number: u64, step: SchemaStep) -> EngineResult<()> {
    for statement in without_comments(step.sql()).split(';').map(str::trim).filter(|s| !s.is_empty()) {
        let statement = dialect(tx, statement);
        tx.execute(&statement, vec![]).await?;
    }
    tx.execute("INSERT INTO schema_step (step) VALUES ($1)", vec![Value::from(number)]).await?;
    Ok(())
}

/// The one difference the dialects need: what makes a SQLite table its own index. `INTEGER PRIMARY KEY` does, and for keys of
/// several columns `WITHOUT ROWID`, which stands as a comment in the common text.
fn dialect(tx: &Tx, statement: &str) -> String {
    match tx {
        Tx::Sqlite(_) => {
            statement.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY").replace("/*WITHOUT ROWID*/", "WITHOUT ROWID")
        }
        Tx::Postgres(_) => statement.to_owned(),
    }
}

fn without_comments(sql: &str) -> String {
    let lines: Vec<&str> = sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    lines.join("\n")
}

async fn lock(tx: &mut Tx) -> EngineResult<()> {
    if let Tx::Postgres(_) = tx {
        tx.fetch(LOCK, vec![]).await?;
    }
    Ok(())
}

/// Whether a program of this level may work on the database.
async fn is_known_enough(tx: &mut Tx, level: u64) -> EngineResult<()> {
    let floor = tx.fetch("SELECT level FROM schema_floor WHERE only_one = 1", vec![]).await?;
    match floor.first().map(|row| row.uint(0)).transpose()? {
        Some(floor) if floor > level => Err(EngineError::Newer { floor, level }),
        _ => Ok(()),
    }
}

impl Engine {
    /// Takes the steps that add. What is taken away waits for [`Engine::contract`].
    pub(crate) async fn expand(&self) -> EngineResult<()> {
        let known = self.known();
        let mut tx = self.write().await?;
        lock(&mut tx).await?;
        tx.execute("CREATE TABLE IF NOT EXISTS schema_step (step BIGINT PRIMARY KEY)", vec![]).await?;
        for (number, step) in known.due(&taken(&mut tx).await?, false) {
            take(&mut tx, number, step).await?;
        }
        is_known_enough(&mut tx, known.level()).await?;
        tx.execute(
            "INSERT INTO ledger_head (only_one,size,root,signed_size) VALUES (1,0,$1,0) ON CONFLICT (only_one) DO NOTHING",
            vec![Value::Bytes(EMPTY_ROOT.as_bytes().to_vec())],
        )
        .await?;
        tx.commit().await
    }

    /// After this program has announced itself: whether it may serve. Nobody contracts from here on without seeing it.
    pub(crate) async fn may_serve(&self) -> EngineResult<()> {
        let mut tx = self.write().await?;
        lock(&mut tx).await?;
        is_known_enough(&mut tx, self.known().level()).await
    }

    /// Takes away what no serving program uses any more. Returns whether nothing is left to take away.
    pub(crate) async fn contract(&self) -> EngineResult<bool> {
        let known = self.known();
        let mut tx = self.write().await?;
        lock(&mut tx).await?;
        let taken = taken(&mut tx).await?;
        let due = known.due(&taken, true);
        let Some((last, _)) = due.last() else { return Ok(true) };
        if lowest(&mut tx).await?.is_some_and(|lowest| lowest <= *last) {
            return Ok(false);
        }
        let floor = last + 1;
        for (number, step) in due {
            take(&mut tx, number, step).await?;
        }
        tx.execute(
            "INSERT INTO schema_floor (only_one,level) VALUES (1,$1) ON CONFLICT (only_one) DO UPDATE SET \
             level = excluded.level WHERE schema_floor.level < excluded.level",
            vec![Value::from(floor)],
        )
        .await?;
        tx.commit().await?;
        tracing::info!(floor, "the schema has been cleared of what only older programs used");
        Ok(true)
    }
}

/// The lowest level among the programs that serve from a PostgreSQL. A SQLite file is served by one program.
async fn lowest(tx: &mut Tx) -> EngineResult<Option<u64>> {
    if let Tx::Sqlite(_) = tx {
        return Ok(None);
    }
    let sql = "SELECT COALESCE(MIN(objid::bigint), -1) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 \
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND classid::bigint = $1";
    let rows = tx.fetch(sql, vec![Value::Int(LEVELS.into())]).await?;
    let lowest = rows.first().map_or(Ok(-1), |row| row.int(0))?;
    Ok(u64::try_from(lowest).ok())
}

impl Held {
    /// Tells the others how many steps this program knows, for as long as it holds its name.
    pub(crate) async fn announce(&mut self, level: u64) -> EngineResult<()> {
        let Self::Postgres(connection) = self else { return Ok(()) };
        let level = i32::try_from(level).unwrap_or(i32::MAX);
        sqlx::query("SELECT pg_advisory_lock_shared($1, $2)")
            .bind(LEVELS)
            .bind(level)
            .execute(&mut **connection)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Database, Synchronous};

    const LATER: [SchemaStep; 3] = [
        SchemaStep::Expand("CREATE TABLE new_form (n BIGINT PRIMARY KEY)"),
        SchemaStep::Contract("DROP TABLE session"),
        SchemaStep::Expand("CREATE TABLE newer_form (n BIGINT PRIMARY KEY)"),
    ];

    #[test]
    fn what_takes_away_waits_and_what_adds_does_not() {
        let first = STEPS.len() as u64;
        let taken: BTreeSet<u64> = (0..first).collect();
        let known = Known::with(&LATER);
        let numbers = |alone| known.due(&taken, alone).iter().map(|(number, _)| *number).collect::<Vec<_>>();
        assert_eq!(numbers(false), [first, first + 2]);
        assert_eq!(numbers(true), [first, first + 1, first + 2]);
        assert_eq!(known.level(), first + 3);
    }

    /// From the first step after there was a floor: whoever takes something away in a step that is taken beside older
    /// programs breaks them.
    #[test]
    fn a_step_that_adds_takes_nothing_away() {
        for step in STEPS.iter().skip(12) {
            let SchemaStep::Expand(sql) = step else { continue };
            let sql = without_comments(sql).to_uppercase();
            for word in ["DROP ", "RENAME ", "DELETE ", "TRUNCATE ", " TYPE ", "SET NOT NULL"] {
                assert!(!sql.contains(word), "`{word}` in a step that only adds:\n{sql}");
            }
        }
    }

    /// Given a database that a newer program has contracted, when this program opens it, then it is refused.
    #[tokio::test]
    async fn a_program_below_the_floor_is_turned_away() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("s.db"));
        let engine = Engine::open(&database, Synchronous::Full).await.unwrap();
        assert!(engine.contract().await.unwrap(), "this program takes nothing away");
        engine.may_serve().await.unwrap();
        let mut tx = engine.write().await.unwrap();
        let level = Value::from(STEPS.len() as u64 + 1);
        tx.execute("INSERT INTO schema_floor (only_one,level) VALUES (1,$1)", vec![level]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(engine.may_serve().await, Err(EngineError::Newer { .. })));
        engine.close().await;
        let refused = Engine::open(&database, Synchronous::Full).await.unwrap_err();
        assert!(matches!(refused, EngineError::Newer { floor, level } if floor == level + 1), "{refused}");
    }
}
