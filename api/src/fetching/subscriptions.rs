//! Fetch runs as they come further.

use async_graphql::{Context, ID, Subscription};
use billow_billing::Scope;
use billow_billing::events::kind;
use billow_entities::FetchRunId;
use futures::StreamExt as _;

use crate::context::ContextExt as _;
use crate::fetching::types::FetchRun;
use crate::follow::{Live, Stream, beginning_with, follow, telling, visible};
use crate::ids::id_of;
use crate::refusal::Result;

telling! {
    /// A fetch run came further.
    FetchRunEvent {
        /// The run as it is now; null with a resync.
        fetch_run: FetchRun
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct FetchingSubscriptions;

#[Subscription]
impl FetchingSubscriptions {
    /// Fetch runs as they come further, the one asked for as it is now first; without an id all that one may watch.
    async fn fetch_run_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which run.")] id: Option<ID>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<FetchRunEvent>> {
        let (billing, actor) = (ctx.billing(), ctx.actor());
        let scope = billing.kernel.events.follow_scope(actor, Scope::BillsRead)?;
        let wanted: Option<FetchRunId> = id.as_ref().map(|id| id_of(id, "fetch run")).transpose()?;
        let subject = wanted.map(|id| id.to_string());
        let position = billing.kernel.events.hub.position();
        let told = follow(Live::of(ctx), scope, &[kind::FETCH_RUN_PROGRESS], after.as_deref(), move |live, event| {
            let other = subject.as_ref().is_some_and(|subject| *subject != event.subject);
            async move {
                let Some(id) = event.subject.parse().ok().filter(|_| !other) else { return Ok(None) };
                visible(live.billing.fetching.fetch_run(live.actor(), id).await, FetchRun)
            }
        });
        let told = told.await?;
        let told = match wanted.filter(|_| after.is_none()) {
            Some(id) => beginning_with(Some(FetchRun(billing.fetching.fetch_run(actor, id).await?)), position, told),
            None => told,
        };
        Ok(told.map(|told| told.map(FetchRunEvent::from)).boxed())
    }
}
