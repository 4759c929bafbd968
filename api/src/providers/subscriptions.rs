//! Providers as they change.

use async_graphql::{Context, Subscription};
use billow_billing::Actor;
use billow_billing::events::kind;
use futures::StreamExt as _;

use crate::context::ContextExt as _;
use crate::follow::{Live, Stream, follow, telling};
use crate::providers::provider::Provider;
use crate::refusal::Result;

telling! {
    /// A provider was registered, edited, paused, or its circuit opened or closed.
    ProviderEvent {
        /// The provider as it is now; null with a resync.
        provider: Provider
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct ProviderSubscriptions;

#[Subscription]
impl ProviderSubscriptions {
    /// Providers as they are registered, edited or paused, or their circuits open and close. For staff.
    async fn provider_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<ProviderEvent>> {
        let scope = ctx.billing().kernel.events.follow_everything(ctx.actor())?;
        let told = follow(Live::of(ctx), scope, &[kind::PROVIDER_UPDATED], after.as_deref(), |live, event| async move {
            let Ok(id) = event.subject.parse() else { return Ok(None) };
            Ok(live.billing.providers.told_provider(&Actor::System, id).await?.map(Provider::from))
        });
        Ok(told.await?.map(|told| told.map(ProviderEvent::from)).boxed())
    }
}
