//! Setting a new password with a mailed link.

use async_graphql::{Context, InputObject};

use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::refusal::Result;

/// A new password.
#[derive(InputObject)]
pub(crate) struct ResetPasswordInput {
    /// The token of the mailed link. It works once, for 30 minutes.
    #[graphql(secret)]
    token: String,
    /// The new password, at least ten characters and hard to guess.
    #[graphql(secret)]
    new_password: String,
}

payload! {
    /// The password was set. Every sign-in has ended; sign in with the new password.
    ResetPasswordPayload {
        /// The address to sign in with.
        email: Option<String>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ResetPasswordInput) -> Result<ResetPasswordPayload> {
    let outcome = ctx.billing().identity.reset_password(&input.token.into(), input.new_password.into(), ctx.caller().address).await;
    ResetPasswordPayload::of(outcome, |user| {
        ctx.identities().forget();
        ResetPasswordPayload { email: Some(user.email), user_errors: Vec::new() }
    })
}
