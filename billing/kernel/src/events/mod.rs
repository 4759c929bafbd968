//! The event log: appended with the change it tells of, numbered by the relay, told live and kept as the archive.

mod catalogue;
mod emit;
mod external;
mod follow;
mod hub;
mod relay;
mod values;
mod whose;

use std::sync::Arc;

pub use catalogue::*;
pub use emit::PaymentStep;
pub use external::{ExternalType, UnknownType};
pub use follow::{FollowFrom, Followed, Scope as FollowScope};
pub use hub::{LiveHub, LiveItem, LiveStream, Topic};
pub use relay::Relay;
use tokio::sync::Notify;
pub use values::*;

use crate::clock::{Ids, SharedClock};
use crate::store::Store;

/// Makes events, and lets this process follow them.
pub struct Events {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    /// Live subscribers of this process.
    pub hub: Arc<LiveHub>,
    /// Told whenever the hub has come further.
    pub published: Arc<Notify>,
}

impl Events {
    /// The events of this store.
    #[must_use]
    pub fn new(store: Store, clock: SharedClock, ids: Ids) -> Self {
        Self { store, clock, ids, hub: Arc::default(), published: Arc::default() }
    }

    /// The relay of the process `worker`.
    #[must_use]
    pub fn relay(&self, worker: impl Into<String>) -> Relay {
        Relay::new(self.store.clone(), Arc::clone(&self.hub), Arc::clone(&self.published), worker.into())
    }
}
