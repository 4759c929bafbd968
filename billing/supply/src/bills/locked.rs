//! The lock that writers of bills must hold, as types: a value exists only while the rows are locked.
//!
//! Every writer of bills holds the row of their account until its transaction ends, so that nobody makes the same bill
//! twice or writes an older state of one over a payment. Rows are locked in the order of their ids, so that nobody waits in
//! a circle.

use std::collections::BTreeMap;

use billow_entities::{BillId, UtilityAccountId, bill, utility_account};
use billow_kernel::error::{Error, Result};
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::{IntoCondition, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// An account whose bills nobody else writes until the transaction ends.
#[derive(Clone, Debug)]
pub struct LockedAccount(utility_account::Model);

impl LockedAccount {
    /// Locks an account.
    ///
    /// # Errors
    /// `NotFound` when there is no such account.
    pub async fn lock(tx: &WriteTx, id: UtilityAccountId) -> Result<Self> {
        let row = utility_account::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&**tx).await?;
        row.map(Self).ok_or(Error::NotFound("account"))
    }

    /// Locks the accounts for which `wanted` holds.
    pub(crate) async fn lock_all(tx: &WriteTx, wanted: impl IntoCondition) -> Result<Vec<Self>> {
        let rows = utility_account::Entity::find()
            .filter(wanted.into_condition())
            .order_by_asc(utility_account::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&**tx)
            .await?;
        Ok(rows.into_iter().map(Self).collect())
    }

    /// What is stored of it.
    #[must_use]
    pub const fn row(&self) -> &utility_account::Model {
        &self.0
    }

    /// What is stored of it.
    pub(crate) fn into_row(self) -> utility_account::Model {
        self.0
    }
}

/// A bill that nobody else writes until the transaction ends.
#[derive(Clone, Debug)]
pub struct LockedBill(bill::Model);

impl LockedBill {
    /// Locks a bill of an account.
    ///
    /// # Errors
    /// `NotFound` when there is no such account, or it has no such bill.
    pub async fn lock(tx: &WriteTx, account: UtilityAccountId, id: BillId) -> Result<Self> {
        Self::lock_all(tx, [(id, account)]).await?.remove(&id).ok_or(Error::NotFound("bill"))
    }

    /// Locks bills, each named with its account. What is not there is not in the answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_all(tx: &WriteTx, bills: impl IntoIterator<Item = (BillId, UtilityAccountId)>) -> Result<BTreeMap<BillId, Self>> {
        let (ids, accounts): (Vec<BillId>, Vec<UtilityAccountId>) = bills.into_iter().unzip();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let accounts = LockedAccount::lock_all(tx, utility_account::Column::Id.is_in(accounts)).await?;
        let rows = bill::Entity::find()
            .filter(bill::Column::Id.is_in(ids))
            .filter(bill::Column::AccountId.is_in(accounts.iter().map(|account| account.row().id)))
            .order_by_asc(bill::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&**tx)
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, Self(row))).collect())
    }

    /// A bill that was locked and has been written since.
    pub(super) const fn still(row: bill::Model) -> Self {
        Self(row)
    }

    /// What is stored of it.
    #[must_use]
    pub const fn row(&self) -> &bill::Model {
        &self.0
    }

    /// What is stored of it.
    #[must_use]
    pub fn into_row(self) -> bill::Model {
        self.0
    }
}
