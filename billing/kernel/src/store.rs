//! The only way to the database: a pool that reads and a pool that writes.
//!
//! On SQLite one connection writes, and every write transaction begins IMMEDIATE, so that two writers queue instead of
//! failing halfway. A write transaction awaits nothing but the database: calls to the outside happen before or after.
//! Events are appended in the transaction that makes them true.

mod any;
mod durability;
pub(crate) mod guarded;
mod pools;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use billow_entities::{CustomerId, EventId, PropertyId, event, relay_state};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, EntityTrait, ExprTrait, QueryFilter,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

pub use self::any::AnyConnection;
use self::guarded::Watch;
pub use self::guarded::{Guarded, Writer};
use self::pools::settings;
use crate::error::{Error, Fault, Result, UNKNOWN_COMMIT};

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// Where reads go, when not to the same place (PostgreSQL).
    pub read_url: Option<String>,
    /// Connections that read.
    pub max_read: u32,
    /// Connections that write (PostgreSQL; SQLite has one).
    pub max_write: u32,
    /// Time limits of each session (PostgreSQL).
    pub timeouts: Timeouts,
}

/// Time limits of a session on PostgreSQL, so that a process that was frozen or cut off holds nobody up. None is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// How long a statement waits for a lock.
    pub lock: Option<Duration>,
    /// How long a session may be idle in a transaction before the server ends it.
    pub idle_in_transaction: Option<Duration>,
    /// How long a statement may take.
    pub statement: Option<Duration>,
}

impl Default for Timeouts {
    /// A session is ended before those that wait for it give up.
    fn default() -> Self {
        let seconds = |s| Some(Duration::from_secs(s));
        Self { lock: seconds(15), idle_in_transaction: seconds(10), statement: seconds(60) }
    }
}

impl Timeouts {
    /// No limits, for migrations and whatever reads everything.
    pub const NONE: Self = Self { lock: None, idle_in_transaction: None, statement: None };

    /// The statement that sets them.
    fn sql(self) -> String {
        // Zero is no limit.
        let ms = |limit: Option<Duration>| limit.map_or(0, |l| l.as_millis().clamp(1, 2_000_000_000));
        format!(
            "SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; SET statement_timeout = {}",
            ms(self.lock),
            ms(self.idle_in_transaction),
            ms(self.statement)
        )
    }
}

impl StoreOptions {
    /// Usual sizes.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), read_url: None, max_read: 8, max_write: 8, timeouts: Timeouts::default() }
    }
}

/// The two pools.
#[derive(Clone, Debug)]
pub struct Store {
    read: DatabaseConnection,
    writer: Writer,
    watch: Watch,
    options: Arc<StoreOptions>,
    /// Statements so far.
    statements: Arc<AtomicU64>,
    /// Whether reads go to another server than writes.
    replica: bool,
    /// Told after each commit that appended events.
    pub(crate) appended: Arc<Notify>,
}

impl Store {
    /// Opens both pools.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(options: &StoreOptions) -> Result<Self, DbErr> {
        let sqlite = options.url.starts_with("sqlite:");
        let watch = Watch::default();
        let most = if sqlite { 1 } else { options.max_write };
        let mut write = Database::connect(settings(&options.url, most, options, Some(&watch.ending))).await?;
        let read_url = options.read_url.as_deref().unwrap_or(&options.url);
        let mut read = Database::connect(settings(read_url, options.max_read, options, None)).await?;
        let statements = Arc::<AtomicU64>::default();
        for pool in [&mut write, &mut read] {
            let statements = Arc::clone(&statements);
            pool.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
        }
        Ok(Self {
            read,
            writer: Writer { pool: write, watch: watch.clone() },
            watch,
            options: Arc::new(options.clone()),
            statements,
            replica: options.read_url.is_some(),
            appended: Arc::new(Notify::new()),
        })
    }

    /// The same database with a few connections that have no time limits: for migrations.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn unlimited(&self) -> Result<Self, DbErr> {
        let options = StoreOptions { timeouts: Timeouts::NONE, max_read: 1, max_write: 4, ..(*self.options).clone() };
        Self::connect(&options).await
    }

    /// How many statements went to the database by these pools. The tests hold it against the length of a page: reading
    /// more of the same takes no more of them.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Where reads go. On PostgreSQL this may be a replica: what must see its own write reads in the write transaction.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For single statements that write: each is a transaction of its own.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// For migrations and for libraries that bring their own statements; our own go through [`Self::writer`] and
    /// [`Self::write_tx`], which see their errors.
    #[must_use]
    pub fn write_pool(&self) -> &DatabaseConnection {
        &self.writer.pool
    }

    /// Where the event log is read, and whatever else must not be behind: never a replica.
    #[must_use]
    pub fn primary(&self) -> &DatabaseConnection {
        if self.replica { &self.writer.pool } else { &self.read }
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.writer.pool.get_database_backend()
    }

    /// Whether it is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.backend() == DbBackend::Sqlite
    }

    /// Begins a write transaction; dropping it undoes everything.
    ///
    /// # Errors
    /// When the database does not begin one.
    pub async fn write_tx(&self) -> Result<WriteTx> {
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let tx = self.writer.pool.begin_with_options(options).await.inspect_err(|error| self.watch.note_begin(error))?;
        Ok(WriteTx { tx: Guarded::new(tx, self.watch.clone()), events: Vec::new(), appended: Arc::clone(&self.appended) })
    }
}

/// An event about to be appended; `id` and the instant come from the caller's sources.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// Such as `bill.received`.
    pub kind: &'static str,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// Whose household is told.
    pub property_id: Option<PropertyId>,
    /// The text id of what it is about.
    pub subject: String,
    /// What happened.
    pub data: serde_json::Value,
}

impl NewEvent {
    /// Whose it is.
    #[must_use]
    pub fn of_customer(mut self, id: CustomerId) -> Self {
        self.customer_id = Some(id);
        self
    }

    /// Whose household is told, if it belongs to a home.
    #[must_use]
    pub fn of_home(mut self, id: Option<PropertyId>) -> Self {
        self.property_id = id;
        self
    }
}

/// A write transaction. Use `&*tx` (or `&tx.tx()`) wherever sea-orm wants a connection.
#[derive(Debug)]
pub struct WriteTx {
    tx: Guarded,
    events: Vec<NewEvent>,
    appended: Arc<Notify>,
}

impl std::ops::Deref for WriteTx {
    type Target = Guarded;
    fn deref(&self) -> &Guarded {
        &self.tx
    }
}

/// Rows per statement: with the most columns of any table well under SQLite's 32,766 variables.
pub const ROWS_PER_INSERT: usize = 500;

/// Inserts any number of rows, which are of one table.
pub async fn insert_all<A>(db: &impl ConnectionTrait, rows: Vec<A>, on_conflict: Option<OnConflict>) -> Result<()>
where
    A: ActiveModelTrait,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut insert = A::Entity::insert_many(rows.by_ref().take(ROWS_PER_INSERT));
        if let Some(rule) = &on_conflict {
            insert = insert.on_conflict(rule.clone());
        }
        insert.exec_without_returning(db).await?;
    }
    Ok(())
}

impl WriteTx {
    /// Appends an event when the transaction commits.
    pub fn emit(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Rolls back a transaction that changed nothing, and returns `read`. The locks are released before this returns. A dropped
    /// transaction releases them slightly later, and a claim with SKIP LOCKED would miss the rows meanwhile.
    pub async fn leave<T>(self, read: T) -> T {
        self.tx.roll_back().await;
        read
    }

    /// Commits, with the events, and wakes the relay.
    ///
    /// # Errors
    /// When the database refuses. A commit that was not answered may have been carried out: then it is not known whether
    /// anything was changed.
    pub async fn commit(mut self) -> Result<()> {
        let events = std::mem::take(&mut self.events);
        if events.is_empty() {
            return self.tx.commit().await.map_err(uncommitted);
        }
        let sqlite = self.tx.get_database_backend() == DbBackend::Sqlite;
        // SQLite has one writer, so the order of writing is the order of telling; on PostgreSQL the relay numbers.
        let mut position = if sqlite { Some(take_positions(&self.tx, events.len()).await?) } else { None };
        let trace_id = crate::telemetry::current_trace_id();
        let rows = events
            .into_iter()
            .map(|e| event::ActiveModel {
                seq: NotSet,
                id: Set(e.id),
                position: Set(position.as_mut().map(|p| {
                    *p += 1;
                    *p
                })),
                kind: Set(e.kind.to_owned()),
                occurred_at: Set(e.occurred_at),
                customer_id: Set(e.customer_id),
                property_id: Set(e.property_id),
                subject: Set(e.subject),
                data: Set(e.data),
                trace_id: Set(trace_id.clone()),
            })
            .collect();
        insert_all::<event::ActiveModel>(&self.tx, rows, None).await?;
        // No NOTIFY in here: PostgreSQL lets such commits through one at a time, each with its fsync. The relay tells others.
        self.tx.commit().await.map_err(uncommitted)?;
        self.appended.notify_one();
        Ok(())
    }
}

/// Says of a commit that failed what is known about it.
fn uncommitted(error: DbErr) -> Error {
    let context = if crate::database_errors::is_refusal(&error) { "the database" } else { UNKNOWN_COMMIT };
    Fault::new(context, error).into()
}

/// Takes `count` positions and answers the last one before them.
async fn take_positions(tx: &Guarded, count: usize) -> Result<i64, DbErr> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    relay_state::Entity::update_many()
        .col_expr(relay_state::Column::Position, Expr::col(relay_state::Column::Position).add(count))
        .filter(relay_state::Column::Id.eq(1))
        .exec(tx)
        .await?;
    let state = relay_state::Entity::find_by_id(1).one(tx).await?;
    state.map(|s| s.position - count).ok_or_else(|| DbErr::RecordNotFound("relay_state".into()))
}
