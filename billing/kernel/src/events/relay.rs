//! The relay numbers committed events without gaps and hands them to this process's live subscribers and consumers.
//!
//! Ids and sequence numbers are given before a commit, so a reader that follows them can skip a transaction that commits
//! late. Positions are given after: whoever has read up to a position has missed nothing. On SQLite the one writer gives
//! them as it commits; on PostgreSQL whichever process has the counter's row does, for all of them.

use std::sync::Arc;
use std::time::Duration;

use billow_entities::{event, relay_state};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
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
        let mut appended = false;
        while !stop.is_cancelled() {
            match self.turn_after(appended).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(error = %error, "the relay could not read the event log; it tries again"),
            }
            appended = tokio::select! {
                () = stop.cancelled() => false,
                () = self.store.appended.notified() => true,
                () = listener.notified(&self.name) => false,
                () = tokio::time::sleep(IDLE) => false,
            };
        }
    }

    /// Numbers and publishes what there is; answers whether there may be more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turn(&self) -> Result<bool> {
        self.turn_after(false).await
    }

    /// A turn; `appended` says that this process has just committed events, so that nobody need look whether there are any.
    async fn turn_after(&self, appended: bool) -> Result<bool> {
        let numbers = !self.store.is_sqlite() && (appended || are_waiting(&self.store).await?);
        if !numbers {
            return Ok(self.publish().await? as u64 == BATCH);
        }
        self.store.writer().execute_unprepared(&number()).await?;
        // Our own subscribers do not wait for the word to the other processes.
        let (published, told) = tokio::join!(self.publish(), self.tell_others());
        told?;
        Ok(published? as u64 == BATCH)
    }

    /// By itself, after the commit: a NOTIFY within it would let no two such commits through at a time. A notification that
    /// is lost with this process costs the others half a second.
    async fn tell_others(&self) -> Result<()> {
        let db = self.store.writer();
        let notify = Statement::from_sql_and_values(
            db.get_database_backend(),
            "SELECT pg_notify('billow_positions', $1)",
            [self.name.as_str().into()],
        );
        db.execute_raw(notify).await?;
        Ok(())
    }

    /// Begins at the log's end: what is older is read from the log by whoever wants it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn start_at_end(&self) -> Result<()> {
        if let Some(state) = relay_state::Entity::find_by_id(1).one(self.store.writer()).await? {
            self.hub.start_at(state.position);
        }
        Ok(())
    }

    async fn publish(&self) -> Result<usize> {
        let events: Vec<_> = event::Entity::find()
            .filter(event::Column::Position.gt(self.hub.position()))
            .order_by_asc(event::Column::Position)
            .limit(BATCH)
            .all(self.store.primary())
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

/// Whether there are committed events without a position.
async fn are_waiting(store: &Store) -> Result<bool> {
    let waiting = event::Entity::find().filter(event::Column::Position.is_null()).limit(1).one(store.primary()).await?;
    Ok(waiting.is_some())
}

/// Gives positions to committed events, in one round trip: statements sent together are one transaction, and each sees what
/// was committed before it began. The first waits for its turn at the counter; so the second sees what whoever had it
/// before us has numbered. It names the rows in an array, for which PostgreSQL takes the index however many it expects.
fn number() -> String {
    format!(
        "SELECT position FROM relay_state WHERE id = 1 FOR UPDATE; \
         WITH waiting AS MATERIALIZED (SELECT array_agg(seq ORDER BY seq) AS seqs FROM \
                          (SELECT seq FROM events WHERE position IS NULL ORDER BY seq LIMIT {BATCH}) unnumbered), \
         numbered AS (UPDATE events SET position = relay_state.position + array_position(waiting.seqs, events.seq) \
                      FROM waiting, relay_state WHERE relay_state.id = 1 AND events.seq = ANY(waiting.seqs) RETURNING 1) \
         UPDATE relay_state SET position = position + (SELECT count(*) FROM numbered) WHERE id = 1"
    )
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
