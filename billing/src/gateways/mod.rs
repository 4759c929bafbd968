//! Card networks and banks: set up at run time, chosen for each payment, and listened to.

mod access;
mod circuit;
mod customer;
mod events;
mod inbox;
mod list;
mod notices;
mod register;
mod route;
mod sweep;
mod switch;
mod test;

pub(crate) use access::GatewayMemory;
pub(crate) use customer::known_as;
pub use inbox::{MAX_WEBHOOK_BYTES, WebhookTaken};
pub use register::{NewGateway, UpdateGateway};
pub(crate) use route::unavailable;
pub use route::{Candidate, RouteWish, RoutingDecision, Verdict};
pub use test::GatewayTest;

/// Gateways there may be.
const MAX_GATEWAYS: u64 = 50;
