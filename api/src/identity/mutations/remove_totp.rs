//! Removing an authenticator app.

use async_graphql::Context;

use crate::context::ContextExt as _;
use crate::identity::second_factor::SecondFactor;
use crate::payload::payload;
use crate::refusal::Result;

payload! {
    /// The second factors as they are now.
    RemoveTotpPayload {
        /// The second factors as they are now.
        second_factor: Option<SecondFactor>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>) -> Result<RemoveTotpPayload> {
    let outcome = ctx.billing().identity.remove_totp(ctx.actor()).await;
    RemoveTotpPayload::of(outcome, |factors| RemoveTotpPayload { second_factor: Some(SecondFactor(factors)), user_errors: Vec::new() })
}
