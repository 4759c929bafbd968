//! Customers, in the API.

pub(crate) mod customer;
pub(crate) mod mutations;
pub(crate) mod queries;
