//! Leases: who does what only one process may do. A lease that is not renewed is free for whoever comes next.

use std::collections::HashMap;
use std::sync::Arc;

use billow_entities::lease;
use chrono::{DateTime, Duration, Utc};
use parking_lot::Mutex;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter};

use crate::clock::SharedClock;
use crate::error::Result;
use crate::store::Store;

/// The leases of this process. Cloning it is cheap.
#[derive(Clone)]
pub struct Leases {
    store: Store,
    clock: SharedClock,
    worker: Arc<str>,
    held: Arc<Mutex<HashMap<String, DateTime<Utc>>>>,
}

impl Leases {
    /// The leases of the process `worker`.
    #[must_use]
    pub fn new(store: Store, clock: SharedClock, worker: &str) -> Self {
        Self { store, clock, worker: worker.into(), held: Arc::default() }
    }

    /// Takes or renews the lease `name` for this process.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hold(&self, name: &str, length: Duration) -> Result<bool> {
        let now = self.clock.now();
        let until = now + length;
        // Renewing costs a write; it is only done when a third of the lease is gone.
        if self.held.lock().get(name).is_some_and(|known| *known - now > length * 2 / 3) {
            return Ok(true);
        }
        let db = self.store.writer();
        let taken = lease::Entity::update_many()
            .col_expr(lease::Column::Holder, Expr::value(&*self.worker))
            .col_expr(lease::Column::Until, Expr::value(until))
            .col_expr(lease::Column::Fence, Expr::col(lease::Column::Fence).add(1))
            .filter(lease::Column::Name.eq(name))
            .filter(Condition::any().add(lease::Column::Holder.eq(&*self.worker)).add(lease::Column::Until.lte(now)))
            .exec(db)
            .await?;
        let mut held = taken.rows_affected > 0;
        if !held {
            let row =
                lease::ActiveModel { name: Set(name.to_owned()), holder: Set(self.worker.to_string()), fence: Set(1), until: Set(until) };
            let inserted = lease::Entity::insert(row)
                .on_conflict(OnConflict::column(lease::Column::Name).do_nothing().to_owned())
                .exec_without_returning(db)
                .await?;
            held = inserted > 0;
        }
        if held {
            self.held.lock().insert(name.to_owned(), until);
        } else {
            self.held.lock().remove(name);
        }
        Ok(held)
    }

    /// Gives back what this process holds, so that the next one need not wait.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release(&self) -> Result<()> {
        self.held.lock().clear();
        lease::Entity::update_many()
            .col_expr(lease::Column::Until, Expr::value(self.clock.now()))
            .filter(lease::Column::Holder.eq(&*self.worker))
            .exec(self.store.writer())
            .await?;
        Ok(())
    }
}
