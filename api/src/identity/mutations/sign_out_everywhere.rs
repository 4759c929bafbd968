//! Ending every session of the caller.

use async_graphql::Context;
use axum::http::header;

use crate::auth::clear_cookie;
use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::count;

payload! {
    /// How many sessions ended.
    SignOutEverywherePayload {
        /// How many sessions ended, the current one included.
        ended: Option<i32>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>) -> Result<SignOutEverywherePayload> {
    let outcome = ctx.billing().identity.sign_out_everywhere(ctx.actor()).await;
    SignOutEverywherePayload::of(outcome, |ended| {
        ctx.identities().forget();
        ctx.insert_http_header(header::SET_COOKIE, clear_cookie(ctx.config()));
        SignOutEverywherePayload { ended: Some(count(ended as u64)), user_errors: Vec::new() }
    })
}
