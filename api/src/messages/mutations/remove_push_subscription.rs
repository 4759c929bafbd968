//! Turning off pushes on a device.

use async_graphql::{Context, ID, OneofObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Which device takes no pushes any more.
#[derive(OneofObject)]
pub(crate) enum RemovePushSubscriptionInput {
    /// One of one's own.
    PushSubscriptionId(ID),
    /// The one of one's own with this address of its push service: the browser took the permission back.
    Endpoint(String),
}

payload! {
    /// Whether the device was removed.
    RemovePushSubscriptionPayload {
        /// Whether there was such a device.
        ok: bool,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RemovePushSubscriptionInput) -> Result<RemovePushSubscriptionPayload> {
    let outcome = async {
        match input {
            RemovePushSubscriptionInput::PushSubscriptionId(id) => {
                ctx.billing().messages.remove_push_subscription(ctx.actor(), id_of(&id, "device")?).await.map(|_| true)
            }
            RemovePushSubscriptionInput::Endpoint(endpoint) => ctx.billing().messages.forget_push_endpoint(ctx.actor(), &endpoint).await,
        }
    };
    RemovePushSubscriptionPayload::of(outcome.await, |ok| RemovePushSubscriptionPayload { ok, user_errors: Vec::new() })
}
