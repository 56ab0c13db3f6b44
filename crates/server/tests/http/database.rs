//! The database below a house: SQLite in its folder, or one of its own in the PostgreSQL that `SEKISHO_TEST_POSTGRES`
//! names (`tests/postgres/run` starts one and sets it).

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A database of a test.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    Sqlite(PathBuf),
    Postgres { server: String, name: String },
}

/// The databases of folders, for programs that are started with a folder's name.
static OF_FOLDERS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// What a program must be told to find the database of a folder among its arguments.
pub(crate) fn variables(arguments: &[&str]) -> Vec<(&'static str, String)> {
    let known = OF_FOLDERS.lock().unwrap();
    let url = arguments.iter().find_map(|argument| known.get(*argument));
    url.map(|url| ("SEKISHO_DATABASE", url.clone())).into_iter().collect()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

impl Database {
    /// An empty one for a data folder.
    pub(crate) fn for_folder(data: &Path) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let Ok(server) = std::env::var("SEKISHO_TEST_POSTGRES") else {
            return Self::Sqlite(data.join("sekisho.db"));
        };
        let name = format!("house_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let this = Self::Postgres { server, name };
        this.on_the_server(&format!("CREATE DATABASE {}", this.name()));
        OF_FOLDERS.lock().unwrap().insert(data.display().to_string(), this.url().unwrap());
        this
    }

    fn name(&self) -> &str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres { name, .. } => name,
        }
    }

    /// Its address; none for SQLite.
    pub(crate) fn url(&self) -> Option<String> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres { server, name } => Some(format!("{server}/{name}")),
        }
    }

    fn on_the_server(&self, sql: &str) {
        let Self::Postgres { server, .. } = self else { return };
        block_on(async {
            let mut connection = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
            sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        });
    }

    /// Destroys it, whoever is connected.
    pub(crate) fn drop_it(&self) {
        self.on_the_server(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name()));
    }

    /// Runs statements, one after the other.
    pub(crate) fn execute(&self, statements: &[String]) {
        match self {
            Self::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(Duration::from_secs(5)).unwrap();
                connection.execute_batch(&statements.join(";")).unwrap();
            }
            Self::Postgres { .. } => block_on(async {
                let mut connection = PgConnection::connect(&self.url().unwrap()).await.unwrap();
                for sql in statements {
                    sqlx::query(AssertSqlSafe(sql.as_str())).execute(&mut connection).await.unwrap();
                }
            }),
        }
    }

    /// Rows of numbers.
    pub(crate) fn numbers(&self, sql: &str) -> Vec<Vec<i64>> {
        match self {
            Self::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(Duration::from_secs(5)).unwrap();
                let mut statement = connection.prepare(sql).unwrap();
                let columns = statement.column_count();
                let row = |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get(at)).collect::<Result<Vec<i64>, _>>();
                statement.query_map([], row).unwrap().map(Result::unwrap).collect()
            }
            Self::Postgres { .. } => block_on(async {
                let mut connection = PgConnection::connect(&self.url().unwrap()).await.unwrap();
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| (0..row.len()).map(|at| row.get(at)).collect()).collect()
            }),
        }
    }

    /// One number.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.numbers(sql)[0][0]
    }
}

/// Another program that holds the lock of the ledger's head.
pub(crate) enum Lock {
    Sqlite(rusqlite::Connection),
    Postgres(Box<(tokio::runtime::Runtime, PgConnection)>),
}

impl Lock {
    pub(crate) fn hold(database: &Database) -> Self {
        match database {
            Database::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(Duration::from_secs(60)).unwrap();
                connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                Self::Sqlite(connection)
            }
            Database::Postgres { .. } => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let connection = runtime.block_on(async {
                    let mut connection = PgConnection::connect(&database.url().unwrap()).await.unwrap();
                    for sql in ["BEGIN", "UPDATE ledger_head SET size = size"] {
                        sqlx::query(sql).execute(&mut connection).await.unwrap();
                    }
                    connection
                });
                Self::Postgres(Box::new((runtime, connection)))
            }
        }
    }

    pub(crate) fn release(self) {
        match self {
            Self::Sqlite(connection) => connection.execute_batch("ROLLBACK").unwrap(),
            Self::Postgres(held) => {
                let (runtime, connection) = *held;
                runtime.block_on(connection.close()).unwrap();
            }
        }
    }
}
