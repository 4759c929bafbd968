//! The pretend utility companies: who they are and what their bills are made of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::SandboxError;

/// A pretend utility company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Electricity: JSON behind a bearer key, money in cents.
    Voltara,
    /// Mobile on contract: JSON, a request is registered and then polled, money as text with a comma.
    Ringo,
    /// Gas: XML behind a name and a password, most facts in attributes.
    Gasline,
    /// Water: CSV files dropped in a folder.
    Aquaria,
    /// Prepaid mobile: JSON, the line's plan and the plans on sale.
    Chirp,
    /// Electricity as a Green Button (ESPI) feed.
    Greenwatt,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Voltara, Self::Ringo, Self::Gasline, Self::Aquaria, Self::Chirp, Self::Greenwatt];

    /// The code in its definition, in addresses and in the control interface.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Voltara => "voltara",
            Self::Ringo => "ringo",
            Self::Gasline => "gasline",
            Self::Aquaria => "aquaria",
            Self::Chirp => "chirp",
            Self::Greenwatt => "greenwatt",
        }
    }

    /// For people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Voltara => "Voltara Energie",
            Self::Ringo => "Ringo Mobile",
            Self::Gasline => "Gasline",
            Self::Aquaria => "Aquaria",
            Self::Chirp => "Chirp Prepaid",
            Self::Greenwatt => "Greenwatt",
        }
    }

    /// ISO 4217.
    #[must_use]
    pub const fn currency(self) -> &'static str {
        match self {
            Self::Greenwatt => "USD",
            _ => "EUR",
        }
    }

    /// Accounts that exist from the start, without bills until history is seeded.
    #[must_use]
    pub const fn samples(self) -> [&'static str; 6] {
        match self {
            Self::Voltara => ["VT10000001", "VT10000002", "VT10000003", "VT10000004", "VT10000005", "VT10000006"],
            Self::Ringo => ["+33639980001", "+33639980002", "+33639980003", "+33639980004", "+33639980005", "+33639980006"],
            Self::Gasline => ["110000000001", "110000000002", "110000000003", "110000000004", "110000000005", "110000000006"],
            Self::Aquaria => ["AQ100001", "AQ100002", "AQ100003", "AQ100004", "AQ100005", "AQ100006"],
            Self::Chirp => ["+491713920001", "+491713920002", "+491713920003", "+491713920004", "+491713920005", "+491713920006"],
            Self::Greenwatt => ["5000001", "5000002", "5000003", "5000004", "5000005", "5000006"],
        }
    }

    /// Whether lines are prepaid: plans instead of bills.
    #[must_use]
    pub const fn prepaid(self) -> bool {
        matches!(self, Self::Chirp)
    }

    pub(crate) const fn tariff(self) -> &'static Tariff {
        match self {
            Self::Voltara => &VOLTARA,
            Self::Ringo => &RINGO,
            Self::Gasline => &GASLINE,
            Self::Aquaria => &AQUARIA,
            Self::Chirp => &CHIRP,
            Self::Greenwatt => &GREENWATT,
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Provider {
    type Err = SandboxError;
    fn from_str(text: &str) -> Result<Self, SandboxError> {
        Self::ALL.into_iter().find(|p| p.code() == text).ok_or_else(|| SandboxError::UnknownProvider(text.to_owned()))
    }
}

/// What a provider's bills are made of.
pub(crate) struct Tariff {
    /// A typical month's total, in minor units.
    pub typical_minor: i64,
    /// Per thousand of the typical month, January first.
    pub season: [i64; 12],
    /// The price of one unit used, before tax, in a hundredth of a minor unit.
    pub unit_price_centi: i64,
    /// What is used.
    pub unit: &'static str,
    /// The fixed part before tax, in minor units.
    pub fixed_minor: i64,
    /// Per cent on top.
    pub tax_percent: i64,
    /// The day of the month bills are issued.
    pub issue_day: u32,
    /// How many days later they are due.
    pub due_days: u64,
    /// Labels of the usage, fixed, tax and bonus lines.
    pub labels: [&'static str; 4],
}

const FLAT: [i64; 12] = [1000, 980, 1000, 1010, 1000, 990, 1080, 1120, 1000, 990, 1000, 1060];

const VOLTARA: Tariff = Tariff {
    typical_minor: 8_600,
    season: [1340, 1280, 1120, 960, 850, 790, 780, 800, 860, 990, 1140, 1310],
    unit_price_centi: 2_790,
    unit: "kWh",
    fixed_minor: 1_090,
    tax_percent: 19,
    issue_day: 12,
    due_days: 14,
    labels: ["Energy", "Grid and meter", "VAT 19 %", "Loyalty bonus"],
};
const RINGO: Tariff = Tariff {
    typical_minor: 2_999,
    season: FLAT,
    unit_price_centi: 4_500,
    unit: "GB",
    fixed_minor: 1_999,
    tax_percent: 20,
    issue_day: 8,
    due_days: 15,
    labels: ["Data and calls", "Ringo M plan", "TVA 20 %", "Family discount"],
};
const GASLINE: Tariff = Tariff {
    typical_minor: 7_200,
    season: [1980, 1790, 1390, 840, 420, 310, 280, 270, 350, 720, 1420, 1830],
    unit_price_centi: 8_900,
    unit: "Smc",
    fixed_minor: 780,
    tax_percent: 22,
    issue_day: 18,
    due_days: 20,
    labels: ["Gas supplied", "Distribution and meter", "IVA 22 %", "Direct debit discount"],
};
const AQUARIA: Tariff = Tariff {
    typical_minor: 3_150,
    season: [860, 850, 900, 970, 1060, 1180, 1290, 1310, 1120, 960, 890, 860],
    unit_price_centi: 18_500,
    unit: "m3",
    fixed_minor: 740,
    tax_percent: 10,
    issue_day: 5,
    due_days: 25,
    labels: ["Consumo", "Cuota fija", "IVA 10 %", "Bonificacion"],
};
const CHIRP: Tariff = Tariff {
    typical_minor: 999,
    season: FLAT,
    unit_price_centi: 10_000,
    unit: "GB",
    fixed_minor: 0,
    tax_percent: 0,
    issue_day: 1,
    due_days: 0,
    labels: ["Recharge", "Fee", "Tax", "Bonus"],
};
const GREENWATT: Tariff = Tariff {
    typical_minor: 11_400,
    season: [1120, 1060, 930, 860, 880, 1090, 1380, 1420, 1130, 880, 900, 1080],
    unit_price_centi: 1_740,
    unit: "kWh",
    fixed_minor: 1_250,
    tax_percent: 6,
    issue_day: 3,
    due_days: 21,
    labels: ["Electricity delivered", "Basic service fee", "Utility tax", "Climate credit"],
};
