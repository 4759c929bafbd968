//! What every request of this process shares.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_graphql::ValidationMode;
use billow_billing::budget::network;
use billow_billing::events::{FollowFrom, FollowScope, Followed, kind};
use billow_billing::{Actor, Billing};
use futures::{FutureExt as _, StreamExt as _};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::auth::Identities;
use crate::charge::Budgets;
use crate::config::ApiConfig;
use crate::document_cache::Documents;
use crate::introspection;
use crate::names::Names;
use crate::persisted::Persisted;
use crate::schema::BillowSchema;

/// Introspections that are answered at the same time.
const INTROSPECTING: usize = 1;
/// Long requests that are read at the same time.
const READING: usize = 1;
/// Subscriptions of one sign-in that catch up at the same time.
const CATCHING_UP: usize = 2;
/// How long to wait for the database before it is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// The parts; cloning is cheap.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// See [`App`].
pub(crate) struct Parts {
    pub billing: Billing,
    pub config: Arc<ApiConfig>,
    pub schema: BillowSchema,
    /// The same, for operations that were found valid before.
    pub schema_of_valid: BillowSchema,
    pub documents: Documents,
    pub identities: Arc<Identities>,
    pub presence: Presence,
    /// Sockets open now.
    pub sockets: AtomicUsize,
    /// The same, by the network they come from.
    pub sockets_by_network: Mutex<HashMap<IpAddr, usize>>,
    pub budgets: Arc<Budgets>,
    pub persisted: Persisted,
    pub names: Names,
    pub introspections: introspection::Cache,
    /// Introspections that are answered at the same time.
    pub introspecting: Arc<Semaphore>,
    /// Long requests that are read at the same time.
    pub reading: Arc<Semaphore>,
    /// Subscriptions that catch up at the same time.
    pub catching_up: Arc<Semaphore>,
    model: OnceLock<Option<introspection::Model>>,
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Puts the parts together.
    pub(crate) fn new(billing: Billing, config: ApiConfig) -> Self {
        let config = Arc::new(config);
        let identities = Arc::new(Identities::default());
        let [schema, schema_of_valid] = [ValidationMode::Strict, ValidationMode::Fast]
            .map(|mode| crate::schema::executable(billing.clone(), Arc::clone(&config), Arc::clone(&identities), mode));
        let limits = &config.limits;
        Self(Arc::new(Parts {
            budgets: Arc::new(Budgets::new(limits)),
            persisted: Persisted::default(),
            names: Names::default(),
            introspections: introspection::Cache::default(),
            introspecting: Arc::new(Semaphore::new(INTROSPECTING)),
            reading: Arc::new(Semaphore::new(READING)),
            catching_up: Arc::new(Semaphore::new(limits.catching_up.max(1))),
            model: OnceLock::new(),
            sockets_by_network: Mutex::default(),
            billing,
            schema,
            schema_of_valid,
            documents: Documents::default(),
            identities,
            presence: Presence::default(),
            sockets: AtomicUsize::new(0),
            config,
        }))
    }

    /// The model that introspection is counted on, made at the first question.
    pub(crate) fn model(&self) -> Option<&introspection::Model> {
        let make = || {
            let answer = self.schema_of_valid.execute(introspection::QUESTION).now_or_never()?.into_result().ok()?;
            Some(introspection::Model::of(&answer.data.into_json().ok()?))
        };
        self.model.get_or_init(make).as_ref()
    }

    /// Counts one more socket from `address`, unless there are as many as there may be.
    pub(crate) fn open_socket(&self, address: Option<IpAddr>) -> Option<SocketCount> {
        let limits = &self.config.limits;
        let network = address.map(network);
        let before = self.sockets.fetch_add(1, Ordering::AcqRel);
        let from_there = network.map_or(0, |network| {
            let mut counts = self.sockets_by_network.lock();
            let count = counts.entry(network).or_default();
            *count += 1;
            *count
        });
        metrics::gauge!("billow_sockets").increment(1.0);
        let counted = SocketCount { app: self.clone(), network };
        let fits = before < limits.sockets && (limits.sockets_per_address == 0 || from_there <= limits.sockets_per_address);
        if !fits {
            metrics::counter!("billow_sockets_refused_total").increment(1);
        }
        fits.then_some(counted)
    }

    /// Watches for sign-ins that end, in whichever process, and closes their sockets here.
    pub(crate) async fn watch_sign_outs(self) {
        const KINDS: &[&str] = &[kind::SESSION_REVOKED, kind::CLIENT_REVOKED, kind::CUSTOMER_UPDATED];
        let stream = loop {
            match self.billing.kernel.events.follow(FollowScope::All, KINDS, FollowFrom::Now).await {
                Ok(stream) => break stream,
                Err(error) => {
                    tracing::warn!(error = %error, "session revocations cannot be followed yet; retrying");
                    tokio::time::sleep(RETRY).await;
                }
            }
        };
        futures::pin_mut!(stream);
        while let Some(item) = stream.next().await {
            match item {
                Ok(Followed::Event(event)) => {
                    self.identities.forget();
                    self.presence.end(&event.subject);
                }
                Ok(Followed::Resync { .. }) => self.identities.forget(),
                Err(error) => {
                    self.identities.forget();
                    tracing::warn!(error = %error, "the log of sign-outs could not be read; it is tried again");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }
}

/// One open socket.
pub(crate) struct SocketCount {
    app: App,
    network: Option<IpAddr>,
}

impl Drop for SocketCount {
    fn drop(&mut self) {
        self.app.sockets.fetch_sub(1, Ordering::AcqRel);
        if let Some(network) = self.network {
            let mut counts = self.app.sockets_by_network.lock();
            if let Some(count) = counts.get_mut(&network) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&network);
                }
            }
        }
        metrics::gauge!("billow_sockets").decrement(1.0);
    }
}

/// Which sign-ins and keys have sockets here, so that these can be closed when those end.
#[derive(Debug, Default)]
pub(crate) struct Presence(Mutex<HashMap<String, Present>>);

/// The sockets of one sign-in or key.
#[derive(Debug)]
struct Present {
    ended: CancellationToken,
    sockets: usize,
    catching_up: Arc<Semaphore>,
}

/// A socket's part in its sign-in.
#[derive(Debug)]
pub(crate) struct Entered {
    /// Cancelled when the sign-in ends.
    pub ended: CancellationToken,
    /// The turns of this sign-in to catch up.
    pub catching_up: Arc<Semaphore>,
    /// How many sockets the sign-in has with this one.
    pub sockets: usize,
}

impl Presence {
    /// Notes one more socket of `actor`.
    pub(crate) fn enter(&self, actor: &Actor) -> Entered {
        let new = || Present { ended: CancellationToken::new(), sockets: 0, catching_up: Arc::new(Semaphore::new(CATCHING_UP)) };
        let enter = |present: &mut Present| {
            present.sockets += 1;
            Entered { ended: present.ended.clone(), catching_up: Arc::clone(&present.catching_up), sockets: present.sockets }
        };
        match key(actor) {
            Some(key) => enter(self.0.lock().entry(key).or_insert_with(new)),
            None => enter(&mut new()),
        }
    }

    /// Notes one socket less.
    pub(crate) fn leave(&self, actor: &Actor) {
        let Some(key) = key(actor) else { return };
        let mut map = self.0.lock();
        if let Some(present) = map.get_mut(&key) {
            present.sockets = present.sockets.saturating_sub(1);
            if present.sockets == 0 {
                map.remove(&key);
            }
        }
    }

    /// The sign-in or key with this id has ended.
    pub(crate) fn end(&self, id: &str) {
        if let Some(present) = self.0.lock().get(id) {
            present.ended.cancel();
        }
    }
}

fn key(actor: &Actor) -> Option<String> {
    match actor {
        Actor::User { session_id, .. } | Actor::Enrolling { session_id, .. } => Some(session_id.to_string()),
        Actor::Client { client_id, .. } => Some(client_id.to_string()),
        Actor::Anonymous | Actor::Import { .. } | Actor::System => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use billow_entities::{Role, SessionId, UserId};

    #[test]
    fn a_sign_in_that_ends_cancels_its_sockets_and_nobody_else_s() {
        let user = |n: u128| Actor::User {
            user_id: UserId(uuid::Uuid::from_u128(n)),
            role: Role::Customer,
            customer_id: None,
            session_id: SessionId(uuid::Uuid::from_u128(n)),
        };
        let presence = Presence::default();
        let (first, second, other) = (presence.enter(&user(1)), presence.enter(&user(1)), presence.enter(&user(2)));
        assert_eq!((first.sockets, second.sockets, other.sockets), (1, 2, 1));
        presence.leave(&user(1));
        presence.end(&SessionId(uuid::Uuid::from_u128(1)).to_string());
        assert!(first.ended.is_cancelled() && second.ended.is_cancelled() && !other.ended.is_cancelled());
        presence.leave(&user(1));
        presence.leave(&user(2));
        assert!(presence.0.lock().is_empty());
    }
}
