//! Utility companies: registered at run time, versioned, paused, tried out.

mod check;
mod health;
mod list;
mod params;
mod plans;
mod register;
mod registry;
mod reschedule;
mod shape;
mod switch;
mod update;

use std::sync::Arc;

use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
use billow_kernel::{Actor, Result};
pub use health::ProviderHealth;
pub use list::ProviderFilter;
pub use params::{MAX_PARAM_LENGTH, compile_pattern, validate_params};
pub use plans::MAX_PLANS;
pub use register::Credentials;
pub(crate) use register::secrets_stay_at_home;
pub use registry::LoadedProvider;
pub(crate) use registry::ProviderCache;
pub use update::UpdateProvider;

use crate::connector::Connector;
pub use crate::definition::*;
use crate::identity::Identity;

/// Those who send bills, and how they are called.
#[derive(Clone)]
pub struct Providers {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    audit: Audit,
    events: Arc<Events>,
    waker: Arc<dyn Waker>,
    connector: Arc<dyn Connector>,
    identity: Arc<Identity>,
    provider_cache: Arc<ProviderCache>,
}

impl Providers {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, connector: &Arc<dyn Connector>, identity: &Arc<Identity>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            waker: kernel.waker.clone(),
            connector: Arc::clone(connector),
            identity: Arc::clone(identity),
            provider_cache: Arc::default(),
        })
    }
}

/// Lets everybody pass who said who they are.
fn signed_in(actor: &Actor) -> Result<()> {
    actor.known()
}
