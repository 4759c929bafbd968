//! Saved payment methods: set up with a gateway, checked with the bank, and kept in order by their owner.
//!
//! A card number or an account number never comes here: it goes from the customer to the gateway, and what is stored is the
//! gateway's id of it and what a person recognises it by.

mod check;
mod expiry;
mod manage;
mod settle;
mod setup;
mod state;

use std::sync::Arc;

use billow_entities::payment_method;
use billow_kernel::audit::Audit;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::due::Due;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::settings::Settings;
use billow_kernel::store::Store;
pub use check::CheckMethods;
pub use expiry::{days_left, expires_soon};
pub use setup::{SetupOption, StartSetup};
pub use state::MethodFailure;

use crate::gateway::Gateway;
use crate::gateways::Gateways;

/// Cards, bank accounts and how they are set up.
#[derive(Clone)]
pub struct Methods {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    due: Due,
    gateway: Arc<dyn Gateway>,
    gateways: Arc<Gateways>,
}

impl Methods {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, gateway: &Arc<dyn Gateway>, gateways: &Arc<Gateways>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            due: kernel.due.clone(),
            gateway: Arc::clone(gateway),
            gateways: Arc::clone(gateways),
        })
    }
}

/// Methods one customer may have.
pub const MAX_METHODS: u64 = 20;
/// Methods that are listed, those that were refused among them.
const MAX_LISTED: u64 = 50;

/// A saved method in a few words: `Visa ···· 4242`.
#[must_use]
pub fn title(method: &payment_method::Model) -> String {
    // A bank may be known by a number only, which tells nobody anything.
    let known = method.brand.as_deref().filter(|brand| brand.chars().any(char::is_alphabetic));
    let brand = known.unwrap_or(match method.kind {
        billow_entities::MethodKind::Card => "Card",
        billow_entities::MethodKind::DirectDebit => "Direct debit",
    });
    let mut letters = brand.chars();
    let brand: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    match &method.last4 {
        Some(last4) => format!("{brand} ···· {last4}"),
        None => brand,
    }
}
