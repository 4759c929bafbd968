//! Nodes that belong to other nodes, read many at a time across everything that is being answered.
//!
//! They are asked only for ids that stand in something the caller sees already, and what belongs to a visible thing is
//! visible with it. What a node tells of itself is still the business's to decide.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use billow_billing::{Actor, Billing, Error};
use billow_entities::{
    BillId, CustomerId, FetchRunId, PropertyId, ProviderId, RechargePlanId, UserId, UtilityAccountId, bill, customer, fetch_run, property,
    provider, recharge_plan, user, utility_account,
};

use crate::refusal::{Refusal, Result, log};

/// Keys read at once.
const BATCH: usize = 500;

/// Reads by id.
pub(crate) struct Loaders(Billing);

impl Loaders {
    /// Collects the ids of a moment before it reads.
    pub(crate) fn new(billing: Billing) -> DataLoader<Self> {
        DataLoader::new(Self(billing), tokio::spawn).max_batch_size(BATCH)
    }
}

/// That reading failed; why was logged where it did.
#[derive(Clone, Debug)]
pub(crate) struct Unread;

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the database did not answer")
    }
}

impl std::error::Error for Unread {}

fn unread(error: Error) -> Unread {
    log(&error);
    Unread
}

macro_rules! by_id {
    ($($id:ty => $model:ty, $read:ident;)*) => {$(
        impl Loader<$id> for Loaders {
            type Value = Arc<$model>;
            type Error = Unread;

            async fn load(&self, keys: &[$id]) -> Result<HashMap<$id, Self::Value>, Unread> {
                let found = self.0.$read(&Actor::System, keys).await.map_err(unread)?;
                Ok(found.into_iter().map(|(id, model)| (id, Arc::new(model))).collect())
            }
        }

        impl Find<$id> for DataLoader<Loaders> {
            type Model = $model;

            async fn find(&self, id: $id) -> Result<Option<Arc<$model>>> {
                self.load_one(id).await.map_err(|error| Refusal(Error::Fault(billow_billing::error::Fault::new("a loader", error))))
            }
        }
    )*};
}

/// Finds one node by its id.
pub(crate) trait Find<I> {
    /// What is found.
    type Model;

    /// The node, if there is one.
    fn find(&self, id: I) -> impl Future<Output = Result<Option<Arc<Self::Model>>>> + Send;
}

by_id! {
    ProviderId => provider::Model, providers_by_id;
    UtilityAccountId => utility_account::Model, utility_accounts_by_id;
    PropertyId => property::Model, properties_by_id;
    CustomerId => customer::Model, customers_by_id;
    BillId => bill::Model, bills_by_id;
    RechargePlanId => recharge_plan::Model, recharge_plans_by_id;
    FetchRunId => fetch_run::Model, fetch_runs_by_id;
    UserId => user::Model, users_by_id;
}

/// What must be there because something names it.
pub(crate) fn must<T>(found: Option<T>, what: &'static str) -> Result<T> {
    found.ok_or(Refusal(Error::NotFound(what)))
}
