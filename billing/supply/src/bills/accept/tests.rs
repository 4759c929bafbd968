use serde_json::{Value, json};

use super::*;

const TODAY: &str = "2026-11-21";

fn definition(currency: &str) -> ProviderDefinition {
    serde_json::from_value(json!({
        "code": "voltara", "name": "Voltara", "utility_type": "ELECTRICITY", "currency": currency, "time_zone": "Europe/Berlin",
        "connector": {"kind": "HTTP"}, "params": [{"name": "consumer", "label": "Consumer number"}],
        "schedule": {"every": {"kind": "MONTH", "day": 5}},
        "limits": {"max_amount_minor": 500_000},
    }))
    .expect("a definition")
}

fn bill(changes: Value) -> FetchedBill {
    let mut bill = json!({
        "number": "B-1", "amount": "12.30", "currency": "EUR", "issued_on": "2026-11-05", "due_on": "2026-11-25",
        "period_start": "2026-10-01", "period_end": "2026-10-31", "account": "00-12 34",
        "usage": {"value": "120.50", "unit": "kWh"},
        "lines": [{"label": "Energy", "amount": "10.00"}, {"label": "VAT", "amount": "2.30", "kind": "TAX"}, {"label": "Thank you"}],
    });
    for (name, value) in changes.as_object().expect("an object") {
        bill[name] = value.clone();
    }
    serde_json::from_value(bill).expect("a fetched bill")
}

fn judge(changes: Value, usual: Option<i64>) -> Result<Accepted, Vec<Problem>> {
    accept(&bill(changes), &definition("EUR"), Some("001234"), TODAY.parse().expect("a date"), usual)
}

fn refused(changes: Value) -> Vec<(&'static str, String)> {
    judge(changes, None).expect_err("refused").into_iter().map(|p| (p.code, p.field)).collect()
}

#[test]
fn a_good_bill_becomes_content_in_minor_units() {
    let accepted = judge(json!({"status": "PAID", "replaces": "B-0"}), None).expect("accepted");
    let content = accepted.content;
    assert_eq!((content.amount_minor, content.number.as_str()), (1230, "B-1"));
    assert_eq!(content.usage, Some(Usage { value: "120.5".into(), unit: "kWh".into() }));
    let lines: Vec<_> = content.lines.iter().map(|l| (l.label.as_str(), l.kind, l.amount_minor)).collect();
    let expected =
        [("Energy", LineKind::Charge, Some(1000)), ("VAT", LineKind::Tax, Some(230)), ("Thank you", LineKind::Information, None)];
    assert_eq!(lines, expected);
    assert_eq!((accepted.status, accepted.replaces.as_deref()), (Some(FetchedStatus::Paid), Some("B-0")));
}

#[test]
fn what_a_provider_leaves_out_is_not_invented() {
    let accepted = judge(json!({"issued_on": null, "due_on": null, "currency": null, "account": null, "lines": []}), None);
    let content = accepted.expect("accepted").content;
    assert_eq!((content.issued_on, content.due_on, content.lines.len()), (None, None, 0));
}

#[test]
fn amounts_are_read_exactly() {
    let eur: Currency = "EUR".parse().expect("a currency");
    for (text, minor) in [
        ("0", 0),
        ("0.00", 0),
        ("12", 1200),
        ("12.3", 1230),
        ("12.30", 1230),
        ("12.3000", 1230),
        ("-4.05", -405),
        ("+1", 100),
        (" 7.77 ", 777),
        ("92233720368547758.07", i64::MAX),
    ] {
        assert_eq!(minor_units(&FetchedAmount::Decimal(text.into()), eur), Ok(minor), "{text}");
    }
    for text in
        ["", ".", "-", "1,234.50", "12,30", "1e3", "0x10", "12.30 EUR", "1_000", "--1", "1.2.3", "NaN", "92233720368547758.08", "١٢"]
    {
        let code = minor_units(&FetchedAmount::Decimal(text.into()), eur).expect_err(text).0;
        assert_eq!(code, "NOT_A_NUMBER", "{text}");
    }
    assert_eq!(minor_units(&FetchedAmount::Decimal("12.305".into()), eur).expect_err("too precise").0, "TOO_PRECISE");
    let yen: Currency = "JPY".parse().expect("a currency");
    assert_eq!(minor_units(&FetchedAmount::Decimal("1230".into()), yen), Ok(1230));
    assert_eq!(minor_units(&FetchedAmount::Decimal("12.3".into()), yen).expect_err("too precise").0, "TOO_PRECISE");
    let dinar: Currency = "KWD".parse().expect("a currency");
    assert_eq!(minor_units(&FetchedAmount::Decimal("1.234".into()), dinar), Ok(1234));
    assert_eq!(minor_units(&FetchedAmount::Minor { minor: -3 }, dinar), Ok(-3));
}

#[test]
fn each_fault_has_its_own_words() {
    let long = "x".repeat(101);
    let many: Vec<_> = (0..201).map(|n| json!({"label": format!("line {n}")})).collect();
    for (changes, code, field) in [
        (json!({"number": " "}), "REQUIRED", "number"),
        (json!({"number": long}), "TOO_LONG", "number"),
        (json!({"number": "B\u{7}1"}), "INVALID", "number"),
        (json!({"amount": "twelve"}), "NOT_A_NUMBER", "amount"),
        (json!({"amount": "12.305"}), "TOO_PRECISE", "amount"),
        (json!({"min_amount": "-12.30"}), "NEGATIVE", "min_amount"),
        (json!({"amount": "-5000.01", "lines": []}), "TOO_MUCH", "amount"),
        (json!({"amount": "5000.01", "lines": []}), "TOO_MUCH", "amount"),
        (json!({"currency": "USD"}), "WRONG_CURRENCY", "currency"),
        (json!({"account": "0012345"}), "OTHER_ACCOUNT", "account"),
        (json!({"due_on": "2026-11-04"}), "DUE_BEFORE_ISSUE", "due_on"),
        (json!({"issued_on": "2026-11-23"}), "ISSUED_IN_FUTURE", "issued_on"),
        (json!({"issued_on": "1926-11-05"}), "IMPLAUSIBLE_DATE", "issued_on"),
        (json!({"due_on": "2226-11-05"}), "IMPLAUSIBLE_DATE", "due_on"),
        (json!({"period_end": "2026-09-30"}), "PERIOD_REVERSED", "period_end"),
        (json!({"min_amount": "20.00", "max_amount": "10.00"}), "INCONSISTENT", "min_amount"),
        (json!({"min_amount": "12.31"}), "INCONSISTENT", "min_amount"),
        (json!({"usage": {"value": "a lot", "unit": "kWh"}}), "NOT_A_NUMBER", "usage.value"),
        (json!({"usage": {"value": "1", "unit": ""}}), "REQUIRED", "usage.unit"),
        (json!({"lines": [{"label": ""}]}), "REQUIRED", "lines.0.label"),
        (json!({"lines": [{"label": "y".repeat(201)}]}), "TOO_LONG", "lines.0.label"),
        (json!({"lines": [{"label": "Energy", "amount": "1.234"}]}), "TOO_PRECISE", "lines.0.amount"),
        (json!({"lines": many}), "TOO_MANY_LINES", "lines"),
        (json!({"replaces": "B-1"}), "INVALID", "replaces"),
    ] {
        let found = refused(changes.clone());
        assert_eq!(found.first().map(|(c, f)| (*c, f.as_str())), Some((code, field)), "{changes}");
    }
}

#[test]
fn everything_wrong_is_told_at_once_and_no_other_account_is_named() {
    let problems = judge(json!({"currency": "USD", "amount": "x", "account": "99999"}), None).expect_err("refused");
    assert_eq!(problems.len(), 3);
    assert!(problems.iter().all(|p| !p.to_string().contains("99999")));
}

#[test]
fn spellings_of_one_account_are_the_same_account() {
    for named in ["001234", "00 1234", "00.12/34", "00-12-34"] {
        assert!(judge(json!({"account": named}), None).is_ok(), "{named}");
    }
}

#[test]
fn the_day_of_issue_may_be_tomorrow() {
    assert!(judge(json!({"issued_on": "2026-11-22"}), None).is_ok());
}

#[test]
fn an_amount_in_another_scale_than_its_lines_is_refused() {
    let lines = |amounts: [&str; 2]| json!([{"label": "Energy", "amount": amounts[0]}, {"label": "Credit", "amount": amounts[1]}]);
    for (amount, line) in [("1230.00", ["14.30", "-2.00"]), ("0.12", ["14.00", "-2.00"])] {
        let found = refused(json!({"amount": amount, "lines": lines(line)}));
        assert_eq!(found.first().map(|p| p.0), Some("OTHER_SCALE"), "{amount}");
    }
    // A total that merely differs from its lines (an old balance, a rounding) is the provider's business.
    assert!(judge(json!({"amount": "112.30", "lines": lines(["14.30", "-2.00"])}), None).is_ok());
    // What was paid before counts either way.
    let paid = json!([{"label": "Energy", "amount": "50.00"}, {"label": "Paid", "amount": "-10.00", "kind": "PAYMENT"}]);
    assert_eq!(refused(json!({"amount": "4000.00", "lines": paid})).first().map(|p| p.0), Some("OTHER_SCALE"));
    assert_eq!(refused(json!({"amount": "5000.00", "lines": paid})).first().map(|p| p.0), Some("OTHER_SCALE"));
}

#[test]
fn an_amount_far_from_the_earlier_bills_is_taken_and_marked() {
    for (usual, unusual) in [(1230, false), (124, false), (123, true), (12_299, false), (12_300, true)] {
        let accepted = judge(json!({"lines": []}), Some(usual)).expect("taken");
        assert_eq!(accepted.usual_minor, Some(usual).filter(|_| unusual), "1230 against {usual}");
    }
    for amount in ["0", "-1500.00"] {
        let accepted = judge(json!({"amount": amount, "lines": []}), Some(1_230)).expect("taken");
        assert_eq!(accepted.usual_minor, None, "{amount} is nothing to pay");
    }
}

#[test]
fn white_space_in_texts_is_folded() {
    let changes =
        json!({"number": " B\n1\u{a0}x ", "lines": [{"label": "Grundpreis\r\n\tStrom\u{0}"}], "usage": {"value": "1", "unit": "kWh\t"}});
    let content = judge(changes, None).expect("taken").content;
    assert_eq!((content.number.as_str(), content.lines[0].label.as_str()), ("B 1 x", "Grundpreis Strom"));
    assert_eq!(content.usage.map(|u| u.unit).as_deref(), Some("kWh"));
}
