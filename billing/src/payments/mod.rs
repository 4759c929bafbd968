//! Payments: a customer's money on its way to bills or to their wallet, asked for once and settled once.
//!
//! What is meant is written down, with the key the gateway is given, before anybody is called. The call itself is made by
//! a task nobody can cancel. Whoever learns what became of a charge (the call, a webhook, the reconciler) brings it to
//! [`crate::Billing`]'s one function that settles, which changes something only if the news outranks what is known.

mod amounts;
mod by_id;
mod cancel;
mod claim;
mod complete;
mod delta;
mod dispatch;
mod draft;
mod insert;
mod link;
mod pay;
mod preview;
mod query;
mod quote;
mod recharge;
mod reconcile;
mod retry;
mod settle;
mod source;
mod state;
mod timeline;
mod top_up;
mod words;

use billow_entities::{BillId, PaymentId, PaymentKind, PaymentMethodId, PaymentStatus, payment};
use serde::{Deserialize, Serialize};

use crate::Billing;
use crate::error::Result;
use crate::events::kind;
use crate::store::NewEvent;

pub use amounts::{AmountVerdict, Bounds, bounds};
pub use delta::Changed;
pub use link::{NewPayLink, PayByLink, PayLink};
pub use pay::{Made, Pay, Wanted};
pub use preview::{PaymentPreview, PreviewLine, PreviewSums};
pub use query::PaymentFilter;
pub use quote::{NotPayable, PayableQuote, Payer};
pub use recharge::{NotRechargeable, RechargeQuote};
pub use retry::RetryPayment;
pub(crate) use settle::ChargeReport;
pub use state::{can_cancel, can_retry};
pub use timeline::{About, TimelineEntry};
pub use top_up::TopUp;

/// The most bills one payment is for.
pub const MAX_BILLS: usize = 50;
/// The most one payment may come to, in minor units.
pub const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000;

/// A bill, and how much of it is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BillAmount {
    /// Which bill.
    pub bill_id: BillId,
    /// In minor units; what is suggested where absent.
    pub amount_minor: Option<i64>,
}

/// The data of `payment.updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEventData {
    /// Which payment.
    pub payment_id: PaymentId,
    /// Where it stands.
    pub status: PaymentStatus,
    /// What it is for.
    pub kind: PaymentKind,
    /// The whole.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: String,
    /// What came further: `payment`, `remittance`, `refund` or `document`.
    pub what: String,
    /// Whether it was over before it was first seen; payments never are.
    #[serde(default)]
    pub historic: bool,
}

/// How the part of a payment that no wallet covers is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Means {
    /// There is no such part.
    WalletOnly,
    /// A saved method.
    Method(PaymentMethodId),
    /// A page of the gateway's.
    HostedPage,
}

impl Billing {
    /// The event that tells the payer and staff that `payment` came further; `what` is `payment`, `remittance`, `refund` or
    /// `document`.
    pub(crate) fn payment_event(&self, payment: &payment::Model, what: &'static str) -> Result<NewEvent> {
        let data = PaymentEventData {
            payment_id: payment.id,
            status: payment.status,
            kind: payment.kind,
            amount_minor: payment.amount_minor,
            currency: payment.currency.clone(),
            what: what.to_owned(),
            historic: false,
        };
        let event = self.event(kind::PAYMENT_UPDATED, payment.id.to_string(), serde_json::to_value(data)?);
        Ok(event.of_customer(payment.customer_id))
    }
}
