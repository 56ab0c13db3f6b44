//! A copy of the whole database as one SQLite file, taken while everybody works, and the way back.
//!
//! Both engines are copied into the same form, so a back-up of a PostgreSQL can be opened on one machine, and a back-up of
//! one machine restored into a PostgreSQL.

use crate::Store;
use crate::engine::{Database, Engine, Row, Synchronous, Tx, Value};
use crate::moving::{MoveError, Table, fill, follows, tables};
use crate::reading::signed;
use crate::sqlite::SqliteTx;
use sekisho_ledger::hash::Hash;
use std::path::Path;

/// Rows that are written together.
const ROWS: usize = 512;

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Entries of the ledger.
    pub entries: u64,
    /// The root of the ledger's tree, in hexadecimal digits.
    pub root: String,
    /// The newest signed checkpoint in it.
    pub checkpoint: Option<String>,
}

impl Store {
    /// Copies one consistent state into a new file, and counts the copy's ledger up from its entries.
    ///
    /// # Errors
    /// [`MoveError`]; the file is then not to be used.
    pub async fn snapshot(&self, to: &Path) -> Result<Snapshot, MoveError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => {
                let (sqlite, to) = (sqlite.clone(), to.to_owned());
                let copied = tokio::task::spawn_blocking(move || sqlite.copy_into(&to)).await;
                copied.map_err(|error| MoveError::Broken(error.to_string()))??;
            }
            Engine::Postgres(_) => self.copy_rows(to).await?,
        }
        look(to).await
    }

    async fn copy_rows(&self, to: &Path) -> Result<(), MoveError> {
        let target = Engine::open(&Database::Sqlite(to.to_owned()), Synchronous::Full).await?;
        let mut writing = target.write().await?;
        let tables = tables(&mut writing).await?;
        let mut reading = self.engine.read().await?;
        for table in tables {
            writing.execute(&format!("DELETE FROM {}", table.name), vec![]).await?;
            copy(&mut reading, &mut writing, &table).await?;
        }
        writing.commit().await?;
        target.close().await;
        Ok(())
    }
}

async fn copy(reading: &mut Tx, writing: &mut Tx, table: &Table) -> Result<(), MoveError> {
    let into = format!("{} ({})", table.name, table.columns.join(","));
    let Tx::Sqlite(writing) = writing else { return Err(MoveError::Broken("not a file".into())) };
    let places = (1..=table.columns.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(",");
    let sql = format!("INSERT INTO {into} VALUES ({places})");
    let mut batch: Vec<Vec<Value>> = Vec::with_capacity(ROWS);
    let write = |writing: &mut SqliteTx, batch: &mut Vec<Vec<Value>>| {
        writing.insert(&sql, std::mem::take(batch).into_iter(), |row, values| values.extend(row))
    };
    let all = format!("SELECT {} FROM {}", table.columns.join(","), table.name);
    reading
        .each(&all, vec![], |row| {
            batch.push(values(row, table)?);
            if batch.len() >= ROWS { write(writing, &mut batch) } else { Ok(()) }
        })
        .await?;
    Ok(write(writing, &mut batch)?)
}

fn values(row: &Row, table: &Table) -> Result<Vec<Value>, crate::EngineError> {
    let value = |(at, kind): (usize, &String)| {
        Ok(match kind.as_str() {
            "TEXT" => Value::from(row.text(at)?.as_str()),
            "BYTEA" => Value::Bytes(row.bytes(at)?),
            _ => Value::Int(row.int(at)?),
        })
    };
    table.kinds.iter().enumerate().map(value).collect()
}

/// What a copy holds, counted up from its entries.
///
/// # Errors
/// [`MoveError`].
pub async fn look(file: &Path) -> Result<Snapshot, MoveError> {
    let engine = Engine::open(&Database::Sqlite(file.to_owned()), Synchronous::Full).await?;
    let mut tx = engine.read().await?;
    let (entries, root) = follows("in the copy", &mut tx).await?;
    let checkpoint = signed(&mut tx).await?.map(|(_, note)| note);
    drop(tx);
    engine.close().await;
    Ok(Snapshot { entries, root, checkpoint })
}

/// Whether the ledger of a copy holds a tree: of this size, with this root.
///
/// # Errors
/// [`MoveError`].
pub async fn holds(file: &Path, size: u64, root: Hash) -> Result<bool, MoveError> {
    let engine = Engine::open(&Database::Sqlite(file.to_owned()), Synchronous::Full).await?;
    let mut tx = engine.read().await?;
    let mut edge = crate::batch::Edge::default();
    edge.catch_up_tree(&mut tx, crate::batch::Lock::Read).await?;
    let found = edge.root_at(&mut tx, size).await?;
    drop(tx);
    engine.close().await;
    Ok(found == Some(root))
}

/// Fills an empty PostgreSQL from a copy.
///
/// # Errors
/// [`MoveError`].
pub async fn restore_into(file: &Path, to: &crate::Postgres) -> Result<(), MoveError> {
    fill(file, to, |_, _| ()).await.map(drop)
}
