//! Claiming rows, and writing what came of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany, Value,
};

use super::{ColumnOf, Due, RowOf};
use crate::error::Result;
use crate::store::{Store, WriteTx};

/// Rows that become due.
pub trait DueRows: Sync {
    /// Where they are.
    type Table: EntityTrait<Model: Send + Sync>;
    /// What the work is called, in logs, metrics and on the dashboard.
    const NAME: &'static str;
    /// From when on a row is due.
    const DUE_AT: ColumnOf<Self>;

    /// Which rows may be due, whatever their instant.
    #[must_use]
    fn open() -> Condition {
        Condition::all()
    }
}

/// The columns of a claim.
#[derive(Clone, Copy, Debug)]
pub struct ClaimColumns<C> {
    /// The primary key.
    pub id: C,
    /// Until when the claim holds; null where nobody has claimed the row.
    pub lease_until: C,
    /// The number of the claim.
    pub fence: C,
    /// Counts claims, less those that were given back.
    pub tries: Option<C>,
}

/// Rows that are claimed before anything is done with them.
pub trait Claimable: DueRows {
    /// How long a claim holds: longer than a row may take.
    const LEASE: Duration;
    /// The columns of the claim.
    const CLAIM: ClaimColumns<ColumnOf<Self>>;
}

/// Rows that are locked in a transaction and claimed by [`OpenClaim::take`]. What else changes with the claim is written in `tx`
/// before that; a row that is taken out of `rows` is not claimed.
pub struct OpenClaim<W: Claimable + ?Sized> {
    /// The transaction.
    pub tx: WriteTx,
    /// The rows, as they are before.
    pub rows: Vec<RowOf<W>>,
    /// Until when the claim will hold.
    pub until: DateTime<Utc>,
    store: Store,
}

/// A claim that has not expired holds the row.
fn is_free<W: Claimable + ?Sized>(now: DateTime<Utc>) -> Condition {
    Condition::any().add(W::CLAIM.lease_until.is_null()).add(W::CLAIM.lease_until.lte(now))
}

/// The claim under which `row` was taken.
fn is_held<W: Claimable + ?Sized>(row: &RowOf<W>) -> Condition {
    Condition::all().add(W::CLAIM.id.eq(row.get(W::CLAIM.id))).add(W::CLAIM.fence.eq(row.get(W::CLAIM.fence)))
}

/// The rows with these claims or later ones. The numbers only grow; a lease may have been ended meanwhile.
fn is_taken<W: Claimable + ?Sized>(rows: &[RowOf<W>]) -> Condition {
    let mut by_number: BTreeMap<i64, Vec<Value>> = BTreeMap::new();
    for row in rows {
        by_number.entry(row.get(W::CLAIM.fence).unwrap()).or_default().push(row.get(W::CLAIM.id));
    }
    by_number
        .into_iter()
        .fold(Condition::any(), |all, (number, ids)| all.add(Condition::all().add(W::CLAIM.id.is_in(ids)).add(W::CLAIM.fence.gte(number))))
}

/// Writes what came of a claimed row, unless somebody else has claimed it since. Ends the claim.
#[must_use]
pub fn outcome<W: Claimable + ?Sized>(row: &RowOf<W>) -> UpdateMany<W::Table> {
    W::Table::update_many().col_expr(W::CLAIM.lease_until, Expr::value(None::<DateTime<Utc>>)).filter(is_held::<W>(row))
}

/// Gives back a claimed row that nothing was done with: it is due as before, and the claim is not counted as a try.
#[must_use]
pub fn give_back<W: Claimable + ?Sized>(row: &RowOf<W>) -> UpdateMany<W::Table> {
    let update = outcome::<W>(row);
    match W::CLAIM.tries {
        Some(tries) => update.col_expr(tries, Expr::col(tries).sub(1)),
        None => update,
    }
}

impl Due {
    /// Locks up to `limit` rows that are due, the longest waiting first; none where nothing is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open<W: Claimable + ?Sized>(&self, limit: u64) -> Result<Option<OpenClaim<W>>> {
        self.open_those(Condition::all(), limit).await
    }

    /// Like [`Due::open`], of `those` only.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_those<W: Claimable + ?Sized>(&self, those: Condition, limit: u64) -> Result<Option<OpenClaim<W>>> {
        let now = self.clock.now();
        let due = W::Table::find()
            .filter(W::open())
            .filter(W::DUE_AT.lte(now))
            .filter(is_free::<W>(now))
            .filter(those)
            .order_by_asc(W::DUE_AT)
            .order_by_asc(W::CLAIM.id)
            .limit(limit);
        // Looking costs no write transaction: most of the time nothing is due.
        if due.clone().one(self.store.primary()).await?.is_none() {
            return Ok(None);
        }
        let tx = self.store.write_tx().await?;
        let rows = due.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked).all(&*tx).await?;
        if rows.is_empty() {
            return Ok(tx.leave(None).await);
        }
        Ok(Some(OpenClaim { tx, rows, until: now + W::LEASE, store: self.store.clone() }))
    }

    /// Whether a claimed row is this process's still: the lease has not expired and nobody has taken the row over. Check it right
    /// before an outward call, because this process may have been suspended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn holds<W: Claimable + ?Sized>(&self, row: &RowOf<W>) -> Result<bool> {
        let until = row.get(W::CLAIM.lease_until).unwrap::<Option<DateTime<Utc>>>();
        if until.is_none_or(|until| until <= self.clock.now()) {
            return Ok(false);
        }
        Ok(W::Table::find().filter(is_held::<W>(row)).one(self.store.primary()).await?.is_some())
    }
}

impl<W: Claimable + ?Sized> OpenClaim<W> {
    /// Claims the rows; answers them with their new fence.
    ///
    /// # Errors
    /// When the database does not answer; nothing is claimed then, or what is claimed is free again when the lease has expired.
    pub async fn take(self) -> Result<Vec<RowOf<W>>> {
        let Self { tx, mut rows, until, store } = self;
        if rows.is_empty() {
            tx.commit().await?;
            return Ok(rows);
        }
        let columns = W::CLAIM;
        let ids: Vec<Value> = rows.iter().map(|row| row.get(columns.id)).collect();
        let mut claim = W::Table::update_many()
            .col_expr(columns.lease_until, Expr::value(until))
            .col_expr(columns.fence, Expr::col(columns.fence).add(1))
            .filter(columns.id.is_in(ids));
        if let Some(tries) = columns.tries {
            claim = claim.col_expr(tries, Expr::col(tries).add(1));
        }
        claim.exec(&*tx).await?;
        tx.commit().await?;
        for row in &mut rows {
            row.set(columns.lease_until, Some(until).into());
            row.set(columns.fence, (row.get(columns.fence).unwrap::<i64>() + 1).into());
            if let Some(tries) = columns.tries {
                row.set(tries, (row.get(tries).unwrap::<i32>() + 1).into());
            }
        }
        let stored = W::Table::find().filter(is_taken::<W>(&rows)).count(store.read());
        store.confirm(W::NAME, stored, rows.len()).await?;
        Ok(rows)
    }
}
