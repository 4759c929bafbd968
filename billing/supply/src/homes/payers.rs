//! Who may pay what: the customer of a bill, and owners and payers of its home.

use std::collections::{BTreeSet, HashMap};

use billow_entities::{CustomerId, PropertyId, PropertyRole, bill, property_member};
use billow_kernel::error::{Error, Result};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Homes;

/// Somebody's parts in homes.
pub type Roles = HashMap<PropertyId, PropertyRole>;

impl Homes {
    /// Lets pass who may pay a bill: its customer, and owners and payers of its home.
    pub async fn may_pay(&self, customer: CustomerId, bill: &bill::Model) -> Result<()> {
        lets_pay(customer, bill, &self.roles_in(customer, homes_of_others(customer, [bill])).await?)
    }

    /// The customer's parts in these homes.
    pub async fn roles_in(&self, customer: CustomerId, homes: BTreeSet<PropertyId>) -> Result<Roles> {
        if homes.is_empty() {
            return Ok(Roles::new());
        }
        let members = property_member::Entity::find()
            .filter(property_member::Column::CustomerId.eq(customer))
            .filter(property_member::Column::PropertyId.is_in(homes))
            .all(self.store.primary())
            .await?;
        Ok(members.into_iter().map(|member| (member.property_id, member.role)).collect())
    }
}

/// The homes of those bills that are somebody else's.
pub fn homes_of_others<'a>(customer: CustomerId, bills: impl IntoIterator<Item = &'a bill::Model>) -> BTreeSet<PropertyId> {
    bills.into_iter().filter(|bill| bill.customer_id != customer).filter_map(|bill| bill.property_id).collect()
}

/// Lets pass who may pay a bill, by the parts they have in homes.
pub fn lets_pay(customer: CustomerId, bill: &bill::Model, roles: &Roles) -> Result<()> {
    if bill.customer_id == customer {
        return Ok(());
    }
    match bill.property_id.and_then(|home| roles.get(&home)) {
        None => Err(Error::NotFound("bill")),
        Some(PropertyRole::Viewer) => Err(Error::Forbidden),
        Some(PropertyRole::Owner | PropertyRole::Payer) => Ok(()),
    }
}
