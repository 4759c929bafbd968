//! Settling a difference between the ledger and a gateway.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::reconciling::reconciliation::Discrepancy;
use crate::refusal::Result;

/// What is settled.
#[derive(InputObject)]
pub(crate) struct ResolveDiscrepancyInput {
    /// The difference.
    id: ID,
    /// How it was settled, in words for the next one.
    resolution: String,
}

payload! {
    /// The difference as settled.
    ResolveDiscrepancyPayload {
        /// The difference.
        discrepancy: Option<Discrepancy>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ResolveDiscrepancyInput) -> Result<ResolveDiscrepancyPayload> {
    let outcome =
        async { ctx.billing().reconciling.resolve_discrepancy(ctx.actor(), id_of(&input.id, "discrepancy")?, &input.resolution).await };
    ResolveDiscrepancyPayload::of(outcome.await, |discrepancy| ResolveDiscrepancyPayload {
        discrepancy: Some(Discrepancy(discrepancy)),
        user_errors: Vec::new(),
    })
}
