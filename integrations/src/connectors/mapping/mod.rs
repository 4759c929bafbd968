//! From what a program yields to bills, saying exactly which field of which bill is wrong.

mod bill;
mod outcome;
mod payment;
mod reader;

pub(super) use bill::{read_bill, read_bills};
pub(super) use outcome::{Kind as OutcomeKind, Mapped, read_outcome};
pub(super) use payment::read_payment;

/// Bills in one answer to a fetch.
pub(super) const MAX_BILLS: usize = 500;
