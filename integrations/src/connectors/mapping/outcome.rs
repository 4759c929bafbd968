//! What a program says came of a fetch.

use billow_billing::ports::{FetchedBill, PlanOffer, PrepaidStatus, RefusedBill};
use serde_json::Value;

use super::MAX_BILLS;
use super::bill::{ReadBills, read_bills, read_plans, read_prepaid};
use super::reader::{Object, shown, text};

/// The longest wait a mapping can ask for.
const MAX_RETRY_AFTER_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// The result of an outcome program.
#[derive(Debug, PartialEq)]
pub(in crate::connectors) struct Mapped {
    pub(in crate::connectors) kind: Kind,
    pub(in crate::connectors) bills: Vec<FetchedBill>,
    /// Bills that could not be read.
    pub(in crate::connectors) refused: Vec<RefusedBill>,
    pub(in crate::connectors) message: Option<String>,
    pub(in crate::connectors) retry_after_ms: Option<u64>,
    pub(in crate::connectors) prepaid: Option<PrepaidStatus>,
    pub(in crate::connectors) plans: Option<Vec<PlanOffer>>,
}

/// The outcomes a program can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connectors) enum Kind {
    Bills,
    NoneDue,
    NotFound,
    NeedsCustomer,
    Pending,
    Retryable,
    Broken,
}

const KINDS: &[(&str, Kind)] = &[
    ("BILLS", Kind::Bills),
    ("NONE_DUE", Kind::NoneDue),
    ("NOT_FOUND", Kind::NotFound),
    ("NEEDS_CUSTOMER", Kind::NeedsCustomer),
    ("PENDING", Kind::Pending),
    ("RETRYABLE", Kind::Retryable),
    ("BROKEN", Kind::Broken),
];

/// Reads what an outcome program yielded.
pub(in crate::connectors) fn read_outcome(value: &Value) -> Result<Mapped, String> {
    let fields = ["outcome", "bills", "message", "retry_after_ms", "prepaid", "plans"];
    let outcome = Object::of(value, "", "an outcome", &fields).map_err(|problem| problem.trim_start_matches(": ").to_owned())?;
    let kind = outcome.required("outcome", |value| {
        let found = value.as_str().and_then(|text| KINDS.iter().find(|(word, _)| *word == text));
        found.map(|(_, kind)| *kind).ok_or_else(|| {
            let words: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
            format!("{} is not one of {}", shown(value), words.join(", "))
        })
    })?;
    let bills = outcome.value("bills").map_or(Ok(ReadBills::default()), |bills| read_bills(bills, "bills", MAX_BILLS))?;
    let kind = match kind {
        // A mapping over an empty list has nothing due.
        Kind::Bills if bills.is_empty() => Kind::NoneDue,
        kind => kind,
    };
    if kind != Kind::Bills && !bills.is_empty() {
        return Err("bills: are only for the outcome BILLS".into());
    }
    let prepaid = outcome.value("prepaid").map(|value| read_prepaid(value, "prepaid")).transpose()?;
    Ok(Mapped {
        kind,
        bills: bills.bills,
        refused: bills.refused,
        message: outcome.optional("message", text)?,
        retry_after_ms: outcome.optional("retry_after_ms", |value| {
            let ms = value.as_u64().filter(|ms| *ms <= MAX_RETRY_AFTER_MS);
            ms.ok_or_else(|| format!("{} is not a number of milliseconds up to a week", shown(value)))
        })?,
        prepaid,
        plans: read_plans(&outcome)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn outcomes_are_read() {
        let mapped = read_outcome(&json!({
            "outcome": "BILLS", "bills": [{"number": "1", "amount": "1"}], "prepaid": {"plan_code": "P", "expires_on": "2026-12-01", "balance": "3"},
            "plans": [{"code": "P", "name": "Plan", "price": {"minor": 100}, "validity_days": 28, "benefits": ["1 GB"]}],
        }));
        let mapped = mapped.expect("an outcome");
        assert_eq!((mapped.kind, mapped.bills.len(), mapped.plans.map(|p| p.len())), (Kind::Bills, 1, Some(1)));
        assert_eq!(read_outcome(&json!({"outcome": "BILLS", "bills": []})).map(|m| m.kind), Ok(Kind::NoneDue));
        let partly = read_outcome(&json!({"outcome": "BILLS", "bills": [{"number": "1"}]})).expect("an outcome");
        assert_eq!((partly.kind, partly.bills.len(), partly.refused[0].problem.as_str()), (Kind::Bills, 0, "bills[0].amount: is missing"));
        assert_eq!(read_outcome(&json!({"outcome": "RETRYABLE", "retry_after_ms": 5000})).map(|m| m.retry_after_ms), Ok(Some(5000)));
    }

    #[test]
    fn what_is_not_an_outcome_says_why() {
        for (value, words) in [
            (json!("BILLS"), "'BILLS' is not an outcome"),
            (json!({"bills": []}), "outcome: is missing"),
            (
                json!({"outcome": "FINE"}),
                "outcome: 'FINE' is not one of BILLS, NONE_DUE, NOT_FOUND, NEEDS_CUSTOMER, PENDING, RETRYABLE, BROKEN",
            ),
            (
                json!({"outcome": "NONE_DUE", "bill": 1}),
                "bill: is not a field of an outcome; there are outcome, bills, message, retry_after_ms, prepaid, plans",
            ),
            (json!({"outcome": "NONE_DUE", "bills": [{"number": "1", "amount": "1"}]}), "bills: are only for the outcome BILLS"),
            (json!({"outcome": "PENDING", "retry_after_ms": -1}), "retry_after_ms: -1 is not a number of milliseconds up to a week"),
            (
                json!({"outcome": "NONE_DUE", "plans": [{"code": "a", "name": "b", "price": "1", "validity_days": 0}]}),
                "plans[0].validity_days: 0 is not a number of days from 1 to 3660",
            ),
        ] {
            assert_eq!(read_outcome(&value).expect_err(words), words);
        }
    }
}
