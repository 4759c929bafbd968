//! Pausing a gateway.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::gateways::gateway::Gateway;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Which gateway gets no new payments.
#[derive(InputObject)]
pub(crate) struct PauseGatewayInput {
    /// The gateway.
    id: ID,
    /// Why.
    reason: String,
}

payload! {
    /// The gateway as paused.
    PauseGatewayPayload {
        /// The gateway.
        gateway: Option<Gateway>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: PauseGatewayInput) -> Result<PauseGatewayPayload> {
    let outcome = async { ctx.billing().gateways.pause_gateway(ctx.actor(), id_of(&input.id, "gateway")?, &input.reason).await };
    PauseGatewayPayload::of(outcome.await, |gateway| PauseGatewayPayload { gateway: Some(gateway.into()), user_errors: Vec::new() })
}
