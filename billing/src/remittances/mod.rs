//! Remittances: our paying the provider for one bill, after its customer's money reached us.
//!
//! A remittance is marked as sent before its provider is called, and its id is the provider's idempotency key. Whatever the
//! provider did not answer is asked about, never paid again; what it cannot be asked about waits for an operator. A definite
//! refusal opens the bill again and gives the customer the money back by itself.

mod at_provider;
mod by_hand;
mod claim;
mod due;
mod find;
mod reverse;
mod settle;
mod steps;

pub use at_provider::at_provider;
pub use by_hand::decidable_from;
pub use find::RemittanceFilter;
