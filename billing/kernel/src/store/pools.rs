//! How connections are opened, and when one is not used again.
//!
//! SQLite ends a transaction by itself when the disk is full, when reading or writing fails, and when memory runs out. The
//! driver does not notice: its own count of open transactions stays at one, its next transaction becomes a savepoint inside
//! nothing, and from then on every "commit" commits nothing. So a connection goes back to the pool only if its last
//! transaction ended the way we asked for, and is handed out only if it is in no transaction. Otherwise it is closed, and
//! the pool opens another one. See `docs/adr/0011-a-connection-is-used-while-it-is-clean.md`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::ConnectOptions;
use sqlx::Connection as _;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{StoreOptions, Timeouts};

/// How long a connection is idle before it is asked whether it is still there.
const ASK_AFTER: Duration = Duration::from_secs(10);
/// Prepared statements kept by a connection: more than we have different ones of.
const STATEMENTS: usize = 500;
/// How long to wait for a connection, and on SQLite for the lock of another process.
const PATIENCE: Duration = Duration::from_secs(10);

/// How the last transaction of a pool's only connection ended.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// A transaction was rolled back, by us or by SQLite.
    rolled_back: AtomicBool,
    /// We asked for that.
    asked: AtomicBool,
    /// A statement or a commit failed in a way that leaves the connection in doubt.
    doubtful: AtomicBool,
}

impl Ending {
    /// The rollback that follows is ours.
    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::Release);
    }

    /// The connection is not to be used again.
    pub(super) fn doubt(&self) {
        self.doubtful.store(true, Ordering::Release);
    }

    /// Whether nothing ended in another way than we asked for; forgets what was noted.
    fn was_clean(&self) -> bool {
        let asked = self.asked.swap(false, Ordering::AcqRel);
        let rolled_back = self.rolled_back.swap(false, Ordering::AcqRel);
        !self.doubtful.swap(false, Ordering::AcqRel) && (asked || !rolled_back)
    }
}

/// Settings of a pool of `max` connections at `url`. `ending` is that of SQLite's only connection that writes.
pub(super) fn settings(url: &str, max: u32, options: &StoreOptions, ending: Option<&Arc<Ending>>) -> ConnectOptions {
    let mut o = ConnectOptions::new(url);
    o.max_connections(max).min_connections(1).acquire_timeout(PATIENCE).sqlx_logging(false);
    // Asking a connection each time whether it is alive is a round trip for each statement.
    o.test_before_acquire_if_idle_for(ASK_AFTER);
    if url.starts_with("sqlite:") {
        o.map_sqlx_sqlite_opts(sqlite);
        o.map_sqlx_sqlite_before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }));
        if let Some(ending) = ending.cloned() {
            o.map_sqlx_sqlite_pool_opts(move |pool| watched(pool, &ending));
        }
    } else {
        o.map_sqlx_postgres_opts(|o| o.statement_cache_capacity(STATEMENTS));
        o.map_sqlx_postgres_before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }));
        let timeouts = options.timeouts;
        o.map_sqlx_postgres_pool_opts(move |pool| limited(pool, timeouts));
    }
    o
}

fn sqlite(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .statement_cache_capacity(STATEMENTS)
}

/// Closes a connection that comes back in doubt.
fn watched(pool: SqlitePoolOptions, ending: &Arc<Ending>) -> SqlitePoolOptions {
    let (fresh, returned) = (Arc::clone(ending), Arc::clone(ending));
    pool.after_connect(move |connection, _| {
        let ending = Arc::clone(&fresh);
        Box::pin(async move {
            ending.was_clean();
            connection.lock_handle().await?.set_rollback_hook(move || ending.rolled_back.store(true, Ordering::Release));
            Ok(())
        })
    })
    .after_release(move |connection, _| {
        let ending = Arc::clone(&returned);
        Box::pin(async move {
            // A rollback that was asked for by dropping a transaction is carried out before the ping is answered.
            connection.ping().await?;
            let clean = ending.was_clean() && !connection.is_in_transaction();
            if !clean {
                tracing::warn!("a transaction ended unexpectedly; the connection that writes is closed and opened again");
                metrics::counter!("billow_database_connections_discarded_total").increment(1);
            }
            Ok(clean)
        })
    })
}

/// Sets the time limits of each session.
fn limited(pool: PgPoolOptions, timeouts: Timeouts) -> PgPoolOptions {
    let statement = timeouts.sql();
    pool.after_connect(move |connection, _| {
        let statement = statement.clone();
        Box::pin(async move { sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await.map(drop) })
    })
}
