//! Finding homes and their members.

use std::collections::HashMap;

use billow_entities::{CustomerId, PropertyId, customer, property, property_member};
use billow_kernel::error::Result;
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::{Actor, Error};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Homes;
use super::{MAX_MEMBERS, Member};

/// Which homes are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyFilter {
    /// For staff: whose homes.
    pub customer_id: Option<CustomerId>,
    /// Archived ones as well.
    pub with_archived: bool,
}

impl Homes {
    /// The homes `actor` belongs to, for staff all or those of one customer; the newest first.
    ///
    /// # Errors
    /// When nobody is signed in, or the page is not a page.
    pub async fn properties(&self, actor: &Actor, filter: PropertyFilter, page: PageRequest) -> Result<Page<property::Model>> {
        let limit = page.limit()?;
        let whose = if actor.is_staff() { filter.customer_id } else { Some(actor.customer()?) };
        let mut query = property::Entity::find().order_by_desc(property::Column::Id).limit(limit + 1);
        if let Some(customer) = whose {
            query = query.filter(self.in_homes_of(customer, property::Column::Id));
        }
        if !filter.with_archived {
            query = query.filter(property::Column::ArchivedAt.is_null());
        }
        if let Some(id) = page.after_id::<PropertyId>()? {
            query = query.filter(property::Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// A home.
    ///
    /// # Errors
    /// `NotFound` when it is not visible.
    pub async fn property(&self, actor: &Actor, id: PropertyId) -> Result<property::Model> {
        if !actor.is_staff() && self.role_in_home(actor.customer()?, id).await?.is_none() {
            return Err(Error::NotFound("property"));
        }
        property::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("property"))
    }

    /// Many homes at once; those that are not visible are missing from the answer.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn properties_by_id(&self, actor: &Actor, ids: &[PropertyId]) -> Result<HashMap<PropertyId, property::Model>> {
        let mut query = property::Entity::find().filter(property::Column::Id.is_in(ids.iter().copied()));
        if !actor.is_staff() {
            query = query.filter(self.in_homes_of(actor.customer()?, property::Column::Id));
        }
        Ok(query.all(self.store.read()).await?.into_iter().map(|row| (row.id, row)).collect())
    }

    /// The household of a home, the longest in it first.
    ///
    /// # Errors
    /// `NotFound` when the home is not visible.
    pub async fn property_members(&self, actor: &Actor, id: PropertyId) -> Result<Vec<Member>> {
        self.property(actor, id).await?;
        let rows = property_member::Entity::find()
            .filter(property_member::Column::PropertyId.eq(id))
            .order_by_asc(property_member::Column::CreatedAt)
            .order_by_asc(property_member::Column::CustomerId)
            .limit(MAX_MEMBERS)
            .all(self.store.primary())
            .await?;
        let customers = customer::Entity::find()
            .filter(customer::Column::Id.is_in(rows.iter().map(|m| m.customer_id)))
            .all(self.store.primary())
            .await?;
        let mut customers: HashMap<_, _> = customers.into_iter().map(|c| (c.id, c)).collect();
        Ok(rows.into_iter().filter_map(|m| customers.remove(&m.customer_id).map(|c| Member::of(m, c))).collect())
    }
}
