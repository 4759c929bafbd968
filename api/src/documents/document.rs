//! Invoices and receipts.

use async_graphql::{Context, ID, Object};
use billow_entities::{DocumentStatus as Status, document};

use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::Find as _;
use crate::payments::payment::Payment;
use crate::refusal::Result;
use crate::scalars::{Instant, count};
use crate::types::{DocumentKind, DocumentStatus};

/// An invoice or receipt.
#[derive(Clone, Debug)]
pub(crate) struct Document(pub document::Model);

/// An invoice or receipt.
#[Object]
impl Document {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Invoice or receipt.
    async fn kind(&self) -> DocumentKind {
        self.0.kind.into()
    }

    /// Its number; null until it is made.
    async fn number(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> DocumentStatus {
        self.0.status.into()
    }

    /// Where to load it as PDF for the next 15 minutes, without signing in; null until it is made.
    async fn url(&self, ctx: &Context<'_>) -> Option<String> {
        (self.0.status == Status::Ready).then(|| ctx.billing().documents.document_url(&self.0))
    }

    /// The SHA-256 of its bytes in hex; null until it is made.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256.as_deref()
    }

    /// Its length; null until it is made.
    async fn size_bytes(&self) -> Option<i32> {
        self.0.size_bytes.map(count)
    }

    /// Why it could not be made, as text for operators. Null for others, and if there is nothing wrong.
    async fn status_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.status_reason.as_deref().filter(|_| ctx.actor().is_staff())
    }

    /// How often it was tried since it was last requested. For staff; null for others.
    async fn tries(&self, ctx: &Context<'_>) -> Option<i32> {
        ctx.actor().is_staff().then_some(self.0.tries)
    }

    /// Whether `retryDocument` is open to the caller: it could not be made, or not be made anew.
    async fn can_retry(&self, ctx: &Context<'_>) -> bool {
        ctx.actor().is_staff() && billow_billing::documents::is_failed(&self.0)
    }

    /// The payment it is about. For staff; null for others, who read documents from their payment.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        Ok(ctx.loaders().find(self.0.payment_id).await?.map(Payment::of))
    }

    /// When it was asked for.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }
}
