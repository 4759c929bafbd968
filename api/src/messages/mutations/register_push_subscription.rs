//! Turning on pushes on a device.

use async_graphql::{Context, InputObject};
use billow_billing::messages::NewDevice;

use crate::context::ContextExt as _;
use crate::messages::types::PushSubscription;
use crate::payload::payload;
use crate::refusal::Result;

/// What the browser says when it subscribes.
#[derive(InputObject)]
pub(crate) struct RegisterPushSubscriptionInput {
    /// The address of its push service.
    #[graphql(secret)]
    endpoint: String,
    /// Its public key, base64url.
    #[graphql(name = "p256dh")]
    p256dh: String,
    /// Its secret, base64url.
    #[graphql(secret)]
    auth: String,
    /// Which device, in words; what the program calls itself where absent.
    label: Option<String>,
}

payload! {
    /// The device that takes pushes now.
    RegisterPushSubscriptionPayload {
        /// The device.
        push_subscription: Option<PushSubscription>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RegisterPushSubscriptionInput) -> Result<RegisterPushSubscriptionPayload> {
    let itself = || ctx.caller().user_agent.as_deref().unwrap_or_default().chars().take(100).collect();
    let label = input.label.unwrap_or_else(itself);
    let device = NewDevice { endpoint: input.endpoint, p256dh: input.p256dh, auth: input.auth, label };
    RegisterPushSubscriptionPayload::of(ctx.billing().messages.register_push_subscription(ctx.actor(), device).await, |row| {
        RegisterPushSubscriptionPayload { push_subscription: Some(PushSubscription(row)), user_errors: Vec::new() }
    })
}
