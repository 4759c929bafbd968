//! Who sees and manages what: one's own things, and those of one's homes. Somebody else's do not exist.

use std::collections::HashMap;

use billow_entities::{CustomerId, PropertyId, PropertyRole, property, property_member, utility_account};
use billow_kernel::error::Result;
use billow_kernel::{Actor, Error, Scope};
use sea_orm::sea_query::{Expr, SubQueryStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::Homes;

impl Homes {
    /// The condition under which `actor` sees a row of a customer (`customer_col`) that may belong to a home (`property_col`).
    ///
    /// Staff and programs with `bills:read` see every row; customers see what is theirs or belongs to a home of theirs.
    ///
    /// # Errors
    /// When nobody, or a program that may not read bills, asks.
    pub fn visible_condition(&self, actor: &Actor, customer_col: impl ColumnTrait, property_col: impl ColumnTrait) -> Result<Condition> {
        match reader(actor)? {
            Reader::Everything => Ok(Condition::all()),
            Reader::Customer(customer) => Ok(Condition::any().add(customer_col.eq(customer)).add(self.in_homes_of(customer, property_col))),
        }
    }

    /// The customer whose things, and those of whose homes, `actor` reads; none where everything is visible.
    ///
    /// # Errors
    /// When nobody, or a program that may not read bills, asks.
    pub fn reads_as(&self, actor: &Actor) -> Result<Option<CustomerId>> {
        Ok(match reader(actor)? {
            Reader::Everything => None,
            Reader::Customer(customer) => Some(customer),
        })
    }

    /// The condition under which `property_col` is a home of the customer's.
    ///
    /// PostgreSQL uses an index beside an `OR` only for an array, SQLite only for a list.
    pub(crate) fn in_homes_of(&self, customer: CustomerId, property_col: impl ColumnTrait) -> Expr {
        let homes = property_member::Entity::find()
            .select_only()
            .column(property_member::Column::PropertyId)
            .filter(property_member::Column::CustomerId.eq(customer))
            .into_query();
        if self.store.is_sqlite() {
            property_col.in_subquery(homes)
        } else {
            let homes = Expr::from(SubQueryStatement::SelectStatement(homes));
            Expr::cust_with_exprs("$1 = ANY(ARRAY $2)", [Expr::col(property_col.as_column_ref()), homes])
        }
    }

    /// Whether `actor` sees this row of a customer and, where it has one, a home.
    ///
    /// # Errors
    /// When nobody, or a program that may not read bills, asks; when the database does not answer.
    pub async fn sees(&self, actor: &Actor, customer_id: CustomerId, property_id: Option<PropertyId>) -> Result<bool> {
        match (reader(actor)?, property_id) {
            (Reader::Everything, _) => Ok(true),
            (Reader::Customer(own), _) if own == customer_id => Ok(true),
            (Reader::Customer(own), Some(home)) => Ok(self.role_in_home(own, home).await?.is_some()),
            (Reader::Customer(_), None) => Ok(false),
        }
    }

    /// Lets pass who may change the account: its customer, owners and payers of its home, and staff.
    ///
    /// Ask before the write transaction begins.
    ///
    /// # Errors
    /// `NotFound` when the account is not visible at all, `Forbidden` when it may only be looked at.
    pub async fn can_manage_account(&self, actor: &Actor, account: &utility_account::Model) -> Result<()> {
        if actor.is_staff() {
            return Ok(());
        }
        self.can_manage_as(actor.customer()?, account).await
    }

    /// As [`Self::can_manage_account`], for a customer.
    pub async fn can_manage_as(&self, customer: CustomerId, account: &utility_account::Model) -> Result<()> {
        if account.customer_id == customer {
            return Ok(());
        }
        let role = match account.property_id {
            Some(home) => self.role_in_home(customer, home).await?,
            None => None,
        };
        match role {
            None => Err(Error::NotFound("account")),
            Some(PropertyRole::Viewer) => Err(Error::Forbidden),
            Some(PropertyRole::Owner | PropertyRole::Payer) => Ok(()),
        }
    }

    /// The home, if `actor` may put accounts into it: an owner or payer of it, or staff.
    ///
    /// # Errors
    /// `NotFound` when the home is not visible or archived, `Forbidden` when it may only be looked at.
    pub async fn home_for_accounts(&self, actor: &Actor, id: PropertyId) -> Result<property::Model> {
        actor.customer_or_staff()?;
        let home = property::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("property"))?;
        if !actor.is_staff() {
            match self.role_in_home(actor.customer()?, id).await? {
                None => return Err(Error::NotFound("property")),
                Some(PropertyRole::Viewer) => return Err(Error::Forbidden),
                Some(PropertyRole::Owner | PropertyRole::Payer) => {}
            }
        }
        if home.archived_at.is_some() { Err(Error::NotFound("property")) } else { Ok(home) }
    }

    /// The homes `actor` belongs to, archived ones included; none where everything is visible.
    ///
    /// # Errors
    /// When nobody, or a program that may not read bills, asks.
    pub async fn visible_properties(&self, actor: &Actor) -> Result<Option<Vec<PropertyId>>> {
        let Reader::Customer(customer) = reader(actor)? else { return Ok(None) };
        let rows = property_member::Entity::find()
            .filter(property_member::Column::CustomerId.eq(customer))
            .limit(super::MAX_HOMES)
            .all(self.store.read())
            .await?;
        Ok(Some(rows.into_iter().map(|m| m.property_id).collect()))
    }

    /// The customer's parts in these homes; homes they do not belong to are missing from the answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn roles_in_homes(&self, customer: CustomerId, homes: &[PropertyId]) -> Result<HashMap<PropertyId, PropertyRole>> {
        let rows = property_member::Entity::find()
            .filter(property_member::Column::CustomerId.eq(customer))
            .filter(property_member::Column::PropertyId.is_in(homes.iter().copied()))
            .all(self.store.primary())
            .await?;
        Ok(rows.into_iter().map(|member| (member.property_id, member.role)).collect())
    }

    /// The customer's part in a home.
    pub(crate) async fn role_in_home(&self, customer: CustomerId, home: PropertyId) -> Result<Option<PropertyRole>> {
        Ok(property_member::Entity::find_by_id((home, customer)).one(self.store.primary()).await?.map(|m| m.role))
    }
}

/// Whose things somebody reads.
enum Reader {
    Everything,
    Customer(CustomerId),
}

fn reader(actor: &Actor) -> Result<Reader> {
    if actor.is_staff() || actor.has_scope(Scope::BillsRead) { Ok(Reader::Everything) } else { actor.customer().map(Reader::Customer) }
}
