//! What signing in and signing up share: the device before, the cookie or the token after.

use std::sync::Arc;

use async_graphql::Context;
use axum::http::header;
use billow_billing::identity::{Device, ExposeSecret as _, SignedIn};
use billow_billing::{Actor, Error, Result};
use billow_entities::SessionKind as Kind;

use crate::auth::{Identity, set_cookie};
use crate::caller::{Admission, Caller, Transport};
use crate::context::ContextExt as _;
use crate::identity::viewer::Viewer;
use crate::types::SessionKind;

/// The device that asks.
///
/// # Errors
/// `COOKIE_NEEDS_HTTP` for a cookie over a socket, whose answers cannot carry one.
pub(crate) fn device(ctx: &Context<'_>, kind: Option<SessionKind>) -> Result<Device> {
    let caller = ctx.caller();
    let kind = kind.map_or(Kind::Cookie, Kind::from);
    if kind == Kind::Cookie && caller.transport == Transport::Socket {
        let message = "A socket cannot set a cookie. Send this to POST /graphql, or ask for a token with deviceKind BEARER.";
        return Err(Error::invalid("COOKIE_NEEDS_HTTP", "deviceKind", message));
    }
    Ok(Device { kind, user_agent: caller.user_agent.as_deref().map(str::to_owned), address: caller.address })
}

/// Hands over the cookie or the token, and lets the rest of the operation be asked as whoever signed in.
pub(crate) fn admit(ctx: &Context<'_>, signed_in: SignedIn) -> (Option<Viewer>, Option<String>) {
    let SignedIn { token, session, user, customer, must_enrol } = signed_in;
    let (user_id, role, session_id) = (user.id, user.role, session.id);
    let actor = if must_enrol {
        Actor::Enrolling { user_id, role, session_id }
    } else {
        Actor::User { user_id, role, customer_id: user.customer_id, session_id }
    };
    let identity = Identity {
        actor: actor.clone(),
        zone: customer.as_ref().and_then(|c| c.time_zone.parse().ok()),
        locale: customer.map(|c| c.locale),
    };
    ctx.data_unchecked::<Admission>().admit(Caller { identity: Arc::new(identity), ..ctx.caller().clone() });
    let told = match session.kind {
        Kind::Cookie => {
            ctx.insert_http_header(header::SET_COOKIE, set_cookie(&token, ctx.config()));
            None
        }
        Kind::Bearer => Some(token.expose_secret().to_owned()),
    };
    (Viewer::of(&actor), told)
}
