//! What may be paid of bills now, by whoever asks, and why.

use std::collections::{BTreeSet, HashMap};

use billow_entities::{AmountRuleKind, BillId, BillStatus, Currency, CustomerId, PaymentId, ProviderId, bill, payment, payment_allocation};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_supply::homes::{homes_of_others, lets_pay};
use billow_supply::providers::LoadedProvider;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::PayableBills;
use super::amounts::{Bounds, bounds};
use super::words;
use crate::currency::currency_of;
use crate::payable::LoadedProviders;

/// What may be paid of a bill, and why.
#[derive(Clone, Debug)]
pub struct PayableQuote {
    /// Why nothing may be paid now; none where something may.
    pub not_payable: Option<NotPayable>,
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
    /// Whether something was paid before: the rule is about the rest.
    pub partly_paid: bool,
    /// The payment under way that blocks another one.
    pub live_payment: Option<payment::Model>,
}

impl PayableQuote {
    /// Whether anything may be paid now.
    #[must_use]
    pub const fn payable(&self) -> bool {
        self.not_payable.is_none()
    }

    /// Why nothing may be paid now, in a sentence.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        self.not_payable.map(NotPayable::sentence)
    }
}

/// Why nothing may be paid of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPayable {
    /// It has been paid.
    Paid,
    /// It has been paid, but not through Billow.
    PaidElsewhere,
    /// It is older than the account here, and its provider does not say whether it was paid.
    History,
    /// It was withdrawn.
    Voided,
    /// It was replaced by another one.
    Superseded,
    /// It is a credit.
    Credit,
    /// A payment of it is under way.
    UnderWay,
    /// Nothing is left.
    NothingLeft,
    /// The provider takes no amount that fits it.
    NothingFits,
}

impl NotPayable {
    /// Why nothing may be paid of a bill with this status; none for one that is open.
    pub(crate) const fn of(status: BillStatus) -> Option<Self> {
        match status {
            BillStatus::Open => None,
            BillStatus::Paid => Some(Self::Paid),
            BillStatus::PaidElsewhere => Some(Self::PaidElsewhere),
            BillStatus::History => Some(Self::History),
            BillStatus::Voided => Some(Self::Voided),
            BillStatus::Superseded => Some(Self::Superseded),
            BillStatus::Credit => Some(Self::Credit),
            BillStatus::NothingDue => Some(Self::NothingLeft),
        }
    }

    /// As a sentence for the payer.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        words::not_payable(self)
    }
}

/// Who asks what may be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// Staff, for whichever customer.
    Staff,
    /// A customer: their own bills, and those of homes they own or pay for.
    Customer(CustomerId),
}

impl Payer {
    /// The part `actor` has in payments.
    ///
    /// # Errors
    /// When nobody is signed in, or somebody who pays nothing.
    pub fn of(actor: &Actor) -> Result<Self> {
        if actor.is_staff() { Ok(Self::Staff) } else { actor.customer().map(Self::Customer) }
    }
}

impl PayableBills {
    /// What may be paid of a bill, for whoever may pay it.
    ///
    /// # Errors
    /// `NotFound` when the bill is not visible, `Forbidden` when it may only be looked at.
    pub async fn quote(&self, actor: &Actor, id: BillId) -> Result<PayableQuote> {
        actor.customer_or_staff()?;
        let bill = bill::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("bill"))?;
        if let Payer::Customer(customer) = Payer::of(actor)? {
            self.homes.may_pay(customer, &bill).await?;
        }
        self.quotes(Payer::Staff, &[id]).await?.remove(&id).ok_or(Error::NotFound("bill"))
    }

    /// What may be paid of these bills; those that `payer` may not pay are left out. However many they are, it takes the
    /// same few reads.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn quotes(&self, payer: Payer, ids: &[BillId]) -> Result<HashMap<BillId, PayableQuote>> {
        let mut bills = bill::Entity::find().filter(bill::Column::Id.is_in(ids.iter().copied())).all(self.store.primary()).await?;
        if let Payer::Customer(customer) = payer {
            let roles = self.homes.roles_in(customer, homes_of_others(customer, &bills)).await?;
            bills.retain(|bill| lets_pay(customer, bill, &roles).is_ok());
        }
        let found: Vec<BillId> = bills.iter().map(|bill| bill.id).collect();
        let providers = self.providers_of(bills.iter().map(|bill| bill.provider_id).collect()).await?;
        let mut live = self.live_payments(&found).await?;
        let mut quotes = HashMap::with_capacity(bills.len());
        for bill in &bills {
            let provider = providers.get(&bill.provider_id).ok_or(Error::NotFound("provider"))?;
            quotes.insert(bill.id, quote_of(bill, provider, live.remove(&bill.id))?);
        }
        Ok(quotes)
    }

    /// The payments under way of these bills.
    pub(super) async fn live_payments(&self, bills: &[BillId]) -> Result<HashMap<BillId, payment::Model>> {
        let db = self.store.primary();
        let live = payment_allocation::Entity::find()
            .filter(payment_allocation::Column::TargetId.is_in(bills.iter().map(|bill| bill.0)))
            .filter(payment_allocation::Column::Live.eq(true))
            .all(db)
            .await?;
        if live.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = live.iter().map(|a| a.payment_id);
        let payments = payment::Entity::find().filter(payment::Column::Id.is_in(ids)).all(db).await?;
        let payments: HashMap<PaymentId, payment::Model> = payments.into_iter().map(|p| (p.id, p)).collect();
        Ok(live.into_iter().filter_map(|a| Some((a.target().bill()?, payments.get(&a.payment_id)?.clone()))).collect())
    }

    /// The providers, each read once.
    pub(super) async fn providers_of(&self, ids: BTreeSet<ProviderId>) -> Result<LoadedProviders> {
        self.providers.load_providers(self.store.primary(), ids).await
    }
}

/// A bill held against its provider's rule; `live` is the payment of it that is under way.
pub(super) fn quote_of(bill: &bill::Model, provider: &LoadedProvider, live: Option<payment::Model>) -> Result<PayableQuote> {
    let definition = &provider.definition;
    let bounds = bounds(&definition.amount_rule, bill, definition.limits.max_amount_minor);
    let left = bill.amount_minor - bill.paid_minor;
    let not_payable = NotPayable::of(bill.status)
        .or_else(|| live.is_some().then_some(NotPayable::UnderWay))
        .or_else(|| (left <= 0).then_some(NotPayable::NothingLeft))
        .or_else(|| bounds.is_empty().then_some(NotPayable::NothingFits));
    let currency = currency_of(&bill.currency)?;
    let Bounds { min_minor, max_minor, multiple_minor, suggested_minor, explanation } = bounds;
    Ok(PayableQuote {
        not_payable,
        rule: definition.amount_rule.kind,
        currency,
        suggested_minor,
        min_minor,
        max_minor,
        multiple_minor,
        explanation,
        partly_paid: bill.paid_minor > 0,
        live_payment: live,
    })
}
