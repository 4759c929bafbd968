//! Invoices and receipts, in the API.

pub(crate) mod document;
pub(crate) mod mutations;
