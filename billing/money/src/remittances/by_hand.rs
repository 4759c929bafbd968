//! What operators decide about remittances that no interface can: paid after all, or not. What a provider took and never
//! answered for can be decided too, after days in which it was asked in vain.

use billow_entities::{RemittanceId, RemittanceStatus, remittance};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::events::PaymentStep;
use billow_kernel::wake::Wakeup;
use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;
use serde_json::json;

use super::Remittances;
use super::settle::lock_remittance;
use super::steps::{Decidable, decidable};

/// Characters a reason may have.
const MAX_REASON: usize = 500;
/// Characters of a provider's reference.
const MAX_REFERENCE: usize = 200;

impl Remittances {
    /// Says that the provider has the money, with its reference, for staff.
    ///
    /// # Errors
    /// When somebody else asks, there is no such remittance, or it is not for people to decide (yet).
    pub async fn confirm_remittance(
        &self,
        actor: &Actor,
        id: RemittanceId,
        provider_reference: &str,
        reason: Option<&str>,
    ) -> Result<remittance::Model> {
        actor.staff()?;
        let mut problems = Problems::default();
        let reference = problems.text("providerReference", provider_reference, MAX_REFERENCE);
        let reason = problems.optional_text("reason", reason, MAX_REASON);
        problems.finish()?;
        let known = remittance::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("remittance"))?;
        let mut tx = self.store.write_tx().await?;
        let (payment, mut row) = lock_remittance(&tx, &known).await?;
        undecided(&row, "confirmed", self.clock.now())?;
        if row.status == RemittanceStatus::Sent && reason.is_none() {
            return Err(Error::invalid("REQUIRED", "reason", "Say how it is known that the provider has the money."));
        }
        let was = row.status;
        // Whoever asks the provider at this moment comes too late.
        row.fence += 1;
        let row = self.write_confirmed(&tx, row, Some(reference.clone()), None).await?;
        let data = json!({"provider_reference": reference, "amount_minor": row.amount_minor, "was": was});
        self.audit.record(&tx, actor, "remittance.confirm", id, Some(row.customer_id), reason.as_deref(), data).await?;
        tx.emit(self.events.payment(&payment, PaymentStep::Remittance(row.id, row.status))?);
        tx.commit().await?;
        Ok(row)
    }

    /// Says that the provider has not got the money and will not, for staff: the bill opens again and its customer gets the
    /// money back.
    ///
    /// # Errors
    /// As [`Self::confirm_remittance`].
    pub async fn reject_remittance(&self, actor: &Actor, id: RemittanceId, reason: &str) -> Result<remittance::Model> {
        actor.staff()?;
        let mut problems = Problems::default();
        let reason = problems.text("reason", reason, MAX_REASON);
        problems.finish()?;
        let known = remittance::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("remittance"))?;
        let mut tx = self.store.write_tx().await?;
        let (payment, row) = lock_remittance(&tx, &known).await?;
        undecided(&row, "rejected", self.clock.now())?;
        let was = row.status;
        let row = self.reverse_remittance(&mut tx, &payment, row, reason.clone(), actor.label()).await?;
        let data = json!({"amount_minor": row.amount_minor, "was": was});
        self.audit.record(&tx, actor, "remittance.reject", id, Some(row.customer_id), Some(&reason), data).await?;
        tx.emit(self.events.payment(&payment, PaymentStep::Remittance(row.id, row.status))?);
        tx.commit().await?;
        self.waker.wake(Wakeup::Pay).await;
        Ok(row)
    }
}

fn undecided(row: &remittance::Model, wanted: &str, now: DateTime<Utc>) -> Result<()> {
    match decidable(row) {
        Decidable::Now => Ok(()),
        Decidable::From(from) if from <= now => Ok(()),
        Decidable::From(from) => {
            let day = from.format("%Y-%m-%d %H:%M UTC");
            let message = format!("The provider has it and is still asked about it; it can be {wanted} by hand from {day} on.");
            Err(Error::invalid("TOO_EARLY", "remittanceId", message))
        }
        Decidable::Never => {
            let message = format!("A remittance that is {} cannot be {wanted} by hand.", row.status);
            Err(Error::invalid("ILLEGAL_STATE", "remittanceId", message))
        }
    }
}

/// From when staff may say what became of a remittance; none where that is not for people to say.
#[must_use]
pub fn decidable_from(row: &remittance::Model) -> Option<DateTime<Utc>> {
    match decidable(row) {
        Decidable::Now => Some(row.created_at),
        Decidable::From(from) => Some(from),
        Decidable::Never => None,
    }
}
