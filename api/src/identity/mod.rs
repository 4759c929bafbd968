//! People who sign in, in the API.

pub(crate) mod mutations;
pub(crate) mod queries;
pub(crate) mod second_factor;
pub(crate) mod types;
pub(crate) mod viewer;
