//! Imports, in the API.

pub(crate) mod mutations;
pub(crate) mod types;
