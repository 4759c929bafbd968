//! Messages as they come.

use async_graphql::{Context, Subscription};
use billow_billing::Scope;
use billow_billing::events::{Event as LogEvent, kind};
use futures::StreamExt as _;

use crate::context::ContextExt as _;
use crate::follow::{Live, Stream, follow, telling, visible};
use crate::messages::types::Notification;
use crate::refusal::Result;

telling! {
    /// A message came.
    NotificationEvent {
        /// The message; null with a resync.
        notification: Notification
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct MessageSubscriptions;

#[Subscription]
impl MessageSubscriptions {
    /// Messages as they come into one's inbox.
    async fn notification_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<NotificationEvent>> {
        ctx.actor().user()?;
        let scope = ctx.billing().kernel.events.follow_scope(ctx.actor(), Scope::BillsRead)?;
        let told = follow(Live::of(ctx), scope, &[kind::NOTIFICATION_CREATED], after.as_deref(), |live, event| async move {
            let Some(LogEvent::NotificationCreated(data)) = LogEvent::read(&event)? else { return Ok(None) };
            let (own, to) = (live.actor().user()?, data.user_id);
            // Nobody reads messages from the database to find that they are somebody else's.
            if to.is_some_and(|to| to != own) || (to.is_none() && event.customer_id != live.actor().customer().ok()) {
                return Ok(None);
            }
            visible(live.billing.messages.notification(live.actor(), data.notification_id).await, Notification)
        });
        Ok(told.await?.map(|told| told.map(NotificationEvent::from)).boxed())
    }
}
