//! Changes the status and the paid amount of a stored bill.

use billow_entities::bill;
use billow_kernel::error::{Error, Result};
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Bills;
use super::locked::LockedBill;
use super::state::{BillStep, sentence};

impl Bills {
    /// Applies a step to a bill and emits its event, in the caller's transaction. Returns the updated bill, still locked.
    /// Where nothing changes, nothing is written or emitted.
    ///
    /// # Errors
    /// `ILLEGAL_STATE` when the step makes no sense for a bill that stands like this one.
    pub async fn transition(
        &self,
        tx: &mut WriteTx,
        bill: LockedBill,
        step: impl Into<BillStep>,
        provider_name: &str,
    ) -> Result<LockedBill> {
        let mut row = bill.into_row();
        let changes = step.into().put(&mut row).map_err(|illegal| Error::invalid("ILLEGAL_STATE", "id", sentence(&illegal.to_string())))?;
        if changes.is_empty() {
            return Ok(LockedBill::still(row));
        }
        row.updated_at = self.clock.now();
        bill::Entity::update_many()
            .col_expr(bill::Column::Status, Expr::value(row.status))
            .col_expr(bill::Column::StatusReason, Expr::value(row.status_reason.clone()))
            .col_expr(bill::Column::MarkedBy, Expr::value(row.marked_by))
            .col_expr(bill::Column::PaidMinor, Expr::value(row.paid_minor))
            .col_expr(bill::Column::UpdatedAt, Expr::value(row.updated_at))
            .filter(bill::Column::Id.eq(row.id))
            .exec(&**tx)
            .await?;
        tx.emit(self.events.bill_updated(&row, provider_name, changes)?);
        Ok(LockedBill::still(row))
    }
}
