//! What the API changes about gateways: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod create_gateway;
pub(crate) mod gateway_input;
pub(crate) mod pause_gateway;
pub(crate) mod reset_gateway_circuit;
pub(crate) mod resume_gateway;
pub(crate) mod test_gateway;
pub(crate) mod update_gateway;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about gateways.
#[derive(Default)]
pub(crate) struct GatewaysMutations;

#[Object]
impl GatewaysMutations {
    /// Adds a gateway. It starts paused: test it with `testGateway`, then start it with `resumeGateway`. For administrators.
    async fn create_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: create_gateway::CreateGatewayInput,
    ) -> Result<create_gateway::CreateGatewayPayload> {
        create_gateway::run(ctx, input).await
    }

    /// Tests a gateway's keys by one call that reads its account; nothing is charged or changed there. For administrators.
    async fn test_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The gateway to test.")] input: test_gateway::TestGatewayInput,
    ) -> Result<test_gateway::TestGatewayPayload> {
        test_gateway::run(ctx, input).await
    }

    /// Changes a gateway. With another secret key or address it is paused until it has been tested. For administrators.
    async fn update_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: update_gateway::UpdateGatewayInput,
    ) -> Result<update_gateway::UpdateGatewayPayload> {
        update_gateway::run(ctx, input).await
    }

    /// Gives a gateway no new payments until it is resumed; what is under way is finished. For administrators.
    async fn pause_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: pause_gateway::PauseGatewayInput,
    ) -> Result<pause_gateway::PauseGatewayPayload> {
        pause_gateway::run(ctx, input).await
    }

    /// Sends new payments through a gateway that is new or was paused. Its last test must have passed. For administrators.
    async fn resume_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: resume_gateway::ResumeGatewayInput,
    ) -> Result<resume_gateway::ResumeGatewayPayload> {
        resume_gateway::run(ctx, input).await
    }

    /// Lets calls to a gateway through again. For administrators.
    async fn reset_gateway_circuit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: reset_gateway_circuit::ResetGatewayCircuitInput,
    ) -> Result<reset_gateway_circuit::ResetGatewayCircuitPayload> {
        reset_gateway_circuit::run(ctx, input).await
    }
}
