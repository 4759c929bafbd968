//! How much is due, and since when.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{Due, DueRows};
use crate::error::Result;

/// What is due of a kind of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// How many rows, those under way included.
    pub count: u64,
    /// Since when the longest waiting of them is due.
    pub oldest: Option<DateTime<Utc>>,
}

impl Due {
    /// What is due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lag<W: DueRows + ?Sized>(&self) -> Result<Lag> {
        let due = W::Table::find()
            .select_only()
            .column_as(W::DUE_AT.count(), "n")
            .column_as(W::DUE_AT.min(), "oldest")
            .filter(W::open())
            .filter(W::DUE_AT.lte(self.clock.now()))
            .into_tuple::<(i64, Option<DateTime<Utc>>)>()
            .one(self.store.primary())
            .await?;
        let (count, oldest) = due.unwrap_or_default();
        Ok(Lag { count: u64::try_from(count).unwrap_or_default(), oldest })
    }
}
