//! Homes: they group utility accounts, and a household shares them.

mod visibility;

/// Homes one customer may belong to.
pub(crate) const MAX_HOMES: u64 = 1_000;
