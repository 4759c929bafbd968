//! Closing the circuit of a provider that works again.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::providers::provider::Provider;
use crate::refusal::Result;

/// Which provider is tried again at once.
#[derive(InputObject)]
pub(crate) struct ResetProviderCircuitInput {
    /// The provider.
    provider_id: ID,
}

payload! {
    /// The provider as it is now.
    ResetProviderCircuitPayload {
        /// The provider.
        provider: Option<Provider>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ResetProviderCircuitInput) -> Result<ResetProviderCircuitPayload> {
    let outcome = async { ctx.billing().providers.reset_circuit(ctx.actor(), id_of(&input.provider_id, "provider")?).await };
    ResetProviderCircuitPayload::of(outcome.await, |provider| ResetProviderCircuitPayload {
        provider: Some(provider.into()),
        user_errors: Vec::new(),
    })
}
