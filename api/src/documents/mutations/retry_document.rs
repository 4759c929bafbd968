//! Making a document again that could not be made.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::documents::document::Document;
use crate::ids::field_id;
use crate::payload::payload;
use crate::refusal::Result;

/// Which document is made again.
#[derive(InputObject)]
pub(crate) struct RetryDocumentInput {
    /// The document: one that could not be made.
    document_id: ID,
}

payload! {
    /// The document, queued to be made again.
    RetryDocumentPayload {
        /// The document.
        document: Option<Document>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RetryDocumentInput) -> Result<RetryDocumentPayload> {
    let outcome = async { ctx.billing().documents.retry_document(ctx.actor(), field_id(&input.document_id, "documentId")?).await };
    RetryDocumentPayload::of(outcome.await, |document| RetryDocumentPayload { document: Some(Document(document)), user_errors: Vec::new() })
}
