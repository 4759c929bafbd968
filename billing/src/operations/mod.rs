//! Looking after an instance: its event log, what could not be digested, and how much there is to do.

mod dashboard;
mod dead_letters;
mod events;
mod gauges;
mod stats;

use std::sync::Arc;

use billow_kernel::audit::Audit;
use billow_kernel::clock::SharedClock;
use billow_kernel::consumers::Consumers;
use billow_kernel::due::Due;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::store::Store;
pub use dashboard::Dashboard;
pub use events::EventFilter;
pub use stats::{ConsumerLag, InstanceStats};

/// Looks after an instance.
#[derive(Clone)]
pub struct Operations {
    store: Store,
    clock: SharedClock,
    audit: Audit,
    events: Arc<Events>,
    consumers: Consumers,
    due: Due,
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
            due: kernel.due.clone(),
        })
    }
}
