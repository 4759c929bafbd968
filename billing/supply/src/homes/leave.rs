//! Leaving a household, and being removed from it.

use billow_entities::{CustomerId, PropertyId, PropertyRole, UtilityAccountId, bill, property_member, utility_account};
use billow_kernel::error::Result;
use billow_kernel::events::{AccountChange, PropertyChange};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::Homes;
use super::another_owns;

impl Homes {
    /// Removes a member from a household, or lets `actor` leave it. Their own accounts, with their bills, go with them.
    ///
    /// # Errors
    /// `NotFound` when the home is not visible or they do not belong to it, `Forbidden` for members who remove others
    /// without owning the home; `LAST_OWNER`.
    #[tracing::instrument(name = "homes.remove_member", skip_all)]
    pub async fn remove_member(&self, actor: &Actor, id: PropertyId, customer_id: CustomerId) -> Result<()> {
        actor.customer_or_staff()?;
        let mut tx = self.store.write_tx().await?;
        let leaves = actor.customer().is_ok_and(|own| own == customer_id);
        match self.managed_home(&tx, actor, id).await {
            Err(Error::Forbidden) if leaves => {}
            other => drop(other?),
        }
        let key = (id, customer_id);
        let member = property_member::Entity::find_by_id(key).one(&*tx).await?.ok_or(Error::NotFound("member"))?;
        if member.role == PropertyRole::Owner {
            another_owns(&tx, id, customer_id).await?;
        }
        self.revoke_invitations_by(&tx, id, customer_id).await?;
        property_member::Entity::delete_by_id(key).exec(&*tx).await?;
        let accounts = self.take_accounts_along(&mut tx, id, customer_id).await?;
        let action = if leaves { "property.leave" } else { "property.remove_member" };
        self.audit.record(&tx, actor, action, id, Some(customer_id), None, json!({"accounts": accounts})).await?;
        self.tell_home(&mut tx, id, PropertyChange::Left, Some(customer_id))?;
        tx.commit().await
    }

    async fn take_accounts_along(&self, tx: &mut WriteTx, home: PropertyId, customer: CustomerId) -> Result<Vec<UtilityAccountId>> {
        let accounts = utility_account::Entity::find()
            .filter(utility_account::Column::PropertyId.eq(home))
            .filter(utility_account::Column::CustomerId.eq(customer))
            .lock_exclusive()
            .all(&**tx)
            .await?;
        let ids: Vec<UtilityAccountId> = accounts.iter().map(|a| a.id).collect();
        if ids.is_empty() {
            return Ok(ids);
        }
        let nowhere = || Expr::value(None::<uuid::Uuid>);
        utility_account::Entity::update_many()
            .col_expr(utility_account::Column::PropertyId, nowhere())
            .col_expr(utility_account::Column::UpdatedAt, Expr::value(self.clock.now()))
            .filter(utility_account::Column::Id.is_in(ids.iter().copied()))
            .exec(&**tx)
            .await?;
        bill::Entity::update_many()
            .col_expr(bill::Column::PropertyId, nowhere())
            .filter(bill::Column::AccountId.is_in(ids.iter().copied()))
            .exec(&**tx)
            .await?;
        for mut account in accounts {
            account.property_id = None;
            tx.emit(self.events.account(&account, AccountChange::Moved, None)?);
        }
        Ok(ids)
    }
}
