//! Writing a refund down: how much of which charge goes back, and what goes to the wallet.

use std::sync::Arc;

use billow_entities::{
    AttemptStatus, Currency, LedgerAccountKind, PaymentKind, RefundCause, RefundId, RefundStatus, RefundTarget, payment,
    payment_allocation, payment_attempt, refund,
};
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::error::{Error, Fault, Result, violates};
use billow_kernel::events::{Events, PaymentStep};
use billow_kernel::kernel::Kernel;
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::currency::currency_of;
use crate::idempotency::key_reused;
use crate::ledger::{Ledger, Leg, NewEntry};

/// Writes refunds down; sends none.
#[derive(Clone)]
pub struct RefundOrders {
    clock: SharedClock,
    ids: Ids,
    events: Arc<Events>,
    ledger: Arc<Ledger>,
}

impl RefundOrders {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, ledger: &Arc<Ledger>) -> Arc<Self> {
        Arc::new(Self { clock: kernel.clock.clone(), ids: kernel.ids.clone(), events: kernel.events.clone(), ledger: Arc::clone(ledger) })
    }
}

/// A refund to be written down.
#[derive(Clone, Debug)]
pub(crate) struct NewRefund<'a> {
    /// The payment, locked by the caller and written before: its `refunded_minor` is counted up in its row here.
    pub payment: &'a payment::Model,
    /// The part of it that goes back.
    pub allocation: Option<&'a payment_allocation::Model>,
    /// The charge the money goes back to; none for the wallet.
    pub charge: Option<&'a payment_attempt::Model>,
    /// Why.
    pub cause: RefundCause,
    /// In words.
    pub reason: String,
    /// How much.
    pub amount_minor: i64,
    /// Who asked, as the audit trail names them.
    pub actor: String,
    /// What makes it happen once, together with the actor.
    pub key: String,
    /// What was asked, to tell a replay from another request with the same key.
    pub request_hash: String,
}

/// Money that goes back by whichever ways it came: to the charges first, the rest to the wallet.
#[derive(Clone, Debug)]
pub(crate) struct GiveBack<'a> {
    /// The payment, locked by the caller and written before.
    pub payment: &'a payment::Model,
    /// The part of it that goes back.
    pub allocation: Option<&'a payment_allocation::Model>,
    /// Why.
    pub cause: RefundCause,
    /// In words.
    pub reason: String,
    /// How much.
    pub amount_minor: i64,
    /// Everything to the wallet, whichever way it came.
    pub to_wallet: bool,
    /// Who asked, as the audit trail names them.
    pub actor: String,
    /// What makes it happen once, together with the actor.
    pub key: String,
    /// How many refunds the same request made before this one.
    pub nth: usize,
    /// What was asked.
    pub request_hash: String,
}

/// The key of the nth refund of one request. No key that anybody may give holds this character.
pub(crate) fn nth_key(key: &str, nth: usize) -> String {
    if nth == 0 { key.to_owned() } else { format!("{key}\u{1f}{nth}") }
}

/// How much of a charge has not gone back and is not on its way back.
pub(crate) async fn left_of(db: &impl ConnectionTrait, charge: &payment_attempt::Model) -> Result<i64> {
    let gone = refund::Entity::find().filter(refund::Column::AttemptId.eq(charge.id)).all(db).await?;
    Ok(charge.amount_minor - gone.iter().map(|r| r.amount_minor).sum::<i64>())
}

impl RefundOrders {
    /// Writes a refund down in the caller's transaction, which holds the payment's lock. What goes to the wallet is there
    /// when the transaction commits; what goes to a charge is sent by [`Refunds::refunds_due`](crate::refunds::Refunds::refunds_due).
    ///
    /// The caller has put the money into `REFUND_PAYABLE` (causes `SURPLUS` and `PROVIDER_REJECTED`); for `OPERATOR` this
    /// does it. A surplus that belongs to no allocation (a second charge) does not count as refunded of the payment.
    ///
    /// # Errors
    /// When the wallet of a top-up would be overdrawn, or the database does not answer.
    pub(crate) async fn open_refund(&self, tx: &mut WriteTx, new: NewRefund<'_>) -> Result<refund::Model> {
        let known = refund::Entity::find()
            .filter(refund::Column::Actor.eq(new.actor.as_str()))
            .filter(refund::Column::IdempotencyKey.eq(new.key.as_str()))
            .one(&**tx)
            .await?;
        if let Some(known) = known {
            return if known.request_hash == new.request_hash { Ok(known) } else { Err(key_reused()) };
        }
        let (id, now, payment) = (RefundId(self.ids.next()), self.clock.now(), new.payment);
        let currency = currency_of(&payment.currency)?;
        let to_wallet = new.charge.is_none();
        let row = refund::Model {
            id,
            payment_id: payment.id,
            allocation_id: new.allocation.map(|a| a.id),
            attempt_id: new.charge.map(|c| c.id),
            customer_id: payment.customer_id,
            target: if to_wallet { RefundTarget::Wallet } else { RefundTarget::Gateway },
            cause: new.cause,
            reason: new.reason,
            status: if to_wallet { RefundStatus::Succeeded } else { RefundStatus::Pending },
            status_reason: None,
            currency: payment.currency.clone(),
            amount_minor: new.amount_minor,
            external_id: None,
            actor: new.actor,
            idempotency_key: new.key,
            request_hash: new.request_hash,
            rounds: 0,
            due_at: (!to_wallet).then_some(now),
            tries: 0,
            lease_until: None,
            fence: 0,
            created_at: now,
            sent_at: None,
            settled_at: to_wallet.then_some(now),
        };
        let row = row.into_active_model().insert(&**tx).await.map_err(|error| {
            let taken = violates(&error, "refunds_idempotency_key", "refunds.actor, refunds.idempotency_key");
            if taken { key_reused() } else { error.into() }
        })?;
        if new.cause != RefundCause::Surplus || new.allocation.is_some() {
            self.count_refunded(tx, payment, new.allocation, new.amount_minor).await?;
        }
        if new.cause == RefundCause::Operator {
            self.record_opened(tx, payment, new.allocation, &row, currency).await?;
        }
        if to_wallet {
            let legs = vec![
                Leg::new(LedgerAccountKind::RefundPayable, row.customer_id.0, row.amount_minor),
                Leg::new(LedgerAccountKind::Wallet, row.customer_id.0, -row.amount_minor),
            ];
            self.ledger.record_entry(tx, refund_entry("refund.settled", format!("refund:{id}"), &row, currency, legs)).await?;
            self.ledger.emit_wallet(tx, row.customer_id, currency).await?;
        }
        tx.emit(self.events.payment(payment, PaymentStep::Refund(row.id, row.status))?);
        Ok(row)
    }

    /// Gives an amount back by the ways it came, in the caller's transaction, which holds the payment's lock.
    pub(crate) async fn give_back(&self, tx: &mut WriteTx, request: GiveBack<'_>) -> Result<Vec<refund::Model>> {
        let mut rest = request.amount_minor;
        let mut parts: Vec<(Option<payment_attempt::Model>, i64)> = Vec::new();
        if !request.to_wallet {
            let charges = payment_attempt::Entity::find()
                .filter(payment_attempt::Column::PaymentId.eq(request.payment.id))
                .filter(payment_attempt::Column::Status.eq(AttemptStatus::Succeeded))
                .order_by_asc(payment_attempt::Column::Number);
            for charge in charges.all(&**tx).await? {
                let part = left_of(&**tx, &charge).await?.clamp(0, rest);
                if part > 0 {
                    rest -= part;
                    parts.push((Some(charge), part));
                }
            }
        }
        if rest > 0 {
            parts.push((None, rest));
        }
        let mut made = Vec::with_capacity(parts.len());
        for (nth, (charge, amount_minor)) in parts.into_iter().enumerate() {
            let new = NewRefund {
                payment: request.payment,
                allocation: request.allocation,
                charge: charge.as_ref(),
                cause: request.cause,
                reason: request.reason.clone(),
                amount_minor,
                actor: request.actor.clone(),
                key: nth_key(&request.key, request.nth + nth),
                request_hash: request.request_hash.clone(),
            };
            made.push(self.open_refund(tx, new).await?);
        }
        Ok(made)
    }

    async fn count_refunded(
        &self,
        tx: &WriteTx,
        payment: &payment::Model,
        allocation: Option<&payment_allocation::Model>,
        amount_minor: i64,
    ) -> Result<()> {
        payment::Entity::update_many()
            .col_expr(payment::Column::RefundedMinor, Expr::col(payment::Column::RefundedMinor).add(amount_minor))
            .col_expr(payment::Column::UpdatedAt, Expr::value(self.clock.now()))
            .filter(payment::Column::Id.eq(payment.id))
            .exec(&**tx)
            .await?;
        if let Some(allocation) = allocation {
            payment_allocation::Entity::update_many()
                .col_expr(payment_allocation::Column::RefundedMinor, Expr::col(payment_allocation::Column::RefundedMinor).add(amount_minor))
                .filter(payment_allocation::Column::Id.eq(allocation.id))
                .exec(&**tx)
                .await?;
        }
        Ok(())
    }

    /// An operator gives back what nobody owes the customer yet: what we owe the provider for it, or a top-up's money.
    async fn record_opened(
        &self,
        tx: &mut WriteTx,
        payment: &payment::Model,
        allocation: Option<&payment_allocation::Model>,
        row: &refund::Model,
        currency: Currency,
    ) -> Result<()> {
        let from = match allocation {
            Some(allocation) => Leg::new(LedgerAccountKind::ProviderPayable, allocation.provider_id.0, row.amount_minor),
            None if payment.kind == PaymentKind::TopUp => Leg::new(LedgerAccountKind::Wallet, payment.customer_id.0, row.amount_minor),
            None => return Err(Error::Fault(Fault::new("a refund", "it belongs to no part of its payment"))),
        };
        let legs = vec![from, Leg::new(LedgerAccountKind::RefundPayable, row.customer_id.0, -row.amount_minor)];
        self.ledger.record_entry(tx, refund_entry("refund.opened", format!("open:{}", row.id), row, currency, legs)).await?;
        if allocation.is_none() {
            self.ledger.emit_wallet(tx, payment.customer_id, currency).await?;
        }
        Ok(())
    }
}

/// An entry about a refund.
pub(crate) fn refund_entry(kind: &'static str, key: String, row: &refund::Model, currency: Currency, legs: Vec<Leg>) -> NewEntry {
    NewEntry {
        kind,
        key,
        currency,
        payment_id: Some(row.payment_id),
        customer_id: Some(row.customer_id),
        subject: row.id.to_string(),
        reverses: None,
        memo: Some(row.reason.clone()),
        legs,
    }
}
