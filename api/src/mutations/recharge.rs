//! Recharging a prepaid account.

use async_graphql::{Context, ID, InputObject};
use billow_billing::payments::Recharge;

use super::payload::payload;
use crate::context::Within as _;
use crate::ids::{field_id, optional_id};
use crate::refusal::Result;
use crate::types::payment::Payment;

/// Which plan for which account, and how it is paid.
#[derive(InputObject)]
pub(crate) struct RechargeInput {
    /// The prepaid account.
    utility_account_id: ID,
    /// One of the plans its provider sells now.
    recharge_plan_id: ID,
    /// By which saved method.
    payment_method_id: Option<ID>,
    /// Take what the wallet has of it first, and the rest by method or page. Neither of those: the wallet alone.
    use_wallet: Option<bool>,
    /// Pay on a page of the gateway's, without a saved method.
    hosted_page: Option<bool>,
    /// Where the browser comes back to from a page of the gateway's.
    return_url: Option<String>,
    /// For staff: whose wallet and methods are used.
    customer_id: Option<ID>,
    /// Made by whoever asks, once for each wish, 8 to 255 characters: asked again with it, nothing happens twice.
    idempotency_key: String,
}

payload! {
    /// The payment that was made.
    RechargePayload {
        /// The payment, as it stands after the gateway was asked. The code, where the provider gives one, is in its remittance.
        payment: Option<Payment>,
        /// Whether the key was known, and this is what was made with it then.
        replayed: bool,
    }
}

pub(super) async fn run(ctx: &Context<'_>, input: RechargeInput) -> Result<RechargePayload> {
    let outcome = async {
        let wish = Recharge {
            account: field_id(&input.utility_account_id, "utilityAccountId")?,
            plan: field_id(&input.recharge_plan_id, "rechargePlanId")?,
            method: optional_id(input.payment_method_id.as_ref(), "paymentMethodId")?,
            use_wallet: input.use_wallet.unwrap_or(false),
            hosted_page: input.hosted_page.unwrap_or(false),
            return_url: input.return_url,
            customer: optional_id(input.customer_id.as_ref(), "customerId")?,
            idempotency_key: input.idempotency_key,
        };
        ctx.billing().recharge(ctx.actor(), wish).await
    };
    RechargePayload::of(outcome.await, |made| RechargePayload {
        payment: Some(made.payment.into()),
        replayed: made.replayed,
        user_errors: Vec::new(),
    })
}
