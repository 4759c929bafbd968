//! Looking after an instance.

use async_graphql::{Context, ID, Object, SimpleObject};
use billow_billing::Error;
use billow_billing::events::{Event as LogEvent, ExternalType};
use billow_billing::operations::Dashboard as Stored;
use billow_billing::work::WorkLag;
use billow_entities::{audit_entry, dead_letter, event};

use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::name_of;
use crate::providers::provider::Provider;
use crate::refusal::Result;
use crate::scalars::{Instant, Json, count};

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Event(pub std::sync::Arc<event::Model>);

impl From<event::Model> for Event {
    fn from(row: event::Model) -> Self {
        Self(std::sync::Arc::new(row))
    }
}

/// A type of event that other systems are told of.
#[derive(SimpleObject)]
pub(crate) struct EventType {
    /// Its name, such as `bill.paid`.
    name: &'static str,
    /// What happened.
    description: &'static str,
    /// The JSON Schema of its data, draft 2020-12.
    schema: Json,
}

impl From<ExternalType> for EventType {
    fn from(of: ExternalType) -> Self {
        Self { name: of.as_str(), description: of.about(), schema: Json(of.schema()) }
    }
}

/// The types of these names.
pub(crate) fn event_types(names: Vec<String>) -> Result<Vec<ExternalType>> {
    let known = |name: String| {
        name.parse().map_err(|_| {
            let shown: String = name.chars().take(40).collect();
            Error::invalid("INVALID", "types", format!("There is no type of event `{shown}`; eventTypes lists them.")).into()
        })
    };
    names.into_iter().map(known).collect()
}

/// Something that happened, as the log keeps it.
#[Object]
impl Event {
    /// Its id; the same each time it is told.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Where it stands in the log: the cursor for `events` and for every subscription.
    async fn cursor(&self) -> String {
        self.0.position.unwrap_or_default().to_string()
    }

    /// What it is about, such as `bill.updated`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// What happened, by the name other systems are told, such as `bill.paid`; null for what stays inside.
    #[graphql(name = "type")]
    async fn external_type(&self) -> Option<&'static str> {
        // What cannot be read stays inside too: it is in the dead letters.
        LogEvent::read(&self.0).ok().flatten().and_then(|event| event.external()).map(ExternalType::as_str)
    }

    /// When.
    async fn occurred_at(&self) -> Instant {
        Instant(self.0.occurred_at)
    }

    /// Whose it is.
    async fn customer_id(&self) -> Option<ID> {
        self.0.customer_id.map(ids::text)
    }

    /// Whose household is told.
    async fn property_id(&self) -> Option<ID> {
        self.0.property_id.map(ids::text)
    }

    /// The id of what it is about.
    async fn subject(&self) -> ID {
        ID(self.0.subject.clone())
    }

    /// The particulars.
    async fn data(&self) -> Json {
        Json(self.0.data.clone())
    }

    /// The request or job that caused it.
    async fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }
}

/// An event that a consumer could not digest.
#[derive(Clone, Debug)]
pub(crate) struct DeadLetter(pub dead_letter::Model);

/// An event that a consumer could not digest, after several tries.
#[Object]
impl DeadLetter {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Which consumer.
    async fn consumer(&self) -> &str {
        &self.0.consumer
    }

    /// Which event.
    async fn event(&self, ctx: &Context<'_>) -> Result<Event> {
        Ok(Box::pin(ctx.billing().operations.event_by_id(ctx.actor(), self.0.event_id)).await?.into())
    }

    /// What went wrong at the last try.
    async fn error(&self) -> &str {
        &self.0.error
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When it was given up.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When somebody settled it.
    async fn resolved_at(&self) -> Option<Instant> {
        self.0.resolved_at.map(Instant)
    }

    /// How: `REPLAYED` or `DISCARDED`.
    async fn resolution(&self) -> Option<&str> {
        self.0.resolution.as_deref()
    }
}

/// Who did what to whom.
#[derive(Clone, Debug)]
pub(crate) struct AuditEntry(pub audit_entry::Model);

/// Who did what to whom.
#[Object]
impl AuditEntry {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Who: a user's or program's id, or `system`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// Their name: a user's e-mail address, a program's name, or `Billow`.
    async fn actor_name(&self, ctx: &Context<'_>) -> Result<String> {
        name_of(ctx.loaders(), &self.0.actor).await
    }

    /// The import on whose behalf it was done, if it was.
    async fn import_id(&self) -> Option<ID> {
        self.0.data.get("import_id").and_then(|id| id.as_str()).map(|id| ID(id.to_owned()))
    }

    /// What, such as `bill.void`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The id of what it was done to.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Whom it concerned.
    async fn customer_id(&self) -> Option<ID> {
        self.0.customer_id.map(ids::text)
    }

    /// Why.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The particulars; never a secret.
    async fn data(&self) -> Json {
        Json(self.0.data.clone())
    }

    /// When.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }
}

/// How the instance is doing.
#[derive(SimpleObject)]
pub(crate) struct Dashboard {
    /// Accounts by status; closed ones included.
    accounts_by_status: Vec<StatusCount>,
    /// Accounts that should be fetched now.
    due_now: i32,
    /// Since when the longest waiting of them is due.
    oldest_due_at: Option<Instant>,
    /// Bills that came since midnight, UTC.
    bills_today: i32,
    /// Deliveries made in the last 24 hours, by where they stand.
    #[graphql(name = "deliveries24h")]
    deliveries24h: Vec<StatusCount>,
    /// Providers that are paused or whose circuit is not closed.
    providers_in_trouble: Vec<Provider>,
    /// Events nobody could digest and nobody has settled.
    open_dead_letters: i32,
    /// Customers.
    customers: i32,
    /// Fetch runs that are not over.
    running_runs: i32,
    /// Each kind of background work, with what is due of it now.
    due_work: Vec<DueWork>,
    /// What digests the event log, and how far behind it is.
    event_consumers: Vec<EventConsumer>,
}

/// A kind of background work, with what is due of it.
#[derive(SimpleObject)]
pub(crate) struct DueWork {
    /// Its name, as in the log and in metrics: `fetch`, `send_payments`, `remit` and so on.
    name: String,
    /// How much is due, what is being done included.
    count: i32,
    /// Since when the longest waiting of it is due.
    oldest_due_at: Option<Instant>,
}

/// A consumer of the event log.
#[derive(SimpleObject)]
pub(crate) struct EventConsumer {
    /// Its name.
    name: String,
    /// Events it has not digested, those that wait for another try included.
    behind: i32,
    /// Failed tries of the event that was tried most often; 0 where none failed.
    failures: i32,
}

impl Dashboard {
    pub(crate) fn of(stored: Stored, due_work: Vec<WorkLag>) -> Self {
        let due_work = due_work.into_iter().map(|WorkLag { name, lag }| DueWork {
            name: name.to_owned(),
            count: count(lag.count),
            oldest_due_at: lag.oldest.map(Instant),
        });
        let consumers = stored.stats.consumers.into_iter();
        Self {
            due_work: due_work.collect(),
            event_consumers: consumers
                .map(|c| EventConsumer { name: c.name, behind: i32::try_from(c.behind).unwrap_or(i32::MAX), failures: c.failures })
                .collect(),
            accounts_by_status: stored.accounts.into_iter().map(|(status, n)| StatusCount::of(status, n)).collect(),
            due_now: count(stored.fetches.count),
            oldest_due_at: stored.fetches.oldest.map(Instant),
            bills_today: count(stored.bills_today),
            deliveries24h: stored.deliveries.into_iter().map(|(status, n)| StatusCount::of(status, n)).collect(),
            providers_in_trouble: stored.providers_in_trouble.into_iter().map(Provider::from).collect(),
            open_dead_letters: count(stored.stats.open_dead_letters),
            customers: count(stored.customers),
            running_runs: count(stored.running_runs),
        }
    }
}

/// How many are in a status.
#[derive(SimpleObject)]
pub(crate) struct StatusCount {
    /// The status.
    status: String,
    /// How many.
    count: i32,
}

impl StatusCount {
    fn of(status: impl std::fmt::Display, n: u64) -> Self {
        Self { status: status.to_string(), count: count(n) }
    }
}
