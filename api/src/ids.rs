//! Ids as they come in.

use std::str::FromStr;

use async_graphql::ID;
use billow_billing::{Error, Result};

/// The id of a `what`; one of another form is one that does not exist.
///
/// # Errors
/// `NotFound`.
pub(crate) fn id_of<T: FromStr>(id: &ID, what: &'static str) -> Result<T> {
    id.parse().map_err(|_| Error::NotFound(what))
}

/// The id in a field of an input.
///
/// # Errors
/// `INVALID_ID` at that field.
pub(crate) fn field_id<T: FromStr>(id: &ID, path: &str) -> Result<T> {
    id.parse().map_err(|_| Error::invalid("INVALID_ID", path, "This is not the id of such a thing."))
}

/// The id in a field that may be missing.
///
/// # Errors
/// `INVALID_ID` at that field.
pub(crate) fn optional_id<T: FromStr>(id: Option<&ID>, path: &str) -> Result<Option<T>> {
    id.map(|id| field_id(id, path)).transpose()
}

/// An id as it goes out.
pub(crate) fn text(id: impl std::fmt::Display) -> ID {
    ID(id.to_string())
}
