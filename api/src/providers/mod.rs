//! Providers, in the API.

pub(crate) mod mutations;
pub(crate) mod provider;
pub(crate) mod queries;
pub(crate) mod subscriptions;
pub(crate) mod test_report;
