//! Keeping somebody from signing in.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::identity::types::User;
use crate::ids::id_of;
use crate::payload::{named, payload};
use crate::refusal::Result;

/// Who signs in no more.
#[derive(InputObject)]
pub(crate) struct DisableUserInput {
    /// The user.
    user_id: ID,
    /// Why.
    reason: Option<String>,
}

payload! {
    /// The user as disabled.
    DisableUserPayload {
        /// The user.
        user: Option<User>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: DisableUserInput) -> Result<DisableUserPayload> {
    let outcome = async { ctx.billing().identity.disable_user(ctx.actor(), id_of(&input.user_id, "user")?, input.reason.as_deref()).await };
    DisableUserPayload::of(named(outcome.await, &[("id", "userId")]), |row| {
        ctx.identities().forget();
        DisableUserPayload { user: Some(User(row)), user_errors: Vec::new() }
    })
}
