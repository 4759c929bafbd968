//! Resuming a gateway.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::gateways::gateway::Gateway;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Which gateway gets payments again.
#[derive(InputObject)]
pub(crate) struct ResumeGatewayInput {
    /// The gateway.
    id: ID,
    /// Why.
    reason: Option<String>,
}

payload! {
    /// The gateway as it is now.
    ResumeGatewayPayload {
        /// The gateway.
        gateway: Option<Gateway>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ResumeGatewayInput) -> Result<ResumeGatewayPayload> {
    let outcome = async { ctx.billing().gateways.resume_gateway(ctx.actor(), id_of(&input.id, "gateway")?, input.reason.as_deref()).await };
    ResumeGatewayPayload::of(outcome.await, |gateway| ResumeGatewayPayload { gateway: Some(gateway.into()), user_errors: Vec::new() })
}
