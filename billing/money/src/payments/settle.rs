//! The one function that settles, whoever reports: the call itself, a webhook, the reconciler, or an operator who asked.
//!
//! What is reported is held against what is known by rank, under the payment's lock; what does not outrank it changes
//! nothing. So a report may come twice, late, from two processes at once, or before the answer of the very call it is about.

use billow_entities::{AttemptId, AttemptStatus, DeclineKind, DocumentKind, PaymentStatus, payment, payment_allocation, payment_attempt};
use billow_kernel::error::{Error, Result};
use billow_kernel::events::PaymentStep;
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::Payments;
use super::source::{RetryMark, Route};
use super::state::{Verdict, advances, by_attempt, is_final};
use super::{reconcile, words};
use crate::currency::currency_of;
use crate::gateway::{Charge, ChargeState, GatewayFault};
use crate::ledger::Leg;

/// Tries, where the database undoes the work of two that stood in each other's way.
const TRIES: usize = 5;

/// What a gateway said about a charge, or did not say.
#[derive(Clone, Debug)]
pub(crate) enum ChargeReport {
    /// The charge as the gateway tells of it.
    Charge(Charge),
    /// It was asked about and did not answer: that says nothing about the charge.
    Fault(GatewayFault),
}

/// What a report did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettleOutcome {
    /// It was news.
    Changed,
    /// It was known, or is outranked by what is known.
    Unchanged,
}

/// What a verdict did.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) outcome: SettleOutcome,
    /// Another attempt was written in the same transaction, to be sent now.
    pub(super) again: bool,
    /// The payment as it was left.
    pub(super) payment: Option<payment::Model>,
}

const UNCHANGED: Settled = Settled { outcome: SettleOutcome::Unchanged, again: false, payment: None };

impl Payments {
    /// Brings a report about an attempt to its payment: status, postings, bills, remittances, documents, event, in one
    /// transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn settle(&self, attempt: AttemptId, report: ChargeReport) -> Result<SettleOutcome> {
        match report {
            ChargeReport::Charge(charge) => {
                let known =
                    payment_attempt::Entity::find_by_id(attempt).one(self.store.primary()).await?.ok_or(Error::NotFound("attempt"))?;
                self.settle_charge(&known, &charge).await
            }
            ChargeReport::Fault(fault) => {
                tracing::debug!(attempt.id = %attempt, %fault, "the gateway did not say how a charge stands");
                Ok(SettleOutcome::Unchanged)
            }
        }
    }

    /// What the gateway says of a charge.
    pub(super) async fn settle_charge(&self, attempt: &payment_attempt::Model, charge: &Charge) -> Result<SettleOutcome> {
        Ok(self.settle_verdict(attempt, Verdict::of_charge(charge), Some(charge), None, None).await?.outcome)
    }

    /// Brings a verdict home, again where two stood in each other's way. `attempt` is as it was known before, `fence` the
    /// lease the verdict was found under, and `next` where the payment goes when this was a failure worth another gateway.
    pub(super) async fn settle_verdict(
        &self,
        attempt: &payment_attempt::Model,
        verdict: Verdict,
        charge: Option<&Charge>,
        fence: Option<i64>,
        next: Option<Route>,
    ) -> Result<Settled> {
        let mut tried = 1;
        loop {
            match self.settle_once(attempt, &verdict, charge, fence, next.clone()).await {
                Err(error) if tried < TRIES && is_worth_another_try(&error) => {
                    tracing::warn!(%error, attempt.id = %attempt.id, "a payment could not be settled; trying again");
                    tried += 1;
                }
                settled => return settled,
            }
        }
    }

    #[tracing::instrument(name = "payments.settle", skip_all, fields(attempt.id = %known.id, status = %verdict.status))]
    async fn settle_once(
        &self,
        known: &payment_attempt::Model,
        verdict: &Verdict,
        charge: Option<&Charge>,
        fence: Option<i64>,
        next: Option<Route>,
    ) -> Result<Settled> {
        if !advances(known.status, verdict.status) {
            return Ok(UNCHANGED);
        }
        if let Some(charge) = charge.filter(|c| c.state == ChargeState::Succeeded && !is_what_was_asked(c, known)) {
            // Nothing is settled by it: the daily reconciliation names it, and a person looks.
            tracing::error!(attempt.id = %known.id, charge.id = %charge.id, amount = charge.amount_minor, "a charge is not what was asked for");
            return Ok(UNCHANGED);
        }
        let mut tx = self.store.write_tx().await?;
        let payment = lock_payment(&tx, known.payment_id).await?;
        let attempt = payment_attempt::Entity::find_by_id(known.id).lock(LockType::NoKeyUpdate).one(&*tx).await?;
        let attempt = attempt.ok_or(Error::NotFound("attempt"))?;
        let overtaken = verdict.needs_fence && fence != Some(payment.fence);
        if overtaken || !advances(attempt.status, verdict.status) {
            return Ok(tx.leave(UNCHANGED).await);
        }
        let attempt = self.write_attempt(&tx, attempt, verdict).await?;
        let (payment, again) = match verdict.status {
            AttemptStatus::Succeeded => (self.settle_success(&mut tx, payment, &attempt).await?, false),
            AttemptStatus::Failed | AttemptStatus::Cancelled => self.settle_failure(&mut tx, payment, &attempt, next).await?,
            _ => (self.settle_progress(&mut tx, payment, &attempt).await?, false),
        };
        tx.commit().await?;
        metrics::counter!("billow_payment_reports_total", "status" => verdict.status.as_str()).increment(1);
        if is_final(payment.status) {
            self.wake_after(&payment).await;
        }
        Ok(Settled { outcome: SettleOutcome::Changed, again, payment: Some(payment) })
    }

    async fn write_attempt(&self, tx: &WriteTx, mut row: payment_attempt::Model, verdict: &Verdict) -> Result<payment_attempt::Model> {
        let now = self.clock.now();
        row.status = verdict.status;
        if verdict.external_id.is_some() {
            row.external_id.clone_from(&verdict.external_id);
        }
        row.action_url.clone_from(&verdict.action_url);
        row.decline_kind = verdict.decline.as_ref().map(|d| d.kind);
        row.decline_code = verdict.decline.as_ref().and_then(|d| d.code.clone());
        row.message = verdict.decline.as_ref().map(|d| d.message.clone()).or_else(|| verdict.message.clone()).map(|m| shortened(&m));
        row.fee_minor = verdict.fee_minor.filter(|fee| (0..=row.amount_minor).contains(fee));
        row.answered_at = Some(now);
        if verdict.status == AttemptStatus::Unknown {
            row.unanswered_at = Some(now);
            row.unanswered_message.clone_from(&row.message);
        }
        row.updated_at = now;
        Ok(row.into_active_model().reset_all().update(&**tx).await?)
    }

    async fn settle_success(&self, tx: &mut WriteTx, payment: payment::Model, attempt: &payment_attempt::Model) -> Result<payment::Model> {
        if payment.status == PaymentStatus::Succeeded {
            self.complete_twice(tx, &payment, attempt).await?;
            return Ok(payment);
        }
        let payment = self.complete(tx, payment, Some(attempt)).await?;
        // What was written down meanwhile and never sent is not needed any more.
        if payment.attempts > 1 {
            payment_attempt::Entity::update_many()
                .col_expr(payment_attempt::Column::Status, Expr::value(AttemptStatus::Cancelled))
                .col_expr(payment_attempt::Column::UpdatedAt, Expr::value(self.clock.now()))
                .filter(payment_attempt::Column::PaymentId.eq(payment.id))
                .filter(payment_attempt::Column::Status.eq(AttemptStatus::Created))
                .exec(&**tx)
                .await?;
        }
        if payment.status == PaymentStatus::Succeeded {
            self.documents.queue_document(tx, &payment, DocumentKind::Receipt).await?;
        }
        Ok(payment)
    }

    /// A definite no: another gateway where that is worth a try, else the end, and everything that was held is free again.
    async fn settle_failure(
        &self,
        tx: &mut WriteTx,
        mut payment: payment::Model,
        attempt: &payment_attempt::Model,
        next: Option<Route>,
    ) -> Result<(payment::Model, bool)> {
        // An earlier attempt's no is no news for a payment that has gone on.
        if is_final(payment.status) || attempt.number != payment.attempts {
            return Ok((payment, false));
        }
        let now = self.clock.now();
        payment.updated_at = now;
        payment.lease_until = None;
        if let Some(route) = next {
            payment.attempts += 1;
            payment.status = PaymentStatus::Pending;
            payment.check_at = Some(now + super::insert::SEND_AFTER);
            let payment = payment.into_active_model().reset_all().update(&**tx).await?;
            self.insert_attempt(tx, &payment, route, attempt.return_url.clone(), RetryMark::default()).await?;
            return Ok((payment, true));
        }
        payment.status = by_attempt(attempt.status);
        payment.decline_kind = attempt.decline_kind;
        payment.status_reason = Some(if attempt.status == AttemptStatus::Cancelled {
            words::CANCELLED.to_owned()
        } else {
            words::declined(attempt.decline_kind.unwrap_or(DeclineKind::Other)).to_owned()
        });
        payment.check_at = None;
        let payment = payment.into_active_model().reset_all().update(&**tx).await?;
        self.release(tx, &payment).await?;
        tx.emit(self.events.payment(&payment, PaymentStep::Payment)?);
        Ok((payment, false))
    }

    /// Lets go of what a payment was to pay, and of what the wallet held for it.
    pub(super) async fn release(&self, tx: &mut WriteTx, payment: &payment::Model) -> Result<()> {
        payment_allocation::Entity::update_many()
            .col_expr(payment_allocation::Column::Live, Expr::value(false))
            .filter(payment_allocation::Column::PaymentId.eq(payment.id))
            .filter(payment_allocation::Column::Live.eq(true))
            .exec(&**tx)
            .await?;
        let parts = payment_allocation::Entity::find().filter(payment_allocation::Column::PaymentId.eq(payment.id)).all(&**tx).await?;
        self.payables.release(tx, &parts).await?;
        if payment.wallet_minor > 0 {
            use billow_entities::LedgerAccountKind::{Wallet, WalletHold};
            let (owner, part) = (payment.customer_id.0, payment.wallet_minor);
            let legs = vec![Leg::new(WalletHold, owner, part), Leg::new(Wallet, owner, -part)];
            let key = format!("release:{}:{}", payment.id, payment.attempts);
            let entry = self.payment_entry("wallet.released", key, payment, Some("Given back to the wallet"), legs)?;
            self.ledger.record_entry(tx, entry).await?;
            self.ledger.emit_wallet(tx, payment.customer_id, currency_of(&payment.currency)?).await?;
        }
        Ok(())
    }

    async fn settle_progress(
        &self,
        tx: &mut WriteTx,
        mut payment: payment::Model,
        attempt: &payment_attempt::Model,
    ) -> Result<payment::Model> {
        if is_final(payment.status) || attempt.number != payment.attempts {
            return Ok(payment);
        }
        let (now, status) = (self.clock.now(), by_attempt(attempt.status));
        payment.status_reason = (status == PaymentStatus::Unknown).then(|| words::UNKNOWN.to_owned());
        payment.status = status;
        payment.updated_at = now;
        payment.lease_until = None;
        payment.checks = 0;
        payment.check_at = Some(now + reconcile::wait_after(0));
        let payment = payment.into_active_model().reset_all().update(&**tx).await?;
        tx.emit(self.events.payment(&payment, PaymentStep::Payment)?);
        Ok(payment)
    }
}

/// The payment, locked: whoever changes it, its attempts or its allocations holds this first.
pub(super) async fn lock_payment(tx: &WriteTx, id: billow_entities::PaymentId) -> Result<payment::Model> {
    payment::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&**tx).await?.ok_or(Error::NotFound("payment"))
}

/// The last attempt of a payment that is locked.
pub(super) async fn last_attempt(tx: &WriteTx, payment: &payment::Model) -> Result<Option<payment_attempt::Model>> {
    Ok(payment_attempt::Entity::find()
        .filter(payment_attempt::Column::PaymentId.eq(payment.id))
        .order_by_desc(payment_attempt::Column::Number)
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?)
}

fn is_what_was_asked(charge: &Charge, attempt: &payment_attempt::Model) -> bool {
    charge.amount_minor == attempt.amount_minor && charge.currency.eq_ignore_ascii_case(&attempt.currency)
}

/// Two writers that stood in each other's way, or a wallet that was spent between reading and holding.
fn is_worth_another_try(error: &Error) -> bool {
    let overdrawn = matches!(error, Error::Invalid(errors) if errors.iter().any(|e| e.code == "INSUFFICIENT_FUNDS"));
    overdrawn || error.is_transient()
}

/// Far sides are talkative.
fn shortened(text: &str) -> String {
    text.chars().take(500).collect()
}
