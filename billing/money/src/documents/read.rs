//! Documents as people see them: the payer's own, and everybody's for staff.

use std::collections::HashMap;

use billow_entities::{DocumentId, PaymentId, document};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::page::{Page, PageRequest, cursor};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::Documents;

impl Documents {
    /// A document, for who paid and for staff.
    ///
    /// # Errors
    /// `NotFound` when it is somebody else's.
    #[tracing::instrument(name = "documents.document", skip_all)]
    pub async fn document(&self, actor: &Actor, id: DocumentId) -> Result<document::Model> {
        let missing = Error::NotFound("document");
        let own = if actor.is_staff() { None } else { Some(actor.customer()?) };
        let document = document::Entity::find_by_id(id).one(self.store.read()).await?;
        document.filter(|d| own.is_none_or(|own| d.customer_id == own)).ok_or(missing)
    }

    /// The documents of payments that whoever asks sees, invoices first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn documents_of(&self, payments: &[PaymentId]) -> Result<HashMap<PaymentId, Vec<document::Model>>> {
        let rows = document::Entity::find()
            .filter(document::Column::PaymentId.is_in(payments.iter().copied()))
            .order_by_asc(document::Column::Id)
            .all(self.store.read())
            .await?;
        let mut out: HashMap<PaymentId, Vec<document::Model>> = HashMap::new();
        for row in rows {
            out.entry(row.payment_id).or_default().push(row);
        }
        for documents in out.values_mut() {
            documents.sort_by_key(|d| (d.kind, d.id));
        }
        Ok(out)
    }

    /// Documents that could not be made, and receipts that could not be made anew, for staff; the newest first.
    ///
    /// # Errors
    /// When somebody else asks, or the page is not a page.
    #[tracing::instrument(name = "documents.failed", skip_all)]
    pub async fn failed_documents(&self, actor: &Actor, page: PageRequest) -> Result<Page<document::Model>> {
        actor.staff()?;
        let limit = page.limit()?;
        let mut query = failed().order_by_desc(document::Column::Id).limit(limit + 1);
        if let Some(after) = page.after_id::<DocumentId>()? {
            query = query.filter(document::Column::Id.lt(after));
        }
        let rows = query.all(self.store.primary()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// How many there are of them, for staff.
    ///
    /// # Errors
    /// When somebody else asks.
    pub async fn failed_documents_count(&self, actor: &Actor) -> Result<u64> {
        actor.staff()?;
        Ok(failed().count(self.store.primary()).await?)
    }
}

/// Those that were given up: not due, and the reason is still there.
pub fn failed() -> Select<document::Entity> {
    document::Entity::find().filter(document::Column::DueAt.is_null()).filter(document::Column::StatusReason.is_not_null())
}

/// Whether a document was given up.
#[must_use]
pub fn is_failed(document: &document::Model) -> bool {
    document.due_at.is_none() && document.status_reason.is_some()
}
