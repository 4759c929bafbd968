//! Signing out.

use async_graphql::Context;
use axum::http::header;

use crate::auth;
use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::refusal::Result;

payload! {
    /// Whether the sign-in ended.
    SignOutPayload {
        /// Whether it was done.
        ok: bool,
    }
}

pub(crate) async fn run(ctx: &Context<'_>) -> Result<SignOutPayload> {
    let outcome = ctx.billing().identity.sign_out(ctx.actor()).await;
    SignOutPayload::of(outcome, |()| {
        ctx.identities().forget();
        // Over a socket no header goes out: a cookie that is left behind is cleared when it is next sent.
        ctx.insert_http_header(header::SET_COOKIE, auth::clear_cookie(ctx.config()));
        SignOutPayload { ok: true, user_errors: Vec::new() }
    })
}
