//! What every noun stands on.

use std::sync::Arc;

use crate::audit::Audit;
use crate::cipher::Cipher;
use crate::clock::{Entropy, Ids, SharedClock};
use crate::due::Due;
use crate::events::Events;
use crate::lease::Leases;
use crate::settings::Settings;
use crate::stopping::Stopping;
use crate::store::Store;
use crate::wake::Waker;

/// The database, the time, and what one process keeps in memory. Cloning it is cheap; a service takes from it what it needs.
#[derive(Clone)]
pub struct Kernel {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: SharedClock,
    /// Ids and tokens.
    pub ids: Ids,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Secrets at rest.
    pub cipher: Cipher,
    /// Settings.
    pub settings: Arc<Settings>,
    /// The audit trail.
    pub audit: Audit,
    /// Events.
    pub events: Arc<Events>,
    /// Leases of this process.
    pub leases: Leases,
    /// Claims what is due.
    pub due: Due,
    /// Whether this process stops.
    pub stopping: Stopping,
    /// The job queue.
    pub waker: Arc<dyn Waker>,
}

impl Kernel {
    /// Puts it together.
    #[must_use]
    pub fn new(
        store: Store,
        clock: SharedClock,
        entropy: Arc<dyn Entropy>,
        cipher: Cipher,
        waker: Arc<dyn Waker>,
        settings: Settings,
    ) -> Self {
        let ids = Ids::new(Arc::clone(&clock), Arc::clone(&entropy));
        let stopping = Stopping::default();
        Self {
            due: Due::new(store.clone(), Arc::clone(&clock), stopping.clone()),
            audit: Audit::new(store.clone(), Arc::clone(&clock), ids.clone()),
            events: Arc::new(Events::new(store.clone(), Arc::clone(&clock), ids.clone())),
            leases: Leases::new(store.clone(), Arc::clone(&clock), &settings.worker),
            stopping,
            settings: Arc::new(settings),
            store,
            clock,
            ids,
            entropy,
            cipher,
            waker,
        }
    }
}
