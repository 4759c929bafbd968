//! A card network with a bank behind it, in the shape of Stripe's API, its pages and its webhooks.
//!
//! It keeps the promises a payment gateway makes, above all that of the idempotency key, and breaks them only where it is told to:
//! so that what counts charges here can be trusted to say whether anybody was charged twice.

mod answer;
mod bank;
mod books;
mod call;
mod changes;
mod customers;
mod faults;
mod form;
mod intents;
mod json;
mod keys;
mod log;
mod page;
mod refunds;
mod sessions;
mod setups;
mod state;
mod webhooks;

use axum::Router;
use axum::routing::{any, get};

pub(crate) use books::Books;
pub use faults::{CardCall, CardFault};
pub use log::{CardCallSeen, CardLogEntry, CardLogKind};
pub use state::{CardOutcome, CardPayment};
pub(crate) use webhooks::deliver;
pub use webhooks::{WebhookDelivery, WebhookManners, sign_webhook};

use crate::server::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/v1/{*path}", any(call::call))
        .route("/pay/{session}", get(page::session).post(page::act_on_session))
        .route("/confirm/{intent}", get(page::confirmation).post(page::act_on_confirmation))
}
