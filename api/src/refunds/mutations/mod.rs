//! What the API changes about refunds: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod refund_payment;
pub(crate) mod retry_refund;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about refunds.
#[derive(Default)]
pub(crate) struct RefundsMutations;

#[Object]
impl RefundsMutations {
    /// Gives money of a payment back, in full or in part. For staff.
    async fn refund_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: refund_payment::RefundPaymentInput,
    ) -> Result<refund_payment::RefundPaymentPayload> {
        refund_payment::run(ctx, input).await
    }

    /// Tries a failed refund again. For staff.
    async fn retry_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: retry_refund::RetryRefundInput,
    ) -> Result<retry_refund::RetryRefundPayload> {
        retry_refund::run(ctx, input).await
    }
}
