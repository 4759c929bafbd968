//! Payments: a customer's money on its way to bills or to their wallet, asked for once and settled once.
//!
//! What is meant is written down, with the key the gateway is given, before anybody is called. The call itself is made by
//! a task nobody can cancel. Whoever learns what became of a charge (the call, a webhook, the reconciler) brings it to
//! [`crate::Billing`]'s one function that settles, which changes something only if the news outranks what is known.

mod by_id;
mod cancel;
mod claim;
mod complete;
mod delta;
mod dispatch;
mod draft;
mod insert;
mod link;
mod pay;
mod preview;
mod query;
mod reconcile;
mod retry;
mod settle;
mod source;
mod state;
mod timeline;
mod top_up;
mod words;

use std::sync::Arc;

use billow_entities::PaymentMethodId;
use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::due::Due;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::settings::Settings;
use billow_kernel::stopping::Stopping;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
use billow_supply::bills::Bills;
use billow_supply::homes::Homes;
use billow_supply::identity::Identity;
use billow_supply::providers::Providers;
pub use claim::{CheckPayments, SendPayments};
pub use delta::Changed;
pub use link::{NewPayLink, PayByLink, PayLink};
pub use pay::{Made, Pay};
pub use preview::{PaymentPreview, PreviewLine, PreviewSums};
pub use query::PaymentFilter;
pub use retry::RetryPayment;
use serde::Serialize;
pub(crate) use settle::ChargeReport;
pub use state::{can_cancel, can_retry};
pub use timeline::{About, TimelineEntry};
pub use top_up::TopUp;

use crate::documents::Documents;
use crate::gateway::Gateway;
use crate::gateways::Gateways;
use crate::ledger::Ledger;
use crate::payable_bills::PayableBills;
use crate::payables::Payables;
use crate::refund_orders::RefundOrders;
use crate::remittances::Remittances;

/// Charges, from the quote to the end.
#[derive(Clone)]
pub struct Payments {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    due: Due,
    stopping: Stopping,
    waker: Arc<dyn Waker>,
    gateway: Arc<dyn Gateway>,
    identity: Arc<Identity>,
    homes: Arc<Homes>,
    providers: Arc<Providers>,
    bills: Arc<Bills>,
    gateways: Arc<Gateways>,
    ledger: Arc<Ledger>,
    documents: Arc<Documents>,
    refund_orders: Arc<RefundOrders>,
    payables: Arc<Payables>,
    payable_bills: Arc<PayableBills>,
    remittances: Arc<Remittances>,
}

impl Payments {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "one for each service it may ask")]
    pub fn new(
        kernel: &Kernel,
        gateway: &Arc<dyn Gateway>,
        identity: &Arc<Identity>,
        homes: &Arc<Homes>,
        providers: &Arc<Providers>,
        bills: &Arc<Bills>,
        gateways: &Arc<Gateways>,
        ledger: &Arc<Ledger>,
        documents: &Arc<Documents>,
        refund_orders: &Arc<RefundOrders>,
        payables: &Arc<Payables>,
        payable_bills: &Arc<PayableBills>,
        remittances: &Arc<Remittances>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            due: kernel.due.clone(),
            stopping: kernel.stopping.clone(),
            waker: kernel.waker.clone(),
            gateway: Arc::clone(gateway),
            identity: Arc::clone(identity),
            homes: Arc::clone(homes),
            providers: Arc::clone(providers),
            bills: Arc::clone(bills),
            gateways: Arc::clone(gateways),
            ledger: Arc::clone(ledger),
            documents: Arc::clone(documents),
            refund_orders: Arc::clone(refund_orders),
            payables: Arc::clone(payables),
            payable_bills: Arc::clone(payable_bills),
            remittances: Arc::clone(remittances),
        })
    }
}

/// How the part of a payment that no wallet covers is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Means {
    /// There is no such part.
    WalletOnly,
    /// A saved method.
    Method(PaymentMethodId),
    /// A page of the gateway's.
    HostedPage,
}
