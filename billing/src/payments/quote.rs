//! What may be paid of a bill now, by whoever asks, and why.

use std::collections::HashMap;
use std::sync::Arc;

use billow_entities::{
    AmountRuleKind, BillId, Currency, CustomerId, PaymentId, PropertyRole, ProviderId, bill, payment, payment_allocation,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::amounts::{Bounds, bounds, rule_of};
use super::words;
use crate::error::{Error, Fault, Result};
use crate::providers::LoadedProvider;
use crate::{Actor, Billing};

/// What may be paid of a bill, and why.
#[derive(Clone, Debug)]
pub struct PayableQuote {
    /// Whether anything may be paid now.
    pub payable: bool,
    /// In words, when not.
    pub reason: Option<String>,
    /// The provider's rule.
    pub rule: AmountRuleKind,
    /// The bill's currency.
    pub currency: Currency,
    /// What is usually paid.
    pub suggested_minor: i64,
    /// The least.
    pub min_minor: i64,
    /// The most.
    pub max_minor: i64,
    /// Payments are a multiple of this, where it matters.
    pub multiple_minor: Option<i64>,
    /// The rule in a sentence.
    pub explanation: String,
    /// The payment under way that blocks another one.
    pub live_payment: Option<payment::Model>,
}

/// Providers by their ids, as a payment needs them.
pub(super) type Providers = HashMap<ProviderId, Arc<LoadedProvider>>;

impl Billing {
    /// What may be paid of a bill, for whoever may pay it.
    ///
    /// # Errors
    /// `NotFound` when the bill is not visible, `Forbidden` when it may only be looked at.
    pub async fn quote(&self, actor: &Actor, id: BillId) -> Result<PayableQuote> {
        let bill = bill::Entity::find_by_id(id).one(self.store.log()).await?.ok_or(Error::NotFound("bill"))?;
        if !actor.is_staff() {
            self.may_pay(actor.customer()?, &bill).await?;
        }
        let provider = self.load_provider(bill.provider_id).await?;
        let live = self.live_payments(&[id]).await?;
        quote_of(&bill, &provider, live.get(&id).cloned())
    }

    /// Lets pass who may pay a bill: its customer, and owners and payers of its home.
    pub(crate) async fn may_pay(&self, customer: CustomerId, bill: &bill::Model) -> Result<()> {
        if bill.customer_id == customer {
            return Ok(());
        }
        let role = match bill.property_id {
            Some(home) => self.role_in_home(customer, home).await?,
            None => None,
        };
        match role {
            None => Err(Error::NotFound("bill")),
            Some(PropertyRole::Viewer) => Err(Error::Forbidden),
            Some(PropertyRole::Owner | PropertyRole::Payer) => Ok(()),
        }
    }

    /// The payments under way of these bills.
    pub(super) async fn live_payments(&self, bills: &[BillId]) -> Result<HashMap<BillId, payment::Model>> {
        let db = self.store.log();
        let live = payment_allocation::Entity::find()
            .filter(payment_allocation::Column::BillId.is_in(bills.iter().copied()))
            .filter(payment_allocation::Column::Live.eq(true))
            .all(db)
            .await?;
        if live.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = live.iter().map(|a| a.payment_id);
        let payments = payment::Entity::find().filter(payment::Column::Id.is_in(ids)).all(db).await?;
        let payments: HashMap<PaymentId, payment::Model> = payments.into_iter().map(|p| (p.id, p)).collect();
        Ok(live.into_iter().filter_map(|a| Some((a.bill_id, payments.get(&a.payment_id)?.clone()))).collect())
    }

    /// The providers, each read once.
    pub(super) async fn providers_of(&self, ids: impl IntoIterator<Item = ProviderId>) -> Result<Providers> {
        let mut providers = Providers::new();
        for id in ids {
            if let std::collections::hash_map::Entry::Vacant(place) = providers.entry(id) {
                place.insert(self.load_provider(id).await?);
            }
        }
        Ok(providers)
    }
}

/// A bill held against its provider's rule; `live` is the payment of it that is under way.
pub(super) fn quote_of(bill: &bill::Model, provider: &LoadedProvider, live: Option<payment::Model>) -> Result<PayableQuote> {
    let definition = &provider.definition;
    let bounds = bounds(&definition.amount_rule, bill, definition.limits.max_amount_minor);
    let left = bill.amount_minor - bill.paid_minor;
    let reason = words::closed(bill.status)
        .or_else(|| live.is_some().then_some(words::UNDER_WAY))
        .or_else(|| (left <= 0).then_some(words::NOTHING_LEFT))
        .or_else(|| bounds.is_empty().then_some(words::NOTHING_FITS));
    let currency = currency_of(&bill.currency)?;
    let Bounds { min_minor, max_minor, multiple_minor, suggested_minor, explanation } = bounds;
    Ok(PayableQuote {
        payable: reason.is_none(),
        reason: reason.map(str::to_owned),
        rule: rule_of(&definition.amount_rule, bill),
        currency,
        suggested_minor,
        min_minor,
        max_minor,
        multiple_minor,
        explanation,
        live_payment: live,
    })
}

/// A stored currency.
pub(super) fn currency_of(code: &str) -> Result<Currency> {
    code.parse().map_err(|e| Error::Fault(Fault::new("a stored currency", e)))
}
