//! What a provider has of a payment already.

use billow_entities::{RemittanceStatus, payment_allocation, remittance};

/// How much of what is not refunded of an allocation its provider has, or may have: in minor units.
///
/// What was sent and not answered counts, for the provider may have it; what waits to be sent does not.
#[must_use]
pub fn at_provider(allocation: &payment_allocation::Model, remittance: Option<&remittance::Model>) -> i64 {
    use RemittanceStatus::{Confirmed, Manual, Queued, Rejected, Sent, Unknown};
    let left = (allocation.amount_minor - allocation.refunded_minor).max(0);
    remittance.map_or(0, |remittance| match remittance.status {
        Confirmed | Sent | Unknown => left.min(remittance.amount_minor),
        Queued | Manual | Rejected => 0,
    })
}
