//! Trying a gateway again at once.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::gateways::gateway::Gateway;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Which gateway is tried again at once.
#[derive(InputObject)]
pub(crate) struct ResetGatewayCircuitInput {
    /// The gateway.
    id: ID,
    /// Why.
    reason: Option<String>,
}

payload! {
    /// The gateway as it is now.
    ResetGatewayCircuitPayload {
        /// The gateway.
        gateway: Option<Gateway>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ResetGatewayCircuitInput) -> Result<ResetGatewayCircuitPayload> {
    let outcome =
        async { ctx.billing().gateways.reset_gateway_circuit(ctx.actor(), id_of(&input.id, "gateway")?, input.reason.as_deref()).await };
    ResetGatewayCircuitPayload::of(outcome.await, |gateway| ResetGatewayCircuitPayload {
        gateway: Some(gateway.into()),
        user_errors: Vec::new(),
    })
}
