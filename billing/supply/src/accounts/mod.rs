//! Customers' accounts at providers: added, mended, paused, closed.
//!
//! An account belongs to the customer who added it and may belong to a home, whose household sees it then. What the
//! customer told is sealed; a keyed index of the first parameter finds the account again and keeps it from being added
//! twice.

mod add;
mod find;
mod reveal;
mod sealed;
mod start;
mod switch;
mod update;

use std::sync::Arc;

pub use add::{AddAccount, MAX_ACCOUNTS};
use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
pub use find::AccountFilter;
pub use reveal::RevealedParam;
pub use start::StartedAccount;
pub use update::UpdateAccount;

use crate::homes::Homes;
use crate::identity::Identity;
use crate::providers::Providers;
use crate::runs::Runs;

/// What a customer has with a provider.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    audit: Audit,
    events: Arc<Events>,
    waker: Arc<dyn Waker>,
    identity: Arc<Identity>,
    homes: Arc<Homes>,
    providers: Arc<Providers>,
    runs: Arc<Runs>,
}

impl Accounts {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, identity: &Arc<Identity>, homes: &Arc<Homes>, providers: &Arc<Providers>, runs: &Arc<Runs>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            waker: kernel.waker.clone(),
            identity: Arc::clone(identity),
            homes: Arc::clone(homes),
            providers: Arc::clone(providers),
            runs: Arc::clone(runs),
        })
    }
}
