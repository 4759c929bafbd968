//! Turning off pushes on a device.

use async_graphql::{Context, ID, InputObject};

use super::payload::OkPayload;
use crate::context::Within as _;
use crate::ids::id_of;
use crate::refusal::Result;

/// Which device takes no pushes any more.
#[derive(InputObject)]
pub(crate) struct RemovePushSubscriptionInput {
    /// One of one's own.
    push_subscription_id: ID,
}

pub(super) async fn run(ctx: &Context<'_>, input: RemovePushSubscriptionInput) -> Result<OkPayload> {
    let outcome = async { ctx.billing().remove_push_subscription(ctx.actor(), id_of(&input.push_subscription_id, "device")?).await };
    OkPayload::of(outcome.await, |_| OkPayload::done())
}
