//! Nothing a connector yields is believed: a bill becomes content only when everything about it is plausible. Pure: what
//! is needed to judge is an argument, and every refusal says in an operator's words what was found and what is wrong.

use std::fmt;

use billow_entities::{Currency, Money};
use billow_kernel::amounts::FetchedAmount;
use billow_kernel::amounts::{decimal, minor_units, shortened};
use billow_kernel::identifiers::normalize_identifier;
use chrono::{Days, NaiveDate};

use super::content::{BillContent, BillLine};
use crate::connector::{FetchedBill, FetchedLine, FetchedStatus, LineKind, Usage};
use crate::providers::ProviderDefinition;

/// Characters a bill's number may have.
pub const MAX_NUMBER: usize = 100;
/// Lines a bill may have.
pub const MAX_LINES: usize = 200;
/// Characters a line's label may have.
pub const MAX_LABEL: usize = 200;
/// Characters a unit may have.
pub const MAX_UNIT: usize = 20;
/// A bill so many times its usual amount, or such a part of it, is unusual.
const UNUSUAL: i64 = 10;
/// Years a date may lie away from today.
const MAX_YEARS: i64 = 50;

/// Why a bill is refused.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// For programs, in upper case.
    pub code: &'static str,
    /// The field of the fetched bill.
    pub field: String,
    /// In words for an operator.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A bill that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What it says.
    pub content: BillContent,
    /// What the provider says has become of it.
    pub status: Option<FetchedStatus>,
    /// The number of the bill it replaces.
    pub replaces: Option<String>,
    /// The number an earlier release made for it.
    pub former_number: Option<String>,
    /// What the account's bills usually come to, where this one is far from it.
    pub usual_minor: Option<i64>,
}

/// Judges a bill.
///
/// `identifier` is the account's at the provider (none for bills recorded by hand), `today` the provider's day,
/// `usual` what the account's bills usually come to, where that is known.
///
/// # Errors
/// Everything that is wrong with it.
pub fn accept(
    bill: &FetchedBill,
    definition: &ProviderDefinition,
    identifier: Option<&str>,
    today: NaiveDate,
    usual: Option<i64>,
) -> Result<Accepted, Vec<Problem>> {
    let mut judge = Judge { problems: Vec::new(), currency: definition.currency };
    let number = judge.text("number", &bill.number, MAX_NUMBER);
    judge.account(bill, identifier);
    judge.currency(bill.currency);
    // A negative amount is a credit.
    let amount = judge.minor("amount", &bill.amount);
    let min_amount = bill.min_amount.as_ref().and_then(|a| judge.amount("min_amount", a));
    let max_amount = bill.max_amount.as_ref().and_then(|a| judge.amount("max_amount", a));
    judge.bounds(amount, min_amount, max_amount);
    judge.dates(bill, today);
    let usage = bill.usage.as_ref().and_then(|u| judge.usage("usage", u));
    let lines = judge.lines(&bill.lines);
    if let Some(amount) = amount {
        judge.plausible(amount, definition.limits.max_amount_minor);
        judge.scale_of_lines(amount, &lines);
    }
    let replaces = bill.replaces.as_deref().map(|r| judge.text("replaces", r, MAX_NUMBER));
    if replaces.as_deref() == Some(&number) {
        judge.add("INVALID", "replaces", format!("bill {number} says that it replaces itself"));
    }
    if !judge.problems.is_empty() {
        return Err(judge.problems);
    }
    let content = BillContent {
        number,
        currency: definition.currency,
        amount_minor: amount.unwrap_or_default(),
        min_amount_minor: min_amount,
        max_amount_minor: max_amount,
        issued_on: bill.issued_on,
        due_on: bill.due_on,
        period_start: bill.period_start,
        period_end: bill.period_end,
        usage,
        lines,
    };
    let usual_minor = usual.filter(|usual| is_unusual(content.amount_minor, *usual));
    Ok(Accepted { content, status: bill.status, replaces, former_number: bill.former_number.clone(), usual_minor })
}

/// Whether an amount is far from what is usual. Credits and bills of zero are not compared.
#[must_use]
pub fn is_unusual(amount: i64, usual: i64) -> bool {
    is_off(amount, usual, UNUSUAL)
}

/// Whether one of two positive amounts is `times` the other or more.
#[must_use]
pub(crate) fn is_off(amount: i64, usual: i64, times: i64) -> bool {
    let (amount, usual, times) = (i128::from(amount), i128::from(usual), i128::from(times));
    amount > 0 && usual > 0 && (amount >= usual * times || amount * times <= usual)
}

/// What a bill comes to, for messages.
pub(super) fn money_of(content: &BillContent) -> Money {
    Money::new(content.amount_minor, content.currency)
}

/// A field's name as it is said.
fn words(field: &str) -> String {
    match field.strip_prefix("lines.").and_then(|rest| rest.split_once('.')) {
        Some((at, name)) => format!("{} of line {}", words(name), at.parse::<usize>().map_or(0, |at| at + 1)),
        None => field.replace(['_', '.'], " "),
    }
}

struct Judge {
    problems: Vec<Problem>,
    currency: Currency,
}

impl Judge {
    fn add(&mut self, code: &'static str, field: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem { code, field: field.into(), message: message.into() });
    }

    fn text(&mut self, field: &str, value: &str, max: usize) -> String {
        // Plain numbers stay as they always were: they say which bill it is.
        let value = billow_kernel::text::cleaned(value);
        let value = if field != "number" || value.chars().any(char::is_control) { fold(&value) } else { value };
        let length = value.chars().count();
        let name = words(field);
        if value.is_empty() {
            self.add("REQUIRED", field, format!("the {name} is blank"));
        } else if length > max {
            self.add("TOO_LONG", field, format!("the {name} has {length} characters, at most {max} are taken"));
        } else if value.chars().any(char::is_control) {
            self.add("INVALID", field, format!("the {name} has control characters"));
        }
        value
    }

    /// A text that only people read: control characters count as white space.
    fn prose(&mut self, field: &str, value: &str, max: usize) -> String {
        let plain: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.text(field, &plain, max)
    }

    fn account(&mut self, bill: &FetchedBill, identifier: Option<&str>) {
        let (Some(named), Some(own)) = (bill.account.as_deref(), identifier) else { return };
        if normalize_identifier(named) != normalize_identifier(own) {
            // The other account's identifier is somebody else's: it is not repeated here.
            self.add("OTHER_ACCOUNT", "account", "the provider answered with a bill of another account");
        }
    }

    fn currency(&mut self, stated: Option<Currency>) {
        if let Some(stated) = stated.filter(|c| *c != self.currency) {
            let wanted = self.currency;
            self.add("WRONG_CURRENCY", "currency", format!("the bill is in {stated}, the provider is registered with {wanted}"));
        }
    }

    fn minor(&mut self, field: &str, amount: &FetchedAmount) -> Option<i64> {
        match minor_units(amount, self.currency) {
            Ok(minor) => Some(minor),
            Err((code, message)) => {
                self.add(code, field, format!("the {} {message}", words(field)));
                None
            }
        }
    }

    fn amount(&mut self, field: &str, amount: &FetchedAmount) -> Option<i64> {
        let minor = self.minor(field, amount)?;
        if minor < 0 {
            self.add("NEGATIVE", field, format!("the {}, {}, is negative", words(field), Money::new(minor, self.currency)));
            return None;
        }
        Some(minor)
    }

    fn bounds(&mut self, amount: Option<i64>, min: Option<i64>, max: Option<i64>) {
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let (min, max) = (self.money(min), self.money(max));
            self.add("INCONSISTENT", "min_amount", format!("the minimum, {min}, is more than the maximum, {max}"));
        }
        if let (Some(min), Some(amount)) = (min, amount)
            && min > amount.max(0)
        {
            let (min, amount) = (self.money(min), self.money(amount));
            self.add("INCONSISTENT", "min_amount", format!("the minimum, {min}, is more than the bill, {amount}"));
        }
    }

    fn dates(&mut self, bill: &FetchedBill, today: NaiveDate) {
        let named =
            [("issued_on", bill.issued_on), ("due_on", bill.due_on), ("period_start", bill.period_start), ("period_end", bill.period_end)];
        for (field, date) in named {
            if let Some(date) = date.filter(|d| d.signed_duration_since(today).num_days().abs() > MAX_YEARS * 366) {
                self.add("IMPLAUSIBLE_DATE", field, format!("the date {date} of {} is more than {MAX_YEARS} years away", words(field)));
            }
        }
        if let (Some(due), Some(issued)) = (bill.due_on, bill.issued_on)
            && due < issued
        {
            self.add("DUE_BEFORE_ISSUE", "due_on", format!("the bill is due on {due}, before it was issued on {issued}"));
        }
        // A day's grace: the provider may be ahead of its own time zone.
        if let Some(issued) = bill.issued_on.filter(|d| *d > today.checked_add_days(Days::new(1)).unwrap_or(today)) {
            self.add("ISSUED_IN_FUTURE", "issued_on", format!("the bill was issued on {issued}, and today is {today}"));
        }
        if let (Some(start), Some(end)) = (bill.period_start, bill.period_end)
            && end < start
        {
            self.add("PERIOD_REVERSED", "period_end", format!("the period ends on {end}, before it begins on {start}"));
        }
    }

    fn usage(&mut self, field: &str, usage: &Usage) -> Option<Usage> {
        let unit = self.prose(&format!("{field}.unit"), &usage.unit, MAX_UNIT);
        let text = usage.value.trim();
        let Some(value) = decimal(text) else {
            let message = format!("the {} “{}” is not a decimal number such as 12.5", words(field), shortened(text));
            self.add("NOT_A_NUMBER", format!("{field}.value"), message);
            return None;
        };
        Some(Usage { value: value.normalize().to_string(), unit })
    }

    fn lines(&mut self, lines: &[FetchedLine]) -> Vec<BillLine> {
        if lines.len() > MAX_LINES {
            self.add("TOO_MANY_LINES", "lines", format!("the bill has {} lines, at most {MAX_LINES} are taken", lines.len()));
            return Vec::new();
        }
        let mut out = Vec::with_capacity(lines.len());
        for (at, line) in lines.iter().enumerate() {
            let field = |name: &str| format!("lines.{at}.{name}");
            let label = self.prose(&field("label"), &line.label, MAX_LABEL);
            let amount_minor = line.amount.as_ref().and_then(|a| self.minor(&field("amount"), a));
            let usage = line.usage.as_ref().and_then(|u| self.usage(&field("usage"), u));
            let kind = line.kind.unwrap_or(match amount_minor {
                None => LineKind::Information,
                Some(minor) if minor < 0 => LineKind::Credit,
                Some(_) => LineKind::Charge,
            });
            out.push(BillLine { label, kind, amount_minor, usage });
        }
        out
    }

    fn plausible(&mut self, amount: i64, most: i64) {
        if amount.unsigned_abs() > most.unsigned_abs() {
            let (amount, most) = (self.money(amount), self.money(most));
            let message = format!("{amount} is more than {most}, the limit for bills of this provider (limits.max_amount_minor)");
            self.add("TOO_MUCH", "amount", message);
        }
    }

    /// A mapping that forgot to scale the amount, or scaled it twice, is off from its own lines by the same factor.
    fn scale_of_lines(&mut self, amount: i64, lines: &[BillLine]) {
        let sum = |payments: bool| -> i128 {
            let counted = |line: &&BillLine| line.kind != LineKind::Information && (payments || line.kind != LineKind::Payment);
            lines.iter().filter(counted).filter_map(|l| l.amount_minor).map(i128::from).sum()
        };
        let amount = i128::from(amount);
        let own = 10_i128.pow(u32::from(self.currency.exponent()));
        for sum in [sum(true), sum(false)].into_iter().filter(|s| *s > 0 && amount > 0) {
            if let Some(factor) = [own, 100].into_iter().filter(|f| *f > 1).find(|f| amount == sum * f || amount * f == sum) {
                let money = |minor: i128| Money::new(i64::try_from(minor).unwrap_or(i64::MAX), self.currency);
                let message = format!("the amount, {}, is {factor} times off from the sum of its lines, {}", money(amount), money(sum));
                self.add("OTHER_SCALE", "amount", message);
                return;
            }
        }
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

/// White space of any sort, line breaks included, becomes one blank.
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')).filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests;
