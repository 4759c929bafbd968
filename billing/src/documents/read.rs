//! Documents as people see them: the payer's own, and everybody's for staff.

use std::collections::HashMap;

use billow_entities::{DocumentId, DocumentStatus, PaymentId, document};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::{Error, Result};
use crate::{Actor, Billing};

/// Documents one list shows.
const MAX_LISTED: u64 = 200;

impl Billing {
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

    /// Documents that could not be made, for staff, the newest first.
    ///
    /// # Errors
    /// When somebody else asks.
    #[tracing::instrument(name = "documents.failed", skip_all)]
    pub async fn failed_documents(&self, actor: &Actor) -> Result<Vec<document::Model>> {
        actor.staff()?;
        let failed = document::Entity::find().filter(document::Column::Status.eq(DocumentStatus::Failed));
        Ok(failed.order_by_desc(document::Column::Id).limit(MAX_LISTED).all(self.store.read()).await?)
    }
}
