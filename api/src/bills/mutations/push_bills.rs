//! Posting bills, for providers with a key that may.

use async_graphql::{Context, Enum, ID, InputObject, SimpleObject};
use billow_billing::bills::PushedBill as Pushed;

use crate::context::ContextExt as _;
use crate::ids;
use crate::payload::payload;
use crate::refusal::Result;

/// Bills in the provider's own shape. `POST /hooks/bills` takes the same, and more of it at once.
#[derive(InputObject)]
pub(crate) struct PushBillsInput {
    /// What sort of text: `text/csv`, `application/xml`; `application/json` where absent.
    content_type: Option<String>,
    /// The text.
    body: String,
}

/// What a bill that was posted did.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "billow_billing::bills::PushEffect")]
pub(crate) enum PushEffect {
    /// It was seen for the first time.
    New,
    /// It was known, and says something else now.
    Changed,
    /// It was known, and says the same.
    Unchanged,
    /// It was not taken; the others were.
    Refused,
}

/// What became of one bill that was posted.
#[derive(SimpleObject)]
pub(crate) struct PushedBill {
    /// Its number, as it was posted.
    number: String,
    /// Whether it was taken.
    accepted: bool,
    /// What it did.
    effect: PushEffect,
    /// The bill it became; null where it was refused.
    bill_id: Option<ID>,
    /// Why it was refused, in whole sentences.
    message: Option<String>,
}

impl From<Pushed> for PushedBill {
    fn from(pushed: Pushed) -> Self {
        let effect = pushed.effect.into();
        Self {
            number: pushed.number,
            accepted: effect != PushEffect::Refused,
            effect,
            bill_id: pushed.bill_id.map(ids::text),
            message: (!pushed.problems.is_empty()).then(|| pushed.problems.join(" ")),
        }
    }
}

payload! {
    /// What became of the bills.
    PushBillsPayload {
        /// Each bill of the text, in its order. One that is refused harms no other.
        results: Vec<PushedBill>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: PushBillsInput) -> Result<PushBillsPayload> {
    let content_type = input.content_type.as_deref().unwrap_or("application/json");
    let outcome = ctx.billing().bills.push_bills(ctx.actor(), content_type, input.body.into()).await;
    PushBillsPayload::of(outcome, |report| PushBillsPayload {
        results: report.bills.into_iter().map(PushedBill::from).collect(),
        user_errors: Vec::new(),
    })
}
