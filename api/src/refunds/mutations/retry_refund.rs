//! Trying a failed refund again.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refunds::refund::Refund;
use crate::refusal::Result;

/// Which refund is tried again.
#[derive(InputObject)]
pub(crate) struct RetryRefundInput {
    /// The refund: one that is `FAILED`.
    refund_id: ID,
    /// Into the wallet instead, for when the card is gone.
    to_wallet: Option<bool>,
}

payload! {
    /// The refund as tried again.
    RetryRefundPayload {
        /// The refund.
        refund: Option<Refund>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RetryRefundInput) -> Result<RetryRefundPayload> {
    let to_wallet = input.to_wallet.unwrap_or(false);
    let outcome = async { ctx.billing().refunds.retry_refund(ctx.actor(), id_of(&input.refund_id, "refund")?, to_wallet).await };
    RetryRefundPayload::of(outcome.await, |refund| RetryRefundPayload { refund: Some(Refund(refund)), user_errors: Vec::new() })
}
