//! What belongs to many payments at once, for whoever shows them: nobody is asked who they are here, because the ids come
//! from what somebody sees.

use std::collections::HashMap;

use billow_entities::{PaymentId, payment, payment_allocation, payment_attempt};
use billow_kernel::error::Result;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Payments;

impl Payments {
    /// Payments by their ids.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn payments_by_id(&self, ids: &[PaymentId]) -> Result<HashMap<PaymentId, payment::Model>> {
        let rows = payment::Entity::find().filter(payment::Column::Id.is_in(ids.iter().copied())).all(self.store.primary()).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// The parts of payments, each in the order in which they were named.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn allocations_of(&self, ids: &[PaymentId]) -> Result<HashMap<PaymentId, Vec<payment_allocation::Model>>> {
        let rows = payment_allocation::Entity::find()
            .filter(payment_allocation::Column::PaymentId.is_in(ids.iter().copied()))
            .order_by_asc(payment_allocation::Column::Id)
            .all(self.store.primary())
            .await?;
        Ok(rows.into_iter().fold(HashMap::new(), |mut all: HashMap<_, Vec<_>>, row| {
            all.entry(row.payment_id).or_default().push(row);
            all
        }))
    }

    /// The tries of payments, the first of each first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn attempts_of(&self, ids: &[PaymentId]) -> Result<HashMap<PaymentId, Vec<payment_attempt::Model>>> {
        let rows = payment_attempt::Entity::find()
            .filter(payment_attempt::Column::PaymentId.is_in(ids.iter().copied()))
            .order_by_asc(payment_attempt::Column::Number)
            .all(self.store.primary())
            .await?;
        Ok(rows.into_iter().fold(HashMap::new(), |mut all: HashMap<_, Vec<_>>, row| {
            all.entry(row.payment_id).or_default().push(row);
            all
        }))
    }
}
