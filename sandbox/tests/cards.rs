//! The card network beside its API, which Billow's adapter holds to the contract: control, page, log and webhooks.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use billow_sandbox::{
    CardCall, CardFault, CardLogEntry, CardLogKind, CardOutcome, Sandbox, SandboxOptions, SandboxState, cards_access, sign_webhook,
};
use serde_json::{Value, json};
use support::{NOW, Rig, instant, rig};

impl Rig {
    async fn card_post(&self, path: &str, key: Option<&str>, fields: &[(&str, &str)]) -> (u16, Value) {
        let (base_url, secret, _) = cards_access(&self.sandbox);
        let mut request = self.client.post(format!("{base_url}/v1/{path}")).bearer_auth(secret).form(fields);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// Pays with a token.
    async fn pay(&self, key: &str, token: &str, amount: &str) -> (u16, Value) {
        let fields = [
            ("amount", amount),
            ("currency", "EUR"),
            ("payment_method", token),
            ("confirm", "true"),
            ("off_session", "true"),
            ("metadata[attempt]", key),
        ];
        self.card_post("payment_intents", Some(key), &fields).await
    }

    async fn control(&self, path: &str, body: Value) -> u16 {
        self.client.post(self.url(&format!("/control/cards/{path}"))).json(&body).send().await.expect("an answer").status().as_u16()
    }

    async fn seen(&self, path: &str) -> Value {
        self.client.get(self.url(path)).send().await.expect("an answer").json().await.expect("JSON")
    }

    async fn page(&self, path: &str) -> String {
        self.client.get(self.url(path)).send().await.expect("an answer").text().await.expect("text")
    }
}

fn kinds(state: &SandboxState) -> Vec<CardLogKind> {
    state.card_log().iter().map(|e| e.kind).collect()
}

#[tokio::test]
async fn the_api_wants_its_key_and_names_what_it_does_not_know() {
    let rig = rig().await;
    let (base_url, secret, _) = cards_access(&rig.sandbox);
    for (key, path, expected) in
        [("sk_test_other", "payment_intents", 401), (secret, "nothing", 404), (secret, "payment_intents/pi_1", 404)]
    {
        let answer = rig.client.get(format!("{base_url}/v1/{path}")).bearer_auth(key).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), expected, "{path}");
        let told: Value = answer.json().await.expect("JSON");
        assert_eq!(told["error"]["type"], "invalid_request_error");
    }
    for (fields, param) in [
        (vec![("currency", "eur")], "amount"),
        (vec![("amount", "0"), ("currency", "eur")], "amount"),
        (vec![("amount", "100"), ("currency", "euro")], "currency"),
        (vec![("amount", "100"), ("currency", "eur"), ("confirm", "true")], "payment_method"),
        (vec![("amount", "100"), ("currency", "eur"), ("off_session", "true")], "off_session"),
    ] {
        let (status, told) = rig.card_post("payment_intents", Some("same"), &fields).await;
        assert_eq!((status, &told["error"]["param"]), (400, &json!(param)), "{told}");
    }
    assert_eq!(rig.pay("same", "pm_card_visa", "100").await.0, 200, "what was turned away kept no key");
}

#[tokio::test]
async fn the_first_answer_to_a_key_is_the_answer() {
    let rig = rig().await;
    let first = rig.pay("k1", "pm_card_visa", "100").await;
    assert_eq!(first.0, 200);
    assert_eq!(rig.pay("k1", "pm_card_visa", "100").await, first);
    let (status, told) = rig.pay("k1", "pm_card_visa", "101").await;
    assert_eq!((status, &told["error"]["type"]), (400, &json!("idempotency_error")));
    let declined = rig.pay("k2", "pm_card_chargeDeclined", "100").await;
    assert_eq!((declined.0, &declined.1["error"]["payment_intent"]["status"]), (402, &json!("requires_payment_method")));
    assert_eq!(rig.pay("k2", "pm_card_chargeDeclined", "100").await, declined);
    assert_eq!(kinds(&rig.sandbox.state()), [CardLogKind::Charged, CardLogKind::Declined]);
    let answers: Vec<_> = rig.sandbox.state().card_calls().into_iter().map(|c| c.answer).collect();
    assert_eq!(answers, ["200", "200 replayed", "400", "402", "402 replayed"]);
}

#[tokio::test]
async fn two_calls_with_one_key_at_once_are_one_charge_and_a_conflict() {
    let rig = rig().await;
    rig.sandbox.state().set_card_latency(Some(Duration::from_millis(200)));
    let (one, two) = tokio::join!(rig.pay("k1", "pm_card_visa", "100"), rig.pay("k1", "pm_card_visa", "100"));
    let mut both = [one.0, two.0];
    both.sort_unstable();
    assert_eq!(both, [200, 409]);
    assert_eq!(kinds(&rig.sandbox.state()), [CardLogKind::Charged]);
}

#[tokio::test]
async fn banks_and_faults_are_steered_over_json() {
    let rig = rig().await;
    let decline = json!({ "call": "CHARGE", "fault": { "kind": "DECLINE", "code": "insufficient_funds" } });
    assert_eq!(rig.control("fault", decline).await, 204);
    let (status, told) = rig.pay("k1", "pm_card_visa", "100").await;
    assert_eq!((status, &told["error"]["decline_code"]), (402, &json!("insufficient_funds")));
    assert_eq!(rig.control("fault", json!({ "fault": { "kind": "TOO_MANY_REQUESTS", "retry_after_s": 3 }, "times": 2 })).await, 204);
    assert_eq!(rig.pay("k2", "pm_card_visa", "100").await.0, 429);
    assert_eq!(rig.seen("/control/cards").await["script"][0]["times"], 1);
    assert_eq!(rig.control("fault/clear", json!({})).await, 204);
    assert_eq!(rig.pay("k2", "pm_card_visa", "100").await.0, 200, "nothing was kept of it");

    let (_, debit) = rig.pay("k3", "pm_sepaDebit_processing", "100").await;
    assert_eq!(debit["status"], "processing");
    let pending = rig.seen("/control/cards").await;
    assert_eq!(pending["pending_debits"], json!([debit["id"]]));
    let settle = json!({ "id": debit["id"], "outcome": { "kind": "FAILED", "code": "account_closed" } });
    assert_eq!(rig.control("settle", settle.clone()).await, 204);
    assert_eq!(rig.control("settle", settle).await, 404);
    assert_eq!(rig.seen("/control/cards").await["payments"][0]["declined"], "account_closed");
    let log: Vec<CardLogEntry> = serde_json::from_value(rig.seen("/control/cards/log").await).expect("a log");
    assert_eq!(log, rig.sandbox.state().card_log());
    use CardLogKind::{Charged, Declined, Submitted};
    assert_eq!(log.iter().map(|e| e.kind).collect::<Vec<_>>(), [Declined, Charged, Submitted, Declined]);
    assert_eq!((log[1].idempotency_key.as_deref(), log[1].metadata["attempt"].as_str()), (Some("k2"), "k2"));
    assert_eq!(rig.control("fault", json!({ "fault": { "kind": "NOTHING" } })).await, 422);
}

#[tokio::test]
async fn the_page_shows_charges_and_answers_for_the_bank() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    assert!(rig.page("/").await.contains("Nothing was charged yet."));
    rig.pay("k1", "pm_card_visa", "4200").await;
    let (_, debit) = rig.pay("k2", "pm_sepaDebit_processing", "1500").await;
    let page = rig.page("/").await;
    assert!(page.contains("42.00 EUR") && page.contains("The bank pays"), "{page}");
    let id = debit["id"].as_str().expect("an id");
    let form = [("id", id), ("answer", "yes")];
    let answer = rig.client.post(rig.url("/page/cards/settle")).form(&form).send().await.expect("an answer");
    assert!(answer.status().is_success());
    assert!(state.pending_debits().is_empty());
    rig.client.post(rig.url("/page/cards/fault")).form(&[("kind", "LOST_AFTER")]).send().await.expect("an answer");
    assert_eq!(state.card_script(), [(Some(CardCall::Charge), CardFault::LostAfter, 1)]);
    state.reset();
    assert!(state.card_script().is_empty());
    assert_eq!(state.card_log().len(), 3, "what happened to money is never forgotten");
}

#[tokio::test]
async fn somebody_pays_on_a_page() {
    let rig = rig().await;
    let fields = [
        ("mode", "payment"),
        ("success_url", "https://shop.example/done?session={CHECKOUT_SESSION_ID}"),
        ("cancel_url", "https://shop.example/left"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "1250"),
        ("line_items[0][price_data][product_data][name]", "Gas <March>"),
        ("allowed_payment_method_types[0]", "card"),
    ];
    let (_, session) = rig.card_post("checkout/sessions", None, &fields).await;
    let (id, url) = (session["id"].as_str().expect("an id"), session["url"].as_str().expect("a page"));
    let page = rig.client.get(url).send().await.expect("an answer").text().await.expect("text");
    assert!(page.contains("12.50 EUR") && page.contains("Gas &lt;March&gt;") && !page.contains("Bank account"), "{page}");
    #[expect(clippy::disallowed_methods, reason = "the test is the person with the browser")]
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a browser");
    let press = async |action: &str, method: &str| {
        let answer = browser.post(url).form(&[("action", action), ("method", method)]).send().await.expect("an answer");
        (answer.status().as_u16(), answer.headers().get("location").map(|v| v.to_str().expect("text").to_owned()))
    };
    assert_eq!(press("close", "").await, (303, Some("https://shop.example/left".to_owned())));
    assert_eq!(press("use", "pm_of_nobody").await, (422, None));
    assert_eq!(press("use", "pm_card_visa").await, (303, Some(format!("https://shop.example/done?session={id}"))));
    assert_eq!(press("use", "pm_card_visa").await, (410, None), "a page is paid on once");
    assert_eq!(kinds(&rig.sandbox.state()), [CardLogKind::Charged]);
}

#[tokio::test]
async fn the_log_is_in_its_file_before_anybody_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cards.log");
    let now = instant(NOW);
    let options = SandboxOptions { card_log: Some(file.clone()), ..SandboxOptions::on_loopback(folder.path().join("drop"), move || now) };
    let rig = Rig { drop: folder, client: rig().await.client, sandbox: Sandbox::start(options).await.expect("a sandbox") };
    rig.sandbox.state().script_card(None, CardFault::Truncated, 1);
    let (base_url, secret, _) = cards_access(&rig.sandbox);
    let fields = [("amount", "100"), ("currency", "eur"), ("payment_method", "pm_card_visa"), ("confirm", "true")];
    let answer = rig.client.post(format!("{base_url}/v1/payment_intents")).bearer_auth(secret).form(&fields).send().await;
    assert!(answer.expect("a head").text().await.is_err(), "the answer is broken");
    rig.pay("k1", "pm_card_visa", "200").await;
    let lines: Vec<CardLogEntry> =
        std::fs::read_to_string(&file).expect("the file").lines().map(|line| serde_json::from_str(line).expect("an entry")).collect();
    assert_eq!(lines, rig.sandbox.state().card_log());
    assert_eq!(lines.iter().map(|e| e.amount_minor).collect::<Vec<_>>(), [100, 200]);
}

#[tokio::test]
async fn a_webhook_is_sent_until_it_is_taken_and_signed_each_time() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    // Refuses two, then takes them.
    let refused = Arc::new(AtomicU16::new(0));
    let count = Arc::clone(&refused);
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let take = move |headers: axum::http::HeaderMap, body: String| {
        let (count, tell) = (Arc::clone(&count), tell.clone());
        async move {
            let signature = headers.get("stripe-signature").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
            let _ = tell.send((signature, body));
            if count.fetch_add(1, Ordering::SeqCst) < 2 { axum::http::StatusCode::SERVICE_UNAVAILABLE } else { axum::http::StatusCode::OK }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = axum::Router::new().route("/hook", axum::routing::post(take));
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    rig.sandbox.set_webhook_target(&format!("http://{address}/hook"));
    rig.pay("k1", "pm_card_visa", "100").await;
    let (_, _, secret) = cards_access(&rig.sandbox);
    let mut bodies = Vec::new();
    for _ in 0..3 {
        let (signature, body) = tokio::time::timeout(Duration::from_secs(10), told.recv()).await.expect("in time").expect("a webhook");
        assert_eq!(signature, sign_webhook(secret, instant(NOW), body.as_bytes()));
        bodies.push(body);
    }
    tokio::time::timeout(Duration::from_secs(5), state.until(SandboxState::webhooks_idle)).await.expect("it comes to rest");
    assert!(bodies.iter().all(|b| *b == bodies[0]), "the same each time");
    let event: Value = serde_json::from_str(&bodies[0]).expect("JSON");
    assert_eq!((&event["type"], &event["data"]["object"]["metadata"]["attempt"]), (&json!("payment_intent.succeeded"), &json!("k1")));
    let statuses: Vec<_> = state.webhook_deliveries().into_iter().map(|d| d.status).collect();
    assert_eq!(statuses, [Some(503), Some(503), Some(200)]);
    assert!(!state.settle_card("pi_unknown", &CardOutcome::Succeeded));
    server.abort();
}
