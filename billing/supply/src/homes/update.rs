//! Changing what a home is called and where it is.

use billow_entities::{PropertyId, property};
use billow_kernel::Actor;
use billow_kernel::error::{Problems, Result};
use billow_kernel::events::PropertyChange;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;

use super::Homes;
use super::fields;

/// What is to change; what is unset stays, and what is blank is removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateProperty {
    /// What it is called.
    pub name: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
}

impl Homes {
    /// Changes a home.
    ///
    /// # Errors
    /// `NotFound` when it is not visible, `Forbidden` for members who do not own it; what is wrong with the fields.
    #[tracing::instrument(name = "homes.update", skip_all)]
    pub async fn update_property(&self, actor: &Actor, id: PropertyId, input: UpdateProperty) -> Result<property::Model> {
        actor.customer_or_staff()?;
        let mut tx = self.store.write_tx().await?;
        let before = self.managed_home(&tx, actor, id).await?;
        let mut after = before.clone();
        let mut problems = Problems::default();
        if let Some(name) = &input.name {
            after.name = fields::name(&mut problems, name);
        }
        if input.address.is_some() {
            after.address = fields::address(&mut problems, input.address.as_deref());
        }
        if input.city.is_some() {
            after.city = fields::city(&mut problems, input.city.as_deref());
        }
        if input.postal_code.is_some() {
            after.postal_code = fields::postal_code(&mut problems, input.postal_code.as_deref());
        }
        if input.country.is_some() {
            after.country = fields::country(&mut problems, input.country.as_deref());
        }
        if let Some(zone) = &input.time_zone {
            after.time_zone = fields::time_zone(&mut problems, zone);
        }
        problems.finish()?;
        if after == before {
            return Ok(tx.leave(before).await);
        }
        let mut row = before.into_active_model();
        row.name = Set(after.name);
        row.address = Set(after.address);
        row.city = Set(after.city);
        row.postal_code = Set(after.postal_code);
        row.country = Set(after.country);
        row.time_zone = Set(after.time_zone);
        let home = row.update(&*tx).await?;
        self.audit.record(&tx, actor, "property.update", id, actor.customer().ok(), None, json!({})).await?;
        self.tell_home(&mut tx, id, PropertyChange::Updated, None)?;
        tx.commit().await?;
        Ok(home)
    }
}
