//! What nobody brought to its end: payments that were written down and not sent, and those whose outcome is not known.
//!
//! Sending again is safe for a day, because the key is the same; still the gateway is asked first. Asking never charges.
//! What the gateway has never heard of, long after it was sent, did not happen.

use billow_entities::{AttemptStatus, PaymentId, payment, payment_attempt};
use billow_kernel::Actor;
use billow_kernel::due::Backoff;
use billow_kernel::error::{Error, Result};
use chrono::Duration;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Payments;
use super::claim::{CheckPayments, SendPayments};
use super::settle::{ChargeReport, SettleOutcome};
use super::state::Verdict;
use crate::gateway::{Charge, GatewayFault, GatewayResult};

/// A key older than this is never sent again: gateways forget them after a day.
const KEY_LIFE: Duration = Duration::hours(23);
/// A gateway's search may lag; after this long, what it does not find is not there.
const SEARCH_SETTLES: Duration = Duration::minutes(15);
/// A gateway is searched from a little before the charge was sent: its clock is another one.
const SEARCH_MARGIN: Duration = Duration::hours(1);
/// How soon a payment is looked at again whose gateway could not be asked before sending it again.
const ASK_AGAIN: Duration = Duration::minutes(1);
/// How often a payment that may have been sent is asked about before it counts as unknown.
const ASKS_BEFORE_UNKNOWN: i32 = 3;

/// The waits before a payment is asked about: five minutes, an hour, then a day.
const CHECKS: Backoff = Backoff::seconds(&[300, 3_600, 86_400]);

/// How long to wait before a payment is asked about, after it was so many times.
pub(super) fn wait_after(checks: i32) -> Duration {
    CHECKS.wait(checks + 1)
}

/// What asking a gateway about an attempt came to.
enum Heard {
    Charge(Charge),
    /// It has never heard of it.
    Nothing,
    /// It did not answer.
    Silence(GatewayFault),
}

impl Payments {
    /// Sends payments that were written down and not sent, and brings those to their end whose sender died; how many were
    /// seen to.
    ///
    /// # Errors
    /// When the database does not answer.
    #[tracing::instrument(name = "payments.send_due", skip_all)]
    pub async fn send_payments_due(&self) -> Result<u64> {
        self.due.work(&SendPayments(self)).await
    }

    /// Asks gateways about payments whose outcome is not known, or has been long in coming; how many were asked about. It
    /// never charges.
    ///
    /// # Errors
    /// When the database does not answer.
    #[tracing::instrument(name = "payments.check_due", skip_all)]
    pub async fn check_payments_due(&self) -> Result<u64> {
        self.due.work(&CheckPayments(self)).await
    }

    pub(super) async fn send_claimed(&self, payment: payment::Model) -> Result<()> {
        let Some(attempt) = self.last_attempt_of(payment.id).await? else { return Ok(()) };
        let now = self.clock.now();
        let fence = Some(payment.fence);
        if attempt.status == AttemptStatus::Created {
            // Nobody expects a payment any more that was asked for yesterday.
            if now - attempt.created_at > KEY_LIFE {
                self.settle_verdict(&attempt, Verdict::never_sent(), None, fence, None).await?;
                return Ok(());
            }
            self.send(payment.id, fence).await?;
            return Ok(());
        }
        // Sent by a process that died before the answer: the gateway is asked what became of it.
        match self.ask(&attempt).await? {
            Heard::Charge(charge) => {
                self.settle_charge(&attempt, &charge).await?;
            }
            Heard::Nothing if attempt.sent_at.is_none_or(|sent| now - sent <= KEY_LIFE) => {
                self.send(payment.id, fence).await?;
            }
            Heard::Nothing => {
                self.settle_verdict(&attempt, Verdict::never_reached(), None, fence, None).await?;
            }
            Heard::Silence(fault) if payment.checks >= ASKS_BEFORE_UNKNOWN => {
                self.settle_verdict(&attempt, Verdict::of_fault(&fault, false), None, fence, None).await?;
            }
            Heard::Silence(_) => self.look_again(&payment, now + ASK_AGAIN, payment.checks + 1).await?,
        }
        Ok(())
    }

    pub(super) async fn check_claimed(&self, payment: payment::Model) -> Result<()> {
        let Some(attempt) = self.last_attempt_of(payment.id).await? else { return Ok(()) };
        let now = self.clock.now();
        match self.ask(&attempt).await? {
            Heard::Charge(charge) => {
                let news = self.settle_charge(&attempt, &charge).await?;
                if news == SettleOutcome::Changed {
                    return Ok(());
                }
            }
            Heard::Silence(fault) => {
                self.settle(attempt.id, ChargeReport::Fault(fault)).await?;
            }
            Heard::Nothing if attempt.external_id.is_none() && attempt.sent_at.is_some_and(|sent| now - sent > SEARCH_SETTLES) => {
                self.settle_verdict(&attempt, Verdict::never_reached(), None, Some(payment.fence), None).await?;
                return Ok(());
            }
            Heard::Nothing => {}
        }
        let checks = payment.checks.saturating_add(1);
        self.look_again(&payment, now + wait_after(checks), checks).await
    }

    /// Asks the gateway how an attempt stands: by its id where it is known, else by ours.
    async fn ask(&self, attempt: &payment_attempt::Model) -> Result<Heard> {
        let access = self.gateways.gateway_access(attempt.gateway_id).await?;
        let answer: GatewayResult<Option<Charge>> = match &attempt.external_id {
            Some(id) => self.gateway.charge_state(&access, id).await.map(Some),
            None => {
                let since = attempt.sent_at.unwrap_or(attempt.created_at) - SEARCH_MARGIN;
                self.gateway.find_charge(&access, &attempt.id.to_string(), since).await
            }
        };
        self.note(&access, answer.as_ref().err()).await;
        Ok(match answer {
            Ok(Some(charge)) => Heard::Charge(charge),
            Ok(None) => Heard::Nothing,
            Err(fault) => {
                tracing::warn!(%fault, attempt.id = %attempt.id, "the gateway did not say how a charge stands");
                Heard::Silence(fault)
            }
        })
    }

    pub(super) async fn last_attempt_of(&self, id: PaymentId) -> Result<Option<payment_attempt::Model>> {
        Ok(payment_attempt::Entity::find()
            .filter(payment_attempt::Column::PaymentId.eq(id))
            .order_by_desc(payment_attempt::Column::Number)
            .one(self.store.primary())
            .await?)
    }

    /// Asks the gateway now how a payment stands, for staff; the payment as it stands then.
    ///
    /// # Errors
    /// When somebody else asks, there is no such payment, or its gateway does not answer.
    pub async fn check_payment(&self, actor: &Actor, id: PaymentId) -> Result<payment::Model> {
        actor.staff()?;
        let payment = payment::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("payment"))?;
        let Some(attempt) = self.last_attempt_of(id).await? else { return Ok(payment) };
        let tx = self.store.write_tx().await?;
        self.audit_staff(&tx, actor, "payment.check", &payment, None, serde_json::json!({"attempt_id": attempt.id})).await?;
        tx.commit().await?;
        if attempt.status != AttemptStatus::Created {
            match self.ask(&attempt).await? {
                Heard::Charge(charge) => {
                    self.settle(attempt.id, ChargeReport::Charge(charge)).await?;
                }
                Heard::Nothing => {}
                Heard::Silence(_) => return Err(crate::gateways::unavailable()),
            }
        }
        payment::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("payment"))
    }
}
