//! Asking for documents: once for each payment and kind, and receipts again when something about them has changed.

use billow_entities::{DocumentId, DocumentKind, DocumentStatus, PaymentId, customer, document, payment};
use billow_kernel::error::{Error, Result};
use billow_kernel::store::WriteTx;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter};

use super::Documents;

impl Documents {
    /// Asks for a document of a payment in the caller's transaction; there is one of each kind, however often it is asked for.
    ///
    /// The caller holds the payment's row. It has no number yet: a series is one row, and payments that settle at once must
    /// not wait for each other there. Wake `Documents` after the commit.
    ///
    /// # Errors
    /// When the database does not answer, or the payer is gone.
    pub async fn queue_document(&self, tx: &WriteTx, payment: &payment::Model, kind: DocumentKind) -> Result<()> {
        let customer = customer::Entity::find_by_id(payment.customer_id).one(&**tx).await?.ok_or(Error::NotFound("customer"))?;
        let now = self.clock.now();
        let row = document::ActiveModel {
            id: Set(DocumentId(self.ids.next())),
            kind: Set(kind),
            number: Set(None),
            customer_id: Set(customer.id),
            payment_id: Set(payment.id),
            locale: Set(customer.locale),
            status: Set(DocumentStatus::Queued),
            status_reason: Set(None),
            object_key: Set(None),
            sha256: Set(None),
            size_bytes: Set(None),
            due_at: Set(Some(now)),
            tries: Set(0),
            lease_until: Set(None),
            fence: Set(0),
            created_at: Set(now),
            ready_at: Set(None),
        };
        let once = OnConflict::columns([document::Column::PaymentId, document::Column::Kind]).do_nothing().to_owned();
        document::Entity::insert(row).on_conflict(once).exec_without_returning(&**tx).await?;
        Ok(())
    }

    /// Has the receipt of a payment made anew, because the provider confirmed or money went back; answers whether there is
    /// one. What is being made at this moment is not kept: it may have been begun too early.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew_receipt(&self, tx: &WriteTx, payment: PaymentId) -> Result<bool> {
        use document::Column as C;
        let renewed = document::Entity::update_many()
            .col_expr(C::DueAt, Expr::value(self.clock.now()))
            .col_expr(C::Tries, Expr::value(0))
            .col_expr(C::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
            .col_expr(C::Fence, Expr::col(C::Fence).add(1))
            .filter(C::PaymentId.eq(payment))
            .filter(C::Kind.eq(DocumentKind::Receipt))
            .exec(&**tx)
            .await?;
        Ok(renewed.rows_affected > 0)
    }
}
