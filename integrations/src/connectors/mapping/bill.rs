//! Bills, lines, plans and what is in them.

use billow_billing::ports::{
    FetchedAmount, FetchedBill, FetchedLine, FetchedStatus, LineKind, PlanOffer, PrepaidStatus, RefusedBill, Usage,
};
use billow_entities::Currency;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

use super::reader::{Object, shown, text};

const BILL_FIELDS: &[&str] = &[
    "number",
    "amount",
    "currency",
    "issued_on",
    "due_on",
    "period_start",
    "period_end",
    "usage",
    "lines",
    "min_amount",
    "max_amount",
    "account",
    "status",
    "replaces",
];
const LINE_FIELDS: &[&str] = &["label", "amount", "usage", "kind"];
const USAGE_FIELDS: &[&str] = &["value", "unit"];
const MAX_LINES: usize = 200;
const MAX_PLANS: usize = 500;
const MAX_BENEFITS: usize = 30;

/// The bills of a list, and those of it that could not be read.
#[derive(Debug, Default, PartialEq)]
pub(in crate::connectors) struct ReadBills {
    pub(in crate::connectors) bills: Vec<FetchedBill>,
    pub(in crate::connectors) refused: Vec<RefusedBill>,
}

impl ReadBills {
    pub(in crate::connectors) fn is_empty(&self) -> bool {
        self.bills.is_empty() && self.refused.is_empty()
    }

    /// Takes a bill, or why there is none; `value` is what it was read from.
    pub(in crate::connectors) fn take(&mut self, value: &Value, read: Result<FetchedBill, String>) {
        match read {
            Ok(bill) => self.bills.push(bill),
            Err(problem) => {
                let at = self.bills.len() + self.refused.len();
                let number = value.get("number").and_then(|number| text(number).ok());
                self.refused.push(RefusedBill { at, number, problem });
            }
        }
    }
}

/// Reads a list of at most `most` bills, each by itself.
pub(in crate::connectors) fn read_bills(value: &Value, path: &str, most: usize) -> Result<ReadBills, String> {
    let Some(items) = value.as_array() else { return Err(format!("{path}: {} is not a list of bills", shown(value))) };
    if items.len() > most {
        return Err(format!("{path}: has {} bills; at most {most} are taken at once", items.len()));
    }
    let mut out = ReadBills::default();
    for (at, item) in items.iter().enumerate() {
        out.take(item, read_bill(item, &format!("{path}[{at}]")));
    }
    Ok(out)
}

/// Reads one bill.
pub(in crate::connectors) fn read_bill(value: &Value, path: &str) -> Result<FetchedBill, String> {
    let bill = Object::of(value, path, "a bill", BILL_FIELDS)?;
    let period_start = bill.optional("period_start", date)?;
    let period_end = bill.optional("period_end", date)?;
    if let (Some(start), Some(end)) = (period_start, period_end)
        && end < start
    {
        return Err(format!("{}: {end} is before the period's start, {start}", bill.at("period_end")));
    }
    Ok(FetchedBill {
        number: bill.required("number", text)?,
        amount: bill.required("amount", amount)?,
        currency: bill.optional("currency", currency)?,
        issued_on: bill.optional("issued_on", date)?,
        due_on: bill.optional("due_on", date)?,
        period_start,
        period_end,
        usage: usage(&bill)?,
        lines: bill.list("lines", MAX_LINES, read_line)?,
        min_amount: bill.optional("min_amount", amount)?,
        max_amount: bill.optional("max_amount", amount)?,
        account: bill.optional("account", text)?,
        status: bill.optional("status", |value| {
            word(value, &[("OPEN", FetchedStatus::Open), ("PAID", FetchedStatus::Paid), ("CANCELLED", FetchedStatus::Cancelled)])
        })?,
        replaces: bill.optional("replaces", text)?,
        former_number: None,
    })
}

fn read_line(value: &Value, path: &str) -> Result<FetchedLine, String> {
    let line = Object::of(value, path, "a line of a bill", LINE_FIELDS)?;
    Ok(FetchedLine {
        label: line.required("label", text)?,
        amount: line.optional("amount", amount)?,
        usage: usage(&line)?,
        kind: line.optional("kind", |value| {
            let kinds = [
                ("CHARGE", LineKind::Charge),
                ("FEE", LineKind::Fee),
                ("TAX", LineKind::Tax),
                ("CREDIT", LineKind::Credit),
                ("PAYMENT", LineKind::Payment),
                ("INFORMATION", LineKind::Information),
            ];
            word(value, &kinds)
        })?,
    })
}

fn usage(object: &Object<'_>) -> Result<Option<Usage>, String> {
    let Some(value) = object.value("usage") else { return Ok(None) };
    let usage = Object::of(value, &object.at("usage"), "a usage", USAGE_FIELDS)?;
    Ok(Some(Usage { value: usage.required("value", decimal)?, unit: usage.required("unit", text)? }))
}

/// Reads what a prepaid account has left.
pub(super) fn read_prepaid(value: &Value, path: &str) -> Result<PrepaidStatus, String> {
    let status = Object::of(value, path, "a prepaid status", &["plan_code", "expires_on", "balance"])?;
    Ok(PrepaidStatus {
        plan_code: status.optional("plan_code", text)?,
        expires_on: status.optional("expires_on", date)?,
        balance: status.optional("balance", amount)?,
    })
}

/// Reads the plans on offer.
pub(super) fn read_plans(object: &Object<'_>) -> Result<Option<Vec<PlanOffer>>, String> {
    if object.value("plans").is_none() {
        return Ok(None);
    }
    object.list("plans", MAX_PLANS, read_plan).map(Some)
}

fn read_plan(value: &Value, path: &str) -> Result<PlanOffer, String> {
    let plan = Object::of(value, path, "a plan", &["code", "name", "price", "validity_days", "description", "benefits"])?;
    Ok(PlanOffer {
        code: plan.required("code", text)?,
        name: plan.required("name", text)?,
        price: plan.required("price", amount)?,
        validity_days: plan.required("validity_days", |value| {
            let days = value.as_i64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
            days.and_then(|days| i32::try_from(days).ok())
                .filter(|days| (1..=3660).contains(days))
                .ok_or_else(|| format!("{} is not a number of days from 1 to 3660", shown(value)))
        })?,
        description: plan.optional("description", text)?,
        benefits: plan.list("benefits", MAX_BENEFITS, |value, path| text(value).map_err(|problem| format!("{path}: {problem}")))?,
    })
}

fn word<T: Copy>(value: &Value, choices: &[(&str, T)]) -> Result<T, String> {
    let found = value.as_str().and_then(|text| choices.iter().find(|(word, _)| *word == text));
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        format!("{} is not one of {}", shown(value), words.join(", "))
    })
}

fn date(value: &Value) -> Result<NaiveDate, String> {
    let read =
        value.as_str().map(str::trim).filter(|text| text.len() == 10).and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    read.ok_or_else(|| format!("{} is not a date of the form YYYY-MM-DD", shown(value)))
}

fn currency(value: &Value) -> Result<Currency, String> {
    let text = value.as_str().unwrap_or_default();
    text.parse().map_err(|problem| format!("{} is not a currency: {problem}", shown(value)))
}

/// A decimal as text; a number in JSON counts as its shortest decimal form.
fn decimal(value: &Value) -> Result<String, String> {
    let wrong = || format!("{} is not a decimal number such as 12.30", shown(value));
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err(wrong()),
    };
    let plain = text.strip_prefix('-').unwrap_or(&text);
    let digits = plain.starts_with(|c: char| c.is_ascii_digit())
        && plain.ends_with(|c: char| c.is_ascii_digit())
        && plain.chars().all(|c| c.is_ascii_digit() || c == '.')
        && plain.matches('.').count() <= 1;
    if !digits || Decimal::from_str_exact(&text).is_err() {
        return Err(wrong());
    }
    Ok(text)
}

fn amount(value: &Value) -> Result<FetchedAmount, String> {
    let Some(object) = value.as_object() else {
        return decimal(value)
            .map(FetchedAmount::Decimal)
            .map_err(|_| format!("{} is not an amount: write a decimal as text such as \"12.30\", or {{\"minor\": 1230}}", shown(value)));
    };
    let minor = object.get("minor").and_then(whole).filter(|_| object.len() == 1);
    minor
        .map(|minor| FetchedAmount::Minor { minor })
        .ok_or_else(|| "is not an amount in minor units, which has the form {\"minor\": 1230} with a whole number".into())
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_bill() {
        let value = json!([{
            "number": 4711, "amount": "12.30", "currency": "EUR", "issued_on": "2026-11-01", "due_on": "2026-11-15", "period_start": "2026-10-01",
            "period_end": "2026-10-31", "usage": {"value": 12.5, "unit": "kWh"}, "min_amount": {"minor": 100}, "max_amount": 99.5,
            "lines": [{"label": "Energy", "amount": {"minor": 1000}, "kind": "CHARGE"}, {"label": "VAT", "amount": "2.30", "kind": "TAX"}],
            "account": "A-1", "status": "OPEN", "replaces": null,
        }]);
        let bill = &read_bills(&value, "bills", 500).expect("a bill").bills[0];
        assert_eq!(bill.number, "4711");
        assert_eq!(bill.amount, FetchedAmount::Decimal("12.30".into()));
        assert_eq!(bill.max_amount, Some(FetchedAmount::Decimal("99.5".into())));
        assert_eq!(bill.usage, Some(Usage { value: "12.5".into(), unit: "kWh".into() }));
        assert_eq!(bill.lines[1].kind, Some(LineKind::Tax));
        assert_eq!(bill.due_on, NaiveDate::from_ymd_opt(2026, 11, 15));
        assert_eq!(bill.replaces, None);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let with = |field: &str, value: Value| {
            let good = json!({"number": "1", "amount": "1.00"});
            let mut bad = good.clone();
            bad[field] = value;
            json!([good.clone(), good, bad])
        };
        let table = [
            (with("due_on", json!("31/12/2026")), "bills[2].due_on: '31/12/2026' is not a date of the form YYYY-MM-DD"),
            (with("due_on", json!("2026-02-30")), "bills[2].due_on: '2026-02-30' is not a date of the form YYYY-MM-DD"),
            (with("issued_on", json!(20_261_231)), "bills[2].issued_on: 20261231 is not a date of the form YYYY-MM-DD"),
            (with("number", json!(null)), "bills[2].number: is missing"),
            (with("number", json!(" ")), "bills[2].number: must not be empty"),
            (with("number", json!(1.5)), "bills[2].number: 1.5 is not a text"),
            (with("number", json!("x".repeat(501))), "bills[2].number: is longer than 500 characters"),
            (
                with("amount", json!("1,234.50")),
                "bills[2].amount: '1,234.50' is not an amount: write a decimal as text such as \"12.30\", or {\"minor\": 1230}",
            ),
            (
                with("amount", json!({"minor": 1.5})),
                "bills[2].amount: is not an amount in minor units, which has the form {\"minor\": 1230} with a whole number",
            ),
            (
                with("amount", json!({"minor": 1, "x": 2})),
                "bills[2].amount: is not an amount in minor units, which has the form {\"minor\": 1230} with a whole number",
            ),
            (
                with("amount", json!("1e5")),
                "bills[2].amount: '1e5' is not an amount: write a decimal as text such as \"12.30\", or {\"minor\": 1230}",
            ),
            (
                with("currency", json!("eur")),
                "bills[2].currency: 'eur' is not a currency: a currency is an ISO 4217 code of three capital letters, such as EUR",
            ),
            (with("status", json!("paid")), "bills[2].status: 'paid' is not one of OPEN, PAID, CANCELLED"),
            (with("usage", json!({"value": "a", "unit": "kWh"})), "bills[2].usage.value: 'a' is not a decimal number such as 12.30"),
            (with("usage", json!({"value": 1})), "bills[2].usage.unit: is missing"),
            (with("lines", json!([{"label": "x"}, {"amount": "1"}])), "bills[2].lines[1].label: is missing"),
            (
                with("lines", json!([{"label": "x", "kind": "VAT"}])),
                "bills[2].lines[0].kind: 'VAT' is not one of CHARGE, FEE, TAX, CREDIT, PAYMENT, INFORMATION",
            ),
            (with("lines", json!({"a": 1})), "bills[2].lines: an object is not a list"),
            (
                json!([{"number": "1", "amount": "1", "period_start": "2026-02-01", "period_end": "2026-01-01"}]),
                "bills[0].period_end: 2026-01-01 is before the period's start, 2026-02-01",
            ),
            (json!([7]), "bills[0]: 7 is not a bill"),
        ];
        for (value, words) in table {
            let read = read_bills(&value, "bills", 500).expect("a list");
            let problems: Vec<_> = read.refused.iter().map(|refused| refused.problem.as_str()).collect();
            assert_eq!(problems, [words]);
            assert_eq!(read.bills.len(), value.as_array().map_or(0, Vec::len) - 1, "the others are read");
        }
        let unknown = read_bills(&json!([{"number": "1", "amount": "1", "dueDate": "x"}]), "bills", 500).expect("a list").refused.remove(0);
        assert_eq!((unknown.at, unknown.number.as_deref()), (0, Some("1")));
        assert!(unknown.problem.starts_with("bills[0].dueDate: is not a field of a bill; there are number, amount, "), "{unknown:?}");
        for (value, words) in [
            (json!({"number": "1"}), "bills: an object is not a list of bills"),
            (json!(vec![json!({"number": "1", "amount": "1"}); 501]), "bills: has 501 bills; at most 500 are taken at once"),
        ] {
            assert_eq!(read_bills(&value, "bills", 500), Err(words.to_owned()));
        }
    }
}
