//! What the API changes about remittances: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod confirm_remittance;
pub(crate) mod redeliver_voucher;
pub(crate) mod reject_remittance;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about remittances.
#[derive(Default)]
pub(crate) struct RemittancesMutations;

#[Object]
impl RemittancesMutations {
    /// Sends the code of a recharge once more: over the usual channels, at once.
    async fn redeliver_voucher(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: redeliver_voucher::RedeliverVoucherInput,
    ) -> Result<redeliver_voucher::RedeliverVoucherPayload> {
        redeliver_voucher::run(ctx, input).await
    }

    /// Notes that a provider has received what it was paid by hand, or what was unclear. For staff.
    async fn confirm_remittance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: confirm_remittance::ConfirmRemittanceInput,
    ) -> Result<confirm_remittance::ConfirmRemittancePayload> {
        confirm_remittance::run(ctx, input).await
    }

    /// Notes that a provider will not receive what it was to be paid, and gives the money back. For staff.
    async fn reject_remittance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: reject_remittance::RejectRemittanceInput,
    ) -> Result<reject_remittance::RejectRemittancePayload> {
        reject_remittance::run(ctx, input).await
    }
}
