//! What the API changes about providers: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod pause_provider;
pub(crate) mod register_provider;
pub(crate) mod reset_provider_circuit;
pub(crate) mod resume_provider;
pub(crate) mod test_provider;
pub(crate) mod update_provider;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about providers.
#[derive(Default)]
pub(crate) struct ProvidersMutations;

#[Object]
impl ProvidersMutations {
    /// Registers a provider. For administrators.
    async fn register_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: register_provider::RegisterProviderInput,
    ) -> Result<register_provider::RegisterProviderPayload> {
        register_provider::run(ctx, input).await
    }

    /// Edits a provider; the version before is kept. For administrators.
    async fn update_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: update_provider::UpdateProviderInput,
    ) -> Result<update_provider::UpdateProviderPayload> {
        update_provider::run(ctx, input).await
    }

    /// Fetches nothing from a provider until it is resumed. For administrators.
    async fn pause_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: pause_provider::PauseProviderInput,
    ) -> Result<pause_provider::PauseProviderPayload> {
        pause_provider::run(ctx, input).await
    }

    /// Fetches from a paused provider again. For administrators.
    async fn resume_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: resume_provider::ResumeProviderInput,
    ) -> Result<resume_provider::ResumeProviderPayload> {
        resume_provider::run(ctx, input).await
    }

    /// Lets calls to a provider through again. For administrators.
    async fn reset_provider_circuit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: reset_provider_circuit::ResetProviderCircuitInput,
    ) -> Result<reset_provider_circuit::ResetProviderCircuitPayload> {
        reset_provider_circuit::run(ctx, input).await
    }

    /// Tries a provider out against a sample account; nothing is stored. For administrators.
    async fn test_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: test_provider::TestProviderInput,
    ) -> Result<test_provider::TestProviderPayload> {
        test_provider::run(ctx, input).await
    }
}
