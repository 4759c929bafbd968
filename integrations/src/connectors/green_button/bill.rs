//! From a summary to a bill.

use billow_billing::ports::{FetchedAmount, FetchedBill, FetchedLine, LineKind, Usage};
use billow_entities::Currency;
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::amount::{AmountFrom, Total, is_total, total};
use super::summary::{Detail, Measure, Summary};

/// Time stamps above this (the year 5138, in seconds) can only be milliseconds.
const MAX_SECONDS: u64 = 99_999_999_999;
const DAY: i64 = 24 * 60 * 60;
/// A statement is made so many days after its period at most; a later stamp is that of a download.
const STATED_WITHIN: u64 = 60;

/// What the provider's definition says about its feeds.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) zone: Tz,
    /// Amounts are in 10 to the power of minus this of a major unit.
    pub(super) money_scale: u32,
    pub(super) due_days: u64,
    /// Where the feed names none.
    pub(super) currency: Currency,
    /// Where the amount of a bill is.
    pub(super) amount_from: AmountFrom,
    /// Whether `statusTimeStamp` is the date of the statement.
    pub(super) status_is_issue: bool,
    /// A summary of more days is not one bill.
    pub(super) max_period_days: i64,
    /// Whether the bill's number names its usage point.
    pub(super) name_points: bool,
    /// Today at the provider.
    pub(super) today: NaiveDate,
}

/// What a summary is.
#[derive(Debug)]
pub(super) enum Reading {
    Bill(Box<FetchedBill>),
    /// Not a bill, and not meant to be one: why.
    NoBill(String),
    /// More than one bill: why.
    Span(String),
    /// A bill that cannot be read: why.
    Refused(String),
}

/// The days a summary is for.
struct Period {
    start: NaiveDate,
    end: NaiveDate,
    days: i64,
    /// Tells the bill from others, and stays when the provider's time zone is corrected.
    number: String,
    /// As an earlier release numbered it.
    former_start: NaiveDate,
}

/// Reads a summary.
pub(super) fn read(summary: &Summary, terms: &Terms) -> Reading {
    if let Some(problem) = &summary.problem {
        return Reading::Refused(problem.clone());
    }
    let currency = match currency(summary, terms) {
        Ok(currency) => currency,
        Err(problem) => return Reading::Refused(problem),
    };
    let money = |value: i64| minor(value, terms.money_scale, currency);
    let amount = match total(summary, terms.amount_from) {
        Ok(Total::Of(value)) => value,
        Ok(Total::None) => return Reading::NoBill("no billLastPeriod".into()),
        Err(problem) => return Reading::Refused(problem.words(|value| decimal(value, terms.money_scale))),
    };
    let period = match period(summary, terms.zone) {
        Ok(period) => period,
        Err(problem) => return Reading::Refused(problem),
    };
    if period.days > terms.max_period_days {
        return Reading::Span(format!(
            "the summary for {} to {} covers {} days, which is not one bill (max_period_days is {})",
            period.start, period.end, period.days, terms.max_period_days
        ));
    }
    if period.end > terms.today {
        return Reading::NoBill(format!("the period {} to {} is not over yet", period.start, period.end));
    }
    match complete(summary, terms, currency, &period, money(amount), &money) {
        Ok(bill) => Reading::Bill(Box::new(bill)),
        Err(problem) => Reading::Refused(problem),
    }
}

fn complete(
    summary: &Summary,
    terms: &Terms,
    currency: Currency,
    period: &Period,
    amount: Result<i64, String>,
    money: &dyn Fn(i64) -> Result<i64, String>,
) -> Result<FetchedBill, String> {
    let lines: Result<Vec<FetchedLine>, String> = summary.details.iter().map(|detail| line(detail, money)).collect();
    let mut lines = lines?;
    if let (true, Some(extra @ 1..)) = (lines.is_empty(), summary.cost_additional) {
        lines.push(FetchedLine {
            label: "Additional charges".into(),
            amount: Some(FetchedAmount::Minor { minor: money(extra)? }),
            usage: None,
            kind: Some(LineKind::Charge),
        });
    }
    let issued_on = issued_on(summary, terms, period);
    Ok(FetchedBill {
        number: if terms.name_points { numbered(&period.number, summary) } else { period.number.clone() },
        amount: FetchedAmount::Minor { minor: amount? },
        currency: Some(currency),
        issued_on: Some(issued_on),
        due_on: issued_on.checked_add_days(Days::new(terms.due_days)),
        period_start: Some(period.start),
        period_end: Some(period.end),
        usage: usage(&summary.consumption),
        lines,
        min_amount: None,
        max_amount: None,
        account: None,
        status: None,
        replaces: None,
        former_number: Some(former_number(&summary.source, period.former_start)),
    })
}

fn currency(summary: &Summary, terms: &Terms) -> Result<Currency, String> {
    let Some(text) = summary.currency.as_deref() else { return Ok(terms.currency) };
    let known = match text.parse::<u16>() {
        Ok(0) => Some(terms.currency),
        Ok(code) => Currency::from_numeric(code),
        Err(_) => text.to_uppercase().parse().ok(),
    };
    known.ok_or_else(|| {
        format!("currency: {} is not the numeric code of a currency that is taken", text.chars().take(40).collect::<String>())
    })
}

/// The period, by its own instants alone: other stamps of a summary are those of the download at some utilities.
fn period(summary: &Summary, zone: Tz) -> Result<Period, String> {
    let stamp = summary.start.ok_or("billingPeriod.start: is missing")?;
    let start = instant(stamp).map_err(|problem| format!("billingPeriod.start: {problem}"))?;
    let duration = summary.duration.ok_or("billingPeriod.duration: is missing")?;
    // Where the start is in milliseconds, so is the duration.
    let duration = if stamp.unsigned_abs() > MAX_SECONDS && duration > 10 * 366 * DAY { duration / 1000 } else { duration };
    if duration < DAY / 2 {
        return Err(format!("billingPeriod.duration: {duration} seconds is not a day; a bill is for one day at least"));
    }
    let end = start
        .checked_add_signed(chrono::Duration::try_seconds(duration).ok_or("billingPeriod.duration: is too long")?)
        .filter(|end| chrono::Datelike::year(end) < 2200)
        .ok_or_else(|| format!("billingPeriod.duration: {duration} seconds is too long"))?;
    // The period ends before the instant at which the next one begins.
    let last = end - chrono::Duration::seconds(1);
    // Some write the local midnight as if it were UTC: then it means that day.
    let frame = if start.timestamp().rem_euclid(DAY) == 0 { Tz::UTC } else { zone };
    let days = (duration + DAY / 2).div_euclid(DAY);
    // The midnight in UTC that is next to the start: the same day in any zone, and the same when the zone is corrected.
    let day = DateTime::from_timestamp((start.timestamp() + DAY / 2).div_euclid(DAY) * DAY, 0).unwrap_or(start);
    Ok(Period {
        start: local(start, frame),
        end: local(last, frame),
        days,
        number: format!("{}-{days}", day.format("%Y%m%d")),
        former_start: local(start, zone),
    })
}

/// The last day of the period, or the day of the statement where the settings say that the feed has it.
fn issued_on(summary: &Summary, terms: &Terms, period: &Period) -> NaiveDate {
    let stated = summary.status_at.filter(|_| terms.status_is_issue).and_then(|stamp| instant(stamp).ok());
    let latest = period.end.checked_add_days(Days::new(STATED_WITHIN)).unwrap_or(period.end);
    stated.map(|at| local(at, terms.zone)).filter(|day| (period.start..=latest).contains(day)).unwrap_or(period.end)
}

/// Where several usage points are taken, each has its own bills.
fn numbered(number: &str, summary: &Summary) -> String {
    let parts: Vec<&str> = summary.point.as_deref().unwrap_or_default().split('/').collect();
    // A customer's part of the path stays; that of a subscription changes with the download.
    let name = match parts.as_slice() {
        [.., "RetailCustomer", customer, _, id] => format!("{customer}/{id}"),
        [.., id] if !id.is_empty() => (*id).to_owned(),
        _ => summary.commodity.map(|kind| kind.to_string()).unwrap_or_default(),
    };
    format!("{number}-{}", &hex::encode(Sha256::digest(name.as_bytes()))[..8])
}

/// The number that releases before 0.2 made of the period's first day and the entry's address.
fn former_number(source: &str, period_start: NaiveDate) -> String {
    let digest = hex::encode(Sha256::digest(source.as_bytes()));
    format!("{}-{}", period_start.format("%Y%m%d"), &digest[..10])
}

fn instant(stamp: i64) -> Result<DateTime<Utc>, String> {
    let at = if stamp.unsigned_abs() > MAX_SECONDS { DateTime::from_timestamp_millis(stamp) } else { DateTime::from_timestamp(stamp, 0) };
    // Smart meters are younger than that, and so is this program.
    at.filter(|at| (1990..2200).contains(&chrono::Datelike::year(at)))
        .ok_or_else(|| format!("{stamp} is not a time stamp in seconds (or milliseconds) since 1970 that makes sense"))
}

fn local(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// An amount of the feed as a decimal, for messages.
fn decimal(value: i64, scale: u32) -> String {
    Decimal::try_from_i128_with_scale(i128::from(value), scale).map_or_else(|_| value.to_string(), |amount| amount.normalize().to_string())
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

fn line(detail: &Detail, money: &dyn Fn(i64) -> Result<i64, String>) -> Result<FetchedLine, String> {
    let amount = detail.amount.map(money).transpose()?.map(|minor| FetchedAmount::Minor { minor });
    // What has no amount only informs, whatever kind the feed says, and so does a total.
    let informs = amount.is_none() || is_total(&detail.note);
    let kind = if informs { Some(LineKind::Information) } else { detail.kind.and_then(line_kind) };
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
