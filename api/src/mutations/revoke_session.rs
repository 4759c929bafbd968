//! Ending a sign-in.

use async_graphql::{Context, ID, InputObject};

use super::payload::OkPayload;
use crate::context::Within as _;
use crate::ids::id_of;
use crate::refusal::Result;

/// Which sign-in ends.
#[derive(InputObject)]
pub(crate) struct RevokeSessionInput {
    /// One of one's own.
    session_id: ID,
}

pub(super) async fn run(ctx: &Context<'_>, input: RevokeSessionInput) -> Result<OkPayload> {
    let outcome = async { ctx.billing().revoke_session(ctx.actor(), id_of(&input.session_id, "session")?).await };
    OkPayload::of(outcome.await, |()| {
        ctx.identities().forget();
        OkPayload::done()
    })
}
