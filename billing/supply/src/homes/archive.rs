//! Archiving a home that is no longer lived in.

use billow_entities::{AccountStatus, PropertyId, property, utility_account};
use billow_kernel::error::Result;
use billow_kernel::events::PropertyChange;
use billow_kernel::{Actor, Error};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::json;

use super::Homes;

impl Homes {
    /// Archives a home; its history stays. One that is archived already stays so.
    ///
    /// # Errors
    /// `NotFound` when it is not visible, `Forbidden` for members who do not own it; `HAS_ACCOUNTS` while accounts in it
    /// are not closed.
    #[tracing::instrument(name = "homes.archive", skip_all)]
    pub async fn archive_property(&self, actor: &Actor, id: PropertyId) -> Result<property::Model> {
        actor.customer_or_staff()?;
        let mut tx = self.store.write_tx().await?;
        let home = self.managed_home(&tx, actor, id).await?;
        if home.archived_at.is_some() {
            return Ok(tx.leave(home).await);
        }
        let account = utility_account::Entity::find()
            .filter(utility_account::Column::PropertyId.eq(id))
            .filter(utility_account::Column::Status.ne(AccountStatus::Closed))
            .limit(1)
            .one(&*tx)
            .await?;
        if account.is_some() {
            return Err(Error::invalid("HAS_ACCOUNTS", "id", "There are accounts in this home; close them or move them first."));
        }
        let mut row = home.into_active_model();
        row.archived_at = Set(Some(self.clock.now()));
        let home = row.update(&*tx).await?;
        self.audit.record(&tx, actor, "property.archive", id, actor.customer().ok(), None, json!({})).await?;
        self.tell_home(&mut tx, id, PropertyChange::Archived, None)?;
        tx.commit().await?;
        Ok(home)
    }
}
