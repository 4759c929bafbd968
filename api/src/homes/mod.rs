//! Homes and their households, in the API.

pub(crate) mod invitation;
pub(crate) mod mutations;
pub(crate) mod property;
pub(crate) mod queries;
