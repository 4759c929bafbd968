//! Sharing a home with the rest of its household.

use billow_entities::{CustomerId, PropertyId, PropertyRole, customer, property_member};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{MAX_HOMES, MAX_MEMBERS, Member, another_owns, count_members};
use crate::customers::contact;
use crate::error::{Problems, Result};
use crate::identity::Budget;
use crate::{Actor, Billing, Error};

impl Billing {
    /// Takes the customer with this e-mail address into the household.
    ///
    /// # Errors
    /// `NotFound` when the home is not visible, `Forbidden` for members who do not own it; `UNKNOWN_EMAIL`;
    /// `ALREADY_MEMBER`; `TOO_MANY_MEMBERS`; `TooMany` when the budget of shares is used up.
    #[tracing::instrument(name = "homes.share", skip_all)]
    pub async fn share_property(&self, actor: &Actor, id: PropertyId, email: &str, role: PropertyRole) -> Result<Member> {
        actor.customer_or_staff()?;
        let mut problems = Problems::default();
        let email = contact::email(&mut problems, "email", email);
        problems.finish()?;
        // Whoever may not share the home learns nothing about addresses, and whoever may cannot try out many.
        let probe = self.store.write_tx().await?;
        self.managed_home(&probe, actor, id).await?;
        drop(probe);
        let _kept = self.spend(Budget::Shares, Some(&actor.label()), None).await?;
        let mut tx = self.store.write_tx().await?;
        self.managed_home(&tx, actor, id).await?;
        let customer = customer::Entity::find().filter(customer::Column::Email.eq(email)).one(&*tx).await?;
        let Some(customer) = customer else {
            return Err(Error::invalid(
                "UNKNOWN_EMAIL",
                "email",
                "Nobody with this e-mail address is a customer yet; ask them to sign up.",
            ));
        };
        if property_member::Entity::find_by_id((id, customer.id)).one(&*tx).await?.is_some() {
            return Err(Error::invalid("ALREADY_MEMBER", "email", "They belong to this home already."));
        }
        if count_members(&tx, id).await? >= MAX_MEMBERS {
            return Err(Error::invalid("TOO_MANY_MEMBERS", "", format!("A household has at most {MAX_MEMBERS} people.")));
        }
        let homes = property_member::Entity::find().filter(property_member::Column::CustomerId.eq(customer.id)).count(&*tx).await?;
        if homes >= MAX_HOMES {
            return Err(Error::invalid("TOO_MANY_HOMES", "email", format!("One customer belongs to at most {MAX_HOMES} homes.")));
        }
        let row = property_member::ActiveModel {
            property_id: Set(id),
            customer_id: Set(customer.id),
            role: Set(role),
            created_at: Set(self.now()),
        };
        let member = row.insert(&*tx).await?;
        self.audit(&tx, actor, "property.share", id, Some(customer.id), None, json!({"role": role})).await?;
        self.tell_home(&mut tx, id, "shared", Some(customer.id));
        tx.commit().await?;
        Ok(Member::of(member, customer))
    }

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
            return Ok(Member::of(member, customer));
        }
        if member.role == PropertyRole::Owner {
            another_owns(&tx, id, customer_id).await?;
        }
        let mut row = member.into_active_model();
        row.role = Set(role);
        let member = row.update(&*tx).await?;
        self.audit(&tx, actor, "property.change_role", id, Some(customer_id), None, json!({"role": role})).await?;
        self.tell_home(&mut tx, id, "role", Some(customer_id));
        tx.commit().await?;
        Ok(Member::of(member, customer))
    }
}
