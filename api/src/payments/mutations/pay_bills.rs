//! Paying bills.

use async_graphql::{Context, InputObject};
use billow_billing::payable_bills::PayBills;

use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::payments::inputs::{BillAmountInput, bill_amounts};
use crate::payments::mutations::paying_input::PayingInput;
use crate::payments::payment::Payment;
use crate::refusal::Result;

/// What is to be paid, and how.
#[derive(InputObject)]
pub(crate) struct PayBillsInput {
    /// The bills; at most 50, all in one currency.
    bills: Vec<BillAmountInput>,
    /// How it is paid.
    #[graphql(flatten)]
    paying: PayingInput,
}

payload! {
    /// The payment that was made.
    PayBillsPayload {
        /// The payment, as it stands after the gateway was asked.
        payment: Option<Payment>,
        /// Whether the key was known, and this is what was made with it then.
        replayed: bool,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: PayBillsInput) -> Result<PayBillsPayload> {
    let outcome = async {
        let wanted = PayBills { bills: bill_amounts(&input.bills)? };
        ctx.billing().payments.pay(ctx.actor(), &*ctx.billing().payable_bills, input.paying.request(wanted)?).await
    };
    PayBillsPayload::of(outcome.await, |made| PayBillsPayload {
        payment: Some(made.payment.into()),
        replayed: made.replayed,
        user_errors: Vec::new(),
    })
}
