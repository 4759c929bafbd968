//! What the API changes about providers.

use async_graphql::{Context, Object};

use super::{pause_provider, register_provider, reset_provider_circuit, resume_provider, test_provider, update_provider};
use crate::refusal::Result;

/// What the API changes about providers.
#[derive(Default)]
pub(crate) struct ProviderMutations;

#[Object]
impl ProviderMutations {
    /// Registers a provider. For administrators.
    async fn register_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: register_provider::RegisterProviderInput,
    ) -> Result<register_provider::RegisterProviderPayload> {
        register_provider::run(ctx, input).await
    }

    /// Edits a provider; the version before is kept. For administrators.
    async fn update_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_provider::UpdateProviderInput,
    ) -> Result<update_provider::UpdateProviderPayload> {
        update_provider::run(ctx, input).await
    }

    /// Fetches nothing from a provider until it is resumed. For administrators.
    async fn pause_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: pause_provider::PauseProviderInput,
    ) -> Result<pause_provider::PauseProviderPayload> {
        pause_provider::run(ctx, input).await
    }

    /// Fetches from a paused provider again. For administrators.
    async fn resume_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: resume_provider::ResumeProviderInput,
    ) -> Result<resume_provider::ResumeProviderPayload> {
        resume_provider::run(ctx, input).await
    }

    /// Lets calls to a provider through again. For administrators.
    async fn reset_provider_circuit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: reset_provider_circuit::ResetProviderCircuitInput,
    ) -> Result<reset_provider_circuit::ResetProviderCircuitPayload> {
        reset_provider_circuit::run(ctx, input).await
    }

    /// Tries a provider out against a sample account; nothing is stored. For administrators.
    async fn test_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: test_provider::TestProviderInput,
    ) -> Result<test_provider::TestProviderPayload> {
        test_provider::run(ctx, input).await
    }
}
