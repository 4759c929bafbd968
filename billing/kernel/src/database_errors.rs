//! What an error of the database says about the database itself.

use sea_orm::{DbErr, RuntimeErr};

/// SQLite's primary result codes.
mod sqlite {
    pub(super) const BUSY: u32 = 5;
    pub(super) const LOCKED: u32 = 6;
    pub(super) const CONSTRAINT: u32 = 19;
    /// Out of memory, read only, I/O error, corrupt, full, cannot open, not a database.
    pub(super) const STORAGE: [u32; 7] = [7, 8, 10, 11, 13, 14, 26];
}

/// PostgreSQL: serialization failure, deadlock, lock timeout, statement timeout, shutting down, crashed, starting,
/// transaction ended because it was idle or took too long.
const TRANSIENT: [&str; 9] = ["40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "25P03", "25P04"];
/// PostgreSQL: disk full, out of memory, I/O error, corrupted data or index, internal error, read only.
const STORAGE: [&str; 7] = ["53100", "53200", "58030", "XX000", "XX001", "XX002", "25006"];

/// Whether the database could not be reached, gave up waiting for a lock, or undid the work of two transactions in conflict.
/// The same work may succeed when it is tried again.
pub(crate) fn is_transient(error: &DbErr) -> bool {
    if matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) {
        return true;
    }
    match cause(error) {
        Some(Cause::Sqlite(code)) => [sqlite::BUSY, sqlite::LOCKED].contains(&code),
        Some(Cause::Postgres(code)) => TRANSIENT.contains(&code.as_str()),
        Some(Cause::Connection) => true,
        None => false,
    }
}

/// Whether the disk or the memory behind the database failed: nothing can be relied on until a row was written and read back.
pub(crate) fn is_storage(error: &DbErr) -> bool {
    match cause(error) {
        Some(Cause::Sqlite(code)) => sqlite::STORAGE.contains(&code),
        Some(Cause::Postgres(code)) => STORAGE.contains(&code.as_str()),
        Some(Cause::Connection) | None => false,
    }
}

/// Whether a rule of the database or a conflict refused a commit: then it certainly was not carried out.
pub(crate) fn is_refusal(error: &DbErr) -> bool {
    match cause(error) {
        Some(Cause::Sqlite(code)) => code == sqlite::CONSTRAINT,
        // Integrity constraints, the triggers of the ledger, serialization failures and deadlocks.
        Some(Cause::Postgres(code)) => ["23", "40", "P0"].iter().any(|class| code.starts_with(class)) && code != "40003",
        Some(Cause::Connection) | None => false,
    }
}

enum Cause {
    Sqlite(u32),
    Postgres(String),
    /// The database did not answer.
    Connection,
}

fn cause(error: &DbErr) -> Option<Cause> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    let Some(answer) = error.as_database_error() else {
        let lost = matches!(**error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed);
        return lost.then_some(Cause::Connection);
    };
    let code = answer.code()?;
    if answer.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        // The lower byte of an extended code is the primary one.
        return code.parse::<u32>().ok().map(|code| Cause::Sqlite(code & 0xff));
    }
    Some(Cause::Postgres(code.into_owned()))
}
