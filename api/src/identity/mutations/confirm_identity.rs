//! Confirming the current session.

use async_graphql::{Context, InputObject};

use crate::context::ContextExt as _;
use crate::identity::mutations::factor_input::IdentityProofInput;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::Instant;

/// Proof of who is asking.
#[derive(InputObject)]
pub(crate) struct ConfirmIdentityInput {
    /// One of the methods that `CONFIRMATION_REQUIRED` listed.
    proof: IdentityProofInput,
}

payload! {
    /// Until when the session counts as confirmed.
    ConfirmIdentityPayload {
        /// Until when no new confirmation is asked for.
        confirmed_until: Option<Instant>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ConfirmIdentityInput) -> Result<ConfirmIdentityPayload> {
    let outcome = ctx.billing().identity.confirm_identity(ctx.actor(), input.proof.into(), ctx.caller().user_agent.as_deref()).await;
    ConfirmIdentityPayload::of(outcome, |until| ConfirmIdentityPayload { confirmed_until: Some(Instant(until)), user_errors: Vec::new() })
}
