//! The second leg of payments and the way back: remittances, refunds and the daily reconciliation, on a database, with a
//! provider and a gateway that remember what they got.

mod providers;
mod reconciling;
mod refunds;

use std::sync::atomic::Ordering;

use billow_billing::refunds::RefundRequest;
use billow_entities::*;
use sea_orm::EntityTrait;

use crate::common::Bench;
use crate::common::payee::FakePayee;
pub use crate::payments::*;

/// The world with a provider that is paid by its interface.
pub async fn paying_world(bench: Bench) -> World {
    bench.ports.payee.takes_payments.store(true, Ordering::SeqCst);
    world(bench).await
}

/// A wish to give back all that is left of a payment.
pub fn all_of(payment: PaymentId, key: &str) -> RefundRequest {
    RefundRequest {
        payment,
        amount_minor: None,
        allocation: None,
        to_wallet: false,
        reason: "the customer asked".into(),
        idempotency_key: key.into(),
    }
}

impl World {
    pub fn payee(&self) -> &FakePayee {
        &self.bench.ports.payee
    }

    /// A bill that was paid by card; its provider has not been told.
    pub async fn paid_bill(&self, amount_minor: i64) -> (BillId, PaymentId) {
        let bill = self.bill(amount_minor).await;
        let made = self.pay(&[bill], &format!("the key of {bill}")).await.expect("paid");
        assert_eq!(made.payment.status, PaymentStatus::Succeeded);
        (bill, made.payment.id)
    }

    pub async fn remittance(&self) -> remittance::Model {
        self.remittances().await.remove(0)
    }

    pub async fn remit(&self) -> u64 {
        self.billing().remittances.remit_due().await.expect("remitted")
    }

    pub async fn send_refunds(&self) -> u64 {
        self.billing().refunds.refunds_due().await.expect("refunded")
    }

    /// Puts a remittance in another state, as a process that died would have left it.
    pub async fn left_behind(&self, change: impl FnOnce(&mut remittance::ActiveModel)) {
        use sea_orm::{ActiveModelTrait, IntoActiveModel};
        let mut row = self.remittance().await.into_active_model();
        change(&mut row);
        row.update(self.billing().kernel.store.write_pool()).await.expect("changed");
    }

    pub async fn refund_left_behind(&self, change: impl FnOnce(&mut refund::ActiveModel)) {
        use sea_orm::{ActiveModelTrait, IntoActiveModel};
        let mut row = self.refunds().await.remove(0).into_active_model();
        change(&mut row);
        row.update(self.billing().kernel.store.write_pool()).await.expect("changed");
    }

    /// What was told of payments besides the payments themselves.
    pub async fn news(&self, what: &str) -> usize {
        let all = event::Entity::find().all(self.billing().kernel.store.read()).await.expect("events");
        all.iter().filter(|e| e.kind == "payment.updated" && e.data["what"] == what).count()
    }
}
