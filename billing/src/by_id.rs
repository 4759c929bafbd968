//! Many rows at once by their ids, for whoever shows things that name each other.
//!
//! What belongs to a visible thing is visible with it, so nobody is asked who they are here: only Billow itself may, on
//! behalf of somebody who holds the ids from what they see.

use std::collections::HashMap;

use billow_entities::{
    ApiClientId, AuditEntryId, BillId, DeliveryId, FetchRunId, GatewayId, NotificationId, PaymentMethodId, ProviderId, RechargePlanId,
    UserId, UtilityAccountId, api_client, audit_entry, bill, delivery, fetch_run, gateway, payment_method, provider, recharge,
    recharge_plan, user, utility_account,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Actor, Billing, Error, Result};

/// Deliveries of one message: channels times devices.
const MAX_DELIVERIES: u64 = 100;

macro_rules! by_id {
    ($($(#[$doc:meta])* $name:ident: $id:ty => $table:ident;)*) => {
        impl Billing {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// For everybody but Billow itself.
            pub async fn $name(&self, actor: &Actor, ids: &[$id]) -> Result<HashMap<$id, $table::Model>> {
                itself(actor)?;
                let rows = $table::Entity::find().filter($table::Column::Id.is_in(ids.iter().copied())).all(self.store.read()).await?;
                Ok(rows.into_iter().map(|row| (row.id, row)).collect())
            }
        )*}
    };
}

by_id! {
    /// Providers by their ids.
    providers_by_id: ProviderId => provider;
    /// Accounts by their ids.
    utility_accounts_by_id: UtilityAccountId => utility_account;
    /// Bills by their ids.
    bills_by_id: BillId => bill;
    /// Recharge plans by their ids.
    recharge_plans_by_id: RechargePlanId => recharge_plan;
    /// Fetch runs by their ids.
    fetch_runs_by_id: FetchRunId => fetch_run;
    /// Users by their ids.
    users_by_id: UserId => user;
    /// Gateways by their ids.
    gateways_by_id: GatewayId => gateway;
}

impl Billing {
    /// The program that asks.
    ///
    /// # Errors
    /// When no program does.
    pub async fn own_api_client(&self, actor: &Actor) -> Result<api_client::Model> {
        let Actor::Client { client_id, .. } = actor else { return Err(Error::Forbidden) };
        api_client::Entity::find_by_id(*client_id).one(self.store.read()).await?.ok_or(Error::Unauthenticated)
    }
}

fn itself(actor: &Actor) -> Result<()> {
    if *actor == Actor::System { Ok(()) } else { Err(Error::Forbidden) }
}

/// Things an event tells of, as they are now. Never from a replica, which may not know of them yet.
impl Billing {
    /// The bills there still are.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn told_bills(&self, actor: &Actor, ids: &[BillId]) -> Result<HashMap<BillId, bill::Model>> {
        itself(actor)?;
        let rows = bill::Entity::find().filter(bill::Column::Id.is_in(ids.iter().copied())).all(self.store.log()).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// The account, if there still is one.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn told_account(&self, actor: &Actor, id: UtilityAccountId) -> Result<Option<utility_account::Model>> {
        itself(actor)?;
        Ok(utility_account::Entity::find_by_id(id).one(self.store.log()).await?)
    }

    /// The provider, if there still is one.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn told_provider(&self, actor: &Actor, id: ProviderId) -> Result<Option<provider::Model>> {
        itself(actor)?;
        Ok(provider::Entity::find_by_id(id).one(self.store.log()).await?)
    }

    /// The payment method, if there is one.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn told_payment_method(&self, actor: &Actor, id: PaymentMethodId) -> Result<Option<payment_method::Model>> {
        itself(actor)?;
        Ok(payment_method::Entity::find_by_id(id).one(self.store.log()).await?)
    }
}

/// What was bought for prepaid accounts.
impl Billing {
    /// The recharges behind these bills.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn recharges_of(&self, actor: &Actor, bills: &[BillId]) -> Result<Vec<recharge::Model>> {
        itself(actor)?;
        Ok(recharge::Entity::find().filter(recharge::Column::BillId.is_in(bills.iter().copied())).all(self.store.read()).await?)
    }
}

/// One thing by its id, where nothing but who asks decides.
impl Billing {
    /// How a message went out, for staff.
    ///
    /// # Errors
    /// When somebody else asks.
    pub async fn deliveries_of(&self, actor: &Actor, id: NotificationId) -> Result<Vec<delivery::Model>> {
        actor.staff()?;
        let of_message = delivery::Entity::find().filter(delivery::Column::NotificationId.eq(id)).order_by_asc(delivery::Column::Id);
        Ok(of_message.limit(MAX_DELIVERIES).all(self.store.read()).await?)
    }

    /// One delivery, for staff.
    ///
    /// # Errors
    /// When somebody else asks, or there is none.
    pub async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<delivery::Model> {
        actor.staff()?;
        delivery::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound("delivery"))
    }

    /// One entry of the audit trail, for administrators.
    ///
    /// # Errors
    /// When somebody else asks, or there is none.
    pub async fn audit_entry(&self, actor: &Actor, id: AuditEntryId) -> Result<audit_entry::Model> {
        actor.admin()?;
        audit_entry::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound("audit entry"))
    }

    /// One program, for administrators.
    ///
    /// # Errors
    /// When somebody else asks, or there is none.
    pub async fn api_client(&self, actor: &Actor, id: ApiClientId) -> Result<api_client::Model> {
        actor.admin()?;
        api_client::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound("API client"))
    }
}
