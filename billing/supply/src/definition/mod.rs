//! What an administrator registers about a provider: data only, no code.

pub mod schedule;

use billow_entities::{AmountRuleKind, ConnectorKind, Currency, UtilityType};
use billow_kernel::amounts::FetchedAmount;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::schedule::Schedule;

/// A provider, whole, as registered, versioned and exported. Secrets are elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderDefinition {
    /// Short unique name: lower-case letters, digits and dashes.
    pub code: String,
    /// For people.
    pub name: String,
    /// What it supplies.
    pub utility_type: UtilityType,
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// ISO 4217; bills in another currency are refused.
    pub currency: Currency,
    /// IANA name; the provider's "today".
    pub time_zone: String,
    /// How Billow talks to it.
    pub connector: ConnectorDefinition,
    /// What a customer must tell to add an account. The first one identifies the account.
    pub params: Vec<ParamDefinition>,
    /// Which amounts may be paid.
    #[serde(default)]
    pub amount_rule: AmountRule,
    /// When bills are looked for.
    pub schedule: Schedule,
    /// How gently it must be treated.
    #[serde(default)]
    pub limits: Limits,
    /// Prepaid: plans that are sold, when the provider does not list them itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<PlanOffer>,
    /// Whether accounts are prepaid.
    #[serde(default)]
    pub prepaid: bool,
    /// What becomes of old bills whose provider does not say whether they were paid; by the connector where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryRule>,
}

impl ProviderDefinition {
    /// Whether old bills of which the provider does not say whether they were paid come in as history. A Green Button feed
    /// never says so and begins with a year or more of bills; the other connectors can map a status.
    #[must_use]
    pub fn keeps_history(&self) -> bool {
        match self.history {
            Some(rule) => rule == HistoryRule::AsHistory,
            None => self.connector.kind == ConnectorKind::GreenButton,
        }
    }
}

/// What becomes of old bills whose provider does not say whether they were paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HistoryRule {
    /// They are history: shown and counted as spent, but nobody is asked to pay them.
    AsHistory,
    /// They are to be paid.
    AsBills,
}

/// The connector and its own settings, which only its adapter understands and checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorDefinition {
    /// Which adapter.
    pub kind: ConnectorKind,
    /// Its settings.
    #[serde(default)]
    pub settings: Value,
}

/// A customer parameter: consumer number, mobile number, policy…
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamDefinition {
    /// The name mappings use.
    pub name: String,
    /// For people.
    pub label: String,
    /// A regular expression the whole value must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// In characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u16>,
    /// In characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u16>,
    /// Where to find it on the bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// A value that would be taken, to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Whether it may be left out; never the first.
    #[serde(default)]
    pub optional: bool,
    /// Whether to hide it on screen.
    #[serde(default)]
    pub secret: bool,
}

/// Which amounts a provider takes for a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountRule {
    /// The rule.
    pub kind: AmountRuleKind,
    /// For `RANGE`: the least, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_minor: Option<i64>,
    /// For `RANGE`: the most, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_minor: Option<i64>,
    /// Payments are a multiple of so many minor units.
    #[serde(default = "one")]
    pub multiple_minor: i64,
}

impl Default for AmountRule {
    fn default() -> Self {
        Self { kind: AmountRuleKind::Exact, min_minor: None, max_minor: None, multiple_minor: 1 }
    }
}

const fn one() -> i64 {
    1
}

/// How gently a provider must be treated. Limits hold per worker process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls under way at once, 1 to 256.
    pub concurrency: u16,
    /// Accounts begun per second, 1 to 10,000; none for no limit.
    pub per_second: Option<u32>,
    /// For one call, in milliseconds, 100 to 60,000.
    pub timeout_ms: u32,
    /// For one answer after decompression, in bytes, 1 KiB to 64 MiB.
    pub max_bytes: u32,
    /// Faults in a row that open the circuit, 1 to 100.
    pub circuit_failures: u16,
    /// The most a bill can plausibly come to, in minor units.
    pub max_amount_minor: i64,
    /// Take bills also where the amounts of most accounts are suddenly in another scale.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub accept_jumps: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 8,
            per_second: None,
            timeout_ms: 15_000,
            max_bytes: 1 << 20,
            circuit_failures: 5,
            max_amount_minor: 100_000_000,
            accept_jumps: false,
        }
    }
}

/// A prepaid plan on offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanOffer {
    /// The provider's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its price.
    pub price: FetchedAmount,
    /// How many days it lasts.
    pub validity_days: i32,
    /// In a sentence.
    #[serde(default)]
    pub description: Option<String>,
    /// In a few words each.
    #[serde(default)]
    pub benefits: Vec<String>,
}
