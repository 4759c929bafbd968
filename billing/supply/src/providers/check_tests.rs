use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::json;

use super::*;
use crate::connector::{DefinitionProblem, FetchOutcome, FetchReply, FetchRequest};

/// Refuses settings that say so.
struct Picky;

#[async_trait]
impl Connector for Picky {
    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        match definition.connector.settings["refuse"].as_str() {
            Some(message) => Err(vec![DefinitionProblem { path: "connector.settings.steps.0.request".into(), message: message.into() }]),
            None => Ok(()),
        }
    }

    async fn fetch(&self, _: FetchRequest) -> FetchReply {
        FetchReply::of(FetchOutcome::NoneDue)
    }

    async fn read_pushed(&self, _: &ProviderDefinition, _: &str, _: bytes::Bytes) -> FetchReply {
        FetchReply::of(FetchOutcome::NoneDue)
    }
}

fn good() -> Value {
    json!({
        "code": "voltara", "name": " Voltara ", "utility_type": "ELECTRICITY", "country": null, "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "connector": {"kind": "HTTP", "settings": {"auth": {"type": "bearer", "credential": "api_key"}}},
        "params": [
            {"name": "consumer_number", "label": "Consumer number", "pattern": "VT[0-9]{8}", "min_length": 10, "max_length": 10,
             "example": "VT10000001"},
            {"name": "pin", "label": "PIN", "optional": true, "secret": true}
        ],
        "amount_rule": {"kind": "RANGE", "min_minor": 100, "max_minor": 500, "multiple_minor": 100},
        "schedule": {"every": {"kind": "MONTH", "day": 15}, "hour": 6},
        "limits": {"concurrency": 4},
        "plans": [{"code": "p1", "name": "Month", "price": "12.30", "validity_days": 30}],
        "prepaid": true
    })
}

fn read(value: Value) -> Result<ProviderDefinition, Vec<UserError>> {
    read_definition(value, &Picky, &BTreeSet::from(["api_key".to_owned()]))
}

#[test]
fn a_good_definition_is_taken_trimmed_and_with_the_usual_limits() {
    let definition = read(good()).expect("a definition");
    assert_eq!(definition.name, "Voltara");
    assert_eq!(definition.country, None);
    assert_eq!((definition.limits.concurrency, definition.limits.timeout_ms), (4, 15_000));
    // What is stored can be given back, as a revert does.
    let stored = serde_json::to_value(&definition).expect("JSON");
    assert_eq!(read(stored).expect("the same"), definition);
}

/// Puts `value` at `pointer` (or takes away what is there, for null) and expects exactly these (path, code).
#[test]
fn each_fault_has_its_own_error_at_its_own_place() {
    let long = "x".repeat(101);
    type Case<'a> = (&'a str, Value, &'a [(&'a str, &'a str)]);
    let cases: Vec<Case<'_>> = vec![
        ("/code", json!("Voltara"), &[("code", "INVALID")]),
        ("/code", json!("a--b"), &[("code", "INVALID")]),
        ("/code", json!(null), &[("code", "REQUIRED")]),
        ("/name", json!(long), &[("name", "TOO_LONG")]),
        ("/name", json!("  "), &[("name", "REQUIRED")]),
        ("/name", json!("a\u{0}b"), &[("name", "INVALID")]),
        ("/name", json!(7), &[("name", "WRONG_TYPE")]),
        ("/utility_type", json!("STEAM"), &[("utility_type", "WRONG_TYPE")]),
        ("/country", json!("de"), &[("country", "INVALID")]),
        ("/currency", json!("EUX"), &[("currency", "INVALID")]),
        ("/time_zone", json!("Europe/Bonn"), &[("time_zone", "INVALID")]),
        ("/colour", json!("red"), &[("colour", "UNKNOWN_FIELD")]),
        ("/connector/kind", json!("FAX"), &[("connector.kind", "WRONG_TYPE")]),
        ("/connector/settings/x", json!("a\u{0}"), &[("connector.settings.x", "INVALID")]),
        ("/connector/settings/refuse", json!("does not compile"), &[("connector.settings.steps.0.request", "CONNECTOR")]),
        ("/connector/settings/auth/credential", json!("other"), &[("connector.settings.auth.credential", "UNKNOWN_CREDENTIAL")]),
        (
            "/connector/settings/steps",
            json!([{"body": "k={{credential:nope}}"}]),
            &[("connector.settings.steps.0.body", "UNKNOWN_CREDENTIAL")],
        ),
        ("/params", json!([]), &[("params", "OUT_OF_RANGE")]),
        ("/params", json!({}), &[("params", "WRONG_TYPE")]),
        ("/params/0/name", json!("Consumer Number"), &[("params.0.name", "INVALID")]),
        ("/params/1/name", json!("consumer_number"), &[("params.1.name", "DUPLICATE")]),
        ("/params/0/optional", json!(true), &[("params.0.optional", "INVALID")]),
        ("/params/0/pattern", json!("VT[0-9"), &[("params.0.pattern", "INVALID")]),
        ("/params/0/pattern", json!("a)|(b"), &[("params.0.pattern", "INVALID")]),
        ("/params/0/pattern", json!("((a{100}){100}){100}"), &[("params.0.pattern", "INVALID")]),
        ("/params/0/min_length", json!(11), &[("params.0.min_length", "OUT_OF_RANGE")]),
        ("/params/0/max_length", json!(201), &[("params.0.max_length", "OUT_OF_RANGE")]),
        ("/params/0/example", json!("VT1"), &[("params.0.example", "INVALID")]),
        ("/params/0/example", json!("XX10000001"), &[("params.0.example", "INVALID")]),
        ("/params/0/secret", json!("yes"), &[("params.0.secret", "WRONG_TYPE")]),
        ("/amount_rule/kind", json!("EXACT"), &[("amount_rule.min_minor", "INVALID"), ("amount_rule.max_minor", "INVALID")]),
        ("/amount_rule/min_minor", json!(501), &[("amount_rule.min_minor", "OUT_OF_RANGE")]),
        ("/amount_rule/min_minor", json!(-1), &[("amount_rule.min_minor", "OUT_OF_RANGE")]),
        ("/amount_rule/max_minor", json!(null), &[("amount_rule.max_minor", "REQUIRED")]),
        ("/amount_rule/multiple_minor", json!(501), &[("amount_rule.multiple_minor", "INVALID")]),
        ("/schedule/every/day", json!(32), &[("schedule.every.day", "OUT_OF_RANGE")]),
        ("/schedule/every/day", json!("ten"), &[("schedule.every.day", "WRONG_TYPE")]),
        ("/schedule/every/day", json!(1.5), &[("schedule.every.day", "WRONG_TYPE")]),
        ("/schedule/every/days", json!(3), &[("schedule.every.days", "UNKNOWN_FIELD")]),
        ("/schedule/every/kind", json!("YEAR"), &[("schedule.every.kind", "WRONG_TYPE")]),
        ("/schedule/every", json!({"kind": "CRON", "expression": "0 0 31 2 *"}), &[("schedule.every.expression", "OUT_OF_RANGE")]),
        ("/schedule/grace_days", json!(29), &[("schedule.grace_days", "OUT_OF_RANGE")]),
        ("/limits/timeout_ms", json!(99), &[("limits.timeout_ms", "OUT_OF_RANGE")]),
        ("/limits/per_second", json!(0), &[("limits.per_second", "OUT_OF_RANGE")]),
        ("/plans/0/price", json!("12.305"), &[("plans.0.price", "INVALID")]),
        ("/plans/0/price", json!("0"), &[("plans.0.price", "INVALID")]),
        ("/plans/0/price", json!(12.3), &[("plans.0.price", "WRONG_TYPE")]),
        ("/plans/0/price", json!({"minor": 1230, "x": 1}), &[("plans.0.price.x", "UNKNOWN_FIELD")]),
        ("/plans/0/validity_days", json!(0), &[("plans.0.validity_days", "OUT_OF_RANGE")]),
        ("/prepaid", json!(false), &[("plans", "INVALID")]),
    ];
    for (pointer, value, wanted) in cases {
        let mut definition = good();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        match definition.pointer_mut(parent).expect("the parent") {
            Value::Array(items) => items[name.parse::<usize>().expect("a position")] = value.clone(),
            parent => parent[name] = value.clone(),
        }
        let found = read(definition).expect_err(pointer);
        let found: Vec<_> = found.iter().map(|e| (e.path[1..].join("."), e.code.to_string())).collect();
        let wanted: Vec<_> = wanted.iter().map(|(path, code)| ((*path).to_owned(), (*code).to_owned())).collect();
        assert_eq!(found, wanted, "{pointer} = {value}");
    }
}

#[test]
fn everything_is_told_at_once() {
    let mut definition = good();
    definition["code"] = json!("!");
    definition["schedule"]["hour"] = json!(24);
    definition["params"][1]["label"] = json!("");
    definition["limits"]["speed"] = json!(1);
    let found: BTreeMap<_, _> = read(definition).expect_err("refused").into_iter().map(|e| (e.path.join("."), e.code)).collect();
    let paths: Vec<_> = found.keys().map(String::as_str).collect();
    assert_eq!(paths, ["definition.code", "definition.limits.speed", "definition.params.1.label", "definition.schedule.hour"]);
}

#[test]
fn what_is_no_object_or_too_large_or_too_deep_is_refused() {
    assert_eq!(read(json!([])).expect_err("a list")[0].code, "WRONG_TYPE");
    let mut definition = good();
    definition["connector"]["settings"]["blob"] = json!("x".repeat(300_000));
    assert_eq!(read(definition).expect_err("large")[0].code, "TOO_LONG");
    let mut deep = json!(1);
    for _ in 0..40 {
        deep = json!([deep]);
    }
    let mut definition = good();
    definition["connector"]["settings"]["deep"] = deep;
    assert!(read(definition).expect_err("deep").iter().all(|e| e.message.contains("nested")));
}

#[test]
fn credentials_are_found_where_settings_name_them() {
    let settings = json!({
        "auth": {"type": "basic", "username_credential": "user", "password_credential": "password"},
        "steps": [{"request": "{headers: {k: \"{{credential:key}}\"}}"}, {"request": "\"{{credential:\" + .x + \"}}\""}]
    });
    let named: Vec<_> = credentials_named(&settings).into_iter().map(|(at, name)| format!("{at} {name}")).collect();
    assert_eq!(named, [".auth.username_credential user", ".auth.password_credential password", ".steps.0.request key"]);
}
