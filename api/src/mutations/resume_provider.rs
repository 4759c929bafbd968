//! Resuming a provider.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::provider::Provider;

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

pub(super) async fn run(ctx: &Context<'_>, input: ResumeProviderInput) -> Result<ResumeProviderPayload> {
    let outcome = async { ctx.billing().providers.resume_provider(ctx.actor(), id_of(&input.provider_id, "provider")?).await };
    ResumeProviderPayload::of(outcome.await, |provider| ResumeProviderPayload { provider: Some(provider.into()), user_errors: Vec::new() })
}
