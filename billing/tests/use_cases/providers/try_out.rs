//! Trying a provider out.

use std::collections::BTreeMap;

use billow_billing::error::Error;
use billow_billing::fetching::TestProvider;
use billow_billing::ports::{Exchange, FetchOutcome, FetchReply, FetchedAmount, PlanOffer};
use billow_entities::*;
use sea_orm::{EntityTrait, PaginatorTrait};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::common::{Bench, on_both};
use crate::providers::{ADMIN, OPERATOR, definition, refusal, registered, secrets};

async fn a_try_shows_everything_and_stores_nothing(bench: Bench) {
    let billing = &bench.billing;
    let model = registered(billing, "voltara").await;
    let offer = PlanOffer {
        code: "m".into(),
        name: "Month".into(),
        price: FetchedAmount::Minor { minor: 1000 },
        validity_days: 28,
        description: None,
        benefits: Vec::new(),
    };
    let exchange = Exchange {
        step: "invoices".into(),
        request_line: "GET https://voltara.test/1".into(),
        request_headers: vec![("authorization".into(), "•••".into())],
        request_body: None,
        status: Some(200),
        response_body: Some("{}".into()),
        duration_ms: 5,
        problem: None,
    };
    let bill = |value: Value| serde_json::from_value(value).expect("a bill");
    let good = bill(json!({"number": "1", "amount": "12.30", "issued_on": "2026-11-15", "due_on": "2026-11-30"}));
    let bad = bill(json!({"number": "2", "amount": "12.305", "issued_on": "2026-11-15", "due_on": "2026-11-01"}));
    bench.ports.replies.lock().push_back(FetchReply {
        plans: Some(vec![offer]),
        trace: vec![exchange],
        ..FetchReply::of(FetchOutcome::Bills(vec![good, bad]))
    });
    let sample = |number: &str| TestProvider {
        provider_id: Some(model.id),
        params: BTreeMap::from([("number".to_owned(), number.to_owned())]),
        ..Default::default()
    };
    assert_eq!(refusal(billing.fetching.test_provider(&ADMIN, sample("1")).await), [("params.number".into(), "WRONG_FORM".into())]);
    assert!(bench.ports.fetched.lock().is_empty(), "nobody is called before the input is right");
    let report = billing.fetching.test_provider(&ADMIN, sample("00000001")).await.expect("a report");
    assert_eq!((report.outcome, report.exchanges.len()), (FetchOutcomeKind::Bills, 1));
    assert_eq!(report.bills[0].problems, Vec::<String>::new());
    assert_eq!(report.bills[0].amount.map(|m| m.amount_minor), Some(1230));
    assert_eq!(report.bills[1].problems.len(), 2, "{:?}", report.bills[1].problems);
    assert!(report.plans.is_some());
    {
        let asked = bench.ports.fetched.lock();
        assert!(asked[0].trace);
        assert_eq!(asked[0].credentials["api_key"].expose_secret(), "s3cret-of-tests");
        assert_eq!(asked[0].today.to_string(), "2026-11-21");
    }
    // One that is not registered, with a secret of its own.
    let test = TestProvider {
        definition: Some(definition("new")),
        credentials: secrets(&[("api_key", "k2")]),
        params: BTreeMap::from([("number".to_owned(), "00000001".to_owned())]),
        ..Default::default()
    };
    let report = billing.fetching.test_provider(&ADMIN, test.clone()).await.expect("a report");
    assert_eq!((report.outcome, report.message.is_some()), (FetchOutcomeKind::NoneDue, true));
    assert!(matches!(billing.fetching.test_provider(&OPERATOR, test).await, Err(Error::Forbidden)));
    assert_eq!(refusal(billing.fetching.test_provider(&ADMIN, TestProvider::default()).await), [("definition".into(), "REQUIRED".into())]);
    let db = billing.kernel.store.read();
    assert_eq!(bill::Entity::find().count(db).await.expect("a count"), 0);
    assert_eq!(recharge_plan::Entity::find().count(db).await.expect("a count"), 0);
    assert_eq!(provider::Entity::find().count(db).await.expect("a count"), 1);
}

on_both!(a_try_shows_everything_and_stores_nothing);
