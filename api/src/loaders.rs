//! Nodes that belong to other nodes, read many at a time across everything that is being answered.
//!
//! Nobody is asked here who they are: what comes from a loader goes to the caller through `rules`, which has one rule for
//! each type.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use billow_billing::payable_bills::{PayableQuote, Payer};
use billow_billing::{Actor, Billing, Error};
use billow_entities::{
    AllocationId, BillId, CustomerId, FetchRunId, GatewayId, PaymentId, PaymentMethodId, PropertyId, PropertyRole, ProviderId, RechargeId,
    RechargePlanId, ReconciliationId, UserId, UtilityAccountId, bill, customer, discrepancy, document, fetch_run, gateway, payment,
    payment_allocation, payment_attempt, payment_method, property, provider, recharge, recharge_plan, refund, remittance, user,
    utility_account,
};
use futures::future::BoxFuture;

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

pub(crate) fn unread(error: Error) -> Unread {
    log(&error);
    Unread
}

macro_rules! by_id {
    ($($id:ty => $model:ty, $service:ident.$read:ident;)*) => {$(
        impl Loader<$id> for Loaders {
            type Value = Arc<$model>;
            type Error = Unread;

            async fn load(&self, keys: &[$id]) -> Result<HashMap<$id, Self::Value>, Unread> {
                let found = self.0.$service.$read(&Actor::System, keys).await.map_err(unread)?;
                Ok(found.into_iter().map(|(id, model)| (id, Arc::new(model))).collect())
            }
        }

        impl Find<$id> for DataLoader<Loaders> {
            type Model = $model;

            fn find(&self, id: $id) -> BoxFuture<'_, Result<Option<Arc<$model>>>> {
                Box::pin(async move { self.load_one(id).await.map_err(fault) })
            }
        }
    )*};
}

/// Finds one node by its id.
pub(crate) trait Find<I> {
    /// What is found.
    type Model;

    /// The node, if there is one.
    fn find(&self, id: I) -> BoxFuture<'_, Result<Option<Arc<Self::Model>>>>;
}

by_id! {
    ProviderId => provider::Model, providers.providers_by_id;
    UtilityAccountId => utility_account::Model, accounts.utility_accounts_by_id;
    PropertyId => property::Model, homes.properties_by_id;
    CustomerId => customer::Model, customers.customers_by_id;
    BillId => bill::Model, bills.bills_by_id;
    RechargePlanId => recharge_plan::Model, providers.recharge_plans_by_id;
    RechargeId => recharge::Model, recharges.recharges_by_id;
    FetchRunId => fetch_run::Model, fetching.fetch_runs_by_id;
    UserId => user::Model, identity.users_by_id;
    PaymentMethodId => payment_method::Model, methods.payment_methods_by_id;
    GatewayId => gateway::Model, gateways.gateways_by_id;
    AllocationId => remittance::Model, remittances.remittance_of;
}

macro_rules! parts_of {
    ($($(#[$doc:meta])* $name:ident($id:ty) => $model:ty, |$billing:ident, $ids:ident| $read:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $name(pub $id);

        impl Loader<$name> for Loaders {
            type Value = Arc<Vec<$model>>;
            type Error = Unread;

            async fn load(&self, keys: &[$name]) -> Result<HashMap<$name, Self::Value>, Unread> {
                let $billing = &self.0;
                let $ids: &[$id] = &keys.iter().map(|key| key.0).collect::<Vec<_>>();
                let found: HashMap<$id, Vec<$model>> = $read.await.map_err(unread)?;
                Ok(found.into_iter().map(|(id, parts)| ($name(id), Arc::new(parts))).collect())
            }
        }

        impl Find<$name> for DataLoader<Loaders> {
            type Model = Vec<$model>;

            fn find(&self, id: $name) -> BoxFuture<'_, Result<Option<Arc<Vec<$model>>>>> {
                Box::pin(async move { self.load_one(id).await.map_err(fault) })
            }
        }
    )*};
}

parts_of! {
    /// The parts of a payment, one for each thing it pays.
    AllocationsOf(PaymentId) => payment_allocation::Model, |billing, ids| billing.payments.allocations_of(ids);
    /// The tries of a payment.
    AttemptsOf(PaymentId) => payment_attempt::Model, |billing, ids| billing.payments.attempts_of(ids);
    /// The invoice and receipt of a payment.
    DocumentsOf(PaymentId) => document::Model, |billing, ids| billing.documents.documents_of(ids);
    /// What went back of a payment.
    RefundsOf(PaymentId) => refund::Model, |billing, ids| async {
        Ok::<_, Error>(grouped(billing.refunds.refunds_of(&Actor::System, ids).await?, |refund| refund.payment_id))
    };
    /// What a comparison with a gateway found.
    DiscrepanciesOf(ReconciliationId) => discrepancy::Model, |billing, ids| async {
        Ok::<_, Error>(grouped(billing.reconciling.discrepancies_of(&Actor::System, ids).await?, |found| found.reconciliation_id))
    };
}

fn grouped<K: Eq + std::hash::Hash, M>(parts: Vec<M>, whose: impl Fn(&M) -> K) -> HashMap<K, Vec<M>> {
    let mut of: HashMap<K, Vec<M>> = HashMap::new();
    for part in parts {
        of.entry(whose(&part)).or_default().push(part);
    }
    of
}

fn fault(error: Unread) -> Refusal {
    Refusal(Error::Fault(billow_billing::error::Fault::new("a loader", error)))
}

impl Loader<PaymentId> for Loaders {
    type Value = Arc<payment::Model>;
    type Error = Unread;

    async fn load(&self, keys: &[PaymentId]) -> Result<HashMap<PaymentId, Self::Value>, Unread> {
        let found = self.0.payments.payments_by_id(keys).await.map_err(unread)?;
        Ok(found.into_iter().map(|(id, model)| (id, Arc::new(model))).collect())
    }
}

impl Find<PaymentId> for DataLoader<Loaders> {
    type Model = payment::Model;

    fn find(&self, id: PaymentId) -> BoxFuture<'_, Result<Option<Arc<payment::Model>>>> {
        Box::pin(async move { self.load_one(id).await.map_err(fault) })
    }
}

/// What may be paid of a bill, by whom; none where they may not pay it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct QuoteFor(pub Payer, pub BillId);

impl Loader<QuoteFor> for Loaders {
    type Value = Arc<PayableQuote>;
    type Error = Unread;

    async fn load(&self, keys: &[QuoteFor]) -> Result<HashMap<QuoteFor, Self::Value>, Unread> {
        // One request has one payer; several are there only where requests meet.
        let mut bills: HashMap<Payer, Vec<BillId>> = HashMap::new();
        for QuoteFor(payer, bill) in keys {
            bills.entry(*payer).or_default().push(*bill);
        }
        let mut found = HashMap::with_capacity(keys.len());
        for (payer, ids) in bills {
            let quotes = self.0.payable_bills.quotes(payer, &ids).await.map_err(unread)?;
            found.extend(quotes.into_iter().map(|(id, quote)| (QuoteFor(payer, id), Arc::new(quote))));
        }
        Ok(found)
    }
}

impl Find<QuoteFor> for DataLoader<Loaders> {
    type Model = PayableQuote;

    fn find(&self, id: QuoteFor) -> BoxFuture<'_, Result<Option<Arc<PayableQuote>>>> {
        Box::pin(async move { self.load_one(id).await.map_err(fault) })
    }
}

/// The name of somebody whom the audit trail keeps by id; only staff are shown it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NameOf(pub String);

impl Loader<NameOf> for Loaders {
    type Value = String;
    type Error = Unread;

    async fn load(&self, keys: &[NameOf]) -> Result<HashMap<NameOf, String>, Unread> {
        let labels: Vec<String> = keys.iter().map(|NameOf(label)| label.clone()).collect();
        let names = self.0.kernel.audit.names_of_actors(&Actor::System, &labels).await.map_err(unread)?;
        Ok(names.into_iter().map(|(label, name)| (NameOf(label), name)).collect())
    }
}

/// The name of an actor by how the audit trail labels them; the label where nobody is known by it any more.
pub(crate) async fn name_of(loaders: &DataLoader<Loaders>, label: &str) -> Result<String> {
    Ok(loaders.load_one(NameOf(label.to_owned())).await.map_err(fault)?.unwrap_or_else(|| label.to_owned()))
}

/// Whether a user has a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SecondFactorOf(pub UserId);

impl Loader<SecondFactorOf> for Loaders {
    type Value = ();
    type Error = Unread;

    async fn load(&self, keys: &[SecondFactorOf]) -> Result<HashMap<SecondFactorOf, ()>, Unread> {
        let ids: Vec<UserId> = keys.iter().map(|key| key.0).collect();
        let found = self.0.identity.with_second_factor(&Actor::System, &ids).await.map_err(unread)?;
        Ok(found.into_iter().map(|id| (SecondFactorOf(id), ())).collect())
    }
}

/// Whether a user has a second factor.
pub(crate) async fn has_second_factor(loaders: &DataLoader<Loaders>, user: UserId) -> Result<bool> {
    Ok(loaders.load_one(SecondFactorOf(user)).await.map_err(fault)?.is_some())
}

/// What a customer may do in a home; none where they do not belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RoleIn(pub CustomerId, pub PropertyId);

impl Loader<RoleIn> for Loaders {
    type Value = PropertyRole;
    type Error = Unread;

    async fn load(&self, keys: &[RoleIn]) -> Result<HashMap<RoleIn, PropertyRole>, Unread> {
        let mut homes: HashMap<CustomerId, Vec<PropertyId>> = HashMap::new();
        for RoleIn(customer, home) in keys {
            homes.entry(*customer).or_default().push(*home);
        }
        let mut found = HashMap::with_capacity(keys.len());
        for (customer, ids) in homes {
            let roles = self.0.homes.roles_in_homes(customer, &ids).await.map_err(unread)?;
            found.extend(roles.into_iter().map(|(home, role)| (RoleIn(customer, home), role)));
        }
        Ok(found)
    }
}

/// What the customer may do in the home, if they belong to it.
pub(crate) async fn role_in(loaders: &DataLoader<Loaders>, customer: CustomerId, home: PropertyId) -> Result<Option<PropertyRole>> {
    loaders.load_one(RoleIn(customer, home)).await.map_err(fault)
}

/// What a payment under way covers of a bill, in minor units; none where there is no such payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BeingPaid(pub BillId);

impl Loader<BeingPaid> for Loaders {
    type Value = Arc<i64>;
    type Error = Unread;

    async fn load(&self, keys: &[BeingPaid]) -> Result<HashMap<BeingPaid, Self::Value>, Unread> {
        let ids: Vec<BillId> = keys.iter().map(|key| key.0).collect();
        let found = self.0.bills.bills_being_paid(&ids).await.map_err(unread)?;
        Ok(found.into_iter().map(|(id, minor)| (BeingPaid(id), Arc::new(minor))).collect())
    }
}

impl Find<BeingPaid> for DataLoader<Loaders> {
    type Model = i64;

    fn find(&self, id: BeingPaid) -> BoxFuture<'_, Result<Option<Arc<i64>>>> {
        Box::pin(async move { self.load_one(id).await.map_err(fault) })
    }
}

/// What belongs to something, or nothing of it.
pub(crate) async fn parts<K, M>(loaders: &DataLoader<Loaders>, key: K) -> Result<Vec<M>>
where
    DataLoader<Loaders>: Find<K, Model = Vec<M>>,
    M: Clone,
{
    Ok(loaders.find(key).await?.map(|parts| (*parts).clone()).unwrap_or_default())
}

/// What must be there because something names it.
pub(crate) fn must<T>(found: Option<T>, what: &'static str) -> Result<T> {
    found.ok_or(Refusal(Error::NotFound(what)))
}
