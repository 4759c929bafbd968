//! Ending all of one's own sign-ins but the present one.

use async_graphql::Context;

use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::count;

payload! {
    /// How many sign-ins ended.
    RevokeOtherSessionsPayload {
        /// How many ended.
        ended: i32,
    }
}

pub(crate) async fn run(ctx: &Context<'_>) -> Result<RevokeOtherSessionsPayload> {
    RevokeOtherSessionsPayload::of(ctx.billing().identity.revoke_other_sessions(ctx.actor()).await, |ended| {
        ctx.identities().forget();
        RevokeOtherSessionsPayload { ended: count(ended), user_errors: Vec::new() }
    })
}
