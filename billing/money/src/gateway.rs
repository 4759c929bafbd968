//! The port to card networks and banks.
//!
//! The contract, which one suite holds every adapter to:
//!
//! - An answer is a value, also when it is a "no": a decline is [`ChargeState::Failed`]. Only the lack of an answer is a
//!   [`GatewayFault`], and it says what may have happened meanwhile.
//! - A call with the same key and the same content has its effect once, and answers the same. The caller makes the key
//!   from a stored id before it calls; an adapter never makes one, and never repeats a call by itself.
//! - [`GatewayFault::Unknown`] is not a failure: the money may have moved. Whoever gets it asks later ([`Gateway::charge_state`],
//!   [`Gateway::find_charge`]) and does not charge again.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use billow_entities::{Currency, DeclineKind, GatewayAdapter, GatewayId, MethodKind};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// What came of asking a gateway.
pub type GatewayResult<T> = Result<T, GatewayFault>;

/// A gateway as it is set up, with its secrets.
#[derive(Clone, Debug)]
pub struct GatewayAccess {
    /// Which.
    pub id: GatewayId,
    /// Its short name.
    pub code: String,
    /// Which adapter talks to it.
    pub adapter: GatewayAdapter,
    /// Its settings.
    pub settings: GatewaySettings,
    /// Its secrets by name: `secret_key`, `webhook_secret`.
    pub credentials: Arc<BTreeMap<String, SecretString>>,
}

/// How a gateway is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySettings {
    /// Where its API begins, such as `https://api.stripe.com`.
    pub base_url: String,
    /// How long an answer may take, in milliseconds (1,000 to 60,000).
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
    /// Whether charges can be found by searching their metadata; otherwise recent ones are listed.
    #[serde(default = "default_true")]
    pub searches: bool,
}

fn default_timeout_ms() -> u64 {
    20_000
}

fn default_true() -> bool {
    true
}

/// No usable answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayFault {
    /// It may or may not have happened: a time-out, a connection lost after sending, a 5xx, a body that cannot be read,
    /// or a conflict with a call under way with the same key.
    #[error("no usable answer: {message}")]
    Unknown {
        /// In words for an operator.
        message: String,
    },
    /// It did not happen: nothing was sent (no connection), or the gateway said that it did not look at it (429).
    #[error("not asked: {message}")]
    NotSent {
        /// In words for an operator.
        message: String,
        /// How long the gateway asked us to wait, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// It did not happen and will not: the request itself was refused (credentials, parameters, no such object).
    #[error("refused: {message}")]
    Refused {
        /// The gateway's word.
        code: Option<String>,
        /// In words for an operator.
        message: String,
    },
    /// The key was used before with other content. A defect of ours; nothing happened by this call.
    #[error("the key was used for something else: {message}")]
    KeyReused {
        /// In words for an operator.
        message: String,
    },
}

/// Moves money through one kind of gateway.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Checks settings and credentials without calling anybody.
    ///
    /// # Errors
    /// In words for an administrator, with the field's name: `base_url: …`.
    fn check(&self, settings: &GatewaySettings, credentials: &BTreeMap<String, SecretString>) -> Result<(), Vec<String>>;

    /// Whether these credentials move real money, from the kind of key; none where the key does not say.
    fn mode(&self, credentials: &BTreeMap<String, SecretString>) -> Option<GatewayMode>;

    /// Reads the account the key belongs to: one call, without effect.
    ///
    /// [`GatewayFault::Refused`] has the code [`KEY_REFUSED`] when the gateway does not accept the key, and
    /// [`NOT_PERMITTED`] when the key may not read the account.
    async fn account(&self, at: &GatewayAccess) -> GatewayResult<GatewayAccount>;

    /// Makes the gateway know a customer; answers its id for them.
    async fn create_customer(&self, at: &GatewayAccess, key: &str, customer: &NewGatewayCustomer) -> GatewayResult<String>;

    /// Begins saving a payment method, without charging it.
    async fn start_setup(&self, at: &GatewayAccess, key: &str, setup: &NewSetup) -> GatewayResult<Setup>;

    /// How a setup stands.
    async fn setup_state(&self, at: &GatewayAccess, setup_id: &str) -> GatewayResult<Setup>;

    /// Forgets a saved method. One that is not there is forgotten already.
    async fn forget_method(&self, at: &GatewayAccess, method_id: &str) -> GatewayResult<()>;

    /// Charges.
    async fn charge(&self, at: &GatewayAccess, key: &str, charge: &NewCharge) -> GatewayResult<Charge>;

    /// How a charge stands, by the gateway's id.
    async fn charge_state(&self, at: &GatewayAccess, charge_id: &str) -> GatewayResult<Charge>;

    /// Finds a charge by the attempt it was made for; none when the gateway has never heard of it.
    ///
    /// A gateway's search may lag behind: none is final only for a charge that was sent long enough ago.
    async fn find_charge(&self, at: &GatewayAccess, attempt: &str, since: DateTime<Utc>) -> GatewayResult<Option<Charge>>;

    /// Calls off a charge that has not moved money; answers how it stands then.
    async fn cancel_charge(&self, at: &GatewayAccess, key: &str, charge_id: &str) -> GatewayResult<Charge>;

    /// Gives money of a charge back.
    async fn refund(&self, at: &GatewayAccess, key: &str, refund: &NewGatewayRefund) -> GatewayResult<GatewayRefund>;

    /// How a refund stands, by the gateway's id.
    async fn refund_state(&self, at: &GatewayAccess, refund_id: &str) -> GatewayResult<GatewayRefund>;

    /// The refunds of a charge.
    async fn refunds_of(&self, at: &GatewayAccess, charge_id: &str) -> GatewayResult<Vec<GatewayRefund>>;

    /// The charges made from `from` to `to` (excluded), a page at a time, for the daily reconciliation.
    async fn list_charges(
        &self,
        at: &GatewayAccess,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        after: Option<&str>,
    ) -> GatewayResult<ChargePage>;

    /// Checks the signature and age of a webhook over its raw body, and reads the little of it that is needed.
    ///
    /// # Errors
    /// When it is not from the gateway, or too old.
    fn read_webhook(
        &self,
        at: &GatewayAccess,
        signature: Option<&str>,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<GatewayNotice, WebhookRefusal>;
}

/// The code of a refusal of [`Gateway::account`]: the gateway does not accept the key.
pub const KEY_REFUSED: &str = "key_refused";
/// The code of a refusal of [`Gateway::account`]: the key is valid but may not read the account.
pub const NOT_PERMITTED: &str = "not_permitted";

/// Whether a gateway's keys move real money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GatewayMode {
    /// Real money.
    Live,
    /// The gateway's own test mode.
    Test,
}

/// The account a gateway's key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayAccount {
    /// The gateway's id.
    pub id: String,
    /// What its owner calls it.
    pub name: Option<String>,
    /// Whether it can take charges, when the gateway says so.
    pub can_charge: Option<bool>,
}

/// A customer, as much as a gateway needs.
#[derive(Clone, Debug)]
pub struct NewGatewayCustomer {
    /// Our id, kept in the gateway's metadata.
    pub reference: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
}

/// A payment method to be saved.
#[derive(Clone, Debug)]
pub struct NewSetup {
    /// Our id of the payment method, kept in the gateway's metadata.
    pub reference: String,
    /// The gateway's id of the customer.
    pub customer: String,
    /// Card or direct debit.
    pub kind: MethodKind,
    /// In which currency it will be charged.
    pub currency: Currency,
    /// How the details reach the gateway.
    pub source: SetupSource,
}

/// How the details of a method reach the gateway. Billow itself never sees a card number.
#[derive(Clone, Debug)]
pub enum SetupSource {
    /// On a page of the gateway's; the browser comes back to this address.
    HostedPage {
        /// Where to.
        return_url: String,
    },
    /// As a token that the gateway's own code in an app or browser made (`pm_…`), confirmed at once.
    Token(SecretString),
}

/// A setup, and the method when there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The gateway's id.
    pub id: String,
    /// How it stands.
    pub state: SetupState,
    /// The method, as soon as the gateway knows it.
    pub method: Option<MethodDetails>,
}

/// How a setup stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupState {
    /// The bank is being asked.
    Processing,
    /// The customer has to go there.
    RequiresAction {
        /// The gateway's page.
        url: Option<String>,
    },
    /// It can be charged.
    Ready,
    /// Refused.
    Failed(Decline),
}

/// What a gateway tells of a saved method.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MethodDetails {
    /// The gateway's id.
    pub id: String,
    /// Such as `visa`, or the bank.
    pub brand: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
    /// 1 to 12.
    pub exp_month: Option<i32>,
    /// In four digits.
    pub exp_year: Option<i32>,
    /// The mandate of a direct debit.
    pub mandate_id: Option<String>,
}

/// A charge to be made.
#[derive(Clone, Debug)]
pub struct NewCharge {
    /// Our id of the attempt, kept in the gateway's metadata.
    pub attempt: String,
    /// Our id of the payment, kept in the gateway's metadata.
    pub payment: String,
    /// In minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// For the customer's statement and the gateway's pages.
    pub description: String,
    /// What is charged.
    pub source: ChargeSource,
}

/// What is charged.
#[derive(Clone, Debug)]
pub enum ChargeSource {
    /// A saved method.
    Method {
        /// The gateway's id of the customer.
        customer: String,
        /// The gateway's id of the method.
        method: String,
        /// What it is.
        kind: MethodKind,
        /// The mandate of a direct debit.
        mandate: Option<String>,
        /// Whether the customer is there to confirm, and where they come back to; none for autopay.
        on_session: Option<String>,
    },
    /// Whatever the customer chooses on a page of the gateway's.
    HostedPage {
        /// The gateway's id of the customer, when there is one.
        customer: Option<String>,
        /// Where the browser comes back to.
        return_url: String,
    },
}

/// A charge as the gateway tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The gateway's id.
    pub id: String,
    /// Our attempt, from its metadata.
    pub attempt: Option<String>,
    /// In minor units.
    pub amount_minor: i64,
    /// In which currency, as the gateway says.
    pub currency: String,
    /// How it stands.
    pub state: ChargeState,
    /// What the gateway kept, when it tells.
    pub fee_minor: Option<i64>,
    /// Given back so far, when it tells.
    pub refunded_minor: Option<i64>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
}

/// How a charge stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargeState {
    /// The money is ours.
    Succeeded,
    /// The bank is being asked; days for a direct debit.
    Processing,
    /// The customer has to confirm.
    RequiresAction {
        /// Where.
        url: Option<String>,
    },
    /// Definitely no.
    Failed(Decline),
    /// Called off; no money moved.
    Cancelled,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    /// In the field's terms.
    pub kind: DeclineKind,
    /// The gateway's word.
    pub code: Option<String>,
    /// In words for an operator.
    pub message: String,
}

/// A page of charges.
#[derive(Clone, Debug)]
pub struct ChargePage {
    /// The charges.
    pub charges: Vec<Charge>,
    /// To be given for the next page; none at the end.
    pub next: Option<String>,
}

/// A refund to be made.
#[derive(Clone, Debug)]
pub struct NewGatewayRefund {
    /// The gateway's id of the charge.
    pub charge_id: String,
    /// Our id, kept in the gateway's metadata.
    pub reference: String,
    /// In minor units.
    pub amount_minor: i64,
}

/// A refund as the gateway tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayRefund {
    /// The gateway's id.
    pub id: String,
    /// Our id, from its metadata.
    pub reference: Option<String>,
    /// In minor units.
    pub amount_minor: i64,
    /// How it stands.
    pub state: GatewayRefundState,
}

/// How a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayRefundState {
    /// On its way; the money has left us.
    Pending,
    /// It arrived.
    Succeeded,
    /// It came back to us.
    Failed {
        /// In words for an operator.
        message: String,
    },
}

/// What is read of a webhook. What it claims is not believed: the object is asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayNotice {
    /// The gateway's id of the event.
    pub id: String,
    /// Such as `payment_intent.succeeded`.
    pub kind: String,
    /// What it is about, when it is of a kind we know.
    pub about: Option<NoticeSubject>,
}

/// What a webhook is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeSubject {
    /// A charge, by the gateway's id.
    Charge(String),
    /// A refund, by the gateway's id.
    Refund(String),
    /// A setup, by the gateway's id.
    Setup(String),
}

/// Why a webhook was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// Not signed with our secret.
    #[error("the signature is missing or wrong")]
    Forged,
    /// Signed more than 300 seconds ago, or in the future.
    #[error("the signature is too old")]
    Stale,
    /// Signed, and yet not an event.
    #[error("the body is not an event")]
    Unreadable,
}
