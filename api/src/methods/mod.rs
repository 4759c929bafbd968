//! Payment methods, in the API.

pub(crate) mod method;
pub(crate) mod mutations;
pub(crate) mod subscriptions;
