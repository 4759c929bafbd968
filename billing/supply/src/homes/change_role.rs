//! Changing what a member of a household may do.

use billow_entities::{CustomerId, PropertyId, PropertyRole, customer, property_member};
use billow_kernel::error::Result;
use billow_kernel::events::PropertyChange;
use billow_kernel::{Actor, Error};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::Homes;
use super::{Member, another_owns};

impl Homes {
    /// Changes what a member may do.
    ///
    /// # Errors
    /// `NotFound` when the home is not visible or they do not belong to it, `Forbidden` for members who do not own it;
    /// `LAST_OWNER`.
    #[tracing::instrument(name = "homes.change_role", skip_all)]
    pub async fn change_member_role(&self, actor: &Actor, id: PropertyId, customer_id: CustomerId, role: PropertyRole) -> Result<Member> {
        actor.customer_or_staff()?;
        let mut tx = self.store.write_tx().await?;
        self.managed_home(&tx, actor, id).await?;
        let member = property_member::Entity::find_by_id((id, customer_id)).one(&*tx).await?.ok_or(Error::NotFound("member"))?;
        let customer = customer::Entity::find_by_id(customer_id).one(&*tx).await?.ok_or(Error::NotFound("member"))?;
        if member.role == role {
            return Ok(tx.leave(Member::of(member, customer)).await);
        }
        if member.role == PropertyRole::Owner {
            another_owns(&tx, id, customer_id).await?;
            self.revoke_invitations_by(&tx, id, customer_id).await?;
        }
        let mut row = member.into_active_model();
        row.role = Set(role);
        let member = row.update(&*tx).await?;
        self.audit.record(&tx, actor, "property.change_role", id, Some(customer_id), None, json!({"role": role})).await?;
        self.tell_home(&mut tx, id, PropertyChange::Role, Some(customer_id))?;
        tx.commit().await?;
        Ok(Member::of(member, customer))
    }
}
