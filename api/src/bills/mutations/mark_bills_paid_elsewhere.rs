//! Marking bills as paid elsewhere.

use async_graphql::{Context, ID, InputObject};

use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::ids::field_id;
use crate::payload::payload;
use crate::refusal::Result;

/// Bills that were paid, but not through Billow.
#[derive(InputObject)]
pub(crate) struct MarkBillsPaidElsewhereInput {
    /// The bills, 1 to 100.
    bill_ids: Vec<ID>,
}

payload! {
    /// The bills as they are now.
    MarkBillsPaidElsewherePayload {
        /// The bills as they are now, in the order in which they were named.
        bills: Vec<Bill>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: MarkBillsPaidElsewhereInput) -> Result<MarkBillsPaidElsewherePayload> {
    let outcome = async {
        let ids = input.bill_ids.iter().enumerate().map(|(at, id)| field_id(id, &format!("billIds.{at}")));
        ctx.billing().bills.mark_bills_paid_elsewhere(ctx.actor(), &ids.collect::<billow_billing::Result<Vec<_>>>()?).await
    };
    MarkBillsPaidElsewherePayload::of(outcome.await, |bills| MarkBillsPaidElsewherePayload {
        bills: bills.into_iter().map(Bill::from).collect(),
        user_errors: Vec::new(),
    })
}
