//! Accounts, as far as one may see them.

use billow_entities::{AccountStatus, CustomerId, PropertyId, ProviderId, UtilityAccountId, utility_account};
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::{Actor, Error, Result};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Accounts;

/// Which accounts are wanted; what is unset does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Whose.
    pub customer_id: Option<CustomerId>,
    /// In which home.
    pub property_id: Option<PropertyId>,
    /// At which provider.
    pub provider_id: Option<ProviderId>,
    /// In which status; closed accounts are left out where absent.
    pub status: Option<AccountStatus>,
}

impl Accounts {
    /// The accounts `actor` sees, the newest first.
    ///
    /// # Errors
    /// When nobody, or a program that may not read bills, asks; when the page is not a page.
    pub async fn utility_accounts(&self, actor: &Actor, filter: AccountFilter, page: PageRequest) -> Result<Page<utility_account::Model>> {
        use utility_account::Column;
        let limit = page.limit()?;
        let mut query = utility_account::Entity::find()
            .filter(self.homes.visible_condition(actor, Column::CustomerId, Column::PropertyId)?)
            .order_by_desc(Column::Id)
            .limit(limit + 1);
        query = match filter.status {
            Some(status) => query.filter(Column::Status.eq(status)),
            None => query.filter(Column::Status.ne(AccountStatus::Closed)),
        };
        if let Some(customer) = filter.customer_id {
            query = query.filter(Column::CustomerId.eq(customer));
        }
        if let Some(home) = filter.property_id {
            query = query.filter(Column::PropertyId.eq(home));
        }
        if let Some(provider) = filter.provider_id {
            query = query.filter(Column::ProviderId.eq(provider));
        }
        if let Some(id) = page.after_id::<UtilityAccountId>()? {
            query = query.filter(Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// One account.
    ///
    /// # Errors
    /// `NotFound` when `actor` does not see it.
    pub async fn utility_account(&self, actor: &Actor, id: UtilityAccountId) -> Result<utility_account::Model> {
        self.homes.reads_as(actor)?;
        let account = utility_account::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("account"))?;
        if self.homes.sees(actor, account.customer_id, account.property_id).await? { Ok(account) } else { Err(Error::NotFound("account")) }
    }
}

/// The account an event tells of, as it is now. Never from a replica, which may not know of it yet.
impl Accounts {
    /// The account, if there still is one.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn told_account(&self, actor: &Actor, id: UtilityAccountId) -> Result<Option<utility_account::Model>> {
        actor.system()?;
        Ok(utility_account::Entity::find_by_id(id).one(self.store.primary()).await?)
    }
}

billow_kernel::by_id! {
    /// Accounts by their ids.
    Accounts.utility_accounts_by_id: UtilityAccountId => utility_account;
}
