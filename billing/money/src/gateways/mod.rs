//! Card networks and banks: set up at run time, chosen for each payment, and listened to.

mod access;
mod circuit;
mod currency;
mod customer;
mod events;
mod inbox;
mod list;
mod register;
mod route;
mod sweep;
mod switch;
mod test;

use std::sync::Arc;

pub(crate) use access::GatewayMemory;
use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::error::Error;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::settings::Settings;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
use billow_supply::identity::Identity;
pub(crate) use customer::known_as;
pub(crate) use inbox::subject_of;
pub use inbox::{MAX_WEBHOOK_BYTES, WebhookTaken};
pub use register::{NewGateway, UpdateGateway};
pub(crate) use route::unavailable;
pub use route::{Candidate, RouteRequest, RoutingDecision, Verdict};
pub use test::GatewayTest;

use crate::gateway::Gateway;

/// Those who move money for us.
#[derive(Clone)]
pub struct Gateways {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    waker: Arc<dyn Waker>,
    gateway: Arc<dyn Gateway>,
    identity: Arc<Identity>,
    memory: Arc<GatewayMemory>,
}

impl Gateways {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, gateway: &Arc<dyn Gateway>, identity: &Arc<Identity>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            waker: kernel.waker.clone(),
            gateway: Arc::clone(gateway),
            identity: Arc::clone(identity),
            memory: Arc::default(),
        })
    }
}

/// Gateways there may be.
const MAX_GATEWAYS: u64 = 50;

/// The method cannot be charged: a person can choose another one.
pub(crate) fn not_ready() -> Error {
    Error::invalid("METHOD_NOT_READY", "paymentMethodId", "This payment method cannot be charged; please use another one.")
}
