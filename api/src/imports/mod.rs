//! Imports, in the API.

pub(crate) mod mutations;
pub(crate) mod subscriptions;
pub(crate) mod types;
