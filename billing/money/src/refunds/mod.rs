//! Refunds: money on its way back, to the card it came from or to the wallet.
//!
//! A refund is written down before anybody is asked, and its id is the gateway's idempotency key. What may go back is held
//! under the payment's lock: two operators never give the same money back twice. A gateway that does not answer is asked
//! again; a refund that it refused stays visible, and owed, until somebody retries it or sends it to the wallet.

mod due;
mod find;
mod request;
mod retry;
mod settle;
mod steps;

use std::sync::Arc;

use billow_kernel::audit::Audit;
use billow_kernel::clock::SharedClock;
use billow_kernel::due::Due;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::settings::Settings;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
use billow_supply::identity::Identity;
pub use due::SendRefunds;
pub use request::RefundRequest;

use crate::gateway::Gateway;
use crate::gateways::Gateways;
use crate::ledger::Ledger;
use crate::refund_orders::RefundOrders;
use crate::remittances::Remittances;

/// Money on its way back to customers.
#[derive(Clone)]
pub struct Refunds {
    store: Store,
    clock: SharedClock,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    due: Due,
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
            due: kernel.due.clone(),
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
