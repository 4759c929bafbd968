//! Letting somebody sign in again.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::identity::types::User;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Who may sign in again.
#[derive(InputObject)]
pub(crate) struct EnableUserInput {
    /// The user.
    user_id: ID,
    /// Why.
    reason: Option<String>,
}

payload! {
    /// The user as enabled.
    EnableUserPayload {
        /// The user.
        user: Option<User>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: EnableUserInput) -> Result<EnableUserPayload> {
    let outcome = async { ctx.billing().identity.enable_user(ctx.actor(), id_of(&input.user_id, "user")?, input.reason.as_deref()).await };
    EnableUserPayload::of(outcome.await, |row| EnableUserPayload { user: Some(User(row)), user_errors: Vec::new() })
}
