//! PostgreSQL: where it is, how long it is waited for, and pools that can be given up.

use crate::engine::EngineError;
use crate::schema::SchemaStep;
use arc_swap::ArcSwap;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// A PostgreSQL and how it is used.
#[derive(Clone, PartialEq, Eq)]
pub struct Postgres {
    /// `postgres://…`
    pub url: String,
    /// The pass word, where it does not stand in the address.
    pub password: Option<Password>,
    /// Connections of this node for reading.
    pub readers: u32,
    /// Steps of the schema beyond this program's own. No configuration reaches this: it exists so that a newer program can be
    /// tried beside this one.
    pub later: &'static [SchemaStep],
}

/// A pass word that no log shows. It is wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(zeroize::Zeroizing<String>);

impl Password {
    /// The first line of a file's text.
    pub fn of_file(text: &str) -> Self {
        Self(zeroize::Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a pass word.
        f.debug_struct("Postgres").field("readers", &self.readers).finish_non_exhaustive()
    }
}

impl Postgres {
    /// With the usual number of connections.
    pub const fn at(url: String) -> Self {
        Self { url, password: None, readers: 8, later: &[] }
    }
}

/// Connections to PostgreSQL. The writer has its own, so that no reader keeps it waiting, and stricter ones: while it holds
/// the ledger's head, every node waits for it.
#[derive(Debug, Clone)]
pub(crate) struct Postgresql {
    pub(crate) write: Arc<Pool>,
    pub(crate) read: Arc<Pool>,
    pub(crate) later: &'static [SchemaStep],
}

/// A pool that can be given up for a new one: what hangs in it, on a network that swallows everything, then waits alone.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) now: ArcSwap<PgPool>,
    pub(crate) settings: PgPoolOptions,
    pub(crate) options: PgConnectOptions,
}

impl Pool {
    async fn open(connections: u32, options: PgConnectOptions) -> Result<Arc<Self>, EngineError> {
        let settings = PgPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
        let now = ArcSwap::from_pointee(settings.clone().connect_with(options.clone()).await?);
        Ok(Arc::new(Self { now, settings, options }))
    }

    pub(crate) fn renew(&self) {
        self.now.store(Arc::new(self.settings.clone().connect_lazy_with(self.options.clone())));
    }
}

/// Connections for writing: the journal's, and one beside it.
const WRITERS: u32 = 2;
/// How long a statement waits for a lock that another holds, and how long a connection is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How long the server lets a writer hold its locks while it says nothing: it was cut off or stopped, and others wait.
const SILENCE: Duration = Duration::from_secs(4);

impl Postgresql {
    pub(crate) async fn connect(settings: &Postgres) -> Result<Self, EngineError> {
        let url = &settings.url;
        let mut options = PgConnectOptions::from_str(url)?.application_name("sekisho");
        if !url.contains("sslmode") && !options.get_host().starts_with('/') {
            options = options.ssl_mode(PgSslMode::Prefer);
        }
        if let Some(password) = &settings.password {
            options = options.password(&password.0);
        }
        let millis = |duration: Duration| duration.as_millis().to_string();
        let options = options.options([
            ("synchronous_commit", "on".to_owned()),
            ("lock_timeout", millis(PATIENCE)),
            // A server whose node has gone learns of it within seconds, whatever the network does.
            ("tcp_keepalives_idle", "2".to_owned()),
            ("tcp_keepalives_interval", "1".to_owned()),
            ("tcp_keepalives_count", "3".to_owned()),
        ]);
        let writing = options.clone().options([("idle_in_transaction_session_timeout", millis(SILENCE))]);
        Ok(Self {
            write: Pool::open(WRITERS, writing).await?,
            read: Pool::open(settings.readers.max(1), options).await?,
            later: settings.later,
        })
    }
}
