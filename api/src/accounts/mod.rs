//! Utility accounts, in the API.

pub(crate) mod account;
pub(crate) mod mutations;
pub(crate) mod subscriptions;
