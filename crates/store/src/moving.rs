//! Moving an installation from SQLite to PostgreSQL: every row of every table, and the ledger counted up again from its
//! entries on both sides.
//!
//! No server may run meanwhile, and SQLite's write lock is held, so nothing is recorded that would be missing there. The new
//! database is filled in one transaction: it holds everything, or nothing. The old file then gets another name: whoever
//! starts on it by mistake would write a second history.

use crate::StoreError;
use crate::bundle;
use crate::engine::{Database, Engine, EngineError, Synchronous, Tx, Value};
use crate::postgres::Postgres;
use sekisho_ledger::hash::leaf_hash;
use sekisho_ledger::tree::Tree;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// Rows and bytes that travel together.
const ROWS: usize = 512;
const BYTES: usize = 4 << 20;
/// Batches that wait to be written.
const WAITING: usize = 4;
/// What every new database has of its own.
const OWN: [&str; 2] = ["schema_step", "schema_floor"];

/// Why an installation was not moved. Nothing has changed on either side.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// A database.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// One of them does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A server is running.
    #[error("a server is running on `{0}`; stop it first")]
    Serving(PathBuf),
    /// The old file could not be put aside.
    #[error(
        "everything was moved, but `{path}` could not be renamed ({source}); rename it yourself before anything starts on it"
    )]
    Aside {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is something already.
    #[error("the database there is not empty: `{table}` has {rows} rows; give an empty one")]
    NotEmpty {
        /// A table with rows.
        table: String,
        /// How many.
        rows: u64,
    },
    /// The ledger does not follow from its entries.
    #[error("the ledger {side} does not follow from its entries: {detail}")]
    Ledger {
        /// Which.
        side: &'static str,
        /// Why.
        detail: String,
    },
    /// Fewer or more rows arrived than were read.
    #[error("`{table}`: {read} rows were read and {written} are there")]
    Rows {
        /// The table.
        table: String,
        /// Rows read.
        read: u64,
        /// Rows found afterwards.
        written: u64,
    },
    /// The reading broke off.
    #[error("the reading broke off: {0}")]
    Broken(String),
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Tables with the number of their rows.
    pub tables: Vec<(String, u64)>,
    /// Entries of the ledger.
    pub entries: u64,
    /// The root of the ledger's tree, the same on both sides, in hexadecimal digits.
    pub root: String,
    /// Where the old file lies now.
    pub aside: PathBuf,
}

/// Moves what a SQLite file holds into an empty PostgreSQL database. `progress` gets the table, and the rows of it that
/// were written.
///
/// # Errors
/// [`MoveError`].
pub async fn move_to_postgres(from: &Path, to: &Postgres, progress: impl FnMut(&str, u64)) -> Result<Moved, MoveError> {
    let filled = fill(from, to, progress).await?;
    let aside = from.with_extension("db.moved");
    std::fs::rename(from, &aside).map_err(|source| MoveError::Aside { path: from.to_owned(), source })?;
    Ok(Moved { tables: filled.tables, entries: filled.entries, root: filled.root, aside })
}

/// What was written.
pub(crate) struct Filled {
    tables: Vec<(String, u64)>,
    entries: u64,
    root: String,
}

/// Writes all that a SQLite file holds, which nobody serves from, into an empty PostgreSQL.
pub(crate) async fn fill(from: &Path, to: &Postgres, mut progress: impl FnMut(&str, u64)) -> Result<Filled, MoveError> {
    let source = Engine::open(&Database::Sqlite(from.to_owned()), Synchronous::Full).await?;
    if source.is_served()? {
        return Err(MoveError::Serving(from.to_owned()));
    }
    let target = Engine::open(&Database::Postgres(to.clone()), Synchronous::Full).await?;
    // Held to the end: dropped, it gives the lock back and has changed nothing.
    let mut locked = source.write().await?;
    let tables = tables(&mut locked).await?;
    let mut writing = target.write().await?;
    // What a young database has begun with gives way; anything more is somebody's.
    for (table, most) in [("ledger_entry", 0), ("use_row", 0), ("directory_person", 0), ("account", 0)] {
        let rows = count(&mut writing, table).await?;
        if rows > most {
            return Err(MoveError::NotEmpty { table: table.to_owned(), rows });
        }
    }
    let entries = follows("here", &mut locked).await?;
    let mut moved = Vec::new();
    for table in tables {
        writing.execute(&format!("DELETE FROM {}", table.name), vec![]).await?;
        let rows = copy(&source, &mut writing, &table, &mut progress).await?;
        let there = count(&mut writing, &table.name).await?;
        if there != rows {
            return Err(MoveError::Rows { table: table.name, read: rows, written: there });
        }
        moved.push((table.name, rows));
    }
    let (size, root) = follows("there", &mut writing).await?;
    if (size, &root) != (entries.0, &entries.1) {
        let detail = format!("{size} entries there, {} here, or another root", entries.0);
        return Err(MoveError::Ledger { side: "there", detail });
    }
    writing.commit().await?;
    drop(locked);
    source.close().await;
    target.close().await;
    Ok(Filled { tables: moved, entries: size, root })
}

/// A table as the schema has it.
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    /// `TEXT`, `BYTEA`, or a number.
    pub(crate) kinds: Vec<String>,
}

/// The tables of a SQLite file.
pub(crate) async fn tables(tx: &mut Tx) -> Result<Vec<Table>, EngineError> {
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut tables = Vec::new();
    for row in tx.fetch(names, vec![]).await? {
        let name = row.text(0)?;
        if OWN.contains(&name.as_str()) {
            continue;
        }
        let sql = "SELECT name, type FROM pragma_table_info($1)";
        let (mut columns, mut kinds) = (Vec::new(), Vec::new());
        for row in tx.fetch(sql, vec![Value::from(name.as_str())]).await? {
            columns.push(row.text(0)?);
            kinds.push(row.text(1)?);
        }
        tables.push(Table { name, columns, kinds });
    }
    Ok(tables)
}

async fn count(tx: &mut Tx, table: &str) -> Result<u64, EngineError> {
    let rows = tx.fetch(&format!("SELECT COUNT(*) FROM {table}"), vec![]).await?;
    rows.first().map_or(Ok(0), |row| row.uint(0))
}

/// Reads on a thread of its own, since SQLite calls do not wait, and writes what arrives.
async fn copy(
    source: &Engine,
    writing: &mut Tx,
    table: &Table,
    progress: &mut impl FnMut(&str, u64),
) -> Result<u64, MoveError> {
    let (sender, mut batches) = mpsc::channel::<Vec<Vec<Value>>>(WAITING);
    let sql = format!("SELECT {} FROM {}", table.columns.join(","), table.name);
    let Engine::Sqlite(sqlite) = source.clone() else { return Err(EngineError::Closed.into()) };
    let reading = tokio::task::spawn_blocking(move || {
        let mut tx = sqlite.read()?;
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let closed = || EngineError::Value("nobody writes any more".into());
        tx.each(&sql, &[], |row| {
            bytes += row.iter().map(weight).sum::<usize>();
            batch.push(row);
            if batch.len() >= ROWS || bytes >= BYTES {
                bytes = 0;
                sender.blocking_send(std::mem::take(&mut batch)).map_err(|_| closed())?;
            }
            Ok(())
        })?;
        sender.blocking_send(batch).map_err(|_| closed())
    });
    let name = format!("{} ({})", table.name, table.columns.join(","));
    let into = bundle::Table { name: name.into(), columns: table.columns.len(), then: "" };
    let mut rows = 0;
    while let Some(batch) = batches.recv().await {
        rows += batch.len() as u64;
        let mut bundle = bundle::Bundle::default();
        bundle.add(writing, into.clone(), batch.into_iter(), |row, values| values.extend(row))?;
        bundle.write(writing).await?;
        progress(&table.name, rows);
    }
    reading.await.map_err(|error| MoveError::Broken(error.to_string()))??;
    Ok(rows)
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Int(_) => 8,
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
    }
}

/// Counts the ledger up from its entries: size and root, which must be those of its head.
pub(crate) async fn follows(side: &'static str, tx: &mut Tx) -> Result<(u64, String), MoveError> {
    let wrong = |detail: String| MoveError::Ledger { side, detail };
    let head = tx.fetch("SELECT size, root FROM ledger_head WHERE only_one = 1", vec![]).await?;
    let head = head.first().ok_or_else(|| wrong("it has no head".into()))?;
    let (size, root) = (head.uint(0)?, head.bytes(1)?);
    let (mut tree, mut gap) = (Tree::new(), None);
    tx.each("SELECT idx, body FROM ledger_entry ORDER BY idx", vec![], |row| {
        if row.uint(0)? != tree.size() && gap.is_none() {
            gap = Some(tree.size());
        }
        tree.append(leaf_hash(&row.bytes(1)?));
        Ok(())
    })
    .await?;
    if let Some(gap) = gap {
        return Err(wrong(format!("entry {gap} is missing")));
    }
    if tree.size() != size || tree.root().as_bytes().as_slice() != root {
        return Err(wrong(format!("its head says {size} entries, {} are there, or another root", tree.size())));
    }
    Ok((size, tree.root().to_string()))
}
