//! Testing a gateway.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::gateway::{Gateway, GatewayTest};

/// Which gateway is tested.
#[derive(InputObject)]
pub(crate) struct TestGatewayInput {
    /// The gateway.
    id: ID,
}

payload! {
    /// What the test found.
    TestGatewayPayload {
        /// The gateway.
        gateway: Option<Gateway>,
        /// What the gateway answered. A gateway that does not work is an answer, not a user error.
        test: Option<GatewayTest>,
    }
}

pub(super) async fn run(ctx: &Context<'_>, input: TestGatewayInput) -> Result<TestGatewayPayload> {
    let outcome = async { ctx.billing().gateways.test_gateway(ctx.actor(), id_of(&input.id, "gateway")?).await };
    TestGatewayPayload::of(outcome.await, |gateway| TestGatewayPayload {
        test: GatewayTest::of(&gateway),
        gateway: Some(gateway.into()),
        user_errors: Vec::new(),
    })
}
