//! Taking payments that are due, a few at a time, under a lease with a new fence: no two processes see to the same one.

use billow_entities::{PaymentId, PaymentStatus, payment};
use billow_kernel::error::Result;
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait as _, QueryFilter, QueryOrder, QuerySelect};

use super::Payments;

/// Taken at once.
pub(super) const CLAIM: u64 = 32;
/// Claims in one turn of a job; the next wake-up goes on.
pub(super) const TURNS: usize = 32;
/// Payments seen to at once.
pub(super) const AT_ONCE: usize = 8;
/// How long a claim lasts: longer than a gateway is asked.
const LEASE: Duration = Duration::seconds(90);

impl Payments {
    /// Takes payments that are due and stand like one of `statuses`. They come back with their new fence.
    pub(super) async fn claim_payments(&self, statuses: &[PaymentStatus]) -> Result<Vec<payment::Model>> {
        use payment::Column as C;
        let now = self.clock.now();
        let due = payment::Entity::find()
            .filter(C::CheckAt.lte(now))
            .filter(C::Status.is_in(statuses.iter().copied()))
            .filter(Condition::any().add(C::LeaseUntil.is_null()).add(C::LeaseUntil.lte(now)))
            .order_by_asc(C::CheckAt)
            .limit(CLAIM);
        if due.clone().one(self.store.primary()).await?.is_none() {
            return Ok(Vec::new());
        }
        let tx = self.store.write_tx().await?;
        let mut rows = due.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked).all(&*tx).await?;
        if rows.is_empty() {
            return Ok(tx.leave(rows).await);
        }
        let until = now + LEASE;
        payment::Entity::update_many()
            .col_expr(C::LeaseUntil, Expr::value(until))
            .col_expr(C::CheckAt, Expr::value(until))
            .col_expr(C::Fence, Expr::col(C::Fence).add(1))
            .filter(C::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&*tx)
            .await?;
        tx.commit().await?;
        let taken = payment::Entity::find().filter(C::Id.is_in(rows.iter().map(|row| row.id))).filter(C::LeaseUntil.eq(until));
        self.store.confirm("a claim on payments", taken.count(self.store.read()), rows.len()).await?;
        for row in &mut rows {
            row.fence += 1;
            row.lease_until = Some(until);
            row.check_at = Some(until);
        }
        Ok(rows)
    }

    /// Gives a claimed payment back, to be looked at again at `check_at`, unless somebody else has it or it has moved on.
    pub(super) async fn look_again(&self, id: PaymentId, fence: i64, check_at: DateTime<Utc>, checks: i32) -> Result<()> {
        use payment::Column as C;
        payment::Entity::update_many()
            .col_expr(C::CheckAt, Expr::value(check_at))
            .col_expr(C::Checks, Expr::value(checks))
            .col_expr(C::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
            .filter(C::Id.eq(id))
            .filter(C::Fence.eq(fence))
            .filter(C::CheckAt.is_not_null())
            .exec(self.store.writer())
            .await?;
        Ok(())
    }
}
