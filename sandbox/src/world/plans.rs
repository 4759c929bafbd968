//! Prepaid plans: what Chirp sells, and the plan a line is on.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::bill::dice;
use crate::SandboxError;

/// A plan on sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// In cents.
    pub price_minor: i64,
    /// How long it lasts.
    pub days: u64,
    /// In a sentence.
    pub text: &'static str,
    /// In a few words each.
    pub perks: [&'static str; 3],
}

/// The plans on sale.
pub const PLANS: [Plan; 3] = [
    Plan {
        code: "CH28",
        name: "Chirp Four Weeks",
        price_minor: 999,
        days: 28,
        text: "Four weeks of calls and enough data for the way to work.",
        perks: ["10 GB", "Unlimited calls", "200 texts"],
    },
    Plan {
        code: "CH56",
        name: "Chirp Eight Weeks",
        price_minor: 1_899,
        days: 56,
        text: "Eight weeks, and a gigabyte more each week.",
        perks: ["28 GB", "Unlimited calls", "Unlimited texts"],
    },
    Plan {
        code: "CH84",
        name: "Chirp Twelve Weeks",
        price_minor: 2_599,
        days: 84,
        text: "Twelve weeks at the lowest price per day, with roaming.",
        perks: ["60 GB", "Unlimited calls and texts", "5 GB roaming in the EU"],
    },
];

pub(crate) fn find(code: &str) -> Result<&'static Plan, SandboxError> {
    PLANS.iter().find(|p| p.code == code).ok_or_else(|| SandboxError::UnknownPlan(code.to_owned()))
}

/// A prepaid line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrepaidLine {
    /// The code of its plan.
    pub plan: String,
    /// The plan's last day.
    pub ends_on: NaiveDate,
    /// Money left for what the plan does not cover, in cents.
    pub credit_minor: i64,
}

impl PrepaidLine {
    /// A line on one of the plans, which ends within the next eight days: what is wanted to see reminders.
    pub(crate) fn fresh(account: &str, today: NaiveDate) -> Self {
        let luck = dice(account, NaiveDate::MIN);
        let plan = PLANS[usize::try_from(luck % 3).unwrap_or(0)];
        Self {
            plan: plan.code.to_owned(),
            ends_on: today + Days::new(1 + luck / 3 % 8),
            credit_minor: i64::try_from(luck / 24 % 900).unwrap_or(0),
        }
    }
}
