//! Posting bills, for providers with a key that may.

use async_graphql::{Context, InputObject, SimpleObject};
use billow_billing::bills::RefusedBill;

use super::payload::payload;
use crate::context::Within as _;
use crate::refusal::Result;
use crate::scalars::count;

/// Bills in the provider's own shape. `POST /hooks/bills` takes the same, and more of it at once.
#[derive(InputObject)]
pub(crate) struct PushBillsInput {
    /// What sort of text: `application/json`, `text/csv`, `application/xml`.
    content_type: String,
    /// The text.
    body: String,
}

/// A bill that was not taken.
#[derive(SimpleObject)]
pub(crate) struct RefusedPush {
    /// Its place in the text, from 0.
    index: i32,
    /// Its number.
    number: String,
    /// Why, in whole sentences.
    problems: Vec<String>,
}

impl From<RefusedBill> for RefusedPush {
    fn from(bill: RefusedBill) -> Self {
        Self { index: count(bill.index), number: bill.number, problems: bill.problems }
    }
}

payload! {
    /// What became of the bills.
    PushBillsPayload {
        /// Bills in the text.
        received: i32,
        /// Seen for the first time.
        new: i32,
        /// Known, and said otherwise.
        changed: i32,
        /// Known, and said the same.
        unchanged: i32,
        /// Refused; the rest was taken.
        refused: Vec<RefusedPush>,
    }
}

pub(super) async fn run(ctx: &Context<'_>, input: PushBillsInput) -> Result<PushBillsPayload> {
    let outcome = ctx.billing().push_bills(ctx.actor(), &input.content_type, input.body.into()).await;
    PushBillsPayload::of(outcome, |report| PushBillsPayload {
        received: count(report.received),
        new: count(report.new),
        changed: count(report.changed),
        unchanged: count(report.unchanged),
        refused: report.refused.into_iter().map(RefusedPush::from).collect(),
        user_errors: Vec::new(),
    })
}
