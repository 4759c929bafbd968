//! An operator gives money back: all of a payment, a part of it, or what was for one bill.

use billow_entities::{AllocationId, PaymentId, PaymentKind, PaymentStatus, RefundCause, payment, payment_allocation, refund};
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::store::WriteTx;
use billow_kernel::wake::Wakeup;
use billow_kernel::{Actor, sha256_hex};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::Refunds;
use crate::idempotency::{check_key, key_reused};
use crate::refund_orders::GiveBack;

/// Characters a reason may have.
const MAX_REASON: usize = 500;

/// What is to go back.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RefundRequest {
    /// Of which payment.
    pub payment: PaymentId,
    /// How much; all that is left where absent.
    pub amount_minor: Option<i64>,
    /// Only what was for one bill.
    pub allocation: Option<AllocationId>,
    /// To the wallet, whichever way it came.
    pub to_wallet: bool,
    /// In words, for the customer too.
    pub reason: String,
    /// What makes it happen once.
    #[serde(skip)]
    pub idempotency_key: String,
}

impl Refunds {
    /// Gives money of a payment back, for staff: to the charges it came from first, the rest to the wallet. The same
    /// request again is answered with the same refunds.
    ///
    /// # Errors
    /// When somebody else asks, there is no such payment, its money did not arrive, more is wanted than is left, or the key
    /// was used for another request.
    pub async fn refund_payment(&self, actor: &Actor, mut request: RefundRequest) -> Result<Vec<refund::Model>> {
        actor.staff()?;
        let mut problems = Problems::default();
        request.reason = problems.text("reason", &request.reason, MAX_REASON);
        let key = request.idempotency_key.clone();
        check_key(&key, &mut problems);
        if request.amount_minor.is_some_and(|amount| amount <= 0) {
            problems.add("OUT_OF_RANGE", "amount", "The amount must be more than nothing.");
        }
        problems.finish()?;
        let hash = sha256_hex(serde_json::to_vec(&request)?);

        self.store.ensure_durable().await?;
        let mut tx = self.store.write_tx().await?;
        let payment = payment::Entity::find_by_id(request.payment).lock(LockType::NoKeyUpdate).one(&*tx).await?;
        let payment = payment.ok_or(Error::NotFound("payment"))?;
        if let Some(known) = replay(&tx, actor, &key, &hash).await? {
            return Ok(tx.leave(known).await);
        }
        let parts = parts_of(&tx, &payment, &request).await?;
        self.refund_is_confirmed(&tx, actor, &payment, parts.iter().map(|(_, amount_minor)| amount_minor).sum()).await?;
        // Bills before the ledger, as everywhere: what was never sent to its provider is called off first.
        for (allocation, amount_minor) in &parts {
            if let Some(allocation) = allocation.as_ref().filter(|a| a.refunded_minor + amount_minor == a.amount_minor) {
                self.remittances.call_off_remittance(&mut tx, allocation, &request.reason).await?;
            }
        }
        let mut made: Vec<refund::Model> = Vec::new();
        for (allocation, amount_minor) in &parts {
            let part = GiveBack {
                payment: &payment,
                allocation: allocation.as_ref(),
                cause: RefundCause::Operator,
                reason: request.reason.clone(),
                amount_minor: *amount_minor,
                to_wallet: request.to_wallet,
                actor: actor.label(),
                key: key.clone(),
                nth: made.len(),
                request_hash: hash.clone(),
            };
            made.extend(self.refund_orders.give_back(&mut tx, part).await?);
        }
        let data = json!({"amount_minor": made.iter().map(|r| r.amount_minor).sum::<i64>(), "to_wallet": request.to_wallet,
            "refunds": made.iter().map(|r| r.id).collect::<Vec<_>>()});
        self.audit.record(&tx, actor, "payment.refund", payment.id, Some(payment.customer_id), Some(&request.reason), data).await?;
        tx.commit().await?;
        self.waker.wake(Wakeup::Pay).await;
        Ok(made)
    }
}

impl Refunds {
    /// Asks again who is asking above the limit of the payment's currency. What went back of the payment before counts too,
    /// so that many small refunds are no way around it.
    async fn refund_is_confirmed(&self, tx: &WriteTx, actor: &Actor, payment: &payment::Model, amount_minor: i64) -> Result<()> {
        let limit = payment.currency.parse().ok().and_then(|currency| self.settings.security.refund_limits.get(&currency));
        match limit {
            Some(limit) if payment.refunded_minor.saturating_add(amount_minor) <= *limit => Ok(()),
            _ => self.identity.confirmed_in(&**tx, actor).await,
        }
    }
}

/// The refunds the same request made before.
async fn replay(tx: &WriteTx, actor: &Actor, key: &str, hash: &str) -> Result<Option<Vec<refund::Model>>> {
    let first = refund::Entity::find()
        .filter(refund::Column::Actor.eq(actor.label()))
        .filter(refund::Column::IdempotencyKey.eq(key))
        .one(&**tx)
        .await?;
    let Some(first) = first else { return Ok(None) };
    if first.request_hash != hash {
        return Err(key_reused());
    }
    let all = refund::Entity::find()
        .filter(refund::Column::PaymentId.eq(first.payment_id))
        .filter(refund::Column::Actor.eq(actor.label()))
        .filter(refund::Column::RequestHash.eq(hash))
        .order_by_asc(refund::Column::Id)
        .all(&**tx)
        .await?;
    let rest = format!("{key}\u{1f}");
    Ok(Some(all.into_iter().filter(|r| r.idempotency_key == key || r.idempotency_key.starts_with(&rest)).collect()))
}

/// What the request takes from which part of the payment.
async fn parts_of(
    tx: &WriteTx,
    payment: &payment::Model,
    request: &RefundRequest,
) -> Result<Vec<(Option<payment_allocation::Model>, i64)>> {
    if payment.status != PaymentStatus::Succeeded {
        let message = format!("A payment that is {} has no money to give back.", payment.status);
        return Err(Error::invalid("ILLEGAL_STATE", "paymentId", message));
    }
    let refundable = payment.amount_minor - payment.refunded_minor;
    if payment.kind == PaymentKind::TopUp {
        if request.to_wallet || request.allocation.is_some() {
            let path = if request.to_wallet { "toWallet" } else { "allocationId" };
            return Err(Error::invalid("NOT_ALLOWED", path, "The money of a top-up is in the wallet; it goes back to where it came from."));
        }
        let amount = within(request.amount_minor.unwrap_or(refundable), refundable)?;
        return Ok(vec![(None, amount)]);
    }
    let mut query = payment_allocation::Entity::find()
        .filter(payment_allocation::Column::PaymentId.eq(payment.id))
        .order_by_asc(payment_allocation::Column::Id);
    if let Some(id) = request.allocation {
        query = query.filter(payment_allocation::Column::Id.eq(id));
    }
    let allocations = query.all(&**tx).await?;
    if allocations.is_empty() {
        return Err(Error::NotFound("allocation"));
    }
    let left: i64 = allocations.iter().map(|a| a.amount_minor - a.refunded_minor).sum();
    let mut rest = within(request.amount_minor.unwrap_or(left), left.min(refundable))?;
    let mut parts = Vec::with_capacity(allocations.len());
    for allocation in allocations {
        let part = rest.min(allocation.amount_minor - allocation.refunded_minor);
        if part > 0 {
            rest -= part;
            parts.push((Some(allocation), part));
        }
    }
    Ok(parts)
}

fn within(amount: i64, most: i64) -> Result<i64> {
    if most <= 0 {
        return Err(Error::invalid("TOO_MUCH", "amount", "All of it has gone back, or is on its way back."));
    }
    if amount > most {
        return Err(Error::invalid("TOO_MUCH", "amount", "That is more than is left of it to give back."));
    }
    Ok(amount)
}
