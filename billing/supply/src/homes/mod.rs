//! Homes: they group utility accounts, and a household shares them.
//!
//! Whoever joins or leaves is told as a customer, because the home's own events do not reach them yet, or no longer.

mod add;
mod archive;
mod change_role;
mod fields;
mod find;
mod invitations;
mod leave;
mod payers;
mod update;
mod visibility;

use std::sync::Arc;

pub use add::NewProperty;
use billow_entities::{CustomerId, PropertyId, PropertyRole, customer, property, property_member};
use billow_kernel::audit::Audit;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::error::Result;
use billow_kernel::events::{Event, Events, PropertyChange, PropertyEventData};
use billow_kernel::kernel::Kernel;
use billow_kernel::store::{Store, WriteTx};
use billow_kernel::{Actor, Error};
use chrono::{DateTime, Utc};
pub use find::PropertyFilter;
pub use invitations::Invitation;
pub use payers::{Roles, homes_of_others, lets_pay};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
pub use update::UpdateProperty;

use crate::customers::Customers;

/// Homes, who belongs to them, and what each member may see and do.
#[derive(Clone)]
pub struct Homes {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    audit: Audit,
    events: Arc<Events>,
    customers: Arc<Customers>,
}

impl Homes {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, customers: &Arc<Customers>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            customers: Arc::clone(customers),
        })
    }
}

/// Homes one customer may belong to.
pub(crate) const MAX_HOMES: u64 = 1_000;
/// People in one household.
const MAX_MEMBERS: u64 = 50;

/// Somebody of a household, as the others see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which home.
    pub property_id: PropertyId,
    /// Who.
    pub customer_id: CustomerId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// What they may do.
    pub role: PropertyRole,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl Member {
    fn of(member: property_member::Model, customer: customer::Model) -> Self {
        Self {
            property_id: member.property_id,
            customer_id: member.customer_id,
            name: customer.name,
            email: customer.email,
            role: member.role,
            since: member.created_at,
        }
    }
}

impl Homes {
    /// The home, for whoever may manage it: an owner or staff. Holds it until the transaction ends, so that two owners who
    /// leave at the same time do not both see the other.
    async fn managed_home(&self, tx: &WriteTx, actor: &Actor, id: PropertyId) -> Result<property::Model> {
        let home = property::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.ok_or(Error::NotFound("property"))?;
        if actor.is_staff() {
            return Ok(home);
        }
        match property_member::Entity::find_by_id((id, actor.customer()?)).one(&**tx).await?.map(|m| m.role) {
            None => Err(Error::NotFound("property")),
            Some(PropertyRole::Owner) => Ok(home),
            Some(PropertyRole::Payer | PropertyRole::Viewer) => Err(Error::Forbidden),
        }
    }

    /// Tells the home, and the customer whose part in it changed.
    fn tell_home(&self, tx: &mut WriteTx, home: PropertyId, change: PropertyChange, affected: Option<CustomerId>) -> Result<()> {
        let event = Event::PropertyUpdated(PropertyEventData { change, customer_id: affected });
        tx.emit(self.events.about(home, &event)?.of_home(Some(home)));
        if let Some(customer) = affected {
            tx.emit(self.events.about(home, &event)?.of_customer(customer));
        }
        Ok(())
    }
}

/// How many belong to the home.
async fn count_members(tx: &WriteTx, home: PropertyId) -> Result<u64> {
    Ok(property_member::Entity::find().filter(property_member::Column::PropertyId.eq(home)).count(&**tx).await?)
}

/// Fails when nobody else owns the home.
async fn another_owns(tx: &WriteTx, home: PropertyId, besides: CustomerId) -> Result<()> {
    let another = property_member::Entity::find()
        .filter(property_member::Column::PropertyId.eq(home))
        .filter(property_member::Column::CustomerId.ne(besides))
        .filter(property_member::Column::Role.eq(PropertyRole::Owner))
        .limit(1)
        .one(&**tx)
        .await?;
    match another {
        Some(_) => Ok(()),
        None => Err(Error::invalid("LAST_OWNER", "customerId", "A home keeps an owner; make somebody else an owner first.")),
    }
}
