//! The two engines behind one door: SQLite for one machine, PostgreSQL for several nodes.
//!
//! SQL is written once in the dialect both understand. Values and rows pass through two small enums, so nothing above
//! this file knows which engine runs.

use crate::postgres::{PATIENCE, Pool, Postgres, Postgresql};
use crate::schema::Known;
use crate::sqlite::{Sqlite, SqliteTx};
use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnection, PgListener, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, Transaction};
use std::sync::Arc;
use std::time::Duration;

/// The database could not do what was asked. The transaction, if any, is gone.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// SQLite.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL.
    #[error("database: {0}")]
    Postgres(#[from] sqlx::Error),
    /// A stored value is not what its column must hold.
    #[error("database: {0}")]
    Value(String),
    /// The transaction has ended already.
    #[error("database: the transaction has ended")]
    Closed,
    /// The file that tells that a server is running cannot be made.
    #[error("`{path}`: {source}")]
    Beside {
        /// The file.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A newer program has changed it so that this one cannot work on it.
    #[error(
        "database: a newer sekisho has changed its schema (this program knows {level} steps, {floor} are needed); start the newer program again, and leave the database as it is"
    )]
    Newer {
        /// Steps that a program must know.
        floor: u64,
        /// Steps that this one knows.
        level: u64,
    },
    /// It says nothing.
    #[error("database: no answer within {0:?}")]
    Silent(Duration),
}

/// What a step inside a transaction gives.
pub(crate) type EngineResult<T> = Result<T, EngineError>;

/// How SQLite waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// A commit returns when its write is on the disk.
    #[default]
    Full,
    /// A commit may return before. No configuration reaches this: it exists so that the proof of P1 can be seen to fail.
    Normal,
}

/// A value on its way into a statement.
pub(crate) enum Value {
    Int(i64),
    Text(Arc<str>),
    Bytes(Vec<u8>),
}

impl From<u64> for Value {
    fn from(n: u64) -> Self {
        // Indexes and times stay far below 2^63; should one not, the database refuses the negative key.
        Self::Int(i64::try_from(n).unwrap_or(-1))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// A row on its way out.
pub(crate) enum Row {
    Sqlite(Vec<Value>),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn int(&self, at: usize) -> Result<i64, EngineError> {
        match self {
            Self::Sqlite(row) => match row.get(at) {
                Some(Value::Int(n)) => Ok(*n),
                _ => Err(EngineError::Value(format!("column {at} is not a number"))),
            },
            Self::Postgres(row) => Ok(row.try_get(at)?),
        }
    }

    pub(crate) fn uint(&self, at: usize) -> Result<u64, EngineError> {
        u64::try_from(self.int(at)?).map_err(|_| EngineError::Value(format!("column {at} is negative")))
    }

    pub(crate) fn text(&self, at: usize) -> Result<String, EngineError> {
        match self {
            Self::Sqlite(row) => match row.get(at) {
                Some(Value::Text(text)) => Ok(text.to_string()),
                _ => Err(EngineError::Value(format!("column {at} is not a text"))),
            },
            Self::Postgres(row) => Ok(row.try_get(at)?),
        }
    }

    pub(crate) fn bytes(&self, at: usize) -> Result<Vec<u8>, EngineError> {
        match self {
            Self::Sqlite(row) => match row.get(at) {
                Some(Value::Bytes(bytes)) => Ok(bytes.clone()),
                _ => Err(EngineError::Value(format!("column {at} is not bytes"))),
            },
            Self::Postgres(row) => Ok(row.try_get(at)?),
        }
    }
}

/// A transaction on either engine. Dropping it rolls it back.
pub(crate) enum Tx {
    Sqlite(SqliteTx),
    Postgres(Transaction<'static, sqlx::Postgres>),
}

macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Int(n) => query.bind(n),
                Value::Text(text) => query.bind(text),
                Value::Bytes(bytes) => query.bind(bytes),
            };
        }
        query
    }};
}

impl Tx {
    /// Runs a statement; returns the number of rows it changed. `sql` is built from constants alone.
    pub(crate) async fn execute(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, EngineError> {
        Ok(match self {
            Self::Sqlite(tx) => tx.execute(sql, &values)?,
            Self::Postgres(tx) => {
                bound!(sqlx::query(AssertSqlSafe(sql)), values).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// Runs a query. `sql` is built from constants alone.
    pub(crate) async fn fetch(&mut self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, EngineError> {
        Ok(match self {
            Self::Sqlite(tx) => tx.fetch(sql, &values)?.into_iter().map(Row::Sqlite).collect(),
            Self::Postgres(tx) => {
                let rows = bound!(sqlx::query(AssertSqlSafe(sql)), values).fetch(&mut **tx);
                rows.map_ok(Row::Postgres).try_collect().await?
            }
        })
    }

    /// Runs a query and hands over one row after the other: a long answer never lies in memory as a whole. `sql` is built
    /// from constants alone.
    pub(crate) async fn each(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        mut see: impl FnMut(&Row) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        match self {
            Self::Sqlite(tx) => tx.each(sql, &values, |row| see(&Row::Sqlite(row))),
            Self::Postgres(tx) => {
                let mut rows = bound!(sqlx::query(AssertSqlSafe(sql)), values).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    see(&Row::Postgres(row))?;
                }
                Ok(())
            }
        }
    }

    /// On commit, tells other nodes that something was decided.
    pub(crate) async fn tell_others(&mut self) -> Result<(), EngineError> {
        if let Self::Postgres(_) = self {
            self.fetch(&format!("SELECT pg_notify('{CHANNEL}', '')"), vec![]).await?;
        }
        Ok(())
    }

    /// Returns when the commit is durable.
    pub(crate) async fn commit(self) -> Result<(), EngineError> {
        match self {
            Self::Sqlite(tx) => tx.commit()?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// A node's name: held on a connection of its own, or, beside a SQLite file that has one node, as a lock on a file.
#[derive(Debug)]
pub(crate) enum Held {
    Sqlite(std::fs::File),
    Postgres(Box<PgConnection>),
}

impl Held {
    /// Whether the connection, and with it the name, is still held.
    pub(crate) async fn lives(&mut self) -> bool {
        match self {
            // The system keeps the lock for as long as the file is open.
            Self::Sqlite(file) => file.metadata().is_ok(),
            Self::Postgres(connection) => {
                matches!(tokio::time::timeout(PATIENCE, connection.ping()).await, Ok(Ok(())))
            }
        }
    }
}

/// Names and their numbers are of this kind among the database's locks.
const NAMES: i32 = 730_579;

/// Where nodes tell each other that the register has grown.
const CHANNEL: &str = "sekisho_register";

/// What other nodes say. It shortens the time until they are followed; whoever hears nothing looks regularly all the same.
#[derive(Debug)]
pub(crate) enum News {
    None,
    Postgres(Box<PgListener>),
}

impl News {
    /// Waits for news; for ever, where none are to be had.
    pub(crate) async fn arrives(&mut self) {
        match self {
            Self::None => std::future::pending().await,
            // It connects again by itself; what was missed meanwhile is seen at the next regular look.
            Self::Postgres(listener) => {
                if listener.recv().await.is_err() {
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }
}

/// An open database: one way to write, several to read.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgresql),
}

impl Engine {
    /// Opens `postgres://…`, or the SQLite file at a path, and brings the schema up to date.
    pub(crate) async fn open(database: &Database, synchronous: Synchronous) -> Result<Self, EngineError> {
        let engine = match database {
            Database::Sqlite(path) => Self::Sqlite(Sqlite::open(path, synchronous)?),
            Database::Postgres(settings) => Self::Postgres(Postgresql::connect(settings).await?),
        };
        engine.expand().await?;
        Ok(engine)
    }

    /// Opens it to read alone: the schema is left as it is.
    pub(crate) async fn look(database: &Database) -> Result<Self, EngineError> {
        Ok(match database {
            Database::Sqlite(path) => Self::Sqlite(Sqlite::look(path)?),
            Database::Postgres(settings) => Self::Postgres(Postgresql::connect(settings).await?),
        })
    }

    /// Whether a program holds a name. Nothing is taken for it.
    pub(crate) async fn is_held(&self, name: &str) -> Result<bool, EngineError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.is_held(name),
            Self::Postgres(_) => {
                let sql = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 \
                           AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                           AND classid::bigint = $1 AND objid::bigint = (hashtext($2)::bigint & 4294967295)";
                let values = vec![Value::Int(NAMES.into()), Value::from(name)];
                let rows = self.read().await?.fetch(sql, values).await?;
                Ok(rows.first().map_or(Ok(0), |row| row.int(0))? > 0)
            }
        }
    }

    /// A transaction that holds, on SQLite, the one write lock from its first moment.
    pub(crate) async fn write(&self) -> Result<Tx, EngineError> {
        Ok(match self {
            Self::Sqlite(sqlite) => Tx::Sqlite(sqlite.write()?),
            Self::Postgres(pools) => Tx::Postgres(pools.write.now.load_full().begin().await?),
        })
    }

    /// A transaction to read one consistent state.
    pub(crate) async fn read(&self) -> Result<Tx, EngineError> {
        Ok(match self {
            Self::Sqlite(sqlite) => Tx::Sqlite(sqlite.read()?),
            Self::Postgres(pools) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Tx::Postgres(pools.read.now.load_full().begin_with(begin).await?)
            }
        })
    }

    /// After an erasure: makes sure that no earlier state of the erased rows stays readable in the database's own log.
    /// Returns false while a reader still holds it. PostgreSQL's log is the operator's to expire.
    pub(crate) fn forget_earlier_states(&self) -> Result<bool, EngineError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.empty_log(),
            Self::Postgres(_) => Ok(true),
        }
    }

    /// What other nodes say from now on.
    pub(crate) async fn news(&self) -> Result<News, EngineError> {
        let Self::Postgres(pools) = self else { return Ok(News::None) };
        let mut options = pools.read.settings.clone();
        options = options.max_connections(1);
        let mut listener = PgListener::connect_with(&options.connect_lazy_with(pools.read.options.clone())).await?;
        listener.listen(CHANNEL).await?;
        Ok(News::Postgres(Box::new(listener)))
    }

    /// Takes a name that no other connection holds.
    pub(crate) async fn hold(&self, name: &str) -> Result<Option<Held>, EngineError> {
        let pools = match self {
            Self::Postgres(pools) => pools,
            Self::Sqlite(sqlite) => return Ok(sqlite.hold(name)?.map(Held::Sqlite)),
        };
        let work = async {
            let mut connection = PgConnection::connect_with(&pools.read.options).await?;
            let taken = sqlx::query("SELECT pg_try_advisory_lock($1, hashtext($2))").bind(NAMES).bind(name);
            let taken: bool = taken.fetch_one(&mut connection).await?.try_get(0)?;
            Ok(taken.then(|| Held::Postgres(Box::new(connection))))
        };
        tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(EngineError::Silent(PATIENCE)))
    }

    /// Whether a program serves from this SQLite file.
    pub(crate) fn is_served(&self) -> Result<bool, EngineError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.is_served(),
            Self::Postgres(_) => Ok(false),
        }
    }

    /// Whether no connection holds a name.
    pub(crate) async fn is_free(&self, name: &str) -> Result<bool, EngineError> {
        let Self::Postgres(pools) = self else { return Ok(false) };
        // Taken for the length of a transaction, so that looking leaves nothing behind.
        let mut tx = pools.read.now.load_full().begin().await?;
        let free = sqlx::query("SELECT pg_try_advisory_xact_lock($1, hashtext($2))").bind(NAMES).bind(name);
        let free: bool = free.fetch_one(&mut *tx).await?.try_get(0)?;
        tx.rollback().await?;
        Ok(free)
    }

    /// The steps of the schema that this program knows.
    pub(crate) fn known(&self) -> Known {
        match self {
            Self::Sqlite(_) => Known::with(&[]),
            Self::Postgres(pools) => Known::with(pools.later),
        }
    }

    /// Whether other nodes write to the same database.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// How many connections there are, for writing and for reading.
    pub(crate) fn connections(&self) -> Option<[Connections; 2]> {
        let Self::Postgres(pools) = self else { return None };
        let of = |pool: &Pool| {
            let pool = pool.now.load();
            // Two looks: a connection may come free between them.
            let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
            Connections { idle, used: pool.size().saturating_sub(idle) }
        };
        Some([of(&pools.write), of(&pools.read)])
    }

    /// Gives up connections that no longer answer. New ones are made when they are needed.
    pub(crate) fn renew(&self) {
        if let Self::Postgres(pools) = self {
            pools.write.renew();
            pools.read.renew();
        }
    }

    /// Lets pending work finish and closes every connection.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close(),
            Self::Postgres(pools) => {
                pools.write.now.load_full().close().await;
                pools.read.now.load_full().close().await;
            }
        }
    }
}

/// Connections of one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// At work.
    pub used: u32,
    /// Waiting for work.
    pub idle: u32,
}

/// Where the data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite(std::path::PathBuf),
    /// PostgreSQL.
    Postgres(Postgres),
}
