//! What follows when the money is ours: postings, what was paid, and what the provider is to be told. One transaction with the
//! report that said so.

use std::collections::HashSet;

use billow_entities::{
    AllocationId, LedgerAccountKind, PaymentKind, PaymentStatus, RefundCause, payment, payment_allocation, payment_attempt,
};
use billow_kernel::error::{Error, Result};
use billow_kernel::events::PaymentStep;
use billow_kernel::store::WriteTx;
use billow_kernel::wake::Wakeup;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::Payments;
use super::settle::lock_payment;
use super::state::is_final;
use crate::currency::currency_of;
use crate::ledger::{Leg, wallet_in};
use crate::payable::{LockedParts, providers_of};
use crate::refund_orders::{GiveBack, NewRefund};

/// The money was taken for a bill that no longer needed it.
const NOT_NEEDED: &str = "The bill no longer needed the money when it arrived.";
/// The money came a second time.
const TWICE: &str = "The payment had gone through before; this charge was not needed.";
/// The money came when the rest was no longer there.
const TOO_LATE: &str = "The money arrived after the payment had been given up, and the wallet no longer covered the rest.";

impl Payments {
    /// Completes a payment whose money is ours: `charge` is the attempt that succeeded, already written; none where the
    /// wallet paid it all. The caller holds the payment's row, and asks for the documents.
    pub(super) async fn complete(
        &self,
        tx: &mut WriteTx,
        payment: payment::Model,
        charge: Option<&payment_attempt::Model>,
    ) -> Result<payment::Model> {
        let given_up = is_final(payment.status);
        // What was set aside was released when the payment was given up; it is taken again if it is still there.
        if given_up && payment.wallet_minor > 0 && !self.hold_again(tx, &payment, charge).await? {
            self.give_charge_back(tx, &payment, charge, TOO_LATE).await?;
            return Ok(payment);
        }
        let allocations = payment_allocation::Entity::find()
            .filter(payment_allocation::Column::PaymentId.eq(payment.id))
            .order_by_asc(payment_allocation::Column::TargetId)
            .lock(LockType::NoKeyUpdate)
            .all(&**tx)
            .await?;
        let providers = self.providers.load_providers(&**tx, providers_of(&allocations)).await?;
        let locked = self.payables.lock(tx, &allocations, &providers).await?;
        let surplus = surplus_of(&allocations, &locked);
        self.post_settled(tx, &payment, charge, &allocations, &surplus).await?;

        payment_allocation::Entity::update_many()
            .col_expr(payment_allocation::Column::Live, Expr::value(false))
            .filter(payment_allocation::Column::PaymentId.eq(payment.id))
            .filter(payment_allocation::Column::Live.eq(true))
            .exec(&**tx)
            .await?;
        let mut payment = self.write_succeeded(tx, payment).await?;
        let kept: Vec<&payment_allocation::Model> = allocations.iter().filter(|part| !surplus.contains(&part.id)).collect();
        self.pay_off(tx, &kept, locked).await?;
        self.remittances.queue(tx, &kept, &providers).await?;
        for allocation in allocations.iter().filter(|a| surplus.contains(&a.id)) {
            let request = GiveBack {
                payment: &payment,
                allocation: Some(allocation),
                cause: RefundCause::Surplus,
                reason: NOT_NEEDED.into(),
                amount_minor: allocation.amount_minor,
                to_wallet: false,
                actor: "system".into(),
                key: format!("surplus:{}", allocation.id),
                nth: 0,
                request_hash: String::new(),
            };
            self.refund_orders.give_back(tx, request).await?;
        }
        if !surplus.is_empty() {
            // What goes back is counted in its row.
            payment = lock_payment(tx, payment.id).await?;
        }
        tx.emit(self.events.payment(&payment, PaymentStep::Payment)?);
        if payment.wallet_minor > 0 || payment.kind == PaymentKind::TopUp {
            self.ledger.emit_wallet(tx, payment.customer_id, currency_of(&payment.currency)?).await?;
        }
        Ok(payment)
    }

    /// A second charge of a payment that had gone through: all of it goes back.
    pub(super) async fn complete_twice(&self, tx: &mut WriteTx, payment: &payment::Model, charge: &payment_attempt::Model) -> Result<()> {
        self.give_charge_back(tx, payment, Some(charge), TWICE).await
    }

    /// Takes the wallet's part again for a success that came late; answers whether it was there.
    async fn hold_again(&self, tx: &WriteTx, payment: &payment::Model, charge: Option<&payment_attempt::Model>) -> Result<bool> {
        let wallet = wallet_in(&**tx, payment.customer_id, currency_of(&payment.currency)?).await?;
        let Some(charge) = charge.filter(|_| wallet.available_minor >= payment.wallet_minor) else { return Ok(false) };
        self.hold_wallet(tx, payment, &format!("hold:{}:late:{}", payment.id, charge.number)).await?;
        Ok(true)
    }

    /// A charge nothing is to be done with: posted as it came, and on its way back.
    async fn give_charge_back(
        &self,
        tx: &mut WriteTx,
        payment: &payment::Model,
        charge: Option<&payment_attempt::Model>,
        reason: &str,
    ) -> Result<()> {
        let Some(charge) = charge else { return Ok(()) };
        let mut legs = arrived(charge);
        legs.push(Leg::new(LedgerAccountKind::RefundPayable, payment.customer_id.0, -charge.amount_minor));
        let entry = self.payment_entry("payment.settled", format!("settle:{}", charge.id), payment, Some(reason), legs)?;
        self.ledger.record_entry(tx, entry).await?;
        let new = NewRefund {
            payment,
            allocation: None,
            charge: Some(charge),
            cause: RefundCause::Surplus,
            reason: reason.into(),
            amount_minor: charge.amount_minor,
            actor: "system".into(),
            key: format!("surplus:{}", charge.id),
            request_hash: String::new(),
        };
        self.refund_orders.open_refund(tx, new).await?;
        Ok(())
    }

    async fn post_settled(
        &self,
        tx: &WriteTx,
        payment: &payment::Model,
        charge: Option<&payment_attempt::Model>,
        allocations: &[payment_allocation::Model],
        surplus: &HashSet<AllocationId>,
    ) -> Result<()> {
        let mut legs = charge.map(arrived).unwrap_or_default();
        let owner = payment.customer_id.0;
        legs.push(Leg::new(LedgerAccountKind::WalletHold, owner, payment.wallet_minor));
        if payment.kind == PaymentKind::TopUp {
            legs.push(Leg::new(LedgerAccountKind::Wallet, owner, -payment.amount_minor));
        }
        let mut parts: Vec<&payment_allocation::Model> = allocations.iter().collect();
        // Accounts that are opened by the way are opened by everybody in one order.
        parts.sort_by_key(|a| a.provider_id);
        for part in parts {
            legs.push(if surplus.contains(&part.id) {
                Leg::new(LedgerAccountKind::RefundPayable, owner, -part.amount_minor)
            } else {
                Leg::new(LedgerAccountKind::ProviderPayable, part.provider_id.0, -part.amount_minor)
            });
        }
        // A leg of nothing would open an account nobody needs.
        legs.retain(|leg| leg.amount_minor != 0);
        let key = charge.map_or_else(|| format!("settle:{}", payment.id), |charge| format!("settle:{}", charge.id));
        let memo = if payment.kind == PaymentKind::TopUp { "Top-up" } else { "Payment" };
        let entry = self.payment_entry("payment.settled", key, payment, Some(memo), legs)?;
        self.ledger.record_entry(tx, entry).await?;
        Ok(())
    }

    async fn write_succeeded(&self, tx: &WriteTx, mut payment: payment::Model) -> Result<payment::Model> {
        let now = self.clock.now();
        payment.status = PaymentStatus::Succeeded;
        payment.status_reason = None;
        payment.decline_kind = None;
        payment.settled_at = Some(now);
        payment.updated_at = now;
        payment.check_at = None;
        payment.lease_until = None;
        Ok(payment.into_active_model().reset_all().update(&**tx).await?)
    }

    /// Says to everything that was paid that it is.
    async fn pay_off(&self, tx: &mut WriteTx, parts: &[&payment_allocation::Model], mut locked: LockedParts) -> Result<()> {
        for part in parts {
            let payable = locked.remove(&part.id).ok_or(Error::NotFound("bill"))?;
            payable.paid(tx, part.amount_minor).await?;
        }
        Ok(())
    }

    /// Wakes who has something to do after a payment moved.
    pub(super) async fn wake_after(&self, payment: &payment::Model) {
        if payment.status == PaymentStatus::Succeeded {
            self.waker.wake(Wakeup::Pay).await;
        }
        self.waker.wake(Wakeup::Documents).await;
    }
}

/// What a charge brought, and what the gateway kept of it.
fn arrived(charge: &payment_attempt::Model) -> Vec<Leg> {
    let (gateway, fee) = (charge.gateway_id.0, charge.fee_minor.unwrap_or(0));
    vec![
        Leg::new(LedgerAccountKind::GatewayClearing, gateway, charge.amount_minor - fee),
        Leg::new(LedgerAccountKind::GatewayFees, gateway, fee),
    ]
}

/// The parts whose money is not taken any more.
fn surplus_of(parts: &[payment_allocation::Model], locked: &LockedParts) -> HashSet<AllocationId> {
    let taken = |part: &payment_allocation::Model| locked.get(&part.id).is_some_and(|payable| payable.takes(part.amount_minor));
    parts.iter().filter(|part| !taken(part)).map(|part| part.id).collect()
}
