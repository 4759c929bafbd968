//! What the API changes about invoices and receipts: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod retry_document;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about invoices and receipts.
#[derive(Default)]
pub(crate) struct DocumentsMutations;

#[Object]
impl DocumentsMutations {
    /// Makes an invoice or receipt again that could not be made. It keeps its number. For staff.
    async fn retry_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The document to make again.")] input: retry_document::RetryDocumentInput,
    ) -> Result<retry_document::RetryDocumentPayload> {
        retry_document::run(ctx, input).await
    }
}
