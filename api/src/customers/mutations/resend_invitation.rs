//! Inviting a customer afresh.

use async_graphql::{Context, ID, InputObject};
use billow_billing::identity::ExposeSecret as _;

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Whom to invite again.
#[derive(InputObject)]
pub(crate) struct ResendInvitationInput {
    /// The customer.
    customer_id: ID,
}

payload! {
    /// The new invitation.
    ResendInvitationPayload {
        /// Its link, told this once; earlier links lead nowhere now.
        invitation_link: Option<String>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ResendInvitationInput) -> Result<ResendInvitationPayload> {
    let outcome = async { ctx.billing().customers.resend_invitation(ctx.actor(), id_of(&input.customer_id, "customer")?).await };
    ResendInvitationPayload::of(outcome.await, |onboarded| ResendInvitationPayload {
        invitation_link: Some(onboarded.link.expose_secret().to_owned()),
        user_errors: Vec::new(),
    })
}
