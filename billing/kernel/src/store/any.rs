//! A pool or a transaction as one type, for interfaces that cannot be generic.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::Guarded;

/// Where something is read: in a pool, or in the caller's transaction.
#[derive(Clone, Copy, Debug)]
pub enum AnyConnection<'a> {
    /// A pool.
    Pool(&'a DatabaseConnection),
    /// A transaction.
    Tx(&'a Guarded),
}

impl<'a> From<&'a DatabaseConnection> for AnyConnection<'a> {
    fn from(pool: &'a DatabaseConnection) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a Guarded> for AnyConnection<'a> {
    fn from(tx: &'a Guarded) -> Self {
        Self::Tx(tx)
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for AnyConnection<'_> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Pool(pool) => pool.get_database_backend(),
            Self::Tx(tx) => tx.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Pool(pool) => pool.execute_raw(statement).await,
            Self::Tx(tx) => tx.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Pool(pool) => pool.execute_unprepared(sql).await,
            Self::Tx(tx) => tx.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Pool(pool) => pool.query_one_raw(statement).await,
            Self::Tx(tx) => tx.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Pool(pool) => pool.query_all_raw(statement).await,
            Self::Tx(tx) => tx.query_all_raw(statement).await,
        }
    }
}
