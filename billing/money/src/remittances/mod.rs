//! Remittances: our paying the provider for one part of a payment, after its customer's money reached us.
//!
//! A remittance is marked as sent before its provider is called, and its id is the provider's idempotency key. Whatever the
//! provider did not answer is asked about, never paid again; what it cannot be asked about waits for an operator. A definite
//! refusal opens the bill again and gives the customer the money back by itself.

mod at_provider;
mod by_hand;
mod claim;
mod due;
mod find;
mod queue;
mod reverse;
mod settle;
mod steps;

use std::sync::Arc;

pub use at_provider::at_provider;
use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::due::Due;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::stopping::Stopping;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
use billow_supply::accounts::Accounts;
use billow_supply::connector::Connector;
use billow_supply::providers::Providers;
pub use by_hand::decidable_from;
pub use claim::Remit;
pub use find::RemittanceFilter;

use crate::ledger::Ledger;
use crate::payables::Payables;
use crate::refund_orders::RefundOrders;

/// Money on its way to providers.
#[derive(Clone)]
pub struct Remittances {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    audit: Audit,
    events: Arc<Events>,
    due: Due,
    stopping: Stopping,
    waker: Arc<dyn Waker>,
    connector: Arc<dyn Connector>,
    providers: Arc<Providers>,
    accounts: Arc<Accounts>,
    payables: Arc<Payables>,
    ledger: Arc<Ledger>,
    refund_orders: Arc<RefundOrders>,
}

impl Remittances {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(
        kernel: &Kernel,
        connector: &Arc<dyn Connector>,
        providers: &Arc<Providers>,
        accounts: &Arc<Accounts>,
        payables: &Arc<Payables>,
        ledger: &Arc<Ledger>,
        refund_orders: &Arc<RefundOrders>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            due: kernel.due.clone(),
            stopping: kernel.stopping.clone(),
            waker: kernel.waker.clone(),
            connector: Arc::clone(connector),
            providers: Arc::clone(providers),
            accounts: Arc::clone(accounts),
            payables: Arc::clone(payables),
            ledger: Arc::clone(ledger),
            refund_orders: Arc::clone(refund_orders),
        })
    }
}
