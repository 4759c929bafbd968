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

use billow_entities::{BillId, PaymentMethodId};
use serde::Serialize;

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
