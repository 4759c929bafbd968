//! Bills: what providers and operators say is owed, checked before it is believed, kept with every version.

mod accept;
mod as_paid;
mod by_hand;
mod content;
mod history;
mod locked;
mod owed;
mod page_joined;
mod paid_elsewhere;
mod push;
mod query;
mod review;
pub(crate) mod sql;
mod state;
mod totals;
mod transition;
mod write;

use std::sync::Arc;

pub(crate) use accept::is_off;
pub use accept::{Accepted, MAX_LABEL, MAX_LINES, MAX_NUMBER, MAX_UNIT, Problem, accept, is_unusual};
use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::store::Store;
pub use by_hand::{BillCorrection, ManualBill};
pub use content::{BillContent, BillLine};
pub use locked::{LockedAccount, LockedBill};
pub use owed::left_minor;
pub use owed::{being_paid_of, left_of, to_pay_of};
pub use page_joined::{AccountHead, BillHead, BillJoins, JoinedBill, PropertyHead, ProviderHead};
pub use push::{MAX_PUSHED, PushEffect, PushReport, PushedBill};
pub use query::{BillFilter, BillListState, BillSort, BillVersion};
pub(crate) use review::{Known, RESCALED, SCALE, jumped, review};
pub use state::{BillEvent, BillStep, IllegalTransition, is_unsettled};
pub use totals::{BillTotals, Spend};
pub(crate) use write::{AccountKey, BillWrite, Effect};

use crate::connector::Connector;
use crate::homes::Homes;
use crate::providers::Providers;

/// What is owed.
#[derive(Clone)]
pub struct Bills {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    audit: Audit,
    events: Arc<Events>,
    homes: Arc<Homes>,
    providers: Arc<Providers>,
    connector: Arc<dyn Connector>,
}

impl Bills {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, connector: &Arc<dyn Connector>, homes: &Arc<Homes>, providers: &Arc<Providers>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            homes: Arc::clone(homes),
            providers: Arc::clone(providers),
            connector: Arc::clone(connector),
        })
    }
}
