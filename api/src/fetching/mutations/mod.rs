//! What the API changes about asking providers for bills: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod cancel_fetch_run;
pub(crate) mod fetch_bills;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about asking providers for bills.
#[derive(Default)]
pub(crate) struct FetchingMutations;

#[Object]
impl FetchingMutations {
    /// Fetches one account now, or for staff everything at a provider.
    async fn fetch_bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: fetch_bills::FetchBillsInput,
    ) -> Result<fetch_bills::FetchBillsPayload> {
        fetch_bills::run(ctx, input).await
    }

    /// Stops a fetch run: accounts that were not fetched yet go back to their schedule.
    async fn cancel_fetch_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: cancel_fetch_run::CancelFetchRunInput,
    ) -> Result<cancel_fetch_run::CancelFetchRunPayload> {
        cancel_fetch_run::run(ctx, input).await
    }
}
