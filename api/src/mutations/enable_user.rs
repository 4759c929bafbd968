//! Letting somebody sign in again.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::identity::User;

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

pub(super) async fn run(ctx: &Context<'_>, input: EnableUserInput) -> Result<EnableUserPayload> {
    let outcome = async { ctx.billing().identity.enable_user(ctx.actor(), id_of(&input.user_id, "user")?, input.reason.as_deref()).await };
    EnableUserPayload::of(outcome.await, |row| EnableUserPayload { user: Some(User(row)), user_errors: Vec::new() })
}
