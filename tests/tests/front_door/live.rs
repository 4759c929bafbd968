//! A bill that arrives is on every open screen at once, and nobody who was away misses one.

use std::collections::BTreeSet;

use billow_entities::Role;
use billow_sandbox::Provider;
use billow_tests::{TestApp, both, settle, text};
use chrono::Duration;
use serde_json::{Value, json};

const RECEIVED: &str = "subscription($after: String) { billReceived(after: $after) { cursor eventId resync bill { number amount { amountMinor currency } utilityAccount { label } } } }";

/// A key with which another product follows everything.
async fn product(app: &TestApp) -> billow_tests::Client {
    let admin = app.staff(Role::Admin).await;
    let payload = admin
        .must(
            "mutation($input: CreateApiClientInput!) { createApiClient(input: $input) { key userErrors { code message path } } }",
            json!({"input": {"name": "ledger", "scopes": ["EVENTS_READ", "BILLS_READ"]}}),
        )
        .await;
    app.client(payload["key"].as_str().expect("a key"))
}

fn number(event: &Value) -> String {
    event["billReceived"]["bill"]["number"].as_str().unwrap_or_else(|| panic!("no bill: {event}")).to_owned()
}

both! {
    async fn a_new_bill_shows_up_on_open_screens_of_the_household_and_nowhere_else(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let clara = app.customer("Clara").await;
        let ben = app.customer("Ben").await;
        let mut on_anna = anna.subscribe(RECEIVED, json!({})).await;
        let mut on_clara = clara.subscribe(RECEIVED, json!({})).await;
        let mut on_ben = ben.subscribe(RECEIVED, json!({})).await;

        // Clara joins the household while her screen is open.
        let home = anna.run("{ properties { nodes { id } } }", json!({})).await["properties"]["nodes"][0]["id"].take();
        anna.share(&text(&home), &clara, "VIEWER").await;
        settle(&app.billing).await;

        let issued = app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", Some(8_123)).expect("a bill");
        anna.fetch_now(&account).await;
        app.settle().await;

        for screen in [&mut on_anna, &mut on_clara] {
            let event = screen.next().await;
            assert_eq!(number(&event), issued.number);
            assert_eq!(event["billReceived"]["bill"]["amount"], json!({"amountMinor": "8123", "currency": "EUR"}));
        }

        // Ben's first event is his own bill: Anna's never came to his screen.
        let voltara = app.known_provider("voltara").await.expect("a provider");
        let own = app.sandbox.state().issue_bill(Provider::Voltara, "VT10000002", Some(100)).expect("a bill");
        ben.add_account(&voltara, None, "consumer_number", "VT10000002").await;
        app.settle().await;
        assert_eq!(number(&on_ben.next().await), own.number);
    }

    async fn a_bill_that_comes_between_the_first_list_and_the_stream_is_told(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        app.settle().await;

        // What a screen does: where the log stands, the list, and only then the stream.
        let cursor = anna.run("{ viewer { cursor } }", json!({})).await["viewer"]["cursor"].take();
        let shown = anna.run("{ bills { nodes { number } } }", json!({})).await["bills"]["nodes"].as_array().map_or(0, Vec::len);
        let issued = app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", Some(8_124)).expect("a bill");
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(anna.run("{ bills { nodes { number } } }", json!({})).await["bills"]["nodes"].as_array().map_or(0, Vec::len), shown + 1);
        let mut open = anna.subscribe(RECEIVED, json!({"after": cursor})).await;
        assert_eq!(number(&open.next().await), issued.number);
    }

    async fn a_product_that_was_away_for_an_hour_resumes_and_misses_nothing(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let product = product(&app).await;
        let mut open = product.subscribe(RECEIVED, json!({})).await;
        let state = app.sandbox.state();

        let first = state.issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill").number;
        anna.fetch_now(&account).await;
        app.settle().await;
        let event = open.next().await;
        assert_eq!(number(&event), first);
        let cursor = event["billReceived"]["cursor"].clone();
        drop(open);

        // More than one page of the log goes by, bills among other things.
        let mut missed = Vec::new();
        for _ in 0..30 {
            missed.push(state.issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill").number);
            app.pass(Duration::minutes(2));
            anna.fetch_now(&account).await;
            app.settle().await;
        }

        let mut resumed = product.subscribe(RECEIVED, json!({"after": cursor})).await;
        let mut got = Vec::new();
        for _ in 0..missed.len() {
            got.push(number(&resumed.next().await));
        }
        assert_eq!(got, missed, "in order, each once");

        // And it goes on live.
        let live = state.issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill").number;
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(number(&resumed.next().await), live);
    }

    async fn a_cursor_from_another_life_is_told_to_read_afresh(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        // The database was restored from an older copy: the cursor lies ahead of the log's end.
        let ahead = {
            app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
            let mut open = anna.subscribe(RECEIVED, json!({})).await;
            anna.fetch_now(&account).await;
            app.settle().await;
            open.next().await["billReceived"]["cursor"].clone()
        };
        let fresh = TestApp::start(engine).await;
        let (ben, account) = fresh.customer_with_electricity("Ben", "VT10000002").await;
        let far = fresh.billing.kernel.events.log_end().await.expect("the log");
        let position = app.billing.kernel.events.log_end().await.expect("the log");
        assert!(position > far, "the other log is longer: {position} {far}");
        let mut resumed = ben.subscribe(RECEIVED, json!({"after": ahead})).await;
        let event = resumed.next().await;
        assert_eq!(event["billReceived"]["resync"], json!(true));
        assert_eq!(event["billReceived"]["bill"], Value::Null);
        let issued = fresh.sandbox.state().issue_bill(Provider::Voltara, "VT10000002", None).expect("a bill").number;
        ben.fetch_now(&account).await;
        fresh.settle().await;
        assert_eq!(number(&resumed.next().await), issued);
    }

    async fn a_revoked_sign_in_closes_its_sockets(engine) {
        let app = TestApp::start(engine).await;
        let (anna, _) = app.customer_with_electricity("Anna", "VT10000001").await;
        let mut open = anna.subscribe(RECEIVED, json!({})).await;
        anna.must("mutation { signOut { ok userErrors { code message path } } }", json!({})).await;
        app.settle().await;
        assert_eq!(open.closed().await, 4403);
        let answer = anna.ask("{ bills { nodes { id } } }", json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}

/// One process commits, another tells: the log is shared, the sockets are not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_fetched_by_a_worker_is_told_by_the_api_process() {
    if billow_tests::postgres_url().is_none() {
        return;
    }
    let app = TestApp::start(billow_tests::Engine::Postgres).await;
    let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
    let worker = app.another_process(2).await;
    let mut open = anna.subscribe(RECEIVED, json!({})).await;
    let mut issued = BTreeSet::new();
    for _ in 0..5 {
        issued.insert(app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill").number);
        anna.fetch_now(&account).await;
        // Everything is done by the other process; this one only reads the log.
        settle(&worker).await;
        while app.billing.relay().turn().await.expect("the relay") {}
    }
    let mut told = BTreeSet::new();
    for _ in 0..issued.len() {
        told.insert(number(&open.next().await));
    }
    assert_eq!(told, issued);
}
