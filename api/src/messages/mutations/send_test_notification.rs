//! Trying one's devices.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::optional_id;
use crate::payload::payload;
use crate::refusal::Result;

/// Which device is tried.
#[derive(InputObject)]
pub(crate) struct SendTestNotificationInput {
    /// One of one's own; all of them where absent.
    push_subscription_id: Option<ID>,
}

payload! {
    /// Whether a message is on its way.
    SendTestNotificationPayload {
        /// Whether it was done.
        ok: bool,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: Option<SendTestNotificationInput>) -> Result<SendTestNotificationPayload> {
    let outcome = async {
        let device = input.and_then(|input| input.push_subscription_id);
        ctx.billing().messages.send_test_notification(ctx.actor(), optional_id(device.as_ref(), "pushSubscriptionId")?).await
    };
    SendTestNotificationPayload::of(outcome.await, |_| SendTestNotificationPayload { ok: true, user_errors: Vec::new() })
}
