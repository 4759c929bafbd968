//! The double-entry ledger: append-only postings that add up to nothing per entry, which the database itself enforces.
//!
//! Debits are positive, credits negative. An entry has a key that makes it happen once, whoever records it again. The
//! balance of an account is kept by the database with each posting (in shards where many payments meet), so that reading
//! it costs the same after ten postings as after ten million; [`Ledger::ledger_proof`] holds it against the sum.

mod accounts;
mod journal;
mod proof;
mod record;
mod wallet;

use std::sync::Arc;

use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::store::Store;
pub use journal::journal_account;
pub use proof::{AccountTotal, LedgerProof};
pub use record::{Leg, NewEntry, Recorded};
pub(crate) use wallet::wallet_in;
pub use wallet::{WalletBalance, WalletEntry};

use crate::gateways::Gateways;

/// The books, and the wallets in them.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    events: Arc<Events>,
    gateways: Arc<Gateways>,
}

impl Ledger {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, gateways: &Arc<Gateways>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            events: kernel.events.clone(),
            gateways: Arc::clone(gateways),
        })
    }
}
