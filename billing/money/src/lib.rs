//! Gateways, payment methods, payments, the ledger, refunds, remittances and documents.
//!
//! Nothing here knows how people are told.

pub mod absent;
mod currency;
pub mod documents;
pub mod gateway;
pub mod gateways;
mod idempotency;
pub mod ledger;
pub mod methods;
pub mod notices;
pub mod paper;
pub mod payable;
pub mod payable_bills;
pub mod payables;
pub mod payments;
pub mod recharges;
pub mod reconciling;
pub mod refund_orders;
pub mod refunds;
pub mod remittances;
