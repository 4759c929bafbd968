//! A bill as it was when somebody paid it: what a payer goes on seeing after they left its home.

use billow_entities::{BillStatus, PaymentStatus, bill, bill_version, payment, payment_allocation};
use billow_kernel::error::{Error, Fault, Result};
use sea_orm::EntityTrait;

use super::Bills;
use super::content::BillContent;

impl Bills {
    /// The bill as it was when this part of a payment was made for it: its content then, and of what was paid only this part.
    /// Nothing newer is in it, and nothing of its home.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bill_as_paid(&self, now: &bill::Model, part: &payment_allocation::Model) -> Result<bill::Model> {
        let payment = payment::Entity::find_by_id(part.payment_id).one(self.store.primary()).await?;
        let then = bill_version::Entity::find_by_id((now.id, part.bill_version)).one(self.store.primary()).await?;
        let mut bill = now.clone();
        let version = then.ok_or_else(|| Error::Fault(Fault::new("the version of a bill that was paid", "it is not there".to_owned())))?;
        let content: BillContent = serde_json::from_value(version.snapshot)?;
        content.into_row(&mut bill)?;
        bill.version = version.version;
        bill.source = version.source;
        bill.updated_at = version.created_at;
        let arrived = payment.is_some_and(|payment| payment.status == PaymentStatus::Succeeded);
        bill.paid_minor = if arrived { part.amount_minor - part.refunded_minor } else { 0 };
        bill.status = if arrived && bill.paid_minor >= bill.amount_minor { BillStatus::Paid } else { BillStatus::Open };
        bill.status_reason = None;
        bill.superseded_by = None;
        bill.property_id = None;
        Ok(bill)
    }
}
