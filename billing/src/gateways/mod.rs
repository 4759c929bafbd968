//! Card networks and banks: set up at run time, chosen for each payment, and listened to.

mod access;
mod circuit;
mod currency;
mod customer;
mod events;
mod inbox;
mod list;
mod register;
mod route;
mod sweep;
mod switch;
mod test;

pub(crate) use access::GatewayMemory;
pub(crate) use customer::known_as;
pub(crate) use inbox::subject_of;
pub use inbox::{MAX_WEBHOOK_BYTES, WebhookTaken};
pub use register::{NewGateway, UpdateGateway};
pub(crate) use route::unavailable;
pub use route::{Candidate, RouteWish, RoutingDecision, Verdict};
pub use test::GatewayTest;

use crate::error::Error;

/// Gateways there may be.
const MAX_GATEWAYS: u64 = 50;

/// The method cannot be charged: a person can choose another one.
pub(crate) fn not_ready() -> Error {
    Error::invalid("METHOD_NOT_READY", "paymentMethodId", "This payment method cannot be charged; please use another one.")
}
