//! What the API changes about imports: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod start_customer_import;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about imports.
#[derive(Default)]
pub(crate) struct ImportsMutations;

#[Object]
impl ImportsMutations {
    /// Begins to import customers from a CSV file. For staff.
    async fn start_customer_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: start_customer_import::StartCustomerImportInput,
    ) -> Result<start_customer_import::StartCustomerImportPayload> {
        start_customer_import::run(ctx, input).await
    }
}
