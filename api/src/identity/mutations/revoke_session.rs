//! Ending a sign-in.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Which sign-in ends.
#[derive(InputObject)]
pub(crate) struct RevokeSessionInput {
    /// One of one's own.
    session_id: ID,
}

payload! {
    /// Whether the sign-in ended.
    RevokeSessionPayload {
        /// Whether it was done.
        ok: bool,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RevokeSessionInput) -> Result<RevokeSessionPayload> {
    let outcome = async { ctx.billing().identity.revoke_session(ctx.actor(), id_of(&input.session_id, "session")?).await };
    RevokeSessionPayload::of(outcome.await, |()| {
        ctx.identities().forget();
        RevokeSessionPayload { ok: true, user_errors: Vec::new() }
    })
}
