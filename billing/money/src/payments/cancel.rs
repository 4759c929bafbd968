//! Calling a payment off, as long as no money has moved. Where a gateway has it, the gateway decides.

use billow_entities::{AttemptStatus, PaymentId, PaymentStatus, payment, payment_attempt};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use sea_orm::EntityTrait;
use serde_json::json;

use super::Payments;
use super::settle::{last_attempt, lock_payment};
use super::state::Verdict;

/// What is to be done to call a payment off.
enum Way {
    /// It was never sent.
    Here(payment_attempt::Model, i64),
    /// The gateway has it under this id.
    There(payment_attempt::Model, String),
}

impl Payments {
    /// Calls a payment off before money moves; the payment as it stands then. One that was called off stays so.
    ///
    /// # Errors
    /// When there is no such payment, it is over, it is not known yet whether money moved, or the gateway does not answer.
    #[tracing::instrument(name = "payments.cancel", skip_all, fields(payment.id = %id))]
    pub async fn cancel_payment(&self, actor: &Actor, id: PaymentId) -> Result<payment::Model> {
        let known = self.payment(actor, id).await?;
        if known.status == PaymentStatus::Cancelled {
            return Ok(known);
        }
        let tx = self.store.write_tx().await?;
        let payment = lock_payment(&tx, id).await?;
        let attempt = last_attempt(&tx, &payment).await?;
        let way = way_of(&payment, attempt)?;
        // What is meant is written down before the gateway is called.
        self.audit_staff(&tx, actor, "payment.cancel", &payment, None, json!({"status": payment.status})).await?;
        tx.commit().await?;
        match way {
            Way::Here(attempt, fence) => {
                self.settle_verdict(&attempt, Verdict::called_off(), None, Some(fence), None).await?;
            }
            Way::There(attempt, charge_id) => self.cancel_there(&attempt, &charge_id).await?,
        }
        let payment = payment::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("payment"))?;
        if payment.status == PaymentStatus::Cancelled { Ok(payment) } else { Err(too_late()) }
    }

    async fn cancel_there(&self, attempt: &payment_attempt::Model, charge_id: &str) -> Result<()> {
        let access = self.gateways.gateway_access(attempt.gateway_id).await?;
        let answer = self.gateway.cancel_charge(&access, &format!("cancel:{}", attempt.id), charge_id).await;
        self.note(&access, answer.as_ref().err()).await;
        match answer {
            Ok(charge) => {
                self.settle_charge(attempt, &charge).await?;
                Ok(())
            }
            Err(fault) => {
                tracing::warn!(%fault, attempt.id = %attempt.id, "a charge could not be called off");
                Err(crate::gateways::unavailable())
            }
        }
    }
}

fn way_of(payment: &payment::Model, attempt: Option<payment_attempt::Model>) -> Result<Way> {
    let attempt = match (payment.status, attempt) {
        (PaymentStatus::Succeeded | PaymentStatus::Failed | PaymentStatus::Cancelled, _) | (_, None) => return Err(too_late()),
        (_, Some(attempt)) => attempt,
    };
    match (attempt.status, attempt.external_id.clone()) {
        (AttemptStatus::Created, _) => Ok(Way::Here(attempt, payment.fence)),
        (_, Some(charge_id)) => Ok(Way::There(attempt, charge_id)),
        (_, None) => {
            let words = "It is not known yet whether the money moved; please wait until it is.";
            Err(Error::invalid("ILLEGAL_STATE", "paymentId", words))
        }
    }
}

fn too_late() -> Error {
    Error::invalid("ILLEGAL_STATE", "paymentId", "This payment cannot be called off any more.")
}
