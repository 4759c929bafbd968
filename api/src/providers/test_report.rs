//! What trying a provider out came to.

use async_graphql::SimpleObject;
use billow_billing::amounts::minor_units;
use billow_billing::fetching::{ProviderTestReport as Report, TestedBill as Tested};
use billow_billing::ports::{Exchange as Made, FetchedAmount};
use billow_entities::Currency;

use crate::bills::bill::{BillLine, Usage};
use crate::scalars::{Date, Json, count};
use crate::types::{FetchOutcome, Money};

/// What trying a provider out came to. Nothing was stored.
#[derive(SimpleObject)]
pub(crate) struct ProviderTestReport {
    /// The answer.
    outcome: FetchOutcome,
    /// What the provider answered instead of bills, and which bills could not be read.
    message: Option<String>,
    /// What would be taken and deserves a second look: amounts far from the usual ones, and entries that are no bills.
    warnings: Vec<String>,
    /// How long it took, in milliseconds.
    duration_ms: i32,
    /// The bills that came, each with what is wrong with it.
    bills: Vec<TestedBill>,
    /// Prepaid: what can be bought, as the mapping yielded it.
    plans: Option<Json>,
    /// Prepaid: the plan in force, as the mapping yielded it.
    prepaid: Option<Json>,
    /// Requests and answers, secrets masked.
    exchanges: Vec<Exchange>,
}

impl ProviderTestReport {
    pub(crate) fn of(report: Report, currency: Option<Currency>) -> Self {
        let json = |value: serde_json::Result<serde_json::Value>| value.ok().map(Json);
        Self {
            outcome: report.outcome.into(),
            message: report.message,
            warnings: report.warnings,
            duration_ms: count(report.duration_ms),
            bills: report.bills.into_iter().map(|bill| TestedBill::of(bill, currency)).collect(),
            plans: report.plans.and_then(|plans| json(serde_json::to_value(plans))),
            prepaid: report.prepaid.and_then(|prepaid| json(serde_json::to_value(prepaid))),
            exchanges: report.exchanges.into_iter().map(Exchange::of).collect(),
        }
    }
}

/// A bill that came while a provider was tried out.
#[derive(SimpleObject)]
pub(crate) struct TestedBill {
    /// The provider's number for it.
    number: String,
    /// What is to be paid; null where it cannot be read.
    amount: Option<Money>,
    /// When it is due.
    due_on: Option<Date>,
    /// When it was issued.
    issued_on: Option<Date>,
    /// What it is made of.
    lines: Vec<BillLine>,
    /// Why it would be refused; empty when it would be taken.
    problems: Vec<String>,
    /// As the mapping yielded it.
    raw: Json,
}

impl TestedBill {
    fn of(tested: Tested, currency: Option<Currency>) -> Self {
        let raw = Json(serde_json::to_value(&tested.fetched).unwrap_or_default());
        let bill = tested.fetched;
        let currency = bill.currency.or(currency);
        let money = |amount: &FetchedAmount| {
            let currency = currency?;
            Some(Money(billow_entities::Money::new(minor_units(amount, currency).ok()?, currency)))
        };
        let lines = bill.lines.into_iter().map(|line| BillLine {
            amount: line.amount.as_ref().and_then(money),
            label: line.label,
            usage: line.usage.map(Usage::from),
            kind: line.kind.map(Into::into),
        });
        Self {
            amount: money(&bill.amount),
            lines: lines.collect(),
            number: bill.number,
            due_on: bill.due_on.map(Date),
            issued_on: bill.issued_on.map(Date),
            problems: tested.problems,
            raw,
        }
    }
}

/// One request and its answer, secrets masked.
#[derive(SimpleObject)]
pub(crate) struct Exchange {
    /// The step's name.
    step: String,
    /// The method and the address.
    request_line: String,
    /// Headers.
    request_headers: Vec<Header>,
    /// Body, cut where it is long.
    request_body: Option<String>,
    /// The answer's status; null where there was no answer.
    status: Option<i32>,
    /// The answer's body, cut where it is long.
    response_body: Option<String>,
    /// How long it took, in milliseconds.
    duration_ms: i32,
    /// What went wrong, in words.
    problem: Option<String>,
}

impl Exchange {
    fn of(made: Made) -> Self {
        Self {
            step: made.step,
            request_line: made.request_line,
            request_headers: made.request_headers.into_iter().map(|(name, value)| Header { name, value }).collect(),
            request_body: made.request_body,
            status: made.status.map(i32::from),
            response_body: made.response_body,
            duration_ms: count(made.duration_ms),
            problem: made.problem,
        }
    }
}

/// A header.
#[derive(SimpleObject)]
pub(crate) struct Header {
    /// Its name.
    name: String,
    /// Its value.
    value: String,
}
