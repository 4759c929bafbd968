//! From a summary to a bill.

use billow_billing::ports::{FetchedAmount, FetchedBill, FetchedLine, LineKind, Usage};
use billow_entities::Currency;
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::feed::{Detail, Measure, Summary};

/// Time stamps above this (the year 5138, in seconds) can only be milliseconds.
const MAX_SECONDS: i64 = 99_999_999_999;
/// The longest billing period that makes sense.
const MAX_DURATION_S: i64 = 5 * 366 * 24 * 60 * 60;

/// What the provider's definition says about its feeds.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) zone: Tz,
    /// Amounts are in 10 to the power of minus this of a major unit.
    pub(super) money_scale: u32,
    pub(super) due_days: u64,
    /// Where the feed names none.
    pub(super) currency: Currency,
}

/// The bill of a summary; none where it names no amount.
pub(super) fn bill(summary: &Summary, terms: &Terms) -> Result<Option<FetchedBill>, String> {
    let Some(amount) = summary.bill_last_period else { return Ok(None) };
    let start_at = instant(summary.start.ok_or("billingPeriod.start: is missing")?)?;
    let duration = summary.duration.unwrap_or(0);
    if !(0..=MAX_DURATION_S).contains(&duration) {
        return Err(format!("billingPeriod.duration: {duration} is not a number of seconds up to five years"));
    }
    let period_start = local(start_at, terms.zone);
    // The period ends before the instant at which the next one begins.
    let last = start_at + chrono::Duration::seconds((duration - 1).max(0));
    let currency = match summary.currency {
        None | Some(0) => terms.currency,
        Some(code) => {
            Currency::from_numeric(code).ok_or_else(|| format!("currency: {code} is not the numeric code of a currency that is taken"))?
        }
    };
    let money = |value: i64| minor(value, terms.money_scale, currency).map(|minor| FetchedAmount::Minor { minor });
    let issued_on = summary.status_at.map(instant).transpose()?.map(|at| local(at, terms.zone));
    let period_end = local(last, terms.zone);
    let lines: Result<Vec<FetchedLine>, String> = summary.details.iter().map(|detail| line(detail, &money)).collect();
    let mut lines = lines?;
    if let (true, Some(extra @ 1..)) = (lines.is_empty(), summary.cost_additional) {
        lines.push(FetchedLine {
            label: "Additional charges".into(),
            amount: Some(money(extra)?),
            usage: None,
            kind: Some(LineKind::Charge),
        });
    }
    Ok(Some(FetchedBill {
        number: bill_number(&summary.source, period_start),
        amount: money(amount)?,
        currency: Some(currency),
        issued_on,
        due_on: issued_on.unwrap_or(period_end).checked_add_days(Days::new(terms.due_days)),
        period_start: Some(period_start),
        period_end: Some(period_end),
        usage: usage(&summary.consumption),
        lines,
        min_amount: None,
        max_amount: None,
        account: None,
        status: None,
        replaces: None,
    }))
}

/// Feeds give bills no numbers, so one is made of what does not change: the period's first day and the entry's address.
fn bill_number(source: &str, period_start: NaiveDate) -> String {
    let digest = hex::encode(Sha256::digest(source.as_bytes()));
    format!("{}-{}", period_start.format("%Y%m%d"), &digest[..10])
}

fn instant(stamp: i64) -> Result<DateTime<Utc>, String> {
    let at = if stamp.abs() > MAX_SECONDS { DateTime::from_timestamp_millis(stamp) } else { DateTime::from_timestamp(stamp, 0) };
    // Smart meters are younger than that, and so is this program.
    at.filter(|at| (1990..2200).contains(&chrono::Datelike::year(at)))
        .ok_or_else(|| format!("{stamp} is not a time stamp in seconds (or milliseconds) since 1970 that makes sense"))
}

fn local(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// Scales to minor units, half away from zero.
fn minor(value: i64, scale: u32, currency: Currency) -> Result<i64, String> {
    let places = u32::from(currency.exponent());
    let value = i128::from(value);
    let scaled = if scale <= places {
        value * 10i128.pow(places - scale)
    } else {
        let divisor = 10i128.pow(scale - places);
        (value.abs() + divisor / 2) / divisor * value.signum()
    };
    i64::try_from(scaled).map_err(|_| format!("{value} is too large an amount"))
}

fn line(detail: &Detail, money: &dyn Fn(i64) -> Result<FetchedAmount, String>) -> Result<FetchedLine, String> {
    let amount = detail.amount.map(money).transpose()?;
    // What has no amount only informs, whatever kind the feed says.
    let kind = if amount.is_none() { Some(LineKind::Information) } else { detail.kind.and_then(line_kind) };
    let label = if detail.note.is_empty() { detail.kind.map_or("Item", kind_words) } else { &detail.note };
    Ok(FetchedLine {
        label: label.chars().take(200).collect(),
        amount,
        usage: usage(&detail.measure).filter(|usage| usage.value != "0"),
        kind,
    })
}

/// ESPI's `ItemKind`.
fn line_kind(kind: u16) -> Option<LineKind> {
    match kind {
        1..=3 => Some(LineKind::Charge),
        4 => Some(LineKind::Fee),
        5 => Some(LineKind::Tax),
        6..=8 => Some(LineKind::Credit),
        9 => Some(LineKind::Payment),
        10 => Some(LineKind::Information),
        _ => None,
    }
}

fn kind_words(kind: u16) -> &'static str {
    match kind {
        1 => "Energy generation",
        2 => "Energy delivery",
        3 => "Energy usage",
        4 => "Administrative fee",
        5 => "Tax",
        6 => "Generation credit",
        7 => "Delivery credit",
        8 => "Administrative credit",
        9 => "Payment",
        10 => "Information",
        _ => "Item",
    }
}

/// An amount of something; watt-hours as kilowatt-hours, which is what people know.
fn usage(measure: &Measure) -> Option<Usage> {
    let value = Decimal::from(measure.value?);
    let (unit, shift) = unit(measure.unit?);
    let power = measure.multiplier.checked_sub(shift)?;
    let factor = Decimal::TEN.checked_powi_small(power.unsigned_abs())?;
    let value = if power < 0 { value.checked_div(factor)? } else { value.checked_mul(factor)? };
    Some(Usage { value: value.normalize().to_string(), unit })
}

/// ESPI's `UomKind`, with the power of ten that leads to the unit shown.
fn unit(code: u16) -> (String, i32) {
    let (name, shift) = match code {
        31 => ("J", 0),
        38 => ("kW", 3),
        42 => ("m³", 0),
        61 => ("kVA", 3),
        63 => ("kvar", 3),
        71 => ("kVAh", 3),
        72 => ("kWh", 3),
        73 => ("kvarh", 3),
        119 => ("ft³", 0),
        128 => ("gal", 0),
        132 => ("BTU", 0),
        134 => ("l", 0),
        169 => ("therm", 0),
        other => return (format!("unit {other}"), 0),
    };
    (name.to_owned(), shift)
}

trait SmallPower: Sized {
    /// To the power of a small exponent, when the result fits.
    fn checked_powi_small(self, exponent: u32) -> Option<Self>;
}

impl SmallPower for Decimal {
    fn checked_powi_small(self, exponent: u32) -> Option<Self> {
        (0..exponent.min(30)).try_fold(Self::ONE, |product, _| product.checked_mul(self)).filter(|_| exponent < 28)
    }
}
