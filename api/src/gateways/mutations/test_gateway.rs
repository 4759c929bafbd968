//! Testing a gateway.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::gateways::gateway::{Gateway, GatewayTest};
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

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

pub(crate) async fn run(ctx: &Context<'_>, input: TestGatewayInput) -> Result<TestGatewayPayload> {
    let outcome = async { ctx.billing().gateways.test_gateway(ctx.actor(), id_of(&input.id, "gateway")?).await };
    TestGatewayPayload::of(outcome.await, |gateway| TestGatewayPayload {
        test: GatewayTest::of(&gateway),
        gateway: Some(gateway.into()),
        user_errors: Vec::new(),
    })
}
