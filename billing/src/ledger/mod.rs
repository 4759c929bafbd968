//! The double-entry ledger: append-only postings that add up to nothing per entry, which the database itself enforces.
//!
//! Debits are positive, credits negative. An entry has a key that makes it happen once, whoever records it again. The
//! balance of an account is kept by the database with each posting (in shards where many payments meet), so that reading
//! it costs the same after ten postings as after ten million; [`crate::Billing::ledger_proof`] holds it against the sum.

mod accounts;
mod journal;
mod proof;
mod record;
mod wallet;

pub use journal::journal_account;
pub use proof::{AccountTotal, LedgerProof};
pub use record::{Leg, NewEntry, Recorded};
pub(crate) use wallet::wallet_in;
pub use wallet::{WalletBalance, WalletEntry};
