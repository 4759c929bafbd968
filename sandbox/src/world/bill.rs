//! Pretend bills. Everything about one follows from the account number and the month, so that runs can be repeated.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::provider::{Provider, Tariff};

/// A bill as the pretend company has it in its books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Stays the same when the bill is corrected.
    pub number: String,
    /// In cents.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// When it is due.
    pub due_on: NaiveDate,
    /// First day billed for.
    pub period_start: NaiveDate,
    /// Last day billed for.
    pub period_end: NaiveDate,
    /// What was used, in tenths of the unit.
    pub usage_tenths: i64,
    /// The unit of the usage.
    pub unit: String,
    /// Adds up to the amount.
    pub lines: Vec<Line>,
    /// Where it stands.
    pub status: BillStatus,
    /// Counts corrections, from 1.
    pub revision: u32,
}

/// A line of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What for.
    pub label: String,
    /// In cents.
    pub amount_minor: i64,
    /// What sort.
    pub kind: LineKind,
}

/// What sort of line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LineKind {
    /// For what was used.
    Usage,
    /// For being connected.
    Fixed,
    /// For the state.
    Tax,
    /// In the customer's favour.
    Credit,
}

/// Where a bill stands at the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BillStatus {
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// Withdrawn.
    Cancelled,
}

impl Bill {
    /// The usage as a decimal.
    #[must_use]
    pub fn usage(&self) -> String {
        format!("{}.{}", self.usage_tenths / 10, self.usage_tenths % 10)
    }

    /// Changes the amount, and the lines and the usage with it.
    pub(crate) fn reprice(&mut self, provider: Provider, account: &str, amount_minor: i64) {
        self.amount_minor = amount_minor;
        (self.lines, self.usage_tenths) = compose(provider.tariff(), amount_minor, dice(account, self.period_start));
    }
}

/// A bill for the month that begins with `period_start`.
pub(crate) fn make(
    provider: Provider,
    account: &str,
    period_start: NaiveDate,
    issued_on: NaiveDate,
    amount_minor: Option<i64>,
    nth: u32,
) -> Bill {
    let tariff = provider.tariff();
    let luck = dice(account, period_start);
    let amount_minor = amount_minor.unwrap_or_else(|| seasonal(tariff, account, period_start, luck));
    let (lines, usage_tenths) = compose(tariff, amount_minor, luck);
    Bill {
        number: number(provider, account, period_start, nth),
        amount_minor,
        currency: provider.currency().to_owned(),
        issued_on,
        due_on: issued_on + Days::new(tariff.due_days),
        period_start,
        period_end: period_start.checked_add_months(Months::new(1)).and_then(|d| d.pred_opt()).unwrap_or(period_start),
        usage_tenths,
        unit: tariff.unit.to_owned(),
        lines,
        status: BillStatus::Open,
        revision: 1,
    }
}

/// The first day of the month of `date`, so many months back.
pub(crate) fn month_back(date: NaiveDate, back: u32) -> NaiveDate {
    let first = date.with_day(1).unwrap_or(date);
    first.checked_sub_months(Months::new(back)).unwrap_or(first)
}

fn number(provider: Provider, account: &str, period: NaiveDate, nth: u32) -> String {
    let digits: String = account.chars().filter(char::is_ascii_digit).collect();
    let tail = &digits[digits.len().saturating_sub(8)..];
    let (year, month) = (period.year(), period.month());
    let mut number = match provider {
        Provider::Voltara => format!("R{year}{month:02}-{tail}"),
        Provider::Ringo => format!("RNG{year}{month:02}{tail}"),
        Provider::Gasline => format!("GL/{year}/{month:02}/{tail}"),
        Provider::Aquaria => format!("A-{year}{month:02}-{tail}"),
        Provider::Chirp => format!("C{year}{month:02}{tail}"),
        Provider::Greenwatt => format!("GW{year}{month:02}{tail}"),
    };
    if nth > 1 {
        number.push_str(&format!("-{nth}"));
    }
    number
}

/// A number that looks random and is always the same for the same account and month (FNV-1a).
pub(crate) fn dice(account: &str, period: NaiveDate) -> u64 {
    let seed = account.bytes().chain(period.num_days_from_ce().to_le_bytes());
    let hash = seed.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    // FNV mixes its low bits poorly over short inputs.
    hash ^ (hash >> 29)
}

/// `lucky` mapped evenly to `low..high`.
fn between(lucky: u64, low: i64, high: i64) -> i64 {
    low + i64::try_from(lucky % u64::try_from(high - low).unwrap_or(1)).unwrap_or(0)
}

fn seasonal(tariff: &Tariff, account: &str, period: NaiveDate, luck: u64) -> i64 {
    // Some households are larger than others, and no two Januaries are alike.
    let household = between(dice(account, NaiveDate::MIN), 700, 1500);
    let weather = between(luck, 920, 1080);
    tariff.typical_minor * tariff.season[period.month0() as usize] / 1000 * household / 1000 * weather / 1000
}

/// Splits a total into lines that add up to it, and says what must have been used.
fn compose(tariff: &Tariff, total: i64, luck: u64) -> (Vec<Line>, i64) {
    let [used, fixed, tax, bonus] = tariff.labels;
    let line = |label: &str, amount_minor, kind| Line { label: label.to_owned(), amount_minor, kind };
    if total <= 0 {
        return (vec![line(used, total, LineKind::Usage)], 0);
    }
    let tax_minor = (total * tariff.tax_percent + (100 + tariff.tax_percent) / 2) / (100 + tariff.tax_percent);
    let net = total - tax_minor;
    let fixed_minor = tariff.fixed_minor.min(net / 2);
    let bonus_minor = if luck.is_multiple_of(6) && total > 2_000 { 300 } else { 0 };
    let used_minor = net - fixed_minor + bonus_minor;
    let mut lines = vec![line(used, used_minor, LineKind::Usage)];
    if fixed_minor != 0 {
        lines.push(line(fixed, fixed_minor, LineKind::Fixed));
    }
    if bonus_minor != 0 {
        lines.push(line(bonus, -bonus_minor, LineKind::Credit));
    }
    if tax_minor != 0 {
        lines.push(line(tax, tax_minor, LineKind::Tax));
    }
    (lines, used_minor * 1000 / tariff.unit_price_centi)
}

/// Cents as a decimal with two places.
pub(crate) fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}
