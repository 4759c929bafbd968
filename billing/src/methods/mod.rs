//! Saved payment methods: set up with a gateway, checked with the bank, and kept in order by their owner.
//!
//! A card number or an account number never comes here: it goes from the customer to the gateway, and what is stored is the
//! gateway's id of it and what a person recognises it by.

mod check;
mod expiry;
mod manage;
mod settle;
mod setup;
mod state;

pub use expiry::{days_left, expires_soon};
pub use setup::{SetupOption, StartSetup};
pub use state::MethodFailure;

use billow_entities::payment_method;
use serde_json::json;

use crate::Billing;
use crate::error::Error;
use crate::events::kind;
use crate::store::NewEvent;

/// Methods one customer may have.
pub const MAX_METHODS: u64 = 20;
/// Methods that are listed, those that were refused among them.
const MAX_LISTED: u64 = 50;

/// The method cannot be charged: a person can choose another one.
pub(crate) fn not_ready() -> Error {
    Error::invalid("METHOD_NOT_READY", "paymentMethodId", "This payment method cannot be charged; please use another one.")
}

/// What to call a method on screen: `Visa ···· 4242`.
#[must_use]
pub fn title(method: &payment_method::Model) -> String {
    crate::documents::method_title(method)
}

impl Billing {
    /// The event that tells the owner that a method changed; `expiring` is how many days are left of a card.
    fn method_event(&self, model: &payment_method::Model, expiring: Option<i32>) -> NewEvent {
        let data = json!({
            "method_id": model.id,
            "kind": model.kind,
            "status": model.status,
            "reason": model.status_reason,
            "brand": model.brand,
            "last4": model.last4,
            "label": model.label,
            "exp_month": model.exp_month,
            "exp_year": model.exp_year,
            "is_default": model.is_default,
            "expiring": expiring,
            "historic": false,
        });
        self.event(kind::METHOD_UPDATED, model.id.to_string(), data).of_customer(model.customer_id)
    }
}
