//! A refund that the gateway refused: tried once more, or sent to the wallet instead.

use billow_entities::{LedgerAccountKind, RefundId, RefundStatus, RefundTarget, refund};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::events::PaymentStep;
use billow_kernel::wake::Wakeup;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::Refunds;
use super::settle::lock_refund;
use crate::currency::currency_of;
use crate::ledger::Leg;
use crate::refund_orders::refund_entry;

impl Refunds {
    /// Tries a refund once more that the gateway refused, for staff; or, `to_wallet`, gives the money to the wallet
    /// instead, for when the card is gone.
    ///
    /// # Errors
    /// When somebody else asks, there is no such refund, or it did not fail.
    pub async fn retry_refund(&self, actor: &Actor, id: RefundId, to_wallet: bool) -> Result<refund::Model> {
        actor.staff()?;
        let known = refund::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("refund"))?;
        self.store.ensure_durable().await?;
        let (mut tx, now) = (self.store.write_tx().await?, self.clock.now());
        let (payment, mut row) = lock_refund(&tx, &known).await?;
        if row.status != RefundStatus::Failed {
            let message = format!("A refund that is {} cannot be tried again.", row.status);
            return Err(Error::invalid("ILLEGAL_STATE", "refundId", message));
        }
        row.status_reason = None;
        row.external_id = None;
        row.tries = 0;
        row.fence += 1;
        row.lease_until = None;
        if to_wallet {
            row.target = RefundTarget::Wallet;
            row.status = RefundStatus::Succeeded;
            row.settled_at = Some(now);
        } else {
            row.status = RefundStatus::Pending;
            row.rounds += 1;
            row.sent_at = None;
            row.due_at = Some(now);
        }
        let row = row.into_active_model().reset_all().update(&*tx).await?;
        if to_wallet {
            let currency = currency_of(&row.currency)?;
            let legs = vec![
                Leg::new(LedgerAccountKind::RefundPayable, row.customer_id.0, row.amount_minor),
                Leg::new(LedgerAccountKind::Wallet, row.customer_id.0, -row.amount_minor),
            ];
            let key = format!("refund:{id}:wallet");
            self.ledger.record_entry(&tx, refund_entry("refund.settled", key, &row, currency, legs)).await?;
            self.ledger.emit_wallet(&mut tx, row.customer_id, currency).await?;
        }
        let data = json!({"to_wallet": to_wallet, "round": row.rounds});
        self.audit.record(&tx, actor, "refund.retry", id, Some(row.customer_id), None, data).await?;
        tx.emit(self.events.payment(&payment, PaymentStep::Refund(row.id, row.status))?);
        tx.commit().await?;
        self.waker.wake(Wakeup::Pay).await;
        Ok(row)
    }
}
