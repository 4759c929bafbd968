//! Recharges: plans that are bought for prepaid accounts.
//!
//! A recharge is written in the transaction of its payment, at the plan's price, and an account has one at a time. Nobody
//! owes it: when its payment comes to nothing, or the money goes back, it is cancelled, until that payment is tried again.

mod order;
mod quote;
mod read;
mod state;
mod taking;
mod words;

use std::sync::Arc;

use billow_entities::{RechargePlanId, UtilityAccountId};
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::store::Store;
use billow_supply::homes::Homes;
use billow_supply::providers::Providers;
pub use quote::{NotRechargeable, RechargeQuote};
use serde::Serialize;

/// A request to recharge a prepaid account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BuyPlan {
    /// Which account.
    pub account: UtilityAccountId,
    /// With which plan of its provider's, at its price.
    pub plan: RechargePlanId,
}

/// What is bought for prepaid accounts.
#[derive(Clone)]
pub struct Recharges {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    events: Arc<Events>,
    homes: Arc<Homes>,
    providers: Arc<Providers>,
}

impl Recharges {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, homes: &Arc<Homes>, providers: &Arc<Providers>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            events: kernel.events.clone(),
            homes: Arc::clone(homes),
            providers: Arc::clone(providers),
        })
    }
}
