//! What is still owed of a bill: one definition for lists, sums, counts, reminders and the API.
//!
//! A bill is owed while it is open and something of it is left. What a payment under way covers is being paid: it is left
//! until the payment succeeds, but nobody is asked for it again.

use std::collections::HashMap;

use billow_entities::{BillId, BillStatus, bill, payment_allocation};
use billow_kernel::error::Result;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use super::Bills;

/// SQL: the part of a bill that a payment under way covers. A bill has at most one such payment.
const BEING_PAID: &str =
    "COALESCE((SELECT live.amount_minor FROM payment_allocations live WHERE live.target_id = bills.id AND live.live), 0)";
/// SQL: what is left to pay of an open bill.
const LEFT: &str = "(bills.amount_minor - bills.paid_minor)";

/// What is left to pay: the amount less what was paid through Billow; nothing for a bill that is not open.
#[must_use]
pub const fn left_minor(status: BillStatus, amount_minor: i64, paid_minor: i64) -> i64 {
    match status {
        BillStatus::Open if amount_minor > paid_minor => amount_minor - paid_minor,
        _ => 0,
    }
}

/// What is left to pay of a bill.
pub const fn left_of(bill: &bill::Model) -> i64 {
    left_minor(bill.status, bill.amount_minor, bill.paid_minor)
}

/// What is to be paid now: what is left without what a payment under way covers.
pub fn to_pay_of(bill: &bill::Model, being_paid_minor: i64) -> i64 {
    Ord::max(left_of(bill) - being_paid_minor, 0)
}

/// Bills of which something is left.
pub(super) fn is_owed() -> Condition {
    Condition::all().add(bill::Column::Status.eq(BillStatus::Open)).add(Expr::cust("bills.amount_minor > bills.paid_minor"))
}

/// Bills of which something is left that no payment under way covers.
pub(super) fn is_to_pay() -> Condition {
    is_owed().add(Expr::cust(format!("{LEFT} > {BEING_PAID}")))
}

/// Bills that a payment under way covers, wholly or in part.
pub(super) fn is_being_paid() -> Condition {
    is_owed().add(Expr::cust(format!("{BEING_PAID} > 0")))
}

/// The part of each bill that a payment under way covers.
pub(super) fn being_paid() -> Expr {
    Expr::cust(BEING_PAID)
}

/// Sums over bills that are owed.
pub(super) mod sums {
    use super::{BEING_PAID, Expr, LEFT};

    fn sum(of: &str) -> Expr {
        // PostgreSQL sums big integers to a numeric.
        Expr::cust(format!("CAST(SUM({of}) AS BIGINT)"))
    }

    /// What is left that no payment under way covers.
    pub(in crate::bills) fn to_pay() -> Expr {
        sum(&format!("CASE WHEN {LEFT} > {BEING_PAID} THEN {LEFT} - {BEING_PAID} ELSE 0 END"))
    }

    /// How many bills that is of.
    pub(in crate::bills) fn to_pay_count() -> Expr {
        sum(&format!("CASE WHEN {LEFT} > {BEING_PAID} THEN 1 ELSE 0 END"))
    }

    /// What payments under way cover.
    pub(in crate::bills) fn being_paid() -> Expr {
        sum(BEING_PAID)
    }

    /// How many bills that is of.
    pub(in crate::bills) fn being_paid_count() -> Expr {
        sum(&format!("CASE WHEN {BEING_PAID} > 0 THEN 1 ELSE 0 END"))
    }
}

/// What payments under way cover of these bills; bills without one are left out.
pub async fn being_paid_of(db: &impl ConnectionTrait, bills: &[BillId]) -> Result<HashMap<BillId, i64>> {
    let live = payment_allocation::Entity::find()
        .filter(payment_allocation::Column::TargetId.is_in(bills.iter().map(|bill| bill.0)))
        .filter(Expr::cust("live"))
        .all(db)
        .await?;
    Ok(live.into_iter().filter_map(|part| Some((part.target().bill()?, part.amount_minor))).collect())
}

impl Bills {
    /// What payments under way cover of these bills; bills without one are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bills_being_paid(&self, bills: &[BillId]) -> Result<HashMap<BillId, i64>> {
        being_paid_of(self.store.primary(), bills).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_never_negative_and_only_of_open_bills() {
        assert_eq!(left_minor(BillStatus::Open, 1_234, 500), 734);
        assert_eq!(left_minor(BillStatus::Open, 500, 1_234), 0, "corrected below what was paid");
        assert_eq!(left_minor(BillStatus::Open, -500, 0), 0, "a credit is nothing to pay");
        assert_eq!(left_minor(BillStatus::PaidElsewhere, 1_234, 500), 0);
    }
}
