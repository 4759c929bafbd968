//! What is between our statements and the driver: it sees each error.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::durability::Durability;
use super::pools::Ending;
use crate::database_errors::{is_refusal, is_storage, is_transient};

/// Where everything that writes notes its errors.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    pub(super) durability: Arc<Durability>,
    pub(super) ending: Arc<Ending>,
}

impl Watch {
    /// A transaction that was not begun. On SQLite the reason may be that the connection is in one already.
    pub(super) fn note_begin(&self, error: &DbErr) {
        if is_storage(error) {
            self.doubt(error);
        } else if !is_transient(error) {
            self.ending.doubt();
        }
    }

    fn note_statement<T>(&self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Err(error) = &outcome
            && is_storage(error)
        {
            self.doubt(error);
        }
        outcome
    }

    /// A commit that failed for another reason than a rule or a conflict may have been carried out all the same.
    fn note_commit(&self, outcome: Result<(), DbErr>) -> Result<(), DbErr> {
        if let Err(error) = &outcome
            && !is_refusal(error)
        {
            self.doubt(error);
        }
        outcome
    }

    fn doubt(&self, error: &DbErr) {
        self.ending.doubt();
        self.durability.suspect(error);
    }
}

/// The pool that writes, for single statements: each is a transaction of its own.
#[derive(Clone, Debug)]
pub struct Writer {
    pub(super) pool: DatabaseConnection,
    pub(super) watch: Watch,
}

/// A transaction in which nothing is done after a statement that failed.
///
/// PostgreSQL answers a COMMIT after a failed statement with a rollback and no error, and SQLite may have ended the
/// transaction, so that later statements would be committed one by one. Here they are refused, and so is the commit.
#[derive(Debug)]
pub struct Guarded {
    /// Dropped before the transaction is.
    asked: Asked,
    tx: DatabaseTransaction,
    watch: Watch,
    /// Whether a statement failed or is under way. It stays set when the caller stops waiting for one.
    broken: AtomicBool,
}

/// Says that the rollback that follows is ours.
#[derive(Debug)]
struct Asked(Arc<Ending>);

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.ask();
    }
}

impl Guarded {
    pub(super) fn new(tx: DatabaseTransaction, watch: Watch) -> Self {
        Self { asked: Asked(Arc::clone(&watch.ending)), tx, watch, broken: AtomicBool::new(false) }
    }

    async fn run<T>(&self, statement: impl Future<Output = Result<T, DbErr>> + Send) -> Result<T, DbErr> {
        if self.broken.swap(true, Ordering::AcqRel) {
            return Err(broken());
        }
        let outcome = self.watch.note_statement(statement.await);
        self.broken.store(outcome.is_err(), Ordering::Release);
        outcome
    }

    /// Undoes the transaction. Where that is not answered, the connection is closed, which undoes it too.
    pub(super) async fn roll_back(self) {
        let Self { asked, tx, watch, .. } = self;
        drop(asked);
        if let Err(error) = watch.note_statement(tx.rollback().await) {
            tracing::debug!(error = %error, "a transaction that changed nothing could not be undone");
        }
    }

    /// Commits, if every statement succeeded.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        if self.broken.load(Ordering::Acquire) {
            return Err(broken());
        }
        let Self { asked: _asked, tx, watch, .. } = self;
        watch.note_commit(tx.commit().await)
    }
}

fn broken() -> DbErr {
    DbErr::Custom("an earlier statement of this transaction failed, so nothing of it is committed".into())
}

#[async_trait]
impl ConnectionTrait for Guarded {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        self.run(self.tx.execute_raw(stmt)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.run(self.tx.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.run(self.tx.query_one_raw(stmt)).await
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.run(self.tx.query_all_raw(stmt)).await
    }
}

#[async_trait]
impl ConnectionTrait for Writer {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        self.watch.note_statement(self.pool.execute_raw(stmt).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.watch.note_statement(self.pool.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.watch.note_statement(self.pool.query_one_raw(stmt).await)
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.watch.note_statement(self.pool.query_all_raw(stmt).await)
    }
}
