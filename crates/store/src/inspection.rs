//! Looking at everything that is stored, as it stands: raw rows, piece by piece, without changing anything.
//!
//! Other readers of this crate turn rows into values and refuse what is not one. Whoever looks for damage needs the rows
//! that are no values too, so columns stay texts and numbers here. A piece is one short transaction: a long one would keep
//! an erasure waiting.

mod private;
mod sums;

pub use private::{KeptPaper, PrivateRows, WitnessLine};
pub use sums::Sums;

use crate::engine::{Database, Engine, EngineError, Row, Value};
use crate::sealed::{ContentKey, Opening, SealError};
use std::collections::{BTreeMap, BTreeSet};

/// Most places in one statement.
const MOST: usize = 400;

/// Opens sealed content that was read raw.
///
/// # Errors
/// [`SealError`].
pub fn opens(key: &ContentKey, binding: &str, sealed: &[u8]) -> Result<Opening, SealError> {
    key.open(binding, sealed)
}

/// Which of the two engines it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The head of the ledger, and how far the tables beside it reach, in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Entries.
    pub size: u64,
    /// The root as it is stored.
    pub root: Vec<u8>,
    /// How many are signed, as it is stored.
    pub signed: u64,
    /// Rows of entries, whatever their index.
    pub entries: u64,
    /// Full tiles.
    pub tiles: u64,
    /// The newest checkpoint: its size and its note.
    pub checkpoint: Option<(u64, String)>,
    /// The first row at or behind the size, by table: there can be none.
    pub beyond: BTreeMap<&'static str, u64>,
}

/// A row of the table of uses, column by column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the columns of use_row")]
pub struct KeptUse {
    pub opened: u64,
    pub id: String,
    pub at: i64,
    pub person: String,
    pub department: String,
    pub permit: String,
    pub service: String,
    pub model: String,
    pub endpoint: String,
    pub grade: i64,
    pub node: String,
    pub outcome: String,
    pub code: String,
    pub closed: u64,
    pub closed_at: i64,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub app: String,
}

const USE: &str = "SELECT opened,use_id,at,person,department,permit,service,model,endpoint,grade,node,outcome,code,closed,\
                   closed_at,input_tokens,output_tokens,app FROM use_row";

impl KeptUse {
    fn read(row: &Row) -> Result<Self, EngineError> {
        Ok(Self {
            opened: row.uint(0)?,
            id: row.text(1)?,
            at: row.int(2)?,
            person: row.text(3)?,
            department: row.text(4)?,
            permit: row.text(5)?,
            service: row.text(6)?,
            model: row.text(7)?,
            endpoint: row.text(8)?,
            grade: row.int(9)?,
            node: row.text(10)?,
            outcome: row.text(11)?,
            code: row.text(12)?,
            closed: row.uint(13)?,
            closed_at: row.int(14)?,
            input_tokens: row.int(15)?,
            output_tokens: row.int(16)?,
            app: row.text(17)?,
        })
    }
}

/// A row of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the columns of governance_row")]
pub struct TrailLine {
    pub index: u64,
    pub at: i64,
    pub kind: String,
    pub actor: String,
}

/// What stands in the ledger between two indexes, and the rows beside it.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Index, whether it is marked as governance, bytes.
    pub entries: Vec<(u64, bool, Vec<u8>)>,
    /// Uses that were opened or refused here.
    pub uses: Vec<KeptUse>,
    /// Reasons of refusals: index, reason, time, person, department.
    pub reasons: Vec<(u64, String, i64, String, String)>,
    /// Rows of the trail.
    pub trail: Vec<TrailLine>,
    /// Checkpoints over sizes behind the first index, up to the last: size and note.
    pub checkpoints: Vec<(u64, String)>,
}

/// A database that is looked at.
#[derive(Debug, Clone)]
pub struct Inspection {
    pub(crate) engine: Engine,
}

fn range(from: u64, to: u64) -> Vec<Value> {
    vec![Value::from(from.min(i64::MAX.unsigned_abs())), Value::from(to.min(i64::MAX.unsigned_abs()))]
}

impl Inspection {
    /// Opens a database to read alone.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn open(database: &Database) -> Result<Self, EngineError> {
        Ok(Self { engine: Engine::look(database).await? })
    }

    /// Which engine it is.
    pub fn family(&self) -> Family {
        if self.engine.is_shared() { Family::Postgres } else { Family::Sqlite }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.engine.close().await;
    }

    /// Names of all tables.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn tables(&self) -> Result<BTreeSet<String>, EngineError> {
        let sql = match self.family() {
            Family::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            Family::Postgres => {
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
            }
        };
        self.engine.read().await?.fetch(sql, vec![]).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Steps of the schema that were taken, and those this program knows.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn steps(&self) -> Result<(u64, u64), EngineError> {
        let rows = self.engine.read().await?.fetch("SELECT COUNT(*) FROM schema_step", vec![]).await?;
        Ok((rows.first().map_or(Ok(0), |row| row.uint(0))?, self.engine.known().level()))
    }

    /// How many steps a program must know to work on it; zero where nothing was taken away, or before there was a floor.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn floor(&self) -> Result<u64, EngineError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch("SELECT level FROM schema_floor WHERE only_one = 1", vec![]).await?;
        rows.first().map_or(Ok(0), |row| row.uint(0))
    }

    /// SQLite's own look at the file: each line is damage it found.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn damage(&self) -> Result<Vec<String>, EngineError> {
        if self.family() == Family::Postgres {
            return Ok(Vec::new());
        }
        let mut tx = self.engine.read().await?;
        let mut found: Vec<String> = tx
            .fetch("PRAGMA integrity_check(20)", vec![])
            .await?
            .iter()
            .map(|row| row.text(0))
            .collect::<Result<_, _>>()?;
        found.retain(|line| line != "ok");
        for row in tx.fetch("PRAGMA foreign_key_check", vec![]).await? {
            found.push(format!("foreign key of {}", row.text(0)?));
        }
        Ok(found)
    }

    /// Settings that promises rest on, by name. On SQLite `journal_mode` alone: the others are those of a connection.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn settings(&self) -> Result<BTreeMap<String, String>, EngineError> {
        let mut tx = self.engine.read().await?;
        let rows = match self.family() {
            Family::Sqlite => {
                let rows = tx.fetch("PRAGMA journal_mode", vec![]).await?;
                return rows.iter().map(|row| Ok(("journal_mode".to_owned(), row.text(0)?))).collect();
            }
            Family::Postgres => {
                let sql = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync','full_page_writes',\
                           'synchronous_commit','server_encoding')";
                tx.fetch(sql, vec![]).await?
            }
        };
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }

    /// The head, and how far the tables reach.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn head(&self) -> Result<Option<Head>, EngineError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch("SELECT size, root, signed_size FROM ledger_head WHERE only_one = 1", vec![]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (size, root, signed) = (row.uint(0)?, row.bytes(1)?, row.uint(2)?);
        let mut beyond = BTreeMap::new();
        for (table, column) in [
            ("ledger_entry", "idx"),
            ("use_row", "opened"),
            ("use_reason", "opened"),
            ("governance_row", "idx"),
            ("sealed", "entry"),
        ] {
            let sql = format!("SELECT {column} FROM {table} WHERE {column} >= $1 ORDER BY {column} LIMIT 1");
            if let Some(row) = tx.fetch(&sql, vec![Value::from(size)]).await?.first() {
                beyond.insert(table, row.uint(0)?);
            }
        }
        let sql = "SELECT size FROM ledger_checkpoint WHERE size > $1 ORDER BY size LIMIT 1";
        if let Some(row) = tx.fetch(sql, vec![Value::from(size)]).await?.first() {
            beyond.insert("ledger_checkpoint", row.uint(0)?);
        }
        let counted = tx.fetch("SELECT COUNT(*) FROM ledger_entry", vec![]).await?;
        let tiles = tx.fetch("SELECT COUNT(*) FROM ledger_tile", vec![]).await?;
        let checkpoint = crate::reading::signed(&mut tx).await?;
        Ok(Some(Head {
            size,
            root,
            signed,
            entries: counted.first().map_or(Ok(0), |row| row.uint(0))?,
            tiles: tiles.first().map_or(Ok(0), |row| row.uint(0))?,
            checkpoint,
            beyond,
        }))
    }

    /// A piece of the ledger with the rows beside it.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn page(&self, from: u64, to: u64) -> Result<Page, EngineError> {
        let mut tx = self.engine.read().await?;
        let mut page = Page::default();
        let sql = "SELECT idx, governance, body FROM ledger_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx";
        for row in tx.fetch(sql, range(from, to)).await? {
            page.entries.push((row.uint(0)?, row.int(1)? == 1, row.bytes(2)?));
        }
        let sql = format!("{USE} WHERE opened >= $1 AND opened < $2 ORDER BY opened");
        page.uses = tx.fetch(&sql, range(from, to)).await?.iter().map(KeptUse::read).collect::<Result<_, _>>()?;
        let sql = "SELECT opened, reason, at, person, department FROM use_reason WHERE opened >= $1 AND opened < $2 \
                   ORDER BY opened, reason";
        for row in tx.fetch(sql, range(from, to)).await? {
            page.reasons.push((row.uint(0)?, row.text(1)?, row.int(2)?, row.text(3)?, row.text(4)?));
        }
        let sql = "SELECT idx, at, kind, actor FROM governance_row WHERE idx >= $1 AND idx < $2 ORDER BY idx";
        for row in tx.fetch(sql, range(from, to)).await? {
            let (index, at, kind, actor) = (row.uint(0)?, row.int(1)?, row.text(2)?, row.text(3)?);
            page.trail.push(TrailLine { index, at, kind, actor });
        }
        let sql = "SELECT size, note FROM ledger_checkpoint WHERE size > $1 AND size <= $2 ORDER BY size";
        for row in tx.fetch(sql, range(from, to)).await? {
            page.checkpoints.push((row.uint(0)?, row.text(1)?));
        }
        Ok(page)
    }

    /// Governance entries from an index on, below another, so many at most: index and bytes.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn governance(&self, from: u64, below: u64, limit: u64) -> Result<Vec<(u64, Vec<u8>)>, EngineError> {
        let sql =
            "SELECT idx, body FROM ledger_entry WHERE governance = 1 AND idx >= $1 AND idx < $2 ORDER BY idx LIMIT $3";
        let mut values = range(from, below);
        values.push(Value::from(limit));
        let rows = self.engine.read().await?.fetch(sql, values).await?;
        rows.iter().map(|row| Ok((row.uint(0)?, row.bytes(1)?))).collect()
    }

    /// The rows of the uses that were opened at these indexes.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn uses_at(&self, opened: &[u64]) -> Result<BTreeMap<u64, KeptUse>, EngineError> {
        let mut tx = self.engine.read().await?;
        let mut found = BTreeMap::new();
        for some in opened.chunks(MOST) {
            let places: Vec<String> = (1..=some.len()).map(|n| format!("${n}")).collect();
            let sql = format!("{USE} WHERE opened IN ({})", places.join(","));
            let values = some.iter().map(|index| Value::from((*index).min(i64::MAX.unsigned_abs()))).collect();
            for row in tx.fetch(&sql, values).await? {
                let row = KeptUse::read(&row)?;
                found.insert(row.opened, row);
            }
        }
        Ok(found)
    }

    /// Sealed contents between two indexes, one after the other.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn sealed(&self, from: u64, to: u64, mut see: impl FnMut(u64, &[u8])) -> Result<(), EngineError> {
        let sql = "SELECT entry, box FROM sealed WHERE entry >= $1 AND entry < $2 ORDER BY entry";
        let mut tx = self.engine.read().await?;
        tx.each(sql, range(from, to), |row| {
            see(row.uint(0)?, &row.bytes(1)?);
            Ok(())
        })
        .await
    }

    /// A stored full tile.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn tile(&self, level: u8, n: u64) -> Result<Option<Vec<u8>>, EngineError> {
        let mut tx = self.engine.read().await?;
        let values = vec![Value::from(u64::from(level)), Value::from(n)];
        let rows = tx.fetch("SELECT hashes FROM ledger_tile WHERE level = $1 AND n = $2", values).await?;
        rows.first().map(|row| row.bytes(0)).transpose()
    }

    /// Every pair of subject and governance entry below a size.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn subjects(&self, below: u64, mut see: impl FnMut(&str, i64, u64)) -> Result<(), EngineError> {
        let sql = "SELECT subject, at, idx FROM governance_subject WHERE idx < $1";
        let mut tx = self.engine.read().await?;
        tx.each(sql, vec![Value::from(below.min(i64::MAX.unsigned_abs()))], |row| {
            see(&row.text(0)?, row.int(1)?, row.uint(2)?);
            Ok(())
        })
        .await
    }

    /// Whether a node of this name is running.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn is_running(&self, node: &str) -> Result<bool, EngineError> {
        self.engine.is_held(node).await
    }

    /// Who signs: the node, and the epoch, which is 0 before the first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn signer(&self) -> Result<Option<(String, u64)>, EngineError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch("SELECT node, epoch FROM ledger_signer WHERE only_one = 1", vec![]).await?;
        rows.first().map(|row| Ok((row.text(0)?, row.uint(1)?))).transpose()
    }
}
