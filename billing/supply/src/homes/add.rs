//! Adding a home.

use billow_entities::{CustomerId, PropertyId, PropertyRole, customer, property, property_member};
use billow_kernel::error::{Problems, Result};
use billow_kernel::events::PropertyChange;
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::Homes;
use super::{MAX_HOMES, fields};

/// A home to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewProperty {
    /// For staff: whose home it is to be. Customers add their own.
    pub customer_id: Option<CustomerId>,
    /// What it is called.
    pub name: String,
    /// Street and number.
    pub address: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// IANA name; the customer's where absent.
    pub time_zone: Option<String>,
}

impl Homes {
    /// Adds a home, which its customer owns.
    ///
    /// # Errors
    /// What is wrong with the fields; `TOO_MANY_HOMES`; `Forbidden` for somebody else's home, unless staff ask.
    #[tracing::instrument(name = "homes.add", skip_all)]
    pub async fn add_property(&self, actor: &Actor, input: NewProperty) -> Result<property::Model> {
        let owner = match input.customer_id {
            Some(id) if actor.is_staff() => id,
            Some(id) if actor.customer()? != id => return Err(Error::Forbidden),
            _ if actor.is_staff() => return Err(Error::invalid("REQUIRED", "customerId", "Say whose home it is to be.")),
            _ => actor.customer()?,
        };
        let mut tx = self.store.write_tx().await?;
        let owner = customer::Entity::find_by_id(owner).one(&*tx).await?.ok_or(Error::NotFound("customer"))?;
        let home = self.add_home_in(&mut tx, actor, &owner, input).await?;
        tx.commit().await?;
        Ok(home)
    }

    /// Adds a home within a transaction.
    pub(crate) async fn add_home_in(
        &self,
        tx: &mut WriteTx,
        actor: &Actor,
        owner: &customer::Model,
        input: NewProperty,
    ) -> Result<property::Model> {
        let mut problems = Problems::default();
        let now = self.clock.now();
        let row = property::ActiveModel {
            id: Set(PropertyId(self.ids.next())),
            name: Set(fields::name(&mut problems, &input.name)),
            address: Set(fields::address(&mut problems, input.address.as_deref())),
            city: Set(fields::city(&mut problems, input.city.as_deref())),
            postal_code: Set(fields::postal_code(&mut problems, input.postal_code.as_deref())),
            country: Set(fields::country(&mut problems, input.country.as_deref())),
            time_zone: Set(fields::time_zone(&mut problems, input.time_zone.as_deref().unwrap_or(&owner.time_zone))),
            created_at: Set(now),
            archived_at: Set(None),
        };
        problems.finish()?;
        let homes = property_member::Entity::find().filter(property_member::Column::CustomerId.eq(owner.id)).count(&**tx).await?;
        if homes >= MAX_HOMES {
            return Err(Error::invalid("TOO_MANY_HOMES", "", format!("One customer belongs to at most {MAX_HOMES} homes.")));
        }
        let home = row.insert(&**tx).await?;
        let member = property_member::ActiveModel {
            property_id: Set(home.id),
            customer_id: Set(owner.id),
            role: Set(PropertyRole::Owner),
            created_at: Set(now),
        };
        member.insert(&**tx).await?;
        self.audit.record(tx, actor, "property.add", home.id, Some(owner.id), None, json!({})).await?;
        self.tell_home(tx, home.id, PropertyChange::Added, Some(owner.id))?;
        Ok(home)
    }
}
