//! Refunds, for whoever sees their payments.

use billow_entities::{PaymentId, RefundId, refund};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Refunds;

/// Refunds of one answer.
const MAX_REFUNDS: u64 = 5_000;

impl Refunds {
    /// The refunds of payments that somebody sees, oldest first.
    ///
    /// # Errors
    /// For everybody but Billow itself, on behalf of whoever sees the payments.
    pub async fn refunds_of(&self, actor: &Actor, payments: &[PaymentId]) -> Result<Vec<refund::Model>> {
        if *actor != Actor::System {
            return Err(Error::Forbidden);
        }
        Ok(refund::Entity::find()
            .filter(refund::Column::PaymentId.is_in(payments.iter().copied()))
            .order_by_asc(refund::Column::Id)
            .limit(MAX_REFUNDS)
            .all(self.store.read())
            .await?)
    }

    /// One refund: for the customer who gets it, and for staff.
    ///
    /// # Errors
    /// When there is none, or it is somebody else's.
    pub async fn refund(&self, actor: &Actor, id: RefundId) -> Result<refund::Model> {
        actor.customer_or_staff()?;
        let row = refund::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound("refund"))?;
        if actor.is_staff() || actor.customer()? == row.customer_id { Ok(row) } else { Err(Error::NotFound("refund")) }
    }
}
