//! Signing in.

use async_graphql::{Context, InputObject};
use billow_billing::identity::{SignIn, SignInOutcome};

use crate::context::ContextExt as _;
use crate::identity::mutations::signed_in::{admit, device};
use crate::identity::second_factor::SecondFactorChallenge;
use crate::identity::viewer::Viewer;
use crate::payload::payload;
use crate::refusal::Result;
use crate::types::SessionKind;

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
    /// Who is signed in now, or the second step.
    SignInPayload {
        /// Who is signed in now.
        viewer: Option<Viewer>,
        /// For bearers: the token, told this once. Send it as `Authorization: Bearer …`.
        token: Option<String>,
        /// The password was right, and a second factor is set up: nobody is signed in until `completeSignIn`.
        second_factor_required: Option<SecondFactorChallenge>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: SignInInput) -> Result<SignInPayload> {
    let outcome = async {
        let device = device(ctx, input.device_kind)?;
        let sign_in = SignIn { email: input.email, password: input.password.into(), device };
        ctx.billing().identity.sign_in(ctx.actor(), sign_in).await
    };
    SignInPayload::of(outcome.await, |signed_in| {
        let signed_in = match signed_in {
            SignInOutcome::SignedIn(signed_in) => *signed_in,
            SignInOutcome::SecondFactor(challenge) => {
                return SignInPayload { second_factor_required: Some(challenge.into()), ..SignInPayload::default() };
            }
        };
        let (viewer, token) = admit(ctx, signed_in);
        SignInPayload { viewer, token, ..SignInPayload::default() }
    })
}
