//! Resuming a provider.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::providers::provider::Provider;
use crate::refusal::Result;

/// Which provider is fetched from again.
#[derive(InputObject)]
pub(crate) struct ResumeProviderInput {
    /// The provider.
    provider_id: ID,
}

payload! {
    /// The provider as it is now.
    ResumeProviderPayload {
        /// The provider.
        provider: Option<Provider>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ResumeProviderInput) -> Result<ResumeProviderPayload> {
    let outcome = async { ctx.billing().providers.resume_provider(ctx.actor(), id_of(&input.provider_id, "provider")?).await };
    ResumeProviderPayload::of(outcome.await, |provider| ResumeProviderPayload { provider: Some(provider.into()), user_errors: Vec::new() })
}
