//! The event log as it grows.

use async_graphql::{Context, Subscription};
use billow_billing::events::Event as LogEvent;
use futures::StreamExt as _;

use crate::context::ContextExt as _;
use crate::follow::{Live, Stream, beginning_with, follow, telling};
use crate::operations::types::{Event, event_types};
use crate::refusal::Result;

telling! {
    /// Something happened.
    EventEvent {
        /// What; null with a resync, and where listening began.
        event: Event
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct OperationSubscriptions;

#[Subscription]
impl OperationSubscriptions {
    /// The event log itself, and without `after` first, with no event, where listening began: what was read before that
    /// answer is to be read again. For staff and programs with `events:read`.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
        #[graphql(desc = "Kinds, such as bill.updated; all where absent.")] kinds: Option<Vec<String>>,
        #[graphql(desc = "What happened, such as bill.paid: names of eventTypes; whatever it was where absent.")] types: Option<
            Vec<String>,
        >,
    ) -> Result<Stream<EventEvent>> {
        let scope = ctx.billing().kernel.events.follow_everything(ctx.actor())?;
        let (kinds, types) = (kinds.unwrap_or_default(), event_types(types.unwrap_or_default())?);
        let position = ctx.billing().kernel.events.hub.position();
        let told = follow(Live::of(ctx), scope, &[], after.as_deref(), move |_, event| {
            let is = || LogEvent::read(&event).ok().flatten().and_then(|event| event.external());
            let wanted =
                (kinds.is_empty() || kinds.contains(&event.kind)) && (types.is_empty() || is().is_some_and(|is| types.contains(&is)));
            async move { Ok(wanted.then_some(Event(event))) }
        });
        let told = told.await?;
        let told = if after.is_none() { beginning_with(None, position, told) } else { told };
        Ok(told.map(|told| told.map(EventEvent::from)).boxed())
    }
}
