//! Signing in.

use async_graphql::{Context, InputObject};
use billow_billing::identity::SignIn;

use super::payload::payload;
use super::signed_in::{admit, device};
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
    let outcome = async {
        let device = device(ctx, input.device_kind)?;
        let sign_in = SignIn { email: input.email, password: input.password.into(), device };
        ctx.billing().sign_in(ctx.actor(), sign_in).await
    };
    SignInPayload::of(outcome.await, |signed_in| {
        let (viewer, token) = admit(ctx, signed_in);
        SignInPayload { viewer, token, user_errors: Vec::new() }
    })
}
