//! What the API changes about customers: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod onboard_customer;
pub(crate) mod resend_invitation;
pub(crate) mod update_customer;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about customers.
#[derive(Default)]
pub(crate) struct CustomersMutations;

#[Object]
impl CustomersMutations {
    /// Makes a customer who has no sign-in yet, and invites them. For staff.
    async fn onboard_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: onboard_customer::OnboardCustomerInput,
    ) -> Result<onboard_customer::OnboardCustomerPayload> {
        onboard_customer::run(ctx, input).await
    }

    /// Invites an onboarded customer afresh. For staff.
    async fn resend_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: resend_invitation::ResendInvitationInput,
    ) -> Result<resend_invitation::ResendInvitationPayload> {
        resend_invitation::run(ctx, input).await
    }

    /// Changes what is known about oneself, or for staff about any customer.
    async fn update_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: update_customer::UpdateCustomerInput,
    ) -> Result<update_customer::UpdateCustomerPayload> {
        update_customer::run(ctx, input).await
    }
}
