//! Paying by a signed link, without signing in.

use async_graphql::{Context, InputObject};
use billow_billing::payments::PayByLink;

use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::payments::inputs::MoneyAmountInput;
use crate::payments::payment::Payment;
use crate::refusal::Result;

/// A bill to be paid by a guest.
#[derive(InputObject)]
pub(crate) struct PayByLinkInput {
    /// What the link ends in.
    #[graphql(secret)]
    token: String,
    /// How much of it; what is suggested where absent.
    amount: Option<MoneyAmountInput>,
    /// Where the browser comes back to from the gateway's page.
    return_url: String,
    /// Generate one for each action of a user, 8 to 255 characters: the same key with the same input does nothing twice.
    idempotency_key: String,
}

payload! {
    /// The payment that was begun.
    PayByLinkPayload {
        /// The payment, as far as a guest may see it.
        payment: Option<Payment>,
        /// The gateway's page to go to.
        url: Option<String>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: PayByLinkInput) -> Result<PayByLinkPayload> {
    let outcome = async {
        let request = PayByLink {
            token: input.token,
            amount_minor: input.amount.map(|amount| amount.amount_minor.0),
            return_url: input.return_url,
            idempotency_key: input.idempotency_key,
        };
        ctx.billing().payments.pay_by_link(request, ctx.caller().address).await
    };
    PayByLinkPayload::of(outcome.await, |(payment, url)| PayByLinkPayload {
        payment: Some(Payment::for_guest(payment)),
        url,
        user_errors: Vec::new(),
    })
}
