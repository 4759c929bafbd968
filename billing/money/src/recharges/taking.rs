//! Recharges that are paid, cancelled and ordered again. All of it under the lock of their account.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use billow_entities::{CustomerId, PayableKind, RechargeStatus, Target, payment_allocation, recharge, utility_account};
use billow_kernel::error::Result;
use billow_kernel::store::{AnyConnection, WriteTx};
use billow_supply::bills::LockedAccount;
use billow_supply::providers::LoadedProvider;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::quote::refusal;
use super::read::described;
use super::state::{Step, after};
use super::{Recharges, words};
use crate::payable::{Description, LoadedProviders, LockedParts, LockedPayable, Payable, Refusal};

#[async_trait]
impl Payable for Recharges {
    fn kind(&self) -> PayableKind {
        PayableKind::Recharge
    }

    async fn describe(&self, db: &AnyConnection<'_>, ids: Vec<Uuid>) -> Result<Vec<(Target, Description)>> {
        described(db, ids).await
    }

    async fn may_pay(&self, payer: CustomerId, parts: &[&payment_allocation::Model]) -> Result<()> {
        let ids = parts.iter().map(|part| part.account_id);
        let accounts = utility_account::Entity::find().filter(utility_account::Column::Id.is_in(ids));
        for account in accounts.all(self.store.primary()).await? {
            self.homes.can_manage_as(payer, &account).await?;
        }
        Ok(())
    }

    async fn lock(&self, tx: &WriteTx, parts: &[&payment_allocation::Model], providers: &LoadedProviders) -> Result<LockedParts> {
        let locked = self.lock_recharges(tx, parts).await?;
        let payable = |(part, row, account): (&payment_allocation::Model, recharge::Model, LockedAccount)| {
            let provider = Arc::clone(providers.get(&part.provider_id)?);
            let payable: Box<dyn LockedPayable> = Box::new(TakenRecharge { recharges: self.clone(), row, account, provider });
            Some((part.id, payable))
        };
        Ok(locked.into_iter().filter_map(payable).collect())
    }

    async fn release(&self, tx: &mut WriteTx, parts: &[&payment_allocation::Model]) -> Result<()> {
        for (_, row, account) in self.lock_recharges(tx, parts).await? {
            if row.status == RechargeStatus::Pending {
                self.apply(tx, row, &account, Step::Cancelled, Some(words::NOT_PAID.to_owned())).await?;
            }
        }
        Ok(())
    }
}

impl Recharges {
    /// Locks the accounts and the recharges of these parts, in the order of their ids.
    async fn lock_recharges<'a>(
        &self,
        tx: &WriteTx,
        parts: &[&'a payment_allocation::Model],
    ) -> Result<Vec<(&'a payment_allocation::Model, recharge::Model, LockedAccount)>> {
        let parts: BTreeMap<_, _> = parts.iter().map(|part| ((part.account_id, part.target_id), *part)).collect();
        let mut locked = Vec::with_capacity(parts.len());
        for ((account, _), part) in parts {
            let account = LockedAccount::lock(tx, account).await?;
            let rows = recharge::Entity::find()
                .filter(recharge::Column::Id.eq(part.target_id))
                .filter(recharge::Column::AccountId.eq(account.row().id))
                .order_by_asc(recharge::Column::Id)
                .lock(LockType::NoKeyUpdate);
            if let Some(row) = rows.one(&**tx).await? {
                locked.push((part, row, account));
            }
        }
        Ok(locked)
    }

    /// Writes the status after a step, and the event; nothing where the step changes nothing.
    async fn apply(
        &self,
        tx: &mut WriteTx,
        mut row: recharge::Model,
        account: &LockedAccount,
        step: Step,
        reason: Option<String>,
    ) -> Result<()> {
        use recharge::Column as C;
        let Some(status) = after(row.status, step) else { return Ok(()) };
        row.status = status;
        row.status_reason = reason;
        row.updated_at = self.clock.now();
        recharge::Entity::update_many()
            .col_expr(C::Status, Expr::value(row.status))
            .col_expr(C::StatusReason, Expr::value(row.status_reason.clone()))
            .col_expr(C::UpdatedAt, Expr::value(row.updated_at))
            .filter(C::Id.eq(row.id))
            .exec(&**tx)
            .await?;
        tx.emit(self.events.recharge(&row, account.row())?);
        Ok(())
    }
}

/// A recharge under its account's lock.
struct TakenRecharge {
    recharges: Recharges,
    row: recharge::Model,
    account: LockedAccount,
    provider: Arc<LoadedProvider>,
}

#[async_trait]
impl LockedPayable for TakenRecharge {
    fn takes(&self, amount_minor: i64) -> bool {
        self.row.status == RechargeStatus::Pending && self.row.amount_minor == amount_minor
    }

    async fn paid(self: Box<Self>, tx: &mut WriteTx, _amount_minor: i64) -> Result<()> {
        self.recharges.apply(tx, self.row, &self.account, Step::Paid, None).await
    }

    async fn retake(self: Box<Self>, tx: &mut WriteTx, amount_minor: i64) -> Result<Option<Refusal>> {
        if self.row.status == RechargeStatus::Paid {
            return Ok(Some(Refusal::new("NOT_PAYABLE", "utilityAccountId", words::PAID)));
        }
        if let Some(against) = refusal(&**tx, self.account.row(), &self.provider, (self.row.plan_id, amount_minor)).await? {
            return Ok(Some(against));
        }
        self.recharges.apply(tx, self.row, &self.account, Step::OrderedAgain, None).await?;
        Ok(None)
    }

    async fn undo(self: Box<Self>, tx: &mut WriteTx, _amount_minor: i64, reason: &str) -> Result<()> {
        self.recharges.apply(tx, self.row, &self.account, Step::Cancelled, Some(reason.to_owned())).await
    }
}
