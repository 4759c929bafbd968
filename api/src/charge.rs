//! What an operation costs, charged to its caller before it runs, and the lane that costly operations share.
//!
//! The cost of an operation is only known once it was validated. The schema that validates does it by an extension; what was
//! found valid before is known with its cost and runs without one.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{ServerError, ValidationResult};
use billow_billing::budget::{Budget, network};
use billow_billing::{Actor, Error};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Limits;

/// What every request costs besides its fields.
const BASE: u32 = 5;
/// Bytes of a document that was not seen before that cost as much as one field: it is parsed and validated.
const BYTES_PER_FIELD: usize = 50;
/// From this cost on an operation waits for the costly ones before it.
const COSTLY: usize = 1_000;

/// The budgets of all callers of this process.
#[derive(Debug)]
pub(crate) struct Budgets {
    sign_ins: Budget,
    clients: Budget,
    addresses: Budget,
    lane: Arc<Semaphore>,
    most: usize,
}

impl Budgets {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            sign_ins: Budget::per_minute(limits.cost_per_minute),
            clients: Budget::per_minute(limits.client_cost_per_minute),
            addresses: Budget::per_minute(limits.address_cost_per_minute),
            lane: Arc::new(Semaphore::new(limits.costly_at_once.max(1))),
            most: limits.complexity,
        }
    }

    /// Charges `cost` to a caller.
    pub(crate) fn charge(&self, actor: &Actor, address: Option<IpAddr>, cost: u32) -> Result<(), Error> {
        let spent = match actor {
            Actor::User { session_id, .. } | Actor::Enrolling { session_id, .. } => self.sign_ins.spend(session_id, cost),
            Actor::Client { client_id, .. } => self.clients.spend(client_id, cost),
            Actor::Anonymous | Actor::System | Actor::Import { .. } => self.addresses.spend(&address.map(network), cost),
        };
        if spent.is_err() {
            metrics::counter!("billow_budget_refusals_total", "caller" => kind(actor)).increment(1);
        }
        spent
    }

    /// Charges for taking a request with a document of so many bytes, none where it was seen before.
    pub(crate) fn charge_request(&self, actor: &Actor, address: Option<IpAddr>, new_bytes: usize) -> Result<(), Error> {
        let reading = u32::try_from(new_bytes / BYTES_PER_FIELD).unwrap_or(u32::MAX);
        self.charge(actor, address, BASE.saturating_add(reading))
    }

    /// Charges for an operation that is refused because it costs more than `most`: computing the cost is work
    /// as well, and a caller who repeats it soon gets `TOO_MANY`, before the document is read.
    pub(crate) fn charge_excess(&self, actor: &Actor, address: Option<IpAddr>, most: usize) -> Result<(), Error> {
        self.charge(actor, address, u32::try_from(most).unwrap_or(u32::MAX))
    }
}

fn kind(actor: &Actor) -> &'static str {
    match actor {
        Actor::User { .. } | Actor::Enrolling { .. } => "sign_in",
        Actor::Client { .. } => "api_client",
        Actor::Anonymous | Actor::System | Actor::Import { .. } => "address",
    }
}

/// The charge for one operation, and its place in the lane while it runs.
#[derive(Debug)]
pub(crate) struct Charge {
    budgets: Arc<Budgets>,
    actor: Actor,
    address: Option<IpAddr>,
    /// Whether it waits in the lane: a subscription would keep its place for ever.
    waits: bool,
    cost: AtomicUsize,
    place: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Charge {
    pub(crate) fn new(budgets: Arc<Budgets>, actor: Actor, address: Option<IpAddr>, waits: bool) -> Arc<Self> {
        Arc::new(Self { budgets, actor, address, waits, cost: AtomicUsize::new(0), place: Mutex::default() })
    }

    /// What was charged.
    pub(crate) fn cost(&self) -> usize {
        self.cost.load(Ordering::Relaxed)
    }

    /// Charges an operation of this cost, and waits for its turn where it is costly.
    pub(crate) async fn take(&self, cost: usize) -> Result<(), ServerError> {
        self.cost.store(cost, Ordering::Relaxed);
        if cost > self.budgets.most {
            let most = self.budgets.most;
            self.budgets.charge_excess(&self.actor, self.address, most).map_err(|error| too_many(&error))?;
            return Err(coded(
                "TOO_COMPLEX",
                format!("The operation costs {cost} fields times the length of their lists (at most {most})."),
            ));
        }
        let amount = u32::try_from(cost).unwrap_or(u32::MAX);
        self.budgets.charge(&self.actor, self.address, amount).map_err(|error| too_many(&error))?;
        if self.waits && cost >= COSTLY {
            // Closed never; an error would mean that nobody waits.
            let place = Arc::clone(&self.budgets.lane).acquire_owned().await.ok();
            *self.place.lock() = place;
        }
        Ok(())
    }
}

/// The top-level error of a caller that has spent its budget.
pub(crate) fn too_many(error: &Error) -> ServerError {
    let Error::TooMany { retry_after_s } = error else { return coded("INTERNAL", crate::refusal::FAULT.to_owned()) };
    let mut out = coded("TOO_MANY", format!("You have asked for a lot lately; try again in {retry_after_s} seconds, or ask for less."));
    out.extensions.get_or_insert_default().set("retryAfter", *retry_after_s);
    out
}

fn coded(code: &str, message: String) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// Charges each operation that is validated.
pub(crate) struct Charging;

impl ExtensionFactory for Charging {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Charging {
    async fn validation(&self, ctx: &ExtensionContext<'_>, next: NextValidation<'_>) -> Result<ValidationResult, Vec<ServerError>> {
        let valid = next.run(ctx).await?;
        if let Some(charge) = ctx.data_opt::<Arc<Charge>>() {
            charge.take(valid.complexity).await.map_err(|error| vec![error])?;
        }
        Ok(valid)
    }
}
