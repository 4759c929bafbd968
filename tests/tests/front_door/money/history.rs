//! What was paid, and the papers about it.

use billow_sandbox::Provider;
use billow_tests::{TestApp, both, stable, text};
use chrono::Duration;
use serde_json::{Value, json};

const LIST: &str = "query($filter: PaymentFilter, $since: String, $first: Int, $after: String) { payments(filter: $filter, since: $since, first: $first, after: $after) { \
     cursor nodes { id status } pageInfo { hasNextPage endCursor } } }";

fn ids(data: &Value) -> Vec<String> {
    data["payments"]["nodes"].as_array().expect("payments").iter().map(|p| text(&p["id"])).collect()
}

both! {
    async fn payments_are_found_by_type_provider_and_period_and_kept_in_step_by_what_changed(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, electricity) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        app.sandbox.state().issue_bill(Provider::Gasline, "110000000001", Some(1_500)).expect("a bill");
        let gasline = app.provider(Provider::Gasline).await;
        anna.add_account(&gasline, None, "customer_code", "110000000001").await;
        app.settle().await;
        let gas = anna.open_bills().await.into_iter().find(|id| *id != electricity).expect("a gas bill");
        let card = anna.save_card().await;
        let begin = text(&anna.run("{ viewer { cursor } }", json!({})).await["viewer"]["cursor"]);

        let first = text(&anna.pay(&[&electricity], "history-01", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        app.pass(Duration::days(2));
        let second = text(&anna.pay(&[&gas], "history-02", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        let third = text(&anna.top_up(1_000, &card, "history-03").await["id"]);
        app.settle().await;

        let voltara = app.known_provider("voltara").await.expect("a provider");
        for (filter, wanted) in [
            (json!({}), vec![&third, &second, &first]),
            (json!({"utilityType": "GAS"}), vec![&second]),
            (json!({"providerId": voltara}), vec![&first]),
            (json!({"billId": gas}), vec![&second]),
            (json!({"kind": "TOP_UP"}), vec![&third]),
            (json!({"status": "FAILED"}), vec![]),
            (json!({"to": "2026-11-22"}), vec![&first]),
            (json!({"from": "2026-11-22"}), vec![&third, &second]),
        ] {
            let data = anna.run(LIST, json!({"filter": filter})).await;
            assert_eq!(ids(&data).iter().collect::<Vec<_>>(), wanted, "{filter}");
        }
        // Page by page it is the same list.
        let page = anna.run(LIST, json!({"first": 2})).await;
        assert_eq!(page["payments"]["pageInfo"]["hasNextPage"], true);
        let rest = anna.run(LIST, json!({"first": 2, "after": page["payments"]["pageInfo"]["endCursor"]})).await;
        assert_eq!([ids(&page), ids(&rest)].concat(), [third.clone(), second.clone(), first.clone()]);

        // A phone that was away asks only for what changed, the oldest change first, and is in step then.
        let changed = anna.run(LIST, json!({"since": begin})).await;
        assert_eq!(ids(&changed), [first.clone(), second.clone(), third.clone()]);
        let cursor = changed["payments"]["cursor"].clone();
        assert!(ids(&anna.run(LIST, json!({"since": cursor})).await).is_empty());
        let (mut walked, mut since) = (Vec::new(), json!(begin));
        loop {
            let step = anna.run(LIST, json!({"since": since, "first": 1})).await;
            walked.extend(ids(&step));
            since = step["payments"]["cursor"].clone();
            if step["payments"]["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        for id in [&first, &second, &third] {
            assert!(walked.contains(id), "{walked:?}");
        }
        for bad in ["nonsense", "-1", "999999999"] {
            assert_eq!(anna.fault(LIST, json!({"since": bad})).await, "BAD_USER_INPUT", "{bad}");
        }
        assert_eq!(anna.fault(LIST, json!({"since": begin, "filter": {"kind": "TOP_UP"}})).await, "BAD_USER_INPUT");
    }

    async fn a_receipt_is_made_mailed_opened_by_its_link_and_found_genuine(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        let id = text(&anna.pay(&[&bill], "receipt-01", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        let papers = "query($id: ID!) { payment(id: $id) { documents { id kind number status url sha256 sizeBytes } } }";
        let data = anna.run(papers, json!({"id": id})).await;
        let documents = data["payment"]["documents"].as_array().expect("documents");
        assert_eq!(documents.iter().map(|d| text(&d["kind"])).collect::<Vec<_>>(), ["INVOICE", "RECEIPT"], "{data}");
        let receipt = documents[1].clone();
        assert_eq!(receipt["status"], "READY", "{receipt}");
        insta::assert_json_snapshot!("documents", stable(data.clone()));

        let url = text(&receipt["url"]);
        let path = url.strip_prefix(&format!("http://{}", app.address)).expect("ours").to_owned();
        let opened = app.anonymous().get(&path).await;
        assert_eq!(opened.status(), 200);
        for (header, value) in [
            ("content-type", "application/pdf"),
            ("cache-control", "private, no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(opened.headers().get(header).and_then(|v| v.to_str().ok()), Some(value), "{header}");
        }
        assert!(opened.headers()["content-security-policy"].to_str().expect("text").starts_with("default-src 'none'"));
        let bytes = opened.bytes().await.expect("bytes");
        assert!(bytes.starts_with(b"%PDF-"), "a PDF");
        assert_eq!(json!(billow_billing::sha256_hex(&bytes)), receipt["sha256"]);

        // Another's signature, another document, another time: nothing opens.
        for wrong in [path.replace("expires=", "expires=9"), format!("{path}0"), path.split('?').next().expect("a path").to_owned()] {
            assert_eq!(app.anonymous().get(&wrong).await.status(), 403, "{wrong}");
        }
        let nobody = path.replace(&text(&receipt["id"]), "doc_7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_eq!(app.anonymous().get(&nobody).await.status(), 403);
        assert_eq!(app.anonymous().get("/documents/nothing.pdf").await.status(), 404);
        app.pass(Duration::minutes(16));
        assert_eq!(app.anonymous().get(&path).await.status(), 403, "the link has run out");

        let document = receipt["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let verify = app.billing.documents.verify_url(document);
        let verify = verify.strip_prefix(&format!("http://{}", app.address)).expect("ours").to_owned();
        let page = app.anonymous().get(&verify).await;
        assert_eq!(page.status(), 200);
        let html = page.text().await.expect("text");
        assert!(html.contains("genuine") && html.contains("40.00 EUR") && html.contains(&text(&receipt["number"])), "{html}");
        assert!(!html.contains("Anna"), "it names nobody");
        assert_eq!(app.anonymous().get(&format!("{verify}0")).await.status(), 404);
        assert!(app.sandbox.state().mails_to("anna@example.com").iter().any(|m| format!("{m:?}").contains("40.00")), "the receipt is mailed");
    }
}
