//! The `FILE` connector: bills as CSV, dropped in a folder or fetched from an address.
//!
//! A folder is shared by all accounts of a provider, so what was read is kept until the files change. Nothing outside the
//! configured drop folder is ever opened, and no links are followed.

mod connector;
mod downloads;
mod folder;
mod rows;
#[cfg(test)]
mod tests;

pub use connector::FileConnector;
