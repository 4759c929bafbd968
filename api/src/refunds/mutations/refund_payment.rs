//! Giving money back.

use async_graphql::{Context, ID, InputObject};
use billow_billing::refunds::RefundRequest;

use crate::context::ContextExt as _;
use crate::ids::{id_of, optional_id};
use crate::payload::payload;
use crate::payments::inputs::MoneyAmountInput;
use crate::payments::payment::Payment;
use crate::refunds::refund::Refund;
use crate::refusal::Result;

/// What goes back.
#[derive(InputObject)]
pub(crate) struct RefundPaymentInput {
    /// Of which payment.
    payment_id: ID,
    /// How much; all that may still go back where absent.
    amount: Option<MoneyAmountInput>,
    /// Of which part; the parts in their order where absent.
    allocation_id: Option<ID>,
    /// Into the customer's wallet instead of where it came from.
    to_wallet: Option<bool>,
    /// Why; the customer is told.
    reason: String,
    /// Generate one for each action of a user, 8 to 255 characters: the same key with the same input does nothing twice.
    idempotency_key: String,
}

payload! {
    /// What is on its way back.
    RefundPaymentPayload {
        /// The refunds that were begun.
        refunds: Vec<Refund>,
        /// The payment.
        payment: Option<Payment>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RefundPaymentInput) -> Result<RefundPaymentPayload> {
    let outcome = async {
        let payment = id_of(&input.payment_id, "payment")?;
        let request = RefundRequest {
            payment,
            amount_minor: input.amount.map(|amount| amount.amount_minor.0),
            allocation: optional_id(input.allocation_id.as_ref(), "allocationId")?,
            to_wallet: input.to_wallet.unwrap_or(false),
            reason: input.reason,
            idempotency_key: input.idempotency_key,
        };
        let refunds = ctx.billing().refunds.refund_payment(ctx.actor(), request).await?;
        Ok((refunds, ctx.billing().payments.payment(ctx.actor(), payment).await?))
    };
    RefundPaymentPayload::of(outcome.await, |(refunds, payment)| RefundPaymentPayload {
        refunds: refunds.into_iter().map(Refund).collect(),
        payment: Some(payment.into()),
        user_errors: Vec::new(),
    })
}
