//! The rows of an import hold what somebody typed about people: they go when nobody mends them any more.

use billow_entities::{ImportStatus, import_row, import_run};
use billow_kernel::error::Result;
use chrono::Duration;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::Imports;

/// How long the rows of an import that is over are kept.
const KEPT: Duration = Duration::days(30);

impl Imports {
    /// Removes the rows of imports that are long over; the imports themselves stay. Answers how many rows went.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep_imports(&self) -> Result<u64> {
        let over = import_run::Entity::find()
            .select_only()
            .column(import_run::Column::Id)
            .filter(import_run::Column::Status.eq(ImportStatus::Finished))
            .filter(import_run::Column::FinishedAt.lt(self.clock.now() - KEPT))
            .into_query();
        let swept = import_row::Entity::delete_many().filter(import_row::Column::RunId.in_subquery(over)).exec(self.store.writer()).await?;
        Ok(swept.rows_affected)
    }
}
