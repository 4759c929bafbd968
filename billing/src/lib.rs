//! The business of Billow: a folder per noun, the ports to the outside, the event log and the clock.
//!
//! [`Billing`] is built once from a store, a clock, sources of randomness and ports. A use case is a method of it that
//! takes an [`Actor`] first; it checks, writes in one transaction with the events it causes, and answers plain values.
//! Nothing here knows HTTP, GraphQL or a job queue.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub mod accounts;
pub mod actor;
pub mod amounts;
pub mod audit;
pub mod bills;
pub mod budget;
mod by_id;
pub mod cipher;
mod circuit;
pub mod clock;
pub mod customers;
mod database_errors;
pub mod definition;
pub mod documents;
mod due;
pub mod error;
pub mod events;
pub mod fetching;
pub mod gateways;
pub mod homes;
pub mod identifiers;
pub mod identity;
pub mod imports;
pub mod keys;
mod lease;
pub mod ledger;
pub mod locale;
pub mod messages;
pub mod methods;
mod notices;
pub mod operations;
pub mod page;
pub mod payments;
pub mod ports;
pub mod providers;
pub mod reading;
pub mod reconciling;
pub mod refunds;
pub mod remittances;
mod runs;
mod secret_hosts;
mod stopping;
pub mod store;
pub mod telemetry;
pub mod text;
mod validate;
pub mod work;

pub use actor::{Actor, Scope};
pub use error::{Error, Problems, Result, UserError};
pub use store::Store;

/// What the business is told once, at the start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The web app's address without a trailing slash; links in messages begin with it.
    pub base_url: String,
    /// This process's name, unique among all processes.
    pub worker: String,
    /// How long a sign-in lasts without use, in days.
    pub session_days: i64,
    /// How long a sign-in lasts however much it is used, in days.
    pub session_max_days: i64,
    /// How many customers may sign up from one address in an hour.
    pub sign_ups_per_hour: i32,
    /// Whether people can sign up without an invitation.
    pub sign_up_open: bool,
    /// Whether this is the demo, in which everybody has a password that anybody can read.
    pub demo: bool,
    /// Whether gateways of the sandbox's card network may be added: it moves no money.
    pub sandbox_gateways: bool,
    /// Second factors, and when people are asked again who they are.
    pub security: identity::SecuritySettings,
}

impl Settings {
    /// The defaults.
    #[must_use]
    pub fn new(base_url: impl Into<String>, worker: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            worker: worker.into(),
            session_days: 30,
            session_max_days: 180,
            sign_ups_per_hour: 60,
            sign_up_open: true,
            demo: false,
            sandbox_gateways: false,
            security: identity::SecuritySettings::default(),
        }
    }
}

/// Everything the business is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn clock::Clock>,
    /// Randomness.
    pub entropy: Arc<dyn clock::Entropy>,
    /// Secrets at rest.
    pub cipher: cipher::Cipher,
    /// Utility providers.
    pub connector: Arc<dyn ports::Connector>,
    /// Web push.
    pub push: Arc<dyn ports::PushSender>,
    /// Mail.
    pub mailer: Arc<dyn ports::Mailer>,
    /// Text messages.
    pub sms: Arc<dyn ports::SmsSender>,
    /// Words of messages.
    pub renderer: Arc<dyn ports::Renderer>,
    /// Card networks and banks.
    pub gateway: Arc<dyn ports::Gateway>,
    /// Invoices and receipts on paper.
    pub documents: Arc<dyn ports::DocumentRenderer>,
    /// What keeps them.
    pub objects: Arc<dyn ports::ObjectStore>,
    /// The job queue.
    pub waker: Arc<dyn ports::Waker>,
    /// Settings.
    pub settings: Settings,
}

/// The business. Cloning it is cheap.
#[derive(Clone)]
pub struct Billing(Arc<Inner>);

/// [`Parts`], and what one process keeps in memory.
pub struct Inner {
    parts: Parts,
    ids: clock::IdSource,
    /// Live subscribers of this process.
    pub hub: Arc<events::LiveHub>,
    /// Told whenever the hub has come further.
    pub published: Arc<Notify>,
    pub(crate) leases_held: Mutex<HashMap<String, DateTime<Utc>>>,
    pub(crate) passwords: identity::Passwords,
    pub(crate) relying_party: identity::RelyingParty,
    pub(crate) provider_cache: providers::ProviderCache,
    pub(crate) fetching: Arc<fetching::FetchState>,
    pub(crate) gateways: gateways::GatewayMemory,
    /// Cancelled when this process claims nothing more.
    pub(crate) stop: CancellationToken,
    /// Work under way that nobody waits for until the process stops.
    pub tasks: TaskTracker,
}

impl std::ops::Deref for Inner {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl std::ops::Deref for Billing {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl std::fmt::Debug for Billing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Billing").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Billing {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let relying_party = identity::relying_party(&parts.settings.base_url);
        Self(Arc::new(Inner {
            parts,
            ids: clock::IdSource::default(),
            hub: Arc::default(),
            published: Arc::default(),
            leases_held: Mutex::default(),
            passwords: identity::Passwords::default(),
            relying_party,
            provider_cache: providers::ProviderCache::default(),
            fetching: Arc::default(),
            gateways: gateways::GatewayMemory::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.ids.next(&*self.clock, &*self.entropy)
    }

    /// A new secret of 32 bytes as 43 characters of base64url.
    #[must_use]
    pub fn new_token(&self) -> String {
        use base64::Engine as _;
        let mut bytes = [0u8; 32];
        self.entropy.fill(&mut bytes);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }

    /// From now on this process claims nothing. What it has claimed and not started it gives back by itself.
    pub async fn stop_claiming(&self) {
        self.stop.cancel();
        self.close_fetching().await;
    }

    /// This process's relay.
    #[must_use]
    pub fn relay(&self) -> events::Relay {
        events::Relay::new(self.store.clone(), Arc::clone(&self.hub), Arc::clone(&self.published), self.settings.worker.clone())
    }
}

/// Hex SHA-256, as tokens and contents are stored.
#[must_use]
pub fn sha256_hex(data: impl AsRef<[u8]>) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(data.as_ref()))
}
