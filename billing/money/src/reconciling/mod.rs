//! The daily reconciliation: what a gateway says it charged and refunded on a day, held against our attempts, refunds and
//! ledger. It finds and tells; it moves no money.

mod books;
mod compare;
mod find;
mod resolve;
mod run;

use std::sync::Arc;

use billow_kernel::audit::Audit;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::lease::Leases;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;

use crate::gateway::Gateway;
use crate::gateways::Gateways;

/// Our books held against the gateways'.
#[derive(Clone)]
pub struct Reconciling {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    audit: Audit,
    events: Arc<Events>,
    leases: Leases,
    waker: Arc<dyn Waker>,
    gateway: Arc<dyn Gateway>,
    gateways: Arc<Gateways>,
}

impl Reconciling {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, gateway: &Arc<dyn Gateway>, gateways: &Arc<Gateways>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            leases: kernel.leases.clone(),
            waker: kernel.waker.clone(),
            gateway: Arc::clone(gateway),
            gateways: Arc::clone(gateways),
        })
    }
}
