//! Looking after an instance.

use async_graphql::{Context, ID, Object};
use billow_billing::audit::AuditFilter;
use billow_billing::operations::EventFilter;

use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::operations::types::{AuditEntry, Dashboard, DeadLetter, Event, EventType, event_types};
use crate::refusal::Result;

#[derive(Default)]
pub(crate) struct OperationQueries;

#[Object]
impl OperationQueries {
    /// The event log in the order of telling, or the newest first. For staff and programs with `events:read`.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin: the log's beginning where absent.")] after: Option<String>,
        #[graphql(desc = "Kinds, such as bill.updated; all where absent.")] kinds: Option<Vec<String>>,
        #[graphql(desc = "What happened, such as bill.paid: names of eventTypes; whatever it was where absent.")] types: Option<
            Vec<String>,
        >,
        #[graphql(desc = "The id of what they are about.")] subject: Option<ID>,
        #[graphql(desc = "The newest first; a cursor then goes back in time.")] newest_first: Option<bool>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
    ) -> Result<Connection<Event>> {
        let filter = EventFilter {
            kinds: kinds.unwrap_or_default(),
            types: event_types(types.unwrap_or_default())?,
            subject: subject.map(|id| id.0),
            customer_id: None,
            newest_first: newest_first.unwrap_or(false),
        };
        Ok(Connection::of(ctx.billing().operations.events(ctx.actor(), filter, page(first, after)).await?, Event::from))
    }

    /// The types of events that other systems are told of, each with the JSON Schema of its data. For staff and programs with
    /// `events:read`.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn event_types(&self, ctx: &Context<'_>) -> Result<Vec<EventType>> {
        Ok(ctx.billing().operations.event_types(ctx.actor())?.iter().copied().map(EventType::from).collect())
    }

    /// Events a consumer could not digest, the newest first. For staff.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn dead_letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those nobody has settled.")] unresolved_only: Option<bool>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<DeadLetter>> {
        let letters = ctx.billing().operations.dead_letters(ctx.actor(), unresolved_only.unwrap_or(false), page(first, after)).await?;
        Ok(Connection::of(letters, DeadLetter))
    }

    /// Who did what to whom, the newest first. For administrators.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of what was acted upon.")] subject: Option<ID>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<AuditEntry>> {
        let filter = AuditFilter { subject: subject.map(|id| id.0), ..AuditFilter::default() };
        Ok(Connection::of(ctx.billing().kernel.audit.audit_entries(ctx.actor(), filter, page(first, after)).await?, AuditEntry))
    }

    /// How the instance is doing. For staff.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn dashboard(&self, ctx: &Context<'_>) -> Result<Dashboard> {
        let billing = ctx.billing();
        let due_work = billing.due_work(ctx.actor()).await?;
        Ok(Dashboard::of(billing.operations.dashboard(ctx.actor()).await?, due_work))
    }
}
