//! Noting that a provider will not be paid.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;
use crate::remittances::remittance::Remittance;

/// What a provider will not receive.
#[derive(InputObject)]
pub(crate) struct RejectRemittanceInput {
    /// The remittance: one that is `MANUAL`, `UNKNOWN`, or `SENT` for three days without an answer (`canDecide`).
    remittance_id: ID,
    /// Why; the customer is told, and gets the money back.
    reason: String,
}

payload! {
    /// The remittance as refused.
    RejectRemittancePayload {
        /// The remittance.
        remittance: Option<Remittance>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RejectRemittanceInput) -> Result<RejectRemittancePayload> {
    let outcome =
        async { ctx.billing().remittances.reject_remittance(ctx.actor(), id_of(&input.remittance_id, "remittance")?, &input.reason).await };
    RejectRemittancePayload::of(outcome.await, |remittance| RejectRemittancePayload {
        remittance: Some(Remittance(remittance)),
        user_errors: Vec::new(),
    })
}
