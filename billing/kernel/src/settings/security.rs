//! What an operator decides about second factors and about asking again.

use std::collections::BTreeMap;

use billow_entities::{Currency, Role};
use chrono::Duration;

/// Who must have a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondFactorRule {
    /// Nobody; everybody may.
    #[default]
    Optional,
    /// Operators and administrators.
    Staff,
}

impl SecondFactorRule {
    /// Whether somebody with this role must have one.
    #[must_use]
    pub fn requires(self, role: Role) -> bool {
        self == Self::Staff && role != Role::Customer
    }
}

/// What an operator decides about second factors and about asking again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecuritySettings {
    /// Who must have a second factor.
    pub second_factor: SecondFactorRule,
    /// How long a proof of who is asking counts for sensitive actions; nobody is asked again where unset.
    pub confirmation: Option<Duration>,
    /// The amount per currency, in minor units, up to which staff give back money of one payment without being asked again.
    /// A currency that is not listed has no such amount.
    pub refund_limits: BTreeMap<Currency, i64>,
}

impl Default for SecuritySettings {
    fn default() -> Self {
        Self { second_factor: SecondFactorRule::default(), confirmation: Some(Duration::minutes(10)), refund_limits: BTreeMap::new() }
    }
}
