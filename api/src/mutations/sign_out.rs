//! Signing out.

use async_graphql::Context;
use axum::http::{HeaderValue, header};

use super::payload::OkPayload;
use crate::auth;
use crate::context::Within as _;
use crate::refusal::Result;

pub(super) async fn run(ctx: &Context<'_>) -> Result<OkPayload> {
    let outcome = ctx.billing().sign_out(ctx.actor()).await;
    OkPayload::of(outcome, |()| {
        ctx.identities().forget();
        if let Ok(cookie) = HeaderValue::from_str(&auth::clear_cookie(ctx.config())) {
            ctx.append_http_header(header::SET_COOKIE, cookie);
        }
        OkPayload::done()
    })
}
