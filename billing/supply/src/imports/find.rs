//! Looking at imports.

use billow_entities::{ImportRowStatus, ImportRunId, import_row, import_run};
use billow_kernel::error::Result;
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::{Actor, Error};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Imports;

/// Which rows are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportRowFilter {
    /// Only those in this status.
    pub status: Option<ImportRowStatus>,
}

impl Imports {
    /// An import.
    ///
    /// # Errors
    /// When somebody other than staff asks, or there is no such import.
    pub async fn import_run(&self, actor: &Actor, id: ImportRunId) -> Result<import_run::Model> {
        actor.staff()?;
        import_run::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("import"))
    }

    /// The imports, the newest first.
    ///
    /// # Errors
    /// When somebody other than staff asks, or the page is not a page.
    pub async fn import_runs(&self, actor: &Actor, page: PageRequest) -> Result<Page<import_run::Model>> {
        actor.staff()?;
        let limit = page.limit()?;
        let mut query = import_run::Entity::find().order_by_desc(import_run::Column::Id).limit(limit + 1);
        if let Some(id) = page.after_id::<ImportRunId>()? {
            query = query.filter(import_run::Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// The rows of an import in the order of the file.
    ///
    /// # Errors
    /// When somebody other than staff asks, there is no such import, or the page is not a page.
    pub async fn import_rows(
        &self,
        actor: &Actor,
        id: ImportRunId,
        filter: ImportRowFilter,
        page: PageRequest,
    ) -> Result<Page<import_row::Model>> {
        self.import_run(actor, id).await?;
        let limit = page.limit()?;
        let after: i32 = page.after_id()?.unwrap_or(0);
        let mut query = import_row::Entity::find()
            .filter(import_row::Column::RunId.eq(id))
            .filter(import_row::Column::Row.gt(after))
            .order_by_asc(import_row::Column::Row)
            .limit(limit + 1);
        if let Some(status) = filter.status {
            query = query.filter(import_row::Column::Status.eq(status));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.row.to_string()])))
    }
}
