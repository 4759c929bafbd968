//! Imports by CSV: checked row by row, worked off in batches, resumed where they stopped.
//!
//! A file that cannot be read is refused as a whole; a row that is wrong fails alone and says why. Rows are told apart by
//! their `external_ref` or e-mail address, so that working one off twice, or importing a file twice, does no harm.

mod accounts;
mod csv;
mod customers;
mod find;
mod formula;
mod rejects;
mod run;
mod start;
mod sweep;

use billow_entities::import_row;

pub use self::csv::{COLUMNS, MAX_BYTES, MAX_ROWS};
pub use find::ImportRowFilter;
pub use start::{ImportKind, StartImport};

use crate::error::UserError;

/// What is said about a row: why it failed, or, where it is done, that somebody was there already.
#[must_use]
pub fn remarks(row: &import_row::Model) -> Vec<UserError> {
    serde_json::from_value(row.errors.clone()).unwrap_or_default()
}
