//! Bills, in the API.

pub(crate) mod bill;
pub(crate) mod mutations;
pub(crate) mod page;
pub(crate) mod queries;
pub(crate) mod subscriptions;
