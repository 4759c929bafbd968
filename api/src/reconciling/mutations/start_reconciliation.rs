//! Holding the ledger against a gateway.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::reconciling::reconciliation::Reconciliation;
use crate::refusal::Result;
use crate::scalars::Date;

/// What is compared.
#[derive(InputObject)]
pub(crate) struct StartReconciliationInput {
    /// Which gateway.
    gateway_id: ID,
    /// Which day, in UTC; one that is over.
    day: Date,
}

payload! {
    /// The comparison.
    StartReconciliationPayload {
        /// The comparison.
        reconciliation: Option<Reconciliation>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: StartReconciliationInput) -> Result<StartReconciliationPayload> {
    let outcome =
        async { ctx.billing().reconciling.start_reconciliation(ctx.actor(), id_of(&input.gateway_id, "gateway")?, input.day.0).await };
    StartReconciliationPayload::of(outcome.await, |reconciliation| StartReconciliationPayload {
        reconciliation: Some(Reconciliation(reconciliation)),
        user_errors: Vec::new(),
    })
}
