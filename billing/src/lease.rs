//! Leases: who does what only one process may do. A lease that is not renewed is free for whoever comes next.

use billow_entities::lease;
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, Select};

use crate::Billing;
use crate::error::Result;

impl Billing {
    /// Whether a claim still holds: its lease has not expired, and `row`, selected by the claim's fence, still exists. Checked
    /// right before an outward call, because another process may have taken over the work while this one was suspended.
    pub(crate) async fn still_claimed<E: EntityTrait>(&self, row: Select<E>, until: DateTime<Utc>) -> Result<bool>
    where
        E::Model: Sync,
    {
        Ok(self.now() < until && row.one(self.store.log()).await?.is_some())
    }

    /// Takes or renews the lease `name` for this process.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hold_lease(&self, name: &str, length: Duration) -> Result<bool> {
        let now = self.now();
        let until = now + length;
        // Renewing costs a write; it is only done when a third of the lease is gone.
        if self.leases_held.lock().get(name).is_some_and(|known| *known - now > length * 2 / 3) {
            return Ok(true);
        }
        let db = self.store.writer();
        let taken = lease::Entity::update_many()
            .col_expr(lease::Column::Holder, Expr::value(self.settings.worker.clone()))
            .col_expr(lease::Column::Until, Expr::value(until))
            .col_expr(lease::Column::Fence, Expr::col(lease::Column::Fence).add(1))
            .filter(lease::Column::Name.eq(name))
            .filter(Condition::any().add(lease::Column::Holder.eq(self.settings.worker.as_str())).add(lease::Column::Until.lte(now)))
            .exec(db)
            .await?;
        let mut held = taken.rows_affected > 0;
        if !held {
            let row = lease::ActiveModel {
                name: Set(name.to_owned()),
                holder: Set(self.settings.worker.clone()),
                fence: Set(1),
                until: Set(until),
            };
            let inserted = lease::Entity::insert(row)
                .on_conflict(OnConflict::column(lease::Column::Name).do_nothing().to_owned())
                .exec_without_returning(db)
                .await?;
            held = inserted > 0;
        }
        if held {
            self.leases_held.lock().insert(name.to_owned(), until);
        } else {
            self.leases_held.lock().remove(name);
        }
        Ok(held)
    }

    /// Gives back what this process holds, so that the next one need not wait.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release_leases(&self) -> Result<()> {
        self.leases_held.lock().clear();
        lease::Entity::update_many()
            .col_expr(lease::Column::Until, Expr::value(self.now()))
            .filter(lease::Column::Holder.eq(self.settings.worker.as_str()))
            .exec(self.store.writer())
            .await?;
        Ok(())
    }
}
