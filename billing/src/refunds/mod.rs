//! Refunds: money on its way back, to the card it came from or to the wallet.
//!
//! A refund is written down before anybody is asked, and its id is the gateway's idempotency key. What may go back is held
//! under the payment's lock: two operators never give the same money back twice. A gateway that does not answer is asked
//! again; a refund that it refused stays visible, and owed, until somebody retries it or sends it to the wallet.

mod due;
mod find;
mod retry;
mod settle;
mod steps;
mod wish;

use std::sync::Arc;

pub use wish::RefundWish;

use crate::audit::Audit;
use crate::clock::SharedClock;
use crate::events::Events;
use crate::gateways::Gateways;
use crate::identity::Identity;
use crate::kernel::Kernel;
use crate::lease::Leases;
use crate::ledger::Ledger;
use crate::ports::{Gateway, Waker};
use crate::refund_orders::RefundOrders;
use crate::remittances::Remittances;
use crate::settings::Settings;
use crate::stopping::Stopping;
use crate::store::Store;

/// Money on its way back to customers.
#[derive(Clone)]
pub struct Refunds {
    store: Store,
    clock: SharedClock,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    leases: Leases,
    stopping: Stopping,
    waker: Arc<dyn Waker>,
    gateway: Arc<dyn Gateway>,
    identity: Arc<Identity>,
    gateways: Arc<Gateways>,
    ledger: Arc<Ledger>,
    refund_orders: Arc<RefundOrders>,
    remittances: Arc<Remittances>,
}

impl Refunds {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(
        kernel: &Kernel,
        gateway: &Arc<dyn Gateway>,
        identity: &Arc<Identity>,
        gateways: &Arc<Gateways>,
        ledger: &Arc<Ledger>,
        refund_orders: &Arc<RefundOrders>,
        remittances: &Arc<Remittances>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            leases: kernel.leases.clone(),
            stopping: kernel.stopping.clone(),
            waker: kernel.waker.clone(),
            gateway: Arc::clone(gateway),
            identity: Arc::clone(identity),
            gateways: Arc::clone(gateways),
            ledger: Arc::clone(ledger),
            refund_orders: Arc::clone(refund_orders),
            remittances: Arc::clone(remittances),
        })
    }
}
