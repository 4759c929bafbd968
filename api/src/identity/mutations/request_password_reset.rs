//! Requesting a link to set a new password.

use async_graphql::{Context, InputObject};

use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::refusal::Result;

/// Where the link goes.
#[derive(InputObject)]
pub(crate) struct RequestPasswordResetInput {
    /// The e-mail address to sign in with.
    email: String,
}

payload! {
    /// The request was accepted. Whether anybody signs in with the address is not told.
    RequestPasswordResetPayload {}
}

pub(crate) async fn run(ctx: &Context<'_>, input: RequestPasswordResetInput) -> Result<RequestPasswordResetPayload> {
    let outcome = ctx.billing().identity.request_password_reset(&input.email, ctx.caller().address).await;
    RequestPasswordResetPayload::of(outcome, |()| RequestPasswordResetPayload::default())
}
