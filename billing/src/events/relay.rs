//! The relay numbers committed events without gaps and hands them to this process's live subscribers and consumers.
//!
//! Ids and sequence numbers are given before a commit, so a reader that follows them can skip a transaction that commits
//! late. Positions are given after: whoever has read up to a position has missed nothing. On SQLite the one writer gives
//! them as it commits; on PostgreSQL whichever process gets hold of the counter's row does, for all of them.

use std::sync::Arc;
use std::time::Duration;

use billow_entities::{event, relay_state};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, TransactionTrait};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::hub::LiveHub;
use crate::error::Result;
use crate::store::Store;

/// Events numbered or read at once.
const BATCH: u64 = 1_000;
/// How long a process sleeps when nobody wakes it.
const IDLE: Duration = Duration::from_millis(500);

/// One process's relay.
#[derive(Debug)]
pub struct Relay {
    store: Store,
    hub: Arc<LiveHub>,
    published: Arc<Notify>,
    /// What tells its notifications from those of others.
    name: String,
}

impl Relay {
    /// A relay for the process of this name; `published` is told whenever the hub has come further.
    #[must_use]
    pub fn new(store: Store, hub: Arc<LiveHub>, published: Arc<Notify>, name: String) -> Self {
        Self { store, hub, published, name }
    }

    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut listener = Listener::open(&self.store).await;
        while !stop.is_cancelled() {
            match self.turn().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(error = %error, "the relay could not read the event log; it tries again"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.store.appended.notified() => {}
                () = listener.notified(&self.name) => {}
                () = tokio::time::sleep(IDLE) => {}
            }
        }
    }

    /// Numbers and publishes what there is; answers whether there may be more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turn(&self) -> Result<bool> {
        let numbered = if self.store.is_sqlite() { 0 } else { number(&self.store, &self.name).await? };
        let published = self.publish().await?;
        Ok(numbered as u64 == BATCH || published as u64 == BATCH)
    }

    /// Begins at the log's end: what is older is read from the log by whoever wants it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn start_at_end(&self) -> Result<()> {
        if let Some(state) = relay_state::Entity::find_by_id(1).one(self.store.write_pool()).await? {
            self.hub.start_at(state.position);
        }
        Ok(())
    }

    async fn publish(&self) -> Result<usize> {
        let events: Vec<_> = event::Entity::find()
            .filter(event::Column::Position.gt(self.hub.position()))
            .order_by_asc(event::Column::Position)
            .limit(BATCH)
            .all(self.store.log())
            .await?
            .into_iter()
            .map(Arc::new)
            .collect();
        if !events.is_empty() {
            self.hub.publish(&events);
            self.published.notify_waiters();
        }
        Ok(events.len())
    }
}

/// Gives positions to committed events; nothing to do when another process is at it.
async fn number(store: &Store, name: &str) -> Result<usize, DbErr> {
    let db = store.write_pool();
    let waiting = event::Entity::find().filter(event::Column::Position.is_null()).limit(1).one(db).await?;
    if waiting.is_none() {
        return Ok(0);
    }
    let tx = db.begin().await?;
    let backend = tx.get_database_backend();
    let held =
        tx.query_one_raw(Statement::from_string(backend, "SELECT position FROM relay_state WHERE id = 1 FOR UPDATE SKIP LOCKED")).await?;
    let Some(row) = held else { return Ok(0) };
    let last: i64 = row.try_get("", "position")?;
    let result = tx
        .execute_raw(Statement::from_sql_and_values(
            backend,
            "WITH batch AS (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM \
             (SELECT seq FROM events WHERE position IS NULL ORDER BY seq LIMIT $2) waiting) \
             UPDATE events SET position = $1 + batch.place FROM batch WHERE events.seq = batch.seq",
            [last.into(), i64::try_from(BATCH).unwrap_or(1_000).into()],
        ))
        .await?;
    let count = result.rows_affected();
    let next = last + i64::try_from(count).unwrap_or(0);
    tx.execute_raw(Statement::from_sql_and_values(backend, "UPDATE relay_state SET position = $1 WHERE id = 1", [next.into()])).await?;
    tx.commit().await?;
    // By itself, after the commit: a NOTIFY within makes PostgreSQL let commits through one at a time. A notification that
    // is lost with this process costs the others half a second.
    db.execute_raw(Statement::from_sql_and_values(backend, "SELECT pg_notify('billow_positions', $1)", [name.into()])).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Hears on PostgreSQL what other processes commit.
struct Listener(Option<sqlx::postgres::PgListener>);

impl Listener {
    async fn open(store: &Store) -> Self {
        if store.is_sqlite() {
            return Self(None);
        }
        let opened = async {
            let mut listener = sqlx::postgres::PgListener::connect_with(store.write_pool().get_postgres_connection_pool()).await?;
            listener.listen("billow_positions").await?;
            Ok::<_, sqlx::Error>(listener)
        };
        match opened.await {
            Ok(listener) => Self(Some(listener)),
            Err(error) => {
                tracing::warn!(error = %error, "no notifications from PostgreSQL; the relay looks every half second");
                Self(None)
            }
        }
    }

    /// Waits until another process than `own` has come further.
    async fn notified(&mut self, own: &str) {
        let Some(listener) = &mut self.0 else { return std::future::pending().await };
        loop {
            match listener.recv().await {
                Ok(told) if told.payload() == own => {}
                Ok(_) => {
                    // One look at the log answers all that have come.
                    while listener.next_buffered().is_some() {}
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = %error, "the notifications from PostgreSQL were interrupted");
                    tokio::time::sleep(IDLE).await;
                    return;
                }
            }
        }
    }
}
