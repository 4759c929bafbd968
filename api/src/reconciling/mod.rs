//! Our books held against the gateways', in the API.

pub(crate) mod mutations;
pub(crate) mod reconciliation;
