//! A push service (RFC 8030) and the browser behind it.
//!
//! It checks what real services check, and then does what the browser does: it decrypts the message with the subscription's own keys.
//! That is done by another implementation than the one that encrypts in Billow, so that the two cannot share a mistake.

mod receive;
mod subscribe;
mod vapid;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::server::Site;

pub use subscribe::NewSubscription;

/// Larger than any push may be, so that too large ones can be told so.
const MAX_BODY_BYTES: usize = 64 << 10;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/subscriptions", post(subscribe::subscribe))
        .route("/subscriptions/{id}/fault", post(subscribe::set_fault))
        .route("/send/{id}", post(receive::receive))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}
