//! Taking back that bills were paid elsewhere.

use async_graphql::{Context, ID, InputObject};

use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::ids::field_id;
use crate::payload::payload;
use crate::refusal::Result;

/// Bills that are still to be paid.
#[derive(InputObject)]
pub(crate) struct UndoPaidElsewhereInput {
    /// The bills, 1 to 100.
    bill_ids: Vec<ID>,
}

payload! {
    /// The bills as they are now.
    UndoPaidElsewherePayload {
        /// The bills as they are now, in the order in which they were named.
        bills: Vec<Bill>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: UndoPaidElsewhereInput) -> Result<UndoPaidElsewherePayload> {
    let outcome = async {
        let ids = input.bill_ids.iter().enumerate().map(|(at, id)| field_id(id, &format!("billIds.{at}")));
        ctx.billing().bills.undo_paid_elsewhere(ctx.actor(), &ids.collect::<billow_billing::Result<Vec<_>>>()?).await
    };
    UndoPaidElsewherePayload::of(outcome.await, |bills| UndoPaidElsewherePayload {
        bills: bills.into_iter().map(Bill::from).collect(),
        user_errors: Vec::new(),
    })
}
