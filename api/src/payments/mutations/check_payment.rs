//! Asking the gateway about a payment.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::payments::payment::Payment;
use crate::refusal::Result;

/// Which payment the gateway is asked about.
#[derive(InputObject)]
pub(crate) struct CheckPaymentInput {
    /// The payment.
    payment_id: ID,
}

payload! {
    /// The payment as the gateway tells it now.
    CheckPaymentPayload {
        /// The payment.
        payment: Option<Payment>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CheckPaymentInput) -> Result<CheckPaymentPayload> {
    let outcome = async { ctx.billing().payments.check_payment(ctx.actor(), id_of(&input.payment_id, "payment")?).await };
    CheckPaymentPayload::of(outcome.await, |payment| CheckPaymentPayload { payment: Some(payment.into()), user_errors: Vec::new() })
}
