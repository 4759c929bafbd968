//! Wallets, in the API.

pub(crate) mod inputs;
pub(crate) mod mutations;
pub(crate) mod queries;
pub(crate) mod subscriptions;
pub(crate) mod wallet;
