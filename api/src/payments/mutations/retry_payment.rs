//! Trying a failed payment again.

use async_graphql::{Context, ID, InputObject};
use billow_billing::payments::RetryPayment;

use crate::context::ContextExt as _;
use crate::ids::{id_of, optional_id};
use crate::payload::payload;
use crate::payments::payment::Payment;
use crate::refusal::Result;

/// Which payment is tried again, and how.
#[derive(InputObject)]
pub(crate) struct RetryPaymentInput {
    /// The payment, which must have failed or been called off.
    payment_id: ID,
    /// By which saved method.
    payment_method_id: Option<ID>,
    /// Pay on a page of the gateway's, without a saved method.
    hosted_page: Option<bool>,
    /// Where the browser comes back to from a page of the gateway's.
    return_url: Option<String>,
    /// Generate one for each action of a user, 8 to 255 characters: the same key with the same input does nothing twice.
    idempotency_key: String,
}

payload! {
    /// The payment as tried again.
    RetryPaymentPayload {
        /// The payment.
        payment: Option<Payment>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RetryPaymentInput) -> Result<RetryPaymentPayload> {
    let outcome = async {
        let id = id_of(&input.payment_id, "payment")?;
        let request = RetryPayment {
            method: optional_id(input.payment_method_id.as_ref(), "paymentMethodId")?,
            hosted_page: input.hosted_page.unwrap_or(false),
            return_url: input.return_url,
            idempotency_key: input.idempotency_key,
        };
        ctx.billing().payments.retry_payment(ctx.actor(), id, request).await
    };
    RetryPaymentPayload::of(outcome.await, |payment| RetryPaymentPayload { payment: Some(payment.into()), user_errors: Vec::new() })
}
