//! Trying a payment again, after it definitely failed: the same bills and amounts, with the same or another method.

use billow_entities::{AttemptStatus, PaymentId, PaymentMethodId, PaymentStatus, payment, payment_allocation, payment_attempt};
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::events::PaymentStep;
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, sha256_hex};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::json;

use super::Means;
use super::Payments;
use super::draft::means;
use super::insert::{SEND_AFTER, in_progress};
use super::settle::{last_attempt, lock_payment};
use super::source::{RetryMark, Source};
use super::state::{can_retry, is_definite_failure};
use crate::currency::currency_of;
use crate::idempotency::{check_key, key_reused};
use crate::payable::{LoadedProviders, providers_of};

/// A request to try a payment again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RetryPayment {
    /// The saved method for what the wallet does not cover.
    pub method: Option<PaymentMethodId>,
    /// Whether that is paid on a page of the gateway's instead.
    pub hosted_page: bool,
    /// Where the browser comes back to.
    pub return_url: Option<String>,
    /// Asked again with the same key, no further attempt is made.
    #[serde(skip)]
    pub idempotency_key: String,
}

impl Payments {
    /// Tries a payment again. The answer comes when the gateway has answered or its time is over.
    ///
    /// # Errors
    /// When the payment is not one that failed, one of its bills is being paid or no longer takes the amount, the wallet's
    /// part is no longer there, or the key was used for something else.
    #[tracing::instrument(name = "payments.retry", skip_all, fields(payment.id = %id))]
    pub async fn retry_payment(&self, actor: &Actor, id: PaymentId, input: RetryPayment) -> Result<payment::Model> {
        let payment = self.payment(actor, id).await?;
        let mut problems = Problems::default();
        check_key(&input.idempotency_key, &mut problems);
        self.settings.check_return_url(input.return_url.as_deref(), &mut problems);
        let means = means(input.method, input.hosted_page, false, &mut problems);
        problems.finish()?;
        let mark = RetryMark {
            key: Some(sha256_hex(format!("{}\u{1f}{}", actor.label(), input.idempotency_key))),
            hash: Some(sha256_hex(serde_json::to_string(&input)?)),
        };
        if self.is_retried(self.store.primary(), id, &mark).await? {
            return Ok(payment);
        }
        if !can_retry(&payment) {
            return Err(not_retriable(payment.status));
        }
        let source = self.source(payment.customer_id, means, currency_of(&payment.currency)?, &[]).await?;
        let parts = self.parts_of(id).await?;
        let providers = self.providers.load_providers(self.store.primary(), providers_of(&parts)).await?;
        self.payables.may_pay(payment.customer_id, &parts).await?;
        self.store.ensure_durable().await?;
        let inserted = self.insert_retry(actor, id, input.return_url, source, &parts, &providers, mark).await;
        match inserted.map_err(Error::or_unavailable)? {
            Some(waiting) => Ok(self.send_detached(id).await?.unwrap_or(waiting)),
            None => self.payment(actor, id).await,
        }
    }

    /// Whether a retry with this key was made before.
    async fn is_retried(&self, db: &impl ConnectionTrait, id: PaymentId, mark: &RetryMark) -> Result<bool> {
        let known = payment_attempt::Entity::find()
            .filter(payment_attempt::Column::PaymentId.eq(id))
            .filter(payment_attempt::Column::RetryKey.eq(mark.key.clone()))
            .one(db)
            .await?;
        match known {
            None => Ok(false),
            Some(attempt) if attempt.retry_hash == mark.hash => Ok(true),
            Some(_) => Err(key_reused()),
        }
    }

    async fn parts_of(&self, id: PaymentId) -> Result<Vec<payment_allocation::Model>> {
        let parts = payment_allocation::Entity::find()
            .filter(payment_allocation::Column::PaymentId.eq(id))
            .order_by_asc(payment_allocation::Column::Id);
        Ok(parts.all(self.store.primary()).await?)
    }

    /// Makes the payment live again with its next attempt; none when a retry with the same key came first.
    async fn insert_retry(
        &self,
        actor: &Actor,
        id: PaymentId,
        return_url: Option<String>,
        source: Source,
        parts: &[payment_allocation::Model],
        providers: &LoadedProviders,
        mark: RetryMark,
    ) -> Result<Option<payment::Model>> {
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        let mut payment = lock_payment(&tx, id).await?;
        if self.is_retried(&*tx, id, &mark).await? {
            return Ok(tx.leave(None).await);
        }
        let last = last_attempt(&tx, &payment).await?;
        if !can_retry(&payment) || !last.is_some_and(|a| is_definite_failure(a.status)) {
            return Err(not_retriable(payment.status));
        }
        let route = source.route.ok_or_else(|| Error::invalid("REQUIRED", "paymentMethodId", "Choose how to pay."))?;
        payment.status = PaymentStatus::Pending;
        payment.status_reason = None;
        payment.decline_kind = None;
        payment.method_id = source.method.as_ref().map(|m| m.id);
        payment.attempts += 1;
        payment.checks = 0;
        payment.check_at = Some(now + SEND_AFTER);
        payment.lease_until = None;
        payment.updated_at = now;
        let payment = payment.into_active_model().reset_all().update(&*tx).await?;
        self.retake(&mut tx, &payment, parts, providers).await?;
        if payment.wallet_minor > 0 {
            self.hold_wallet(&tx, &payment, &format!("hold:{}:{}", payment.id, payment.attempts)).await?;
            self.ledger.emit_wallet(&mut tx, payment.customer_id, currency_of(&payment.currency)?).await?;
        }
        let return_url = return_url.or_else(|| self.usual_return_url(&payment, source.means));
        let attempt = self.insert_attempt(&tx, &payment, route, return_url, mark).await?;
        let data = json!({"attempt": attempt.number, "hosted_page": source.means == Means::HostedPage});
        self.audit_staff(&tx, actor, "payment.retry", &payment, None, data).await?;
        tx.emit(self.events.payment(&payment, PaymentStep::Payment)?);
        tx.commit().await?;
        debug_assert_eq!(attempt.status, AttemptStatus::Created);
        Ok(Some(payment))
    }

    /// Takes the same again, if it still takes the same amounts and nobody else is paying it.
    async fn retake(
        &self,
        tx: &mut WriteTx,
        payment: &payment::Model,
        parts: &[payment_allocation::Model],
        providers: &LoadedProviders,
    ) -> Result<()> {
        let mut locked = self.payables.lock(tx, parts, providers).await?;
        for part in parts {
            let payable = locked.remove(&part.id).ok_or(Error::NotFound("bill"))?;
            if let Some(against) = payable.retake(tx, part.amount_minor).await? {
                return Err(Error::invalid(against.code, "paymentId", against.message));
            }
        }
        payment_allocation::Entity::update_many()
            .col_expr(payment_allocation::Column::Live, Expr::value(true))
            .filter(payment_allocation::Column::PaymentId.eq(payment.id))
            .exec(&**tx)
            .await
            .map_err(in_progress)?;
        Ok(())
    }
}

fn not_retriable(status: PaymentStatus) -> Error {
    let message = match status {
        PaymentStatus::Succeeded => "This payment went through.",
        PaymentStatus::Failed | PaymentStatus::Cancelled => "This payment cannot be tried again; pay the bills anew.",
        _ => "This payment is under way; it can be tried again only after it has failed.",
    };
    Error::invalid("ILLEGAL_STATE", "paymentId", message)
}
