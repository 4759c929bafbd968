//! Fetching: due accounts are claimed, asked for at their providers side by side, and what comes back is written.
//!
//! `utility_accounts` is the queue: an account is due from `next_fetch_at` on, a lease says who is at it, and every lease
//! has a new fence, so that whoever comes back late is refused its writes. Nothing else has to survive: a process that is
//! killed leaves leases that run out, and what it fetched without writing is fetched again.

mod budget;
mod circuit;
mod claim;
mod hold;
mod judge;
mod next;
mod patience;
mod pipeline;
mod request;
mod run;
mod runs;
mod seats;
mod settle;
mod sweep;
mod try_out;
mod write;

use std::sync::Arc;

use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::lease::Leases;
use billow_kernel::settings::Settings;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
pub use budget::FetchBudget;
pub use claim::FetchAccounts;
pub use request::FetchTarget;
pub use run::FetchSummary;
pub use runs::FetchRunFilter;
pub(crate) use seats::FetchState;
pub use sweep::SweepSummary;
pub use try_out::{ProviderTestReport, TestProvider, TestedBill};

use crate::accounts::Accounts;
use crate::bills::Bills;
use crate::connector::Connector;
use crate::homes::Homes;
use crate::identity::Identity;
use crate::providers::Providers;
use crate::runs::Runs;

/// Asking providers for bills.
#[derive(Clone)]
pub struct Fetching {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    leases: Leases,
    waker: Arc<dyn Waker>,
    connector: Arc<dyn Connector>,
    identity: Arc<Identity>,
    homes: Arc<Homes>,
    providers: Arc<Providers>,
    runs: Arc<Runs>,
    accounts: Arc<Accounts>,
    bills: Arc<Bills>,
    state: Arc<FetchState>,
}

impl Fetching {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(
        kernel: &Kernel,
        connector: &Arc<dyn Connector>,
        identity: &Arc<Identity>,
        homes: &Arc<Homes>,
        providers: &Arc<Providers>,
        runs: &Arc<Runs>,
        accounts: &Arc<Accounts>,
        bills: &Arc<Bills>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            leases: kernel.leases.clone(),
            waker: kernel.waker.clone(),
            connector: Arc::clone(connector),
            identity: Arc::clone(identity),
            homes: Arc::clone(homes),
            providers: Arc::clone(providers),
            runs: Arc::clone(runs),
            accounts: Arc::clone(accounts),
            bills: Arc::clone(bills),
            state: Arc::default(),
        })
    }
}
