//! The port to utility providers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billow_entities::{Currency, FetchOutcomeKind};
use billow_kernel::amounts::FetchedAmount;
use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::definition::{PlanOffer, ProviderDefinition};

/// Talks to providers of one connector kind.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Checks a definition without calling anybody: programs compile, addresses are well formed, credentials are named.
    ///
    /// # Errors
    /// One entry per field that is wrong, with the path inside the definition.
    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>>;

    /// Asks for the bills of one account. Never fails: a fault is [`FetchOutcome::Retryable`] or [`FetchOutcome::Broken`].
    async fn fetch(&self, request: FetchRequest) -> FetchReply;

    /// Whether the definition says how providers are paid. Where it does not, an operator transfers and confirms by hand.
    fn can_pay(&self, _definition: &ProviderDefinition) -> bool {
        false
    }

    /// Tells the provider that its bill was paid. Called once for each [`PayRequest::reference`], never again after
    /// [`PayOutcome::Unknown`]: then the provider is asked.
    async fn pay(&self, _request: PayRequest) -> PayReply {
        PayReply::of(PayOutcome::NotSent { message: "this connector takes no payments".into(), retry_after_ms: None })
    }

    /// Whether the definition says how to ask about a payment. Where it does not, what is unknown is left to an operator.
    fn can_tell_payments(&self, definition: &ProviderDefinition) -> bool {
        self.can_pay(definition)
    }

    /// Asks how a payment stands that was sent before. A question that is lost is [`PayOutcome::Unknown`], also when nothing
    /// was sent: it says nothing about the payment.
    async fn pay_status(&self, _request: PayRequest) -> PayReply {
        PayReply::of(PayOutcome::Unknown { message: "this connector cannot be asked about payments".into() })
    }

    /// Reads bills a provider posted to us (the `push` connector), in the provider's own shape.
    ///
    /// Each bill names its account in [`FetchedBill::account`].
    async fn read_pushed(&self, definition: &ProviderDefinition, content_type: &str, body: bytes::Bytes) -> FetchReply;
}

/// A fault in a provider's definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionProblem {
    /// Where, as a path of names and positions: `connector.steps.0.request`.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// One account to be fetched.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    /// The provider as registered.
    pub definition: std::sync::Arc<ProviderDefinition>,
    /// Its secrets by name.
    pub credentials: BTreeMap<String, SecretString>,
    /// The customer parameters of the account by name.
    pub params: BTreeMap<String, String>,
    /// The instant the fetch counts for.
    pub now: DateTime<Utc>,
    /// Today where the provider is.
    pub today: NaiveDate,
    /// What the provider's last [`FetchOutcome::Pending`] asked to be given back.
    pub continuation: Option<Value>,
    /// Keep the exchanges, secrets masked, for a person to look at.
    pub trace: bool,
}

/// A bill to be paid at its provider.
#[derive(Clone, Debug)]
pub struct PayRequest {
    /// The provider as registered.
    pub definition: std::sync::Arc<ProviderDefinition>,
    /// Its secrets by name.
    pub credentials: BTreeMap<String, SecretString>,
    /// The customer parameters of the account by name.
    pub params: BTreeMap<String, String>,
    /// Our reference, the same for each call about this payment: the provider's idempotency key.
    pub reference: String,
    /// The provider's number of the bill; for a recharge a number of ours.
    pub bill_number: String,
    /// For a recharge: the provider's code of the plan.
    pub plan_code: Option<String>,
    /// In minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// The instant it counts for.
    pub now: DateTime<Utc>,
    /// Today where the provider is.
    pub today: NaiveDate,
    /// What the provider's last [`PayOutcome::Awaited`] asked to be given back.
    pub continuation: Option<Value>,
    /// Keep the exchanges, secrets masked, for a person to look at.
    pub trace: bool,
}

/// What came of paying, or of asking about it.
#[derive(Clone, Debug)]
pub struct PayReply {
    /// The answer.
    pub outcome: PayOutcome,
    /// The exchanges, when asked for.
    pub trace: Vec<Exchange>,
}

impl PayReply {
    /// A reply with nothing but an outcome.
    #[must_use]
    pub fn of(outcome: PayOutcome) -> Self {
        Self { outcome, trace: Vec::new() }
    }
}

/// The typed answers of a provider about a payment.
#[derive(Clone, Debug, PartialEq)]
pub enum PayOutcome {
    /// The provider has it.
    Confirmed {
        /// The provider's reference.
        reference: Option<String>,
        /// Prepaid: what the customer types in.
        voucher: Option<String>,
    },
    /// The provider took it and will say later.
    Awaited {
        /// How long to wait before asking, in milliseconds.
        after_ms: u64,
        /// To be given back when asking.
        continuation: Value,
    },
    /// Definitely no, and it will stay so.
    Rejected {
        /// In words for the customer.
        message: String,
    },
    /// It may or may not have happened.
    Unknown {
        /// In words for an operator.
        message: String,
    },
    /// It did not happen: nothing was sent, or the provider said that it did not look at it (or, asked, that it has never
    /// heard of it). It may be sent again.
    NotSent {
        /// In words for an operator.
        message: String,
        /// How long the provider asked us to wait, in milliseconds.
        retry_after_ms: Option<u64>,
    },
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct FetchReply {
    /// The answer.
    pub outcome: FetchOutcome,
    /// Bills that could not be read. The others are in the outcome; one that is refused harms no other.
    pub refused: Vec<RefusedBill>,
    /// What was left out because it is no bill, in words for an operator.
    pub notes: Vec<String>,
    /// The answer does not show whether the provider knows the account: with [`FetchOutcome::NoneDue`], a file without a
    /// row for it.
    pub unseen: bool,
    /// Prepaid: the plan in force, when the provider told.
    pub prepaid: Option<PrepaidStatus>,
    /// Prepaid: what can be bought, when the provider told.
    pub plans: Option<Vec<PlanOffer>>,
    /// The exchanges, when asked for.
    pub trace: Vec<Exchange>,
}

impl FetchReply {
    /// A reply with nothing but an outcome.
    #[must_use]
    pub fn of(outcome: FetchOutcome) -> Self {
        Self { outcome, refused: Vec::new(), notes: Vec::new(), unseen: false, prepaid: None, plans: None, trace: Vec::new() }
    }
}

/// A bill in an answer that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedBill {
    /// Where it is among all bills of the answer, from 0.
    pub at: usize,
    /// Its number, where that can be read.
    pub number: Option<String>,
    /// Why, in words for an operator, with the field.
    pub problem: String,
}

/// The typed answers of a provider.
#[derive(Clone, Debug, PartialEq)]
pub enum FetchOutcome {
    /// These bills, newest or not; unchanged ones do no harm.
    Bills(Vec<FetchedBill>),
    /// The account is known and owes nothing now.
    NoneDue,
    /// The provider does not know the account.
    NotFound {
        /// In words for the customer.
        message: String,
    },
    /// The customer has to do something at the provider first (agree, prove, renew).
    NeedsCustomer {
        /// In words for the customer.
        message: String,
    },
    /// Asked; the answer is to be fetched later.
    Pending {
        /// How long to wait, in milliseconds.
        after_ms: u64,
        /// To be given back at the next call.
        continuation: Value,
    },
    /// A passing fault: time-out, connection, 429, 5xx.
    Retryable {
        /// In words for an operator.
        message: String,
        /// How long the provider asked us to wait, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// A fault somebody has to mend: mapping, credentials, shape, size.
    Broken {
        /// In words for an operator.
        message: String,
    },
}

impl FetchOutcome {
    /// The kind, as it is stored.
    #[must_use]
    pub fn kind(&self) -> FetchOutcomeKind {
        match self {
            Self::Bills(_) => FetchOutcomeKind::Bills,
            Self::NoneDue => FetchOutcomeKind::NoneDue,
            Self::NotFound { .. } => FetchOutcomeKind::NotFound,
            Self::NeedsCustomer { .. } => FetchOutcomeKind::NeedsCustomer,
            Self::Pending { .. } => FetchOutcomeKind::Pending,
            Self::Retryable { .. } => FetchOutcomeKind::Retryable,
            Self::Broken { .. } => FetchOutcomeKind::Broken,
        }
    }
}

/// A bill in the shape every connector yields and jq mappings produce (as JSON with these names).
///
/// Nothing is believed yet: `billing::bills::accept` checks it against the provider and the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchedBill {
    /// The provider's number for it.
    pub number: String,
    /// The amount: a decimal as text (`"12.30"`), or whole minor units (`{"minor": 1230}`). Negative for a credit.
    pub amount: FetchedAmount,
    /// ISO 4217; the provider's currency where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// When it was issued; the day of the fetch where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<NaiveDate>,
    /// When it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// First day billed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_start: Option<NaiveDate>,
    /// Last day billed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_end: Option<NaiveDate>,
    /// How much was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<FetchedLine>,
    /// The least that may be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_amount: Option<FetchedAmount>,
    /// The most that may be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_amount: Option<FetchedAmount>,
    /// The account as the provider names it; a bill for another account is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What the provider says has become of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<FetchedStatus>,
    /// The number of the bill this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The number that an earlier release made for the same bill, where feeds give none: a bill stored under it is this one.
    #[serde(skip)]
    pub former_number: Option<String>,
}

/// What became of a bill, as the provider says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FetchedStatus {
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// Withdrawn.
    Cancelled,
}

/// An amount of something used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// A decimal as text.
    pub value: String,
    /// Such as `kWh`, `m³`, `GB`.
    pub unit: String,
}

/// A line of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchedLine {
    /// What for.
    pub label: String,
    /// How much money; lines that only inform have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<FetchedAmount>,
    /// How much of what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// `CHARGE`, `FEE`, `TAX`, `CREDIT`, `PAYMENT` or `INFORMATION`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<LineKind>,
}

/// What sort of line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LineKind {
    /// For what was supplied.
    Charge,
    /// For being a customer.
    Fee,
    /// For the state.
    Tax,
    /// In the customer's favour.
    Credit,
    /// Paid before.
    Payment,
    /// No money.
    Information,
}

/// The prepaid plan in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrepaidStatus {
    /// Which plan.
    #[serde(default)]
    pub plan_code: Option<String>,
    /// Its last day.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
    /// What is left.
    #[serde(default)]
    pub balance: Option<FetchedAmount>,
}

/// One request and its answer, secrets masked, for a person to look at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// The step's name.
    pub step: String,
    /// `GET https://…`.
    pub request_line: String,
    /// Headers, secrets masked.
    pub request_headers: Vec<(String, String)>,
    /// Body, secrets masked, cut at 16 KiB.
    pub request_body: Option<String>,
    /// The answer's status; none where there was no answer.
    pub status: Option<u16>,
    /// The answer's body, cut at 16 KiB.
    pub response_body: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
    /// What went wrong, in words.
    pub problem: Option<String>,
}
