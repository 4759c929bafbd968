//! Looking after an instance: its event log, what could not be digested, and how much there is to do.

mod dashboard;
mod dead_letters;
mod events;
mod gauges;
mod stats;

use std::sync::Arc;

pub use dashboard::Dashboard;
pub use events::EventFilter;
pub use stats::{ConsumerLag, InstanceStats};

use crate::audit::Audit;
use crate::clock::SharedClock;
use crate::consumers::Consumers;
use crate::events::Events;
use crate::kernel::Kernel;
use crate::store::Store;

/// Looks after an instance.
#[derive(Clone)]
pub struct Operations {
    store: Store,
    clock: SharedClock,
    audit: Audit,
    events: Arc<Events>,
    consumers: Consumers,
}

impl Operations {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, consumers: &Consumers) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            consumers: consumers.clone(),
        })
    }
}
