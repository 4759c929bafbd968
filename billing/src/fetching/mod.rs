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

pub use budget::FetchBudget;
pub use request::FetchTarget;
pub use run::FetchSummary;
pub use runs::FetchRunFilter;
pub(crate) use seats::FetchState;
pub use sweep::SweepSummary;
pub use try_out::{ProviderTestReport, TestProvider, TestedBill};

use crate::accounts::Accounts;
use crate::audit::Audit;
use crate::bills::Bills;
use crate::cipher::Cipher;
use crate::clock::{Ids, SharedClock};
use crate::events::Events;
use crate::homes::Homes;
use crate::identity::Identity;
use crate::kernel::Kernel;
use crate::lease::Leases;
use crate::ports::{Connector, Waker};
use crate::providers::Providers;
use crate::runs::Runs;
use crate::settings::Settings;
use crate::store::Store;

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
