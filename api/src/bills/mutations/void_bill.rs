//! Withdrawing a bill by hand.

use async_graphql::{Context, ID, InputObject};

use crate::bills::bill::Bill;
use crate::bills::mutations::record_bill::NAMES;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::{named, payload};
use crate::refusal::Result;

/// Which bill is withdrawn.
#[derive(InputObject)]
pub(crate) struct VoidBillInput {
    /// The bill.
    bill_id: ID,
    /// Why.
    reason: String,
}

payload! {
    /// The bill as withdrawn.
    VoidBillPayload {
        /// The bill.
        bill: Option<Bill>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: VoidBillInput) -> Result<VoidBillPayload> {
    let outcome = async { ctx.billing().bills.void_bill(ctx.actor(), id_of(&input.bill_id, "bill")?, &input.reason).await };
    VoidBillPayload::of(named(outcome.await, NAMES), |bill| VoidBillPayload { bill: Some(bill.into()), user_errors: Vec::new() })
}
