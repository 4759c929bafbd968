//! A bill as it was when somebody paid it: what a payer goes on seeing after they left its home.

use billow_entities::{BillStatus, PaymentStatus, bill, bill_version, payment, payment_allocation};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::content::BillContent;
use crate::Billing;
use crate::error::Result;

impl Billing {
    /// The bill as it was when this part of a payment was made for it: its content then, and of what was paid only this part.
    /// Nothing newer is in it, and nothing of its home.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bill_as_paid(&self, now: &bill::Model, part: &payment_allocation::Model) -> Result<bill::Model> {
        let payment = payment::Entity::find_by_id(part.payment_id).one(self.store.log()).await?;
        let of_bill = bill_version::Entity::find().filter(bill_version::Column::BillId.eq(now.id));
        let then = match &payment {
            Some(payment) => {
                let before = of_bill.clone().filter(bill_version::Column::CreatedAt.lte(payment.created_at));
                before.order_by_desc(bill_version::Column::Version).one(self.store.log()).await?
            }
            None => None,
        };
        let then = match then {
            Some(version) => Some(version),
            None => of_bill.order_by_asc(bill_version::Column::Version).one(self.store.log()).await?,
        };
        let mut bill = now.clone();
        if let Some(version) = then {
            let content: BillContent = serde_json::from_value(version.snapshot)?;
            content.into_row(&mut bill)?;
            bill.version = version.version;
            bill.source = version.source;
            bill.updated_at = version.created_at;
        } else {
            bill.updated_at = bill.created_at;
        }
        let arrived = payment.is_some_and(|payment| payment.status == PaymentStatus::Succeeded);
        bill.paid_minor = if arrived { part.amount_minor - part.refunded_minor } else { 0 };
        bill.status = if arrived && bill.paid_minor >= bill.amount_minor { BillStatus::Paid } else { BillStatus::Open };
        bill.status_reason = None;
        bill.superseded_by = None;
        bill.property_id = None;
        Ok(bill)
    }
}
