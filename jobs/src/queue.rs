//! The wake-up queue, kept by apalis: in the main database on PostgreSQL, in a file of its own beside SQLite (apalis turns
//! `synchronous` off on connections of the pool it is given, which must never happen to the pool that holds bills).

use std::path::Path;

use apalis::prelude::TaskSink;
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use async_trait::async_trait;
use billow_billing::Store;
use billow_billing::ports::{Waker, Wakeup};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::gather::Gather;

/// The queue's name in the database.
const NAME: &str = "billow-wakeups";

#[derive(Clone)]
pub(crate) enum Storage {
    Sqlite(SqliteStorage<Wakeup>),
    Postgres(PostgresStorage<Wakeup>),
}

/// The wake-up queue.
#[derive(Clone)]
pub struct Queue {
    pub(crate) storage: Storage,
    gather: Gather,
}

/// Why the queue could not be opened or used.
#[derive(Debug, thiserror::Error)]
#[error("the wake-up queue: {0}")]
pub struct QueueError(#[from] Box<dyn std::error::Error + Send + Sync>);

impl Queue {
    /// Opens the queue, which must be migrated. `beside` is where SQLite keeps it.
    ///
    /// # Errors
    /// When the database does not let us.
    pub async fn open(store: &Store, beside: &Path) -> Result<Self, QueueError> {
        let storage = if store.is_sqlite() {
            let pool = SqlitePoolOptions::new()
                .max_connections(2)
                // A connection whose transaction SQLite ended, as it does when the disk is full, is closed and not used again.
                .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
                .connect_with(file(beside))
                .await
                .map_err(boxed)?;
            Storage::Sqlite(SqliteStorage::new(&pool).with_config(apalis_sqlite::Config::default().queue(NAME)))
        } else {
            let pool = store.write_pool().get_postgres_connection_pool();
            Storage::Postgres(PostgresStorage::new(pool).with_config(apalis_postgres::Config::default().queue(NAME)))
        };
        Ok(Self { storage, gather: Gather::default() })
    }

    /// Brings the queue's tables up to date.
    ///
    /// # Errors
    /// When the database does not let us.
    pub async fn migrate(store: &Store, beside: &Path) -> Result<(), QueueError> {
        if !store.is_sqlite() {
            return PostgresStorage::<()>::setup(store.write_pool().get_postgres_connection_pool()).await.map_err(|e| QueueError(boxed(e)));
        }
        let mut connection = file(beside).create_if_missing(true).connect().await.map_err(boxed)?;
        SqliteStorage::<()>::migrations().run(&mut connection).await.map_err(boxed)?;
        connection.close().await.map_err(|e| QueueError(boxed(e)))
    }

    /// Whether the queue's tables are there and up to date. Only reads.
    ///
    /// # Errors
    /// When the database does not let us.
    pub async fn is_migrated(store: &Store, beside: &Path) -> Result<bool, QueueError> {
        if store.is_sqlite() {
            if !beside.exists() {
                return Ok(false);
            }
            let mut connection = file(beside).connect().await.map_err(boxed)?;
            let there = "SELECT name FROM sqlite_master WHERE name = '_sqlx_migrations'";
            let there = sqlx::query_scalar::<_, String>(there).fetch_optional(&mut connection).await.map_err(boxed)?;
            let applied = match there {
                Some(_) => sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                    .fetch_all(&mut connection)
                    .await
                    .map_err(boxed)?,
                None => Vec::new(),
            };
            connection.close().await.map_err(boxed)?;
            return Ok(has_all(&SqliteStorage::<()>::migrations(), &applied));
        }
        let pool = store.write_pool().get_postgres_connection_pool();
        let there = "SELECT to_regclass('apalis._sqlx_migrations') IS NOT NULL";
        let applied = match sqlx::query_scalar::<_, bool>(there).fetch_one(pool).await.map_err(boxed)? {
            true => sqlx::query_scalar("SELECT version FROM apalis._sqlx_migrations WHERE success").fetch_all(pool).await.map_err(boxed)?,
            false => Vec::new(),
        };
        Ok(has_all(&PostgresStorage::<()>::migrations(), &applied))
    }

    /// Deletes finished wake-ups: nothing in them is worth keeping.
    ///
    /// # Errors
    /// When the database does not let us.
    pub async fn prune(&self) -> Result<(), QueueError> {
        match &self.storage {
            Storage::Sqlite(s) => {
                sqlx::query("DELETE FROM Jobs WHERE status IN ('Done', 'Killed', 'Failed')").execute(s.pool()).await.map(drop)
            }
            Storage::Postgres(s) => {
                sqlx::query("DELETE FROM apalis.jobs WHERE status IN ('Done', 'Killed', 'Failed')").execute(s.pool()).await.map(drop)
            }
        }
        .map_err(|e| QueueError(boxed(e)))
    }
}

#[async_trait]
impl Waker for Queue {
    /// Returns at once: nobody's answer waits for a wake-up.
    async fn wake(&self, wakeup: Wakeup) {
        let Some(wait) = self.gather.ask(wakeup) else { return };
        let queue = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            queue.gather.send(wakeup);
            queue.push(wakeup).await;
        });
    }
}

impl Queue {
    async fn push(&self, wakeup: Wakeup) {
        let pushed = match &self.storage {
            Storage::Sqlite(s) => s.clone().push(wakeup).await.map_err(|e| e.to_string()),
            Storage::Postgres(s) => s.clone().push(wakeup).await.map_err(|e| e.to_string()),
        };
        if let Err(error) = pushed {
            tracing::warn!(error, "a wake-up was not queued; the beat comes round anyway");
        }
    }
}

fn has_all(wanted: &Migrator, applied: &[i64]) -> bool {
    wanted.iter().all(|migration| applied.contains(&migration.version))
}

/// The queue's own file. Wake-ups may be lost in a crash, so nothing waits for the disk.
fn file(beside: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(beside)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off)
        .busy_timeout(std::time::Duration::from_secs(10))
        .disable_statement_logging()
}

fn boxed(error: impl std::error::Error + Send + Sync + 'static) -> Box<dyn std::error::Error + Send + Sync> {
    Box::new(error)
}
