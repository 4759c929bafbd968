//! What a bill says: the checked form of it, its hash, and how one saying differs from another.

use billow_entities::{Currency, bill};
use billow_kernel::error::Result;
use billow_kernel::events::FieldChange;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::connector::{LineKind, Usage};

/// What a provider said about a bill, checked, in whole minor units. Kept with every version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillContent {
    /// The provider's number for it.
    pub number: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// What is to be paid.
    pub amount_minor: i64,
    /// The least that may be paid.
    pub min_amount_minor: Option<i64>,
    /// The most that may be paid.
    pub max_amount_minor: Option<i64>,
    /// When it was issued, where the provider says so.
    pub issued_on: Option<NaiveDate>,
    /// When it is due.
    pub due_on: Option<NaiveDate>,
    /// First day billed for.
    pub period_start: Option<NaiveDate>,
    /// Last day billed for.
    pub period_end: Option<NaiveDate>,
    /// How much was used.
    pub usage: Option<Usage>,
    /// What it is made of.
    pub lines: Vec<BillLine>,
}

/// A line of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillLine {
    /// What for.
    pub label: String,
    /// What sort of line.
    pub kind: LineKind,
    /// How much money; lines that only inform have none.
    pub amount_minor: Option<i64>,
    /// How much of what.
    pub usage: Option<Usage>,
}

impl BillContent {
    /// Hex SHA-256 of the content as canonical JSON: the fields in the order of their declaration, absent ones as null.
    ///
    /// # Errors
    /// Never in practice: every field can be written as JSON.
    pub fn content_hash(&self) -> Result<String> {
        Ok(billow_kernel::sha256_hex(serde_json::to_vec(self)?))
    }

    /// What a bill's row says.
    ///
    /// # Errors
    /// When the row was not written by us.
    pub fn of_row(row: &bill::Model) -> Result<Self> {
        Ok(Self {
            number: row.number.clone(),
            currency: row.currency.parse().map_err(|e| billow_kernel::error::Fault::new("a stored currency", e))?,
            amount_minor: row.amount_minor,
            min_amount_minor: row.min_amount_minor,
            max_amount_minor: row.max_amount_minor,
            issued_on: Some(row.issued_on),
            due_on: row.due_on,
            period_start: row.period_start,
            period_end: row.period_end,
            usage: row.usage_value.clone().map(|value| Usage { value, unit: row.usage_unit.clone().unwrap_or_default() }),
            lines: serde_json::from_value(row.lines.clone())?,
        })
    }

    /// Writes what it says into a bill's row; a date of issue that it leaves out stays.
    ///
    /// # Errors
    /// Never in practice: lines can be written as JSON.
    pub(super) fn into_row(self, row: &mut bill::Model) -> Result<()> {
        let (usage_value, usage_unit) = self.usage.map(|usage| (usage.value, usage.unit)).unzip();
        row.lines = serde_json::to_value(&self.lines)?;
        row.number = self.number;
        row.currency = self.currency.code().to_owned();
        row.amount_minor = self.amount_minor;
        row.min_amount_minor = self.min_amount_minor;
        row.max_amount_minor = self.max_amount_minor;
        row.issued_on = self.issued_on.unwrap_or(row.issued_on);
        row.due_on = self.due_on;
        row.period_start = self.period_start;
        row.period_end = self.period_end;
        row.usage_value = usage_value;
        row.usage_unit = usage_unit;
        Ok(())
    }

    /// What `after` says otherwise than `self`, field by field. A date of issue that `after` leaves out has not changed.
    #[must_use]
    pub fn changes_to(&self, after: &Self) -> Vec<FieldChange> {
        let mut out = Vec::new();
        macro_rules! compare {
            ($($field:ident),*) => {$(
                if self.$field != after.$field {
                    out.push(FieldChange::new(stringify!($field), &self.$field, &after.$field));
                }
            )*};
        }
        compare!(number, currency, amount_minor, min_amount_minor, max_amount_minor, due_on, period_start, period_end, usage, lines);
        if after.issued_on.is_some() && self.issued_on != after.issued_on {
            out.push(FieldChange::new("issued_on", self.issued_on, after.issued_on));
        }
        out
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> BillContent {
        BillContent {
            number: "B-1".into(),
            currency: "EUR".parse().expect("a currency"),
            amount_minor: 1230,
            min_amount_minor: None,
            max_amount_minor: None,
            issued_on: "2026-11-01".parse().ok(),
            due_on: "2026-11-30".parse().ok(),
            period_start: None,
            period_end: None,
            usage: Some(Usage { value: "12.5".into(), unit: "kWh".into() }),
            lines: vec![BillLine { label: "Energy".into(), kind: LineKind::Charge, amount_minor: Some(1230), usage: None }],
        }
    }

    #[test]
    fn the_hash_stays_the_same_from_release_to_release() {
        // A changed hash would make a new version of every bill there is.
        assert_eq!(
            serde_json::to_string(&sample()).expect("JSON"),
            r#"{"number":"B-1","currency":"EUR","amount_minor":1230,"min_amount_minor":null,"max_amount_minor":null,"issued_on":"2026-11-01","due_on":"2026-11-30","period_start":null,"period_end":null,"usage":{"value":"12.5","unit":"kWh"},"lines":[{"label":"Energy","kind":"CHARGE","amount_minor":1230,"usage":null}]}"#
        );
    }

    #[test]
    fn changes_are_told_field_by_field() {
        let before = sample();
        let mut after = before.clone();
        assert_eq!(before.changes_to(&after), []);
        after.issued_on = None;
        assert_eq!(before.changes_to(&after), [], "a provider that no longer tells the date has not changed it");
        after.amount_minor = 1300;
        after.due_on = None;
        assert_eq!(
            before.changes_to(&after),
            [FieldChange::new("amount_minor", 1230, 1300), FieldChange::new("due_on", "2026-11-30", serde_json::Value::Null)]
        );
    }
}
