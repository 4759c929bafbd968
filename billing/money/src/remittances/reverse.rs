//! What was not paid after all: a bill opens again, a recharge is cancelled, and its customer gets the money back.

use billow_entities::{AllocationId, LedgerAccountKind, RefundCause, RemittanceStatus, payment, payment_allocation, remittance};
use billow_kernel::error::{Error, Result};
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::Remittances;
use super::settle::remittance_entry;
use crate::ledger::Leg;
use crate::payable::providers_of;
use crate::refund_orders::GiveBack;

impl Remittances {
    /// Ends a remittance as refused, in the caller's transaction, which holds the payment's lock: nothing was paid, and what
    /// an operator has not given back already goes back now.
    pub(super) async fn reverse_remittance(
        &self,
        tx: &mut WriteTx,
        payment: &payment::Model,
        row: remittance::Model,
        message: String,
        actor: String,
    ) -> Result<remittance::Model> {
        let allocation = allocation_of(tx, row.allocation_id).await?;
        self.undo(tx, &allocation, row.amount_minor, &message).await?;
        let row = self.write_rejected(tx, row, message.clone()).await?;
        let left = row.amount_minor - allocation.refunded_minor;
        if left > 0 {
            let legs = vec![
                Leg::new(LedgerAccountKind::ProviderPayable, row.provider_id.0, left),
                Leg::new(LedgerAccountKind::RefundPayable, payment.customer_id.0, -left),
            ];
            self.ledger.record_entry(tx, remittance_entry("remittance.rejected", "reject", &row, legs)?).await?;
            let request = GiveBack {
                payment,
                allocation: Some(&allocation),
                cause: RefundCause::ProviderRejected,
                reason: message,
                amount_minor: left,
                to_wallet: false,
                actor,
                key: format!("reject:{}", row.id),
                nth: 0,
                request_hash: String::new(),
            };
            self.refund_orders.give_back(tx, request).await?;
        }
        Ok(row)
    }

    /// Calls off the remittance of an allocation that goes back whole before its provider was told, and opens the bill
    /// again. One that was sent stays as it is. In the caller's transaction, which holds the payment's lock.
    pub(crate) async fn call_off_remittance(&self, tx: &mut WriteTx, allocation: &payment_allocation::Model, reason: &str) -> Result<()> {
        let row = remittance::Entity::find()
            .filter(remittance::Column::AllocationId.eq(allocation.id))
            .lock(LockType::NoKeyUpdate)
            .one(&**tx)
            .await?;
        let Some(row) = row.filter(|r| matches!(r.status, RemittanceStatus::Queued | RemittanceStatus::Manual)) else { return Ok(()) };
        self.undo(tx, allocation, row.amount_minor, reason).await?;
        self.write_rejected(tx, row, format!("Refunded before the provider was paid: {reason}")).await?;
        Ok(())
    }

    async fn write_rejected(&self, tx: &WriteTx, mut row: remittance::Model, message: String) -> Result<remittance::Model> {
        row.status = RemittanceStatus::Rejected;
        row.message = Some(message);
        row.continuation = None;
        row.due_at = None;
        row.lease_until = None;
        // Whoever is at it at this moment comes too late.
        row.fence += 1;
        row.settled_at = Some(self.clock.now());
        Ok(row.into_active_model().reset_all().update(&**tx).await?)
    }

    async fn undo(&self, tx: &mut WriteTx, part: &payment_allocation::Model, amount_minor: i64, reason: &str) -> Result<()> {
        let providers = self.providers.load_providers(&**tx, providers_of([part])).await?;
        let payable = self.payables.lock_one(tx, part, &providers).await?;
        payable.undo(tx, amount_minor, &format!("The payment did not reach the provider: {reason}")).await
    }
}

async fn allocation_of(tx: &WriteTx, id: AllocationId) -> Result<payment_allocation::Model> {
    payment_allocation::Entity::find_by_id(id).one(&**tx).await?.ok_or(Error::NotFound("allocation"))
}
