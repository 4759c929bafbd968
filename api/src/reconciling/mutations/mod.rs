//! What the API changes about our books held against the gateways': one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod resolve_discrepancy;
pub(crate) mod start_reconciliation;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about our books held against the gateways'.
#[derive(Default)]
pub(crate) struct ReconcilingMutations;

#[Object]
impl ReconcilingMutations {
    /// Compares a day of the ledger with a gateway. For staff.
    async fn start_reconciliation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: start_reconciliation::StartReconciliationInput,
    ) -> Result<start_reconciliation::StartReconciliationPayload> {
        start_reconciliation::run(ctx, input).await
    }

    /// Settles a difference between the ledger and a gateway. For staff.
    async fn resolve_discrepancy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: resolve_discrepancy::ResolveDiscrepancyInput,
    ) -> Result<resolve_discrepancy::ResolveDiscrepancyPayload> {
        resolve_discrepancy::run(ctx, input).await
    }
}
