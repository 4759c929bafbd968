//! Making a document again that was given up, for staff.

use billow_entities::{DocumentId, DocumentStatus, document, payment};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::events::PaymentStep;
use billow_kernel::wake::Wakeup;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::json;

use super::Documents;
use super::is_failed;

impl Documents {
    /// Has a document made again that was given up, from the first try; it keeps its number. One that is being made stays as
    /// it is.
    ///
    /// # Errors
    /// When somebody else asks, or there is no such document; `ILLEGAL_STATE` for one that was made.
    #[tracing::instrument(name = "documents.retry", skip_all)]
    pub async fn retry_document(&self, actor: &Actor, id: DocumentId) -> Result<document::Model> {
        actor.staff()?;
        let mut tx = self.store.write_tx().await?;
        let row = document::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&*tx).await?;
        let mut row = row.ok_or(Error::NotFound("document"))?;
        if !is_failed(&row) {
            return if row.due_at.is_some() {
                Ok(tx.leave(row).await)
            } else {
                Err(Error::invalid("ILLEGAL_STATE", "documentId", "This document was made."))
            };
        }
        let reason = row.status_reason.take();
        // An earlier making of it stays readable meanwhile.
        if row.status == DocumentStatus::Failed {
            row.status = DocumentStatus::Queued;
        }
        row.due_at = Some(self.clock.now());
        row.tries = 0;
        row.lease_until = None;
        row.fence += 1;
        let row = row.into_active_model().reset_all().update(&*tx).await?;
        let data = json!({"kind": row.kind, "number": row.number, "payment_id": row.payment_id, "failed": reason});
        self.audit.record(&tx, actor, "document.retry", id, Some(row.customer_id), None, data).await?;
        if let Some(payment) = payment::Entity::find_by_id(row.payment_id).one(&*tx).await? {
            tx.emit(self.events.payment(&payment, PaymentStep::Document(None))?);
        }
        tx.commit().await?;
        self.waker.wake(Wakeup::Documents).await;
        Ok(row)
    }
}
