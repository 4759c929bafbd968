//! Recharging a prepaid account.

use async_graphql::{Context, ID, InputObject};
use billow_billing::recharges::BuyPlan;

use crate::context::ContextExt as _;
use crate::ids::field_id;
use crate::payload::payload;
use crate::payments::mutations::paying_input::PayingInput;
use crate::payments::payment::Payment;
use crate::refusal::Result;

/// Which plan for which account, and how it is paid.
#[derive(InputObject)]
pub(crate) struct RechargeInput {
    /// The prepaid account.
    utility_account_id: ID,
    /// One of the plans its provider sells now.
    recharge_plan_id: ID,
    /// How it is paid.
    #[graphql(flatten)]
    paying: PayingInput,
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

pub(crate) async fn run(ctx: &Context<'_>, input: RechargeInput) -> Result<RechargePayload> {
    let outcome = async {
        let wanted = BuyPlan {
            account: field_id(&input.utility_account_id, "utilityAccountId")?,
            plan: field_id(&input.recharge_plan_id, "rechargePlanId")?,
        };
        ctx.billing().payments.pay(ctx.actor(), &*ctx.billing().recharges, input.paying.request(wanted)?).await
    };
    RechargePayload::of(outcome.await, |made| RechargePayload {
        payment: Some(made.payment.into()),
        replayed: made.replayed,
        user_errors: Vec::new(),
    })
}
