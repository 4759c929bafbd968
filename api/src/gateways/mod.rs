//! Gateways, in the API.

pub(crate) mod gateway;
pub(crate) mod mutations;
pub(crate) mod queries;
