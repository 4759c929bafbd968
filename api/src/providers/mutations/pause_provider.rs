//! Pausing a provider.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::providers::provider::Provider;
use crate::refusal::Result;

/// Which provider is paused.
#[derive(InputObject)]
pub(crate) struct PauseProviderInput {
    /// The provider.
    provider_id: ID,
    /// Why.
    reason: String,
}

payload! {
    /// The provider as paused.
    PauseProviderPayload {
        /// The provider.
        provider: Option<Provider>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: PauseProviderInput) -> Result<PauseProviderPayload> {
    let outcome =
        async { ctx.billing().providers.pause_provider(ctx.actor(), id_of(&input.provider_id, "provider")?, &input.reason).await };
    PauseProviderPayload::of(outcome.await, |provider| PauseProviderPayload { provider: Some(provider.into()), user_errors: Vec::new() })
}
