//! SQLite: one connection that writes, a few that read, called where they are needed.
//!
//! SQLite is a library, not a server: a call takes microseconds and waits for the disk only in `COMMIT`. So statements run
//! on the thread that has the work (the journal's own thread for writes) instead of travelling to another one and back,
//! which on a busy machine cost more than the statements themselves.

use crate::engine::{EngineError, Synchronous, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a connection waits for another one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Prepared statements each connection keeps.
const STATEMENTS: usize = 64;
/// Idle reading connections kept open.
const READERS: usize = 8;

/// How the names of files end whose locks say that a program serves.
const SERVING: &str = "serving";

fn lock(file: std::fs::File, path: &Path) -> Result<Option<std::fs::File>, EngineError> {
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(source)) => Err(EngineError::Beside { path: path.to_owned(), source }),
    }
}

/// An open SQLite file.
#[derive(Clone)]
pub(crate) struct Sqlite {
    file: Arc<File>,
}

struct File {
    path: PathBuf,
    synchronous: Synchronous,
    /// The writer's connection while nobody writes.
    writer: Mutex<Option<Connection>>,
    readers: Mutex<Vec<Connection>>,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.file.path).finish_non_exhaustive()
    }
}

/// A transaction. Dropping it rolls it back; one that met an error also closes its connection, so that nothing of a
/// failed write survives in a cache.
pub(crate) struct SqliteTx {
    file: Arc<File>,
    connection: Option<Connection>,
    writes: bool,
    failed: bool,
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Sqlite {
    pub(crate) fn open(path: &Path, synchronous: Synchronous) -> Result<Self, EngineError> {
        let writer = Mutex::new(None);
        let file = File { path: path.to_owned(), synchronous, writer, readers: Mutex::new(Vec::new()) };
        let connection = file.connect(true)?;
        file.make_safe_what_was_found()?;
        *file.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        Ok(Self { file: Arc::new(file) })
    }

    /// Opens a file to read alone: nothing is made, no setting of it is changed.
    pub(crate) fn look(path: &Path) -> Result<Self, EngineError> {
        let (writer, readers) = (Mutex::new(None), Mutex::new(Vec::new()));
        let file = File { path: path.to_owned(), synchronous: Synchronous::Full, writer, readers };
        let connection = file.connect(false)?;
        // Opening reads nothing yet.
        connection.query_row("SELECT COUNT(*) FROM sqlite_master", [], |_| Ok(()))?;
        file.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(Self { file: Arc::new(file) })
    }

    /// Whether a program of this name serves from it. Looking makes no file.
    pub(crate) fn is_held(&self, name: &str) -> Result<bool, EngineError> {
        let path = self.file.path.with_extension(format!("{name}.{SERVING}"));
        match std::fs::File::open(&path) {
            Ok(file) => Ok(lock(file, &path)?.is_none()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(EngineError::Beside { path, source }),
        }
    }

    /// Begins to write: holds the one write lock from the first moment.
    pub(crate) fn write(&self) -> Result<SqliteTx, EngineError> {
        let idle = self.file.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.begin(idle, true)
    }

    /// Begins to read one consistent state.
    pub(crate) fn read(&self) -> Result<SqliteTx, EngineError> {
        let idle = self.file.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        self.begin(idle, false)
    }

    fn begin(&self, idle: Option<Connection>, writes: bool) -> Result<SqliteTx, EngineError> {
        let connection = match idle {
            Some(connection) => connection,
            None => self.file.connect(writes)?,
        };
        connection.execute_batch(if writes { "BEGIN IMMEDIATE" } else { "BEGIN" })?;
        Ok(SqliteTx { file: self.file.clone(), connection: Some(connection), writes, failed: false })
    }

    /// Copies the log back into the database and empties it, so that no old page of an erased row stays readable.
    /// Returns false while a reader still looks at the old pages.
    pub(crate) fn empty_log(&self) -> Result<bool, EngineError> {
        let idle = self.file.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let connection = match idle {
            Some(connection) => connection,
            None => self.file.connect(true)?,
        };
        // The writer asks again later rather than wait here for a reader: others have something to record.
        connection.busy_timeout(Duration::ZERO)?;
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        connection.busy_timeout(PATIENCE)?;
        *self.file.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        Ok(busy == 0)
    }

    /// Locks the file beside the database that says that a program of this name serves from it; none, while another one of
    /// the name does.
    pub(crate) fn hold(&self, name: &str) -> Result<Option<std::fs::File>, EngineError> {
        let path = self.file.path.with_extension(format!("{name}.{SERVING}"));
        let file = std::fs::File::create(&path).map_err(|source| EngineError::Beside { path: path.clone(), source })?;
        lock(file, &path)
    }

    /// Copies one consistent state into a new file, without what was deleted. Everybody goes on meanwhile.
    pub(crate) fn copy_into(&self, to: &Path) -> Result<(), EngineError> {
        let connection = self.file.connect(false)?;
        let Some(to) = to.to_str() else {
            return Err(EngineError::Value(format!("`{}` is not a name in UTF-8", to.display())));
        };
        connection.execute("VACUUM INTO ?1", [to])?;
        std::fs::File::open(to)
            .and_then(|file| file.sync_all())
            .map_err(|source| EngineError::Beside { path: to.into(), source })
    }

    /// Whether any program serves from it.
    pub(crate) fn is_served(&self) -> Result<bool, EngineError> {
        let folder = self.file.path.parent().unwrap_or_else(|| Path::new("."));
        let failed = |source| EngineError::Beside { path: folder.to_owned(), source };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == SERVING) {
                let file = std::fs::File::open(&path).map_err(failed)?;
                if lock(file, &path)?.is_none() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    pub(crate) fn close(&self) {
        self.file.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.file.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl File {
    /// A run that was killed between writing and synchronising leaves entries in the log of the database that this run
    /// finds and believes: it would sign them, and a power cut could still take them and leave the signature.
    fn make_safe_what_was_found(&self) -> Result<(), EngineError> {
        let mut path = self.path.clone().into_os_string();
        path.push("-wal");
        let path = PathBuf::from(path);
        match std::fs::OpenOptions::new().write(true).open(&path) {
            Ok(log) => log.sync_all().map_err(|source| EngineError::Beside { path, source }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(EngineError::Beside { path, source }),
        }
    }

    fn connect(&self, writes: bool) -> Result<Connection, EngineError> {
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
        flags |= if writes {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        } else {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        };
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        if writes {
            let synchronous = match self.synchronous {
                Synchronous::Full => "FULL",
                Synchronous::Normal => "NORMAL",
            };
            // secure_delete: erasure must not leave readable pages behind. wal_autocheckpoint: 16 MB of log between
            // checkpoints; at the usual 4 MB the copy back into the database would come several times a second.
            connection.execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA secure_delete = ON; \
                 PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16384; PRAGMA foreign_keys = OFF"
            ))?;
        }
        Ok(connection)
    }
}

impl SqliteTx {
    fn on<T>(&mut self, act: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, EngineError> {
        let Some(connection) = &self.connection else { return Err(EngineError::Closed) };
        let result = act(connection);
        self.failed |= result.is_err();
        Ok(result?)
    }

    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, EngineError> {
        self.on(|connection| {
            let changed = connection.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))?;
            Ok(changed as u64)
        })
    }

    /// One row after the other with one prepared statement: without a server there is nothing to save by joining them.
    pub(crate) fn insert<T>(
        &mut self,
        sql: &str,
        rows: impl Iterator<Item = T>,
        bind: impl Fn(T, &mut Vec<Value>),
    ) -> Result<(), EngineError> {
        self.on(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut values = Vec::new();
            for row in rows {
                values.clear();
                bind(row, &mut values);
                statement.execute(rusqlite::params_from_iter(&values))?;
            }
            Ok(())
        })
    }

    pub(crate) fn fetch(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>, EngineError> {
        let mut rows = Vec::new();
        self.each(sql, values, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    pub(crate) fn each(
        &mut self,
        sql: &str,
        values: &[Value],
        mut see: impl FnMut(Vec<Value>) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        self.on(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let columns = statement.column_count();
            let mut found = statement.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = found.next()? {
                let mut out = Vec::with_capacity(columns);
                for column in 0..columns {
                    out.push(match row.get_ref(column)? {
                        ValueRef::Integer(n) => Value::Int(n),
                        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into()),
                        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
                        // No column of ours holds either; a foreign hand in the file is told apart by the reader.
                        ValueRef::Null | ValueRef::Real(_) => Value::Text("".into()),
                    });
                }
                if let Err(error) = see(out) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// Returns when the commit is on the disk.
    pub(crate) fn commit(mut self) -> Result<(), EngineError> {
        self.on(|connection| connection.execute_batch("COMMIT"))?;
        self.give_back();
        Ok(())
    }

    fn give_back(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.writes {
            *self.file.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        } else {
            let mut readers = self.file.readers.lock().unwrap_or_else(PoisonError::into_inner);
            if readers.len() < READERS {
                readers.push(connection);
            }
        }
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        let Some(connection) = &self.connection else { return };
        let rolled_back = connection.execute_batch("ROLLBACK").is_ok();
        if rolled_back && !self.failed {
            self.give_back();
        }
    }
}
