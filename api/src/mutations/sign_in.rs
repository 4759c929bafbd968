//! Signing in.

use async_graphql::{Context, InputObject};
use axum::http::{HeaderValue, header};
use billow_billing::identity::{Device, ExposeSecret as _, SignIn, SignedIn};
use billow_billing::{Actor, Error};
use billow_entities::SessionKind as Kind;

use super::payload::payload;
use crate::app::Transport;
use crate::auth;
use crate::context::Within as _;
use crate::refusal::Result;
use crate::types::SessionKind;
use crate::types::viewer::Viewer;

/// Who wants to sign in.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    /// The e-mail address.
    email: String,
    /// The password.
    #[graphql(secret)]
    password: String,
    /// How the sign-in presents itself; a cookie where absent.
    device_kind: Option<SessionKind>,
}

payload! {
    /// Who is signed in now.
    SignInPayload {
        /// Who is signed in now.
        viewer: Option<Viewer>,
        /// For bearers: the token, told this once. Send it as `Authorization: Bearer …`.
        token: Option<String>,
    }
}

pub(super) async fn run(ctx: &Context<'_>, input: SignInInput) -> Result<SignInPayload> {
    let outcome = match device(ctx, input.device_kind) {
        Ok(device) => {
            let input = SignIn { email: input.email, password: input.password.into(), device };
            ctx.billing().sign_in(ctx.actor(), input).await
        }
        Err(error) => Err(error),
    };
    welcome(ctx, outcome)
}

/// The device somebody signs in on.
pub(super) fn device(ctx: &Context<'_>, kind: Option<SessionKind>) -> billow_billing::Result<Device> {
    let caller = ctx.caller();
    let kind = kind.map_or(Kind::Cookie, Kind::from);
    if kind == Kind::Cookie && caller.transport == Transport::Socket {
        return Err(Error::invalid("INVALID", "deviceKind", "A socket cannot set a cookie; sign in over HTTP, or as a bearer."));
    }
    Ok(Device { kind, user_agent: caller.user_agent.as_deref().map(str::to_owned), address: caller.address })
}

/// Hands over the token: as a cookie no script can read, or to the app that asked for it.
pub(super) fn welcome(ctx: &Context<'_>, outcome: billow_billing::Result<SignedIn>) -> Result<SignInPayload> {
    SignInPayload::of(outcome, |signed_in| {
        let actor = Actor::User {
            user_id: signed_in.user.id,
            role: signed_in.user.role,
            customer_id: signed_in.user.customer_id,
            session_id: signed_in.session.id,
        };
        let token = match signed_in.session.kind {
            Kind::Bearer => Some(signed_in.token.expose_secret().to_owned()),
            Kind::Cookie => {
                if let Ok(cookie) = HeaderValue::from_str(&auth::set_cookie(&signed_in.token, ctx.config())) {
                    ctx.append_http_header(header::SET_COOKIE, cookie);
                }
                None
            }
        };
        SignInPayload { viewer: Viewer::of(&actor), token, user_errors: Vec::new() }
    })
}
