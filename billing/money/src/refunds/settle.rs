//! What a gateway says of a refund, whoever heard it, in one transaction.

use billow_entities::{LedgerAccountKind, RefundId, RefundTarget, payment, payment_attempt, refund};
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::events::PaymentStep;
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};

use super::Refunds;
use super::steps::{Books, Heard, Step, judge};
use crate::currency::currency_of;
use crate::gateway::{GatewayFault, GatewayRefund};
use crate::ledger::Leg;
use crate::refund_orders::refund_entry;

impl Refunds {
    /// Takes what a gateway told about a refund by itself; whether it was news.
    ///
    /// # Errors
    /// When there is no such refund, or the database does not answer.
    pub(crate) async fn settle_refund(&self, id: RefundId, report: Result<GatewayRefund, GatewayFault>) -> Result<bool> {
        self.hear_refund(id, &report, Heard::Told).await
    }

    pub(super) async fn hear_refund(&self, id: RefundId, report: &Result<GatewayRefund, GatewayFault>, heard: Heard) -> Result<bool> {
        let known = refund::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("refund"))?;
        if known.target != RefundTarget::Gateway {
            return Ok(false);
        }
        let mut tx = self.store.write_tx().await?;
        let (payment, row) = lock_refund(&tx, &known).await?;
        // Another process has the refund now. What the gateway did is still a fact; a failed call says nothing about it.
        let overtaken = matches!(heard, Heard::Asked { fence } if fence != row.fence);
        if overtaken && report.is_err() {
            return Ok(tx.leave(false).await);
        }
        let heard = if overtaken { Heard::Told } else { heard };
        // A step leaves nobody at work on it.
        let Some(step) = judge(&row, report, heard, self.clock.now()) else {
            if row.lease_until.is_some() && heard != Heard::Told {
                free(&tx, row).await?;
                tx.commit().await?;
            }
            return Ok(false);
        };
        let changed = step.status != row.status || step.external_id != row.external_id;
        let (id, status) = (row.id, step.status);
        self.write_step(&tx, row, step).await?;
        if changed {
            tx.emit(self.events.payment(&payment, PaymentStep::Refund(id, status))?);
        }
        tx.commit().await?;
        Ok(changed)
    }

    async fn write_step(&self, tx: &WriteTx, mut row: refund::Model, step: Step) -> Result<()> {
        let round = row.rounds;
        let key = |what: &str| if round == 0 { format!("{what}:{}", row.id) } else { format!("{what}:{}:{round}", row.id) };
        if step.books != Books::Nothing {
            let currency = currency_of(&row.currency)?;
            let charge = row.attempt_id.ok_or_else(|| Error::Fault(Fault::new("a refund", "it belongs to no charge")))?;
            let charge = payment_attempt::Entity::find_by_id(charge).one(&**tx).await?.ok_or(Error::NotFound("attempt"))?;
            let (kind, key, sign) = match step.books {
                Books::Returned => ("refund.returned", key("returned"), -1),
                _ => ("refund.settled", key("refund"), 1),
            };
            let legs = vec![
                Leg::new(LedgerAccountKind::RefundPayable, row.customer_id.0, sign * row.amount_minor),
                Leg::new(LedgerAccountKind::GatewayClearing, charge.gateway_id.0, -sign * row.amount_minor),
            ];
            self.ledger.record_entry(tx, refund_entry(kind, key, &row, currency, legs)).await?;
        }
        row.settled_at = (step.books == Books::Settled).then(|| self.clock.now());
        row.status = step.status;
        row.status_reason = step.reason;
        row.external_id = step.external_id;
        row.due_at = step.due_at;
        row.lease_until = None;
        row.into_active_model().reset_all().update(&**tx).await?;
        Ok(())
    }
}

async fn free(tx: &WriteTx, mut row: refund::Model) -> Result<()> {
    row.lease_until = None;
    row.into_active_model().reset_all().update(&**tx).await?;
    Ok(())
}

/// A refund under its payment's lock.
pub(super) async fn lock_refund(tx: &WriteTx, known: &refund::Model) -> Result<(payment::Model, refund::Model)> {
    let payment = payment::Entity::find_by_id(known.payment_id).lock(LockType::NoKeyUpdate).one(&**tx).await?;
    let payment = payment.ok_or(Error::NotFound("payment"))?;
    let row = refund::Entity::find_by_id(known.id).lock(LockType::NoKeyUpdate).one(&**tx).await?.ok_or(Error::NotFound("refund"))?;
    Ok((payment, row))
}
