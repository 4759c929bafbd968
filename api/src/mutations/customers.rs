//! What the API changes about customers.

use async_graphql::{Context, Object};

use super::{onboard_customer, resend_invitation, start_customer_import, update_customer};
use crate::refusal::Result;

/// What the API changes about customers.
#[derive(Default)]
pub(crate) struct CustomerMutations;

#[Object]
impl CustomerMutations {
    /// Makes a customer who has no sign-in yet, and invites them. For staff.
    async fn onboard_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: onboard_customer::OnboardCustomerInput,
    ) -> Result<onboard_customer::OnboardCustomerPayload> {
        onboard_customer::run(ctx, input).await
    }

    /// Invites an onboarded customer afresh. For staff.
    async fn resend_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: resend_invitation::ResendInvitationInput,
    ) -> Result<resend_invitation::ResendInvitationPayload> {
        resend_invitation::run(ctx, input).await
    }

    /// Changes what is known about oneself, or for staff about any customer.
    async fn update_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_customer::UpdateCustomerInput,
    ) -> Result<update_customer::UpdateCustomerPayload> {
        update_customer::run(ctx, input).await
    }

    /// Begins to import customers from a CSV file. For staff.
    async fn start_customer_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: start_customer_import::StartCustomerImportInput,
    ) -> Result<start_customer_import::StartCustomerImportPayload> {
        start_customer_import::run(ctx, input).await
    }
}
