//! What people are told, in the API.

pub(crate) mod mutations;
pub(crate) mod queries;
pub(crate) mod subscriptions;
pub(crate) mod types;
