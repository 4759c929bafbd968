//! Reading recharges. They are seen by who sees their account.

use std::collections::HashMap;

use billow_entities::{RechargeId, Target, UtilityAccountId, payment, payment_allocation, recharge, utility_account};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_supply::bills::BillLine;
use billow_supply::connector::LineKind;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Recharges;
use crate::currency::currency_of;
use crate::payable::{Description, PlanDescription};

impl Recharges {
    /// One recharge.
    ///
    /// # Errors
    /// When there is none with this id that `actor` sees.
    pub async fn recharge(&self, actor: &Actor, id: RechargeId) -> Result<recharge::Model> {
        // Before it is read, so that ids that exist and ids that do not answer alike.
        self.homes.reads_as(actor)?;
        let row = recharge::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("recharge"))?;
        self.account_of(actor, row.account_id).await.map_err(|error| match error {
            Error::NotFound(_) => Error::NotFound("recharge"),
            error => error,
        })?;
        Ok(row)
    }

    /// The recharges of an account, the newest first.
    ///
    /// # Errors
    /// When the account is not visible, or the page is not a page.
    pub async fn recharges_of_account(&self, actor: &Actor, account: UtilityAccountId, page: PageRequest) -> Result<Page<recharge::Model>> {
        let limit = page.limit()?;
        self.account_of(actor, account).await?;
        let of_account = recharge::Entity::find().filter(recharge::Column::AccountId.eq(account));
        let mut query = of_account.order_by_desc(recharge::Column::Id).limit(limit + 1);
        if let Some(after) = page.after_id::<RechargeId>()? {
            query = query.filter(recharge::Column::Id.lt(after));
        }
        let rows = query.all(self.store.primary()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// How many recharges an account has.
    ///
    /// # Errors
    /// When the account is not visible.
    pub async fn count_of_account(&self, actor: &Actor, account: UtilityAccountId) -> Result<u64> {
        self.account_of(actor, account).await?;
        Ok(recharge::Entity::find().filter(recharge::Column::AccountId.eq(account)).count(self.store.primary()).await?)
    }

    /// Recharges by their ids, without a check of who asks: for a caller that has checked.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn recharges_by_id(&self, actor: &Actor, ids: &[RechargeId]) -> Result<HashMap<RechargeId, recharge::Model>> {
        actor.system()?;
        let rows = recharge::Entity::find().filter(recharge::Column::Id.is_in(ids.iter().copied())).all(self.store.primary()).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// The payment of a recharge, without a check of who asks: for a caller that has checked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn payment_of(&self, id: RechargeId) -> Result<Option<payment::Model>> {
        let db = self.store.primary();
        let part = payment_allocation::Entity::find().filter(payment_allocation::Column::TargetId.eq(id.0));
        match part.order_by_desc(payment_allocation::Column::Id).one(db).await? {
            Some(part) => Ok(payment::Entity::find_by_id(part.payment_id).one(db).await?),
            None => Ok(None),
        }
    }

    /// The account, if `actor` sees it.
    async fn account_of(&self, actor: &Actor, id: UtilityAccountId) -> Result<utility_account::Model> {
        self.homes.reads_as(actor)?;
        let account = utility_account::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("account"))?;
        let sees = self.homes.sees(actor, account.customer_id, account.property_id).await?;
        if sees { Ok(account) } else { Err(Error::NotFound("account")) }
    }
}

/// What is said of these recharges; those that are not there are left out.
pub(super) async fn described(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<(Target, Description)>> {
    let rows = recharge::Entity::find().filter(recharge::Column::Id.is_in(ids)).all(db).await?;
    rows.into_iter().map(|row| Ok((Target::Recharge(row.id), description(row)?))).collect()
}

fn description(row: recharge::Model) -> Result<Description> {
    Ok(Description {
        currency: currency_of(&row.currency)?,
        number: row.number,
        period: None,
        lines: vec![BillLine { label: row.name.clone(), kind: LineKind::Charge, amount_minor: Some(row.amount_minor), usage: None }],
        plan: Some(PlanDescription { code: row.code, name: row.name, validity_days: row.validity_days }),
    })
}
