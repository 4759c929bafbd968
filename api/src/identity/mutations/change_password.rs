//! Changing one's password.

use async_graphql::{Context, InputObject};

use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::refusal::Result;

/// The password as it was and as it shall be.
#[derive(InputObject)]
pub(crate) struct ChangePasswordInput {
    /// The present one.
    #[graphql(secret)]
    current_password: String,
    /// The new one.
    #[graphql(secret)]
    new_password: String,
}

payload! {
    /// Whether the password was changed.
    ChangePasswordPayload {
        /// Whether it was done.
        ok: bool,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ChangePasswordInput) -> Result<ChangePasswordPayload> {
    let outcome = ctx.billing().identity.change_password(ctx.actor(), input.current_password.into(), input.new_password.into()).await;
    ChangePasswordPayload::of(outcome, |()| {
        ctx.identities().forget();
        ChangePasswordPayload { ok: true, user_errors: Vec::new() }
    })
}
