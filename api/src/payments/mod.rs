//! Payments, in the API.

pub(crate) mod allocation;
pub(crate) mod attempt;
pub(crate) mod inputs;
pub(crate) mod mutations;
pub(crate) mod payment;
pub(crate) mod queries;
pub(crate) mod quote;
pub(crate) mod subscriptions;
