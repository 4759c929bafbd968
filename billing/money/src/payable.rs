//! What payments pay, as an interface that each kind implements: bills, recharges.
//!
//! A payment knows nothing else of what it pays. A [`PayableRequest`] becomes a [`Draft`], which is checked before the transaction of
//! the payment begins and taken inside it; after that the payment says what became of the money. `Billing::new` lists the
//! kinds.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use billow_entities::{
    AllocationId, Currency, CustomerId, PayableKind, PropertyId, ProviderId, Target, UtilityAccountId, UtilityType, payment_allocation,
};
use billow_kernel::error::{Problems, Result};
use billow_kernel::store::{AnyConnection, WriteTx};
use billow_supply::bills::BillLine;
use billow_supply::providers::LoadedProvider;
use chrono::NaiveDate;
use sea_orm::prelude::Uuid;
use serde::Serialize;

/// The most one payment may come to, in minor units.
pub const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000;

/// Providers by their ids, as a payment needs them.
pub type LoadedProviders = HashMap<ProviderId, Arc<LoadedProvider>>;

/// The parts of a payment that are there, locked until the transaction ends.
pub type LockedParts = HashMap<AllocationId, Box<dyn LockedPayable>>;

/// Why something cannot be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For programs.
    pub code: &'static str,
    /// The field of the request.
    pub path: &'static str,
    /// In a sentence.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, path: &'static str, message: impl Into<String>) -> Self {
        Self { code, path, message: message.into() }
    }
}

/// What a payment is to pay, checked before its transaction begins.
#[derive(Debug)]
pub struct Draft {
    /// The currency of all of it.
    pub currency: Currency,
    /// What it comes to.
    pub total_minor: i64,
    /// Takes it in the transaction.
    pub take: Box<dyn Take>,
}

/// What somebody asks to pay for. Hashes of it are kept with the payment's key: its fields and their order stay as they are.
#[async_trait]
pub trait PayableRequest: Serialize + Clone + Debug + Send + Sync {
    /// The service that knows its kind.
    type Kind: Send + Sync;

    /// Tells hashes apart.
    const NAME: &'static str;

    /// Checks the request of `payer`. What is wrong goes into `problems`; none where it comes to no sum.
    ///
    /// # Errors
    /// When the payer does not see what they ask to pay for, or the database does not answer.
    async fn draft(&self, kind: &Self::Kind, payer: CustomerId, problems: &mut Problems) -> Result<Option<Draft>>;
}

/// Takes what a payment is to pay, in the transaction that writes the payment.
#[async_trait]
pub trait Take: Debug + Send {
    /// Locks what is to be paid, checks it once more as it is now, and answers the parts of the payment.
    ///
    /// # Errors
    /// When it may not be paid now, or the database does not answer.
    async fn take(self: Box<Self>, tx: &mut WriteTx) -> Result<Vec<NewPart>>;
}

/// A part of a payment to be written.
#[derive(Clone, Debug)]
pub struct NewPart {
    /// What it pays.
    pub target: Target,
    /// The version of a bill; 1 for everything else.
    pub version: i32,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// Of which account.
    pub account_id: UtilityAccountId,
    /// Who gets the money.
    pub provider_id: ProviderId,
    /// The home of the account.
    pub property_id: Option<PropertyId>,
    /// What is supplied.
    pub utility_type: UtilityType,
    /// How much.
    pub amount_minor: i64,
}

/// A kind of things that payments pay.
#[async_trait]
pub trait Payable: Send + Sync {
    /// Which kind.
    fn kind(&self) -> PayableKind;

    /// What documents, messages and providers get to know of these; ids that do not exist are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    async fn describe(&self, db: &AnyConnection<'_>, ids: Vec<Uuid>) -> Result<Vec<(Target, Description)>>;

    /// Lets pass a customer who may still pay what these parts pay.
    ///
    /// # Errors
    /// When they may not, or the database does not answer.
    async fn may_pay(&self, payer: CustomerId, parts: &[&payment_allocation::Model]) -> Result<()>;

    /// Locks what these parts pay. What is not there is not in the answer.
    ///
    /// # Errors
    /// When the database does not answer.
    async fn lock(&self, tx: &WriteTx, parts: &[&payment_allocation::Model], providers: &LoadedProviders) -> Result<LockedParts>;

    /// The payment of these parts came to nothing; it may be tried again.
    ///
    /// # Errors
    /// When the database does not answer.
    async fn release(&self, _tx: &mut WriteTx, _parts: &[&payment_allocation::Model]) -> Result<()> {
        Ok(())
    }
}

/// Something that a payment pays, locked until the transaction ends.
#[async_trait]
pub trait LockedPayable: Send + Sync {
    /// Whether it takes this amount now.
    fn takes(&self, amount_minor: i64) -> bool;

    /// The money is ours.
    ///
    /// # Errors
    /// When the database does not answer.
    async fn paid(self: Box<Self>, tx: &mut WriteTx, amount_minor: i64) -> Result<()>;

    /// Its payment is tried again with the same amount; answers why that is refused.
    ///
    /// # Errors
    /// When the database does not answer.
    async fn retake(self: Box<Self>, tx: &mut WriteTx, amount_minor: i64) -> Result<Option<Refusal>>;

    /// The money does not reach the provider and goes back; `reason` is a sentence.
    ///
    /// # Errors
    /// When the database does not answer.
    async fn undo(self: Box<Self>, tx: &mut WriteTx, amount_minor: i64, reason: &str) -> Result<()>;
}

/// What documents, messages and providers get to know of something that was paid.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its number: the provider's of a bill, ours of a recharge.
    pub number: String,
    /// The plan of a recharge.
    pub plan: Option<PlanDescription>,
    /// First and last day billed for.
    pub period: Option<(NaiveDate, NaiveDate)>,
    /// What it is made of.
    pub lines: Vec<BillLine>,
    /// The currency of its lines.
    pub currency: Currency,
}

/// The plan of a recharge, as it was sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDescription {
    /// The provider's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many days it lasts.
    pub validity_days: i32,
}

/// The providers of these parts.
pub(crate) fn providers_of<'a>(parts: impl IntoIterator<Item = &'a payment_allocation::Model>) -> BTreeSet<ProviderId> {
    parts.into_iter().map(|part| part.provider_id).collect()
}
