//! Whether what is written is kept: after any doubt a row is written by one connection and read back by another.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use billow_entities::storage_check;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Store;
use crate::error::{Error, Result};

/// The only row of its table.
const ROW: i32 = 1;
/// How long writing a row and reading it back may take.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// How long an outcome is good for: asking more often costs no more writes.
const KEPT: Duration = Duration::from_millis(500);
/// How long a failure is: as soon as there is room again, people can pay again.
const FAILURE_KEPT: Duration = Duration::from_millis(100);

/// What is known about the storage, for everything that writes in this process.
#[derive(Debug, Default)]
pub(super) struct Durability {
    /// Errors so far that put the storage in doubt.
    doubts: AtomicU64,
    /// Those of them that came before a check that succeeded.
    settled: AtomicU64,
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl Durability {
    /// An error puts the storage in doubt.
    pub(super) fn suspect(&self, error: &DbErr) {
        self.doubts.fetch_add(1, Ordering::AcqRel);
        metrics::counter!("billow_storage_faults_total").increment(1);
        tracing::error!(%error, "the database could not store data; no payment is taken until a row was written and read back");
    }

    fn is_in_doubt(&self) -> bool {
        self.doubts.load(Ordering::Acquire) != self.settled.load(Ordering::Acquire)
    }
}

impl Store {
    /// Writes a row and reads it back by another connection. Concurrent callers share one check, and its outcome is reused for a
    /// moment.
    ///
    /// # Errors
    /// Why the row was not stored or not found, as text for an operator.
    pub async fn check_storage(&self) -> Result<(), String> {
        let durability = &self.watch.durability;
        let mut last = durability.last.lock().await;
        if let Some((at, outcome)) = &*last
            && at.elapsed() < if outcome.is_ok() { KEPT } else { FAILURE_KEPT }
            && outcome.is_err() == durability.is_in_doubt()
        {
            return outcome.clone();
        }
        let doubts = durability.doubts.load(Ordering::Acquire);
        let outcome = match tokio::time::timeout(PATIENCE, self.write_and_read_back()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("a row was committed and another connection does not see it".to_owned()),
            Ok(Err(error)) => Err(format!("a row cannot be stored: {error}")),
            Err(_) => Err("a row was not stored in time".to_owned()),
        };
        match &outcome {
            Ok(()) => {
                if durability.settled.swap(doubts, Ordering::AcqRel) != doubts {
                    tracing::info!("the database stores data again");
                }
            }
            // Also what no statement reported, such as a database that does not answer.
            Err(_) if !durability.is_in_doubt() => {
                durability.doubts.fetch_add(1, Ordering::AcqRel);
            }
            Err(_) => {}
        }
        *last = Some((Instant::now(), outcome.clone()));
        outcome
    }

    /// Lets pass what moves money only while the database is known to store data. It costs nothing unless a write failed since
    /// the last check.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; nothing has been done then.
    pub async fn ensure_durable(&self) -> Result<()> {
        if !self.watch.durability.is_in_doubt() {
            return Ok(());
        }
        self.check_storage().await.map_err(|reason| {
            tracing::warn!(reason, "money is not moved while the database cannot store data");
            Error::Unavailable
        })
    }

    /// Before anybody outside is called about what was just committed: `seen` counts it by a connection that reads, and must
    /// find `rows`. Only on SQLite, where a commit is a call within this process and reading is cheap; PostgreSQL answers a COMMIT
    /// after it is on disk, from another process.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it is not there; nobody may be called then.
    pub async fn confirm(&self, what: &str, seen: impl Future<Output = Result<u64, DbErr>>, rows: usize) -> Result<()> {
        if !self.is_sqlite() || seen.await? == rows as u64 {
            return Ok(());
        }
        self.watch.ending.doubt();
        self.watch.durability.suspect(&DbErr::Custom(format!("{what} was committed and another connection does not see it")));
        Err(Error::Unavailable)
    }

    async fn write_and_read_back(&self) -> Result<bool> {
        let tx = self.write_tx().await?;
        storage_check::Entity::update_many()
            .col_expr(storage_check::Column::Count, Expr::col(storage_check::Column::Count).add(1))
            .filter(storage_check::Column::Id.eq(ROW))
            .exec(&*tx)
            .await?;
        let written = storage_check::Entity::find_by_id(ROW).one(&*tx).await?;
        tx.commit().await?;
        let read = storage_check::Entity::find_by_id(ROW).one(self.primary()).await?;
        // Other processes count, too.
        Ok(written.is_some_and(|written| read.is_some_and(|read| read.count >= written.count)))
    }
}
