//! Many rows at once by their ids, for whoever shows things that name each other.
//!
//! What belongs to a visible thing is visible with it, so nobody is asked who they are here: only Billow itself may, on
//! behalf of somebody who holds the ids from what they see.

use std::collections::HashMap;

use billow_entities::{
    BillId, FetchRunId, ProviderId, RechargePlanId, UtilityAccountId, api_client, bill, fetch_run, provider, recharge_plan,
    utility_account,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{Actor, Billing, Error, Result};

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
