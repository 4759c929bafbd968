//! Paying into one's wallet.

use async_graphql::{Context, ID, InputObject};
use billow_billing::payments::TopUp;

use crate::context::ContextExt as _;
use crate::ids::optional_id;
use crate::payload::payload;
use crate::payments::inputs::MoneyAmountInput;
use crate::payments::payment::Payment;
use crate::refusal::Result;
use crate::scalars::CurrencyCode;
use crate::wallets::inputs::known_currency;

/// What goes into one's wallet, and how.
#[derive(InputObject)]
pub(crate) struct TopUpWalletInput {
    /// How much.
    amount: MoneyAmountInput,
    /// In which currency.
    currency: CurrencyCode,
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
    /// The payment that was made.
    TopUpWalletPayload {
        /// The payment, as it stands after the gateway was asked.
        payment: Option<Payment>,
        /// Whether the key was known, and this is what was made with it then.
        replayed: bool,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: TopUpWalletInput) -> Result<TopUpWalletPayload> {
    let outcome = async {
        let request = TopUp {
            amount_minor: input.amount.amount_minor.0,
            currency: known_currency(&input.currency, "currency")?,
            method: optional_id(input.payment_method_id.as_ref(), "paymentMethodId")?,
            hosted_page: input.hosted_page.unwrap_or(false),
            return_url: input.return_url,
            idempotency_key: input.idempotency_key,
        };
        ctx.billing().payments.top_up(ctx.actor(), request).await
    };
    TopUpWalletPayload::of(outcome.await, |made| TopUpWalletPayload {
        payment: Some(made.payment.into()),
        replayed: made.replayed,
        user_errors: Vec::new(),
    })
}
