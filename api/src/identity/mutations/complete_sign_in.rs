//! The second step of signing in.

use async_graphql::{Context, InputObject};
use billow_billing::identity::CompleteSignIn;

use crate::context::ContextExt as _;
use crate::identity::mutations::factor_input::SecondFactorProofInput;
use crate::identity::mutations::signed_in::{admit, device};
use crate::identity::viewer::Viewer;
use crate::payload::payload;
use crate::refusal::Result;
use crate::types::SessionKind;

/// The second step of signing in.
#[derive(InputObject)]
pub(crate) struct CompleteSignInInput {
    /// From `signIn`.
    #[graphql(secret)]
    challenge_token: String,
    /// The second factor.
    proof: SecondFactorProofInput,
    /// The same as in `signIn`, whose value counts.
    device_kind: Option<SessionKind>,
}

payload! {
    /// Who is signed in now.
    CompleteSignInPayload {
        /// Who is signed in now.
        viewer: Option<Viewer>,
        /// For bearers: the token, shown only this once. Send it as `Authorization: Bearer …`.
        token: Option<String>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CompleteSignInInput) -> Result<CompleteSignInPayload> {
    let outcome = async {
        let device = device(ctx, input.device_kind)?;
        let step = CompleteSignIn { challenge_token: input.challenge_token.into(), proof: input.proof.into(), device };
        ctx.billing().identity.complete_sign_in(ctx.actor(), step).await
    };
    CompleteSignInPayload::of(outcome.await, |signed_in| {
        let (viewer, token) = admit(ctx, signed_in);
        CompleteSignInPayload { viewer, token, user_errors: Vec::new() }
    })
}
