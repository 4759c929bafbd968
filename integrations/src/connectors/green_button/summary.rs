//! What a feed says about one billing period.

use std::str::FromStr;

use rust_decimal::Decimal;

/// What a feed says about one billing period. Numbers are as they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// The entry's own address, else its id. Some utilities make new ones for each download.
    pub(super) source: String,
    /// The usage point that the entry's links name.
    pub(super) point: Option<String>,
    /// The paths of the entry's links.
    pub(super) links: Vec<String>,
    pub(super) start: Option<i64>,
    pub(super) duration: Option<i64>,
    pub(super) bill_last_period: Option<i64>,
    pub(super) cost_additional: Option<i64>,
    /// A numeric code, or the three letters.
    pub(super) currency: Option<String>,
    pub(super) consumption: Measure,
    pub(super) status_at: Option<i64>,
    /// ESPI's `CommodityKind`.
    pub(super) commodity: Option<u16>,
    pub(super) details: Vec<Detail>,
    /// The first field that could not be read.
    pub(super) problem: Option<String>,
}

/// `value` times ten to the power of `multiplier`, of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) value: Option<i64>,
    pub(super) multiplier: i32,
    pub(super) unit: Option<u16>,
}

/// A line item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Detail {
    pub(super) note: String,
    pub(super) amount: Option<i64>,
    pub(super) kind: Option<u16>,
    pub(super) measure: Measure,
}

impl Summary {
    /// Takes the field at `path` below the summary. One that cannot be read is kept as the summary's problem.
    pub(super) fn take(&mut self, path: &str, text: &str) {
        if let Err(problem) = self.read(path, text) {
            self.problem.get_or_insert(format!("{path}: {problem}"));
        }
    }

    fn read(&mut self, path: &str, text: &str) -> Result<(), String> {
        match path {
            "billingPeriod.start" => self.start = optional(text)?,
            "billingPeriod.duration" => self.duration = optional(text)?,
            "billLastPeriod" => self.bill_last_period = optional(text)?,
            "costAdditionalLastPeriod" => self.cost_additional = optional(text)?,
            "currency" => self.currency = Some(text.to_owned()).filter(|text| !text.is_empty()),
            // It is not needed for anything: what is no number here is no reason to refuse the bill.
            "statusTimeStamp" => self.status_at = optional(text).unwrap_or_default(),
            "commodity" => self.commodity = optional(text).unwrap_or_default(),
            _ => {
                if let Some(field) = path.strip_prefix("overallConsumptionLastPeriod.") {
                    return self.consumption.take(field, text);
                }
                if let Some(field) = path.strip_prefix("costAdditionalDetailLastPeriod.")
                    && let Some(detail) = self.details.last_mut()
                {
                    return detail.take(field, text);
                }
            }
        }
        Ok(())
    }
}

impl Detail {
    fn take(&mut self, field: &str, text: &str) -> Result<(), String> {
        match field {
            "amount" => self.amount = optional(text)?,
            "note" => text.clone_into(&mut self.note),
            "itemKind" => self.kind = optional(text)?,
            _ => {
                if let Some(field) = field.strip_prefix("measurement.") {
                    return self.measure.take(field, text);
                }
            }
        }
        Ok(())
    }
}

impl Measure {
    fn take(&mut self, field: &str, text: &str) -> Result<(), String> {
        match field {
            "value" => self.value = optional(text)?,
            "powerOfTenMultiplier" => self.multiplier = optional(text)?.unwrap_or(0),
            "uom" => self.unit = optional(text)?,
            _ => {}
        }
        Ok(())
    }
}

/// A whole number, or none where the element is empty. Some write it with decimals that are zero.
fn optional<T: FromStr>(text: &str) -> Result<Option<T>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let whole = || Decimal::from_str_exact(text).ok().filter(|value| value.fract().is_zero())?.trunc().normalize().to_string().parse().ok();
    let wrong = || format!("'{}' is not a whole number", text.chars().take(40).collect::<String>());
    text.parse().ok().or_else(whole).map(Some).ok_or_else(wrong)
}
