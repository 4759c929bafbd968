//! What happened, by the names other systems are told.

use std::collections::BTreeSet;

use billow_entities::Role;
use billow_tests::{Client, TestApp, both, text};
use serde_json::{Value, json};

const READ: &str = "query($types: [String!], $first: Int, $after: String) { events(types: $types, first: $first, after: $after) { nodes { type kind subject data } pageInfo { hasNextPage endCursor } } }";
const FOLLOW: &str = "subscription($types: [String!]) { events(types: $types) { event { type subject data } } }";

async fn product(app: &TestApp) -> Client {
    let admin = app.staff(Role::Admin).await;
    let create = "mutation($input: CreateApiClientInput!) { createApiClient(input: $input) { key userErrors { code message path } } }";
    let payload = admin.must(create, json!({"input": {"name": "accounting", "scopes": ["EVENTS_READ"]}})).await;
    app.client(payload["key"].as_str().expect("a key"))
}

async fn read(client: &Client, types: &[&str]) -> Vec<Value> {
    let answer = client.run(READ, json!({"types": types, "first": 100})).await;
    answer["events"]["nodes"].as_array().cloned().expect("events")
}

both! {
    async fn another_product_reads_and_follows_what_happened_by_its_name(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let product = product(&app).await;
        let mut followed = product.subscribe(FOLLOW, json!({"types": ["payment.succeeded", "bill.paid"]})).await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        let payment = anna.pay(&[&bill], "the-first-payment", json!({"paymentMethodId": card})).await;
        app.settle().await;
        let payment = text(&payment["id"]);

        // Where listening began comes first, without an event.
        assert_eq!(followed.next().await["events"]["event"], Value::Null);
        let mut told = BTreeSet::new();
        for _ in 0..2 {
            let event = followed.next().await["events"]["event"].take();
            told.insert((text(&event["type"]), text(&event["subject"])));
        }
        assert_eq!(told, BTreeSet::from([("bill.paid".into(), bill.clone()), ("payment.succeeded".into(), payment.clone())]));

        // The log reads the same, and says more of each.
        let received = read(&product, &["bill.received"]).await;
        assert!(received.iter().any(|event| event["subject"] == json!(bill) && event["data"]["amount_minor"] == 4_000), "{received:?}");
        assert!(received.iter().all(|event| event["type"] == "bill.received"));
        let paid = read(&product, &["bill.paid"]).await;
        assert_eq!((paid.len(), &paid[0]["kind"], &paid[0]["data"]["status"]), (1, &json!("bill.updated"), &json!("PAID")));
        let confirmed = read(&product, &["remittance.confirmed"]).await;
        assert_eq!(confirmed.len(), 1, "{confirmed:?}");
        assert_eq!(confirmed[0]["subject"], json!(payment));
        assert!(text(&confirmed[0]["data"]["remittance_id"]).starts_with("rem_"), "{confirmed:?}");
        let issued = read(&product, &["document.issued"]).await;
        assert!(issued.iter().all(|event| text(&event["data"]["document_id"]).starts_with("doc_")), "{issued:?}");
        assert!(!issued.is_empty());
        for (name, count) in [("account.added", 1), ("payment_method.saved", 1), ("customer.signed_up", 1), ("payment.failed", 0)] {
            assert_eq!(read(&product, &[name]).await.len(), count, "{name}");
        }
        // How people sign in is in the log, and nobody's business outside.
        let all = read(&product, &[]).await;
        let inward: Vec<_> = all.iter().filter(|event| event["kind"] == "session.created").collect();
        assert!(!inward.is_empty() && inward.iter().all(|event| event["type"] == Value::Null), "{inward:?}");
    }

    async fn each_type_has_its_schema_and_only_programs_and_staff_read_them(engine) {
        let app = TestApp::start(engine).await;
        let product = product(&app).await;
        let types = "{ eventTypes { name description schema } }";
        let answer = product.run(types, json!({})).await;
        let listed = answer["eventTypes"].as_array().expect("types");
        let paid = listed.iter().find(|of| of["name"] == "bill.paid").expect("bill.paid");
        assert_eq!(paid["description"], "A bill was paid through Billow; nothing of it is left to pay.");
        assert_eq!(paid["schema"]["properties"]["amount_minor"]["type"], "integer");
        assert!(listed.iter().all(|of| of["schema"]["title"] == of["name"] && of["schema"]["required"].is_array()));
        let anna = app.customer("Anna").await;
        assert_eq!(anna.fault(types, json!({})).await, "FORBIDDEN");
        assert_eq!(app.anonymous().fault(types, json!({})).await, "UNAUTHENTICATED");

        let answer = product.ask(READ, json!({"types": ["bill.paid", "bill.eaten"]})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        assert_eq!(answer["errors"][0]["message"], "There is no type of event `bill.eaten`; eventTypes lists them.");
        assert_eq!(product.subscription_refused(FOLLOW, json!({"types": ["bill.eaten"]})).await, "BAD_USER_INPUT");
    }
}
