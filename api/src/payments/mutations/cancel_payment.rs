//! Calling a payment off.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::payments::payment::Payment;
use crate::refusal::Result;

/// Which payment is called off.
#[derive(InputObject)]
pub(crate) struct CancelPaymentInput {
    /// The payment.
    payment_id: ID,
}

payload! {
    /// The payment as called off.
    CancelPaymentPayload {
        /// The payment; it can still have succeeded, if the gateway was quicker.
        payment: Option<Payment>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CancelPaymentInput) -> Result<CancelPaymentPayload> {
    let outcome = async { ctx.billing().payments.cancel_payment(ctx.actor(), id_of(&input.payment_id, "payment")?).await };
    CancelPaymentPayload::of(outcome.await, |payment| CancelPaymentPayload { payment: Some(payment.into()), user_errors: Vec::new() })
}
