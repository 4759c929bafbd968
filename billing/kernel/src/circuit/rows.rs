//! Circuits stored in the rows of providers and gateways: read, probed and written by the same functions.

use billow_entities::CircuitState;
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, ModelTrait, QueryFilter, QuerySelect, Value};

use super::{Circuit, Patience, Sign};
use crate::error::{Error, Result};
use crate::store::{Store, WriteTx};

type ColumnOf<T> = <<T as CircuitTable>::Rows as EntityTrait>::Column;
type RowOf<T> = <<T as CircuitTable>::Rows as EntityTrait>::Model;

/// The columns of a circuit.
#[derive(Clone, Copy, Debug)]
pub struct CircuitColumns<C> {
    /// The primary key.
    pub id: C,
    /// Whether calls go through.
    pub state: C,
    /// Faults in a row.
    pub failures: C,
    /// How often it opened since it was last closed; none where each wait is the first.
    pub trips: Option<C>,
    /// When it opened.
    pub opened_at: C,
    /// When one call may probe.
    pub probe_at: C,
    /// Why it opened.
    pub reason: C,
    /// When a call last went well.
    pub last_success_at: C,
}

/// A table whose rows have a circuit.
pub trait CircuitTable {
    /// The table.
    type Rows: EntityTrait<Model: Send + Sync>;
    /// What a row is, for the error that there is none.
    const NAME: &'static str;
    /// The circuit's columns.
    const COLUMNS: CircuitColumns<ColumnOf<Self>>;

    /// The circuit as it is stored.
    fn circuit(row: &RowOf<Self>) -> Circuit;
}

/// Takes the one probe, if its time has come and nobody else took it. Another may probe when this one has not come back after
/// `lasts`.
///
/// # Errors
/// When the database does not answer.
pub async fn take_probe<T: CircuitTable>(store: &Store, row: &RowOf<T>, lasts: Duration, now: DateTime<Utc>) -> Result<bool> {
    let Circuit { state, probe_at, .. } = T::circuit(row);
    let Some(due) = probe_at.filter(|at| *at <= now) else { return Ok(false) };
    let taken = T::Rows::update_many()
        .col_expr(T::COLUMNS.state, Expr::value(CircuitState::HalfOpen))
        .col_expr(T::COLUMNS.probe_at, Expr::value(now + lasts))
        .filter(T::COLUMNS.id.eq(row.get(T::COLUMNS.id)))
        .filter(T::COLUMNS.state.eq(state))
        .filter(T::COLUMNS.probe_at.eq(due))
        .exec(store.writer())
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Gives back a probe that made no call.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back_probe<T: CircuitTable>(store: &Store, id: impl Into<Value>, now: DateTime<Utc>) -> Result<()> {
    T::Rows::update_many()
        .col_expr(T::COLUMNS.state, Expr::value(CircuitState::Open))
        .col_expr(T::COLUMNS.probe_at, Expr::value(now))
        .filter(T::COLUMNS.id.eq(id))
        .filter(T::COLUMNS.state.eq(CircuitState::HalfOpen))
        .exec(store.writer())
        .await?;
    Ok(())
}

/// The results of calls, for [`heed`].
#[derive(Clone, Copy, Debug)]
pub struct Calls<'a> {
    /// Their results.
    pub signs: &'a [Sign],
    /// How patient the circuit is.
    pub patience: &'a Patience,
    /// Whether one of them may have been the probe.
    pub probe: bool,
}

/// Stores the results of calls, in the caller's transaction. Returns the updated row, and whether the circuit opened or closed.
///
/// # Errors
/// `NotFound` when there is no such row.
pub async fn heed<T: CircuitTable>(tx: &WriteTx, id: impl Into<Value>, calls: Calls<'_>, now: DateTime<Utc>) -> Result<(RowOf<T>, bool)> {
    let columns = T::COLUMNS;
    let id = id.into();
    // A weaker lock than exclusive: what is inserted for it (bills, payments) holds this row against changes of its key, and two
    // that each hold it and want it exclusively would wait for each other.
    let find = T::Rows::find().filter(columns.id.eq(id.clone())).lock(LockType::NoKeyUpdate);
    let mut row = find.one(&**tx).await?.ok_or(Error::NotFound(T::NAME))?;
    let before = T::circuit(&row);
    let mut after = before.clone();
    for sign in calls.signs {
        after.heed(sign, calls.patience, calls.probe, now);
    }
    let Circuit { state, failures, trips, opened_at, probe_at, reason } = after;
    // `updated_at` stays: it tells of edits.
    let mut changes: Vec<(ColumnOf<T>, Value)> = vec![
        (columns.state, state.into()),
        (columns.failures, failures.into()),
        (columns.opened_at, opened_at.into()),
        (columns.probe_at, probe_at.into()),
        (columns.reason, reason.into()),
    ];
    changes.extend(columns.trips.map(|column| (column, trips.into())));
    if calls.signs.contains(&Sign::Healthy) {
        changes.push((columns.last_success_at, Some(now).into()));
    }
    let mut update = T::Rows::update_many().filter(columns.id.eq(id));
    for (column, value) in changes {
        row.set(column, value.clone());
        update = update.col_expr(column, Expr::value(value));
    }
    update.exec(&**tx).await?;
    Ok((row, before.state != state))
}
