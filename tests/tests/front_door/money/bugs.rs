//! Each test names the bug it looks for, and holds the card network's memory against the ledger at the end.

use billow_sandbox::{CardCall, CardFault, CardOutcome, WebhookManners, sign_webhook};
use billow_tests::{TestApp, both, found, text};
use chrono::Duration;
use serde_json::json;

use super::REFUND;

/// Posts a webhook as the sandbox signs it; answers the status.
async fn post_webhook(app: &TestApp, code: &str, signature: Option<String>, body: String) -> u16 {
    let mut request = reqwest_client().post(format!("http://{}/webhooks/gateways/{code}", app.address)).body(body);
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    request.send().await.expect("an answer").status().as_u16()
}

#[expect(clippy::disallowed_methods, reason = "the tests are the outside")]
fn reqwest_client() -> reqwest::Client {
    reqwest::Client::new()
}

both! {
    async fn a_double_tap_charges_once(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        let how = json!({"paymentMethodId": card});
        let ids = [bill.as_str()];
        let taps = (0..4).map(|_| anna.try_pay(&ids, "double-tap-1", how.clone()));
        let answers = futures::future::join_all(taps).await;
        let made: std::collections::BTreeSet<_> = answers.iter().map(|a| text(&a["payment"]["id"])).collect();
        assert_eq!(made.len(), 1, "{answers:#?}");
        assert_eq!(answers.iter().filter(|a| a["replayed"] == false).count(), 1, "{answers:#?}");
        app.settle().await;
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
    }

    async fn two_tabs_with_keys_of_their_own_charge_once(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        let how = json!({"paymentMethodId": card});
        let keys: Vec<String> = (0..4).map(|n| format!("two-tabs-{n}")).collect();
        let ids = [bill.as_str()];
        let answers = futures::future::join_all(keys.iter().map(|key| anna.try_pay(&ids, key, how.clone()))).await;
        let made: Vec<_> = answers.iter().filter(|a| a["userErrors"] == json!([])).collect();
        assert_eq!(made.len(), 1, "{answers:#?}");
        for refused in answers.iter().filter(|a| a["userErrors"] != json!([])) {
            let said = found(&refused["userErrors"]);
            assert!(said[0].ends_with(": PAYMENT_IN_PROGRESS") || said[0].ends_with(": NOT_PAYABLE"), "{said:?}");
        }
        app.settle().await;
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
    }

    async fn the_same_key_with_another_amount_is_refused(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        anna.top_up(1_000, &card, "same-key-1").await;
        let other = json!({"amount": {"amountMinor": "2000"}, "currency": "EUR", "paymentMethodId": card, "idempotencyKey": "same-key-1"});
        let top_up = "mutation($input: TopUpWalletInput!) { topUpWallet(input: $input) { payment { id } userErrors { code message path } } }";
        assert_eq!(anna.refused(top_up, json!({"input": other})).await, ["idempotencyKey: IDEMPOTENCY_KEY_REUSED"]);
        let bills = anna.try_pay(&[&bill], "same-key-1", json!({"paymentMethodId": card})).await;
        assert_eq!(found(&bills["userErrors"]), ["idempotencyKey: IDEMPOTENCY_KEY_REUSED"]);
        // Another person's key is another key.
        let ben = app.customer("Ben").await;
        let his = ben.save_card().await;
        assert_eq!(ben.top_up(2_000, &his, "same-key-1").await["status"], "SUCCEEDED");
        for short in ["", "1234567"] {
            assert_eq!(found(&anna.try_pay(&[&bill], short, json!({"paymentMethodId": card})).await["userErrors"]), ["idempotencyKey: WRONG_LENGTH"]);
        }
        app.settle().await;
        assert_eq!(app.charged(), [1_000, 2_000]);
        app.books_agree().await;
    }

    async fn a_webhook_that_comes_before_the_response_settles_once(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.hear_cards();
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        // It is carried out at once and answered late; the webhook overtakes the answer.
        app.sandbox.state().script_card(Some(CardCall::Charge), CardFault::Slow { ms: 1_500 }, 1);
        let (payer, how) = (anna.clone(), json!({"paymentMethodId": card}));
        let asked = tokio::spawn(async move { payer.pay(&[&bill], "overtaken-1", how).await });
        let state = app.sandbox.state();
        state.until(|s| s.card_log().iter().any(|e| e.amount_minor == 4_000)).await;
        app.cards_told().await;
        app.billing.notices.work_notices().await.expect("notices");
        let listed = anna.run("{ payments { nodes { status } } }", json!({})).await;
        assert_eq!(listed["payments"]["nodes"][0]["status"], "SUCCEEDED", "before the answer");
        assert_eq!(asked.await.expect("an answer")["status"], "SUCCEEDED");
        app.settle().await;
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
    }

    async fn a_time_out_that_succeeded_is_found_and_not_charged_again(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        app.sandbox.state().script_card(Some(CardCall::Charge), CardFault::LostAfter, 1);
        let unclear = anna.pay(&[&bill], "lost-after-1", json!({"paymentMethodId": card})).await;
        assert_eq!(unclear["status"], "UNKNOWN", "{unclear}");
        let id = text(&unclear["id"]);
        let again = anna.try_pay(&[&bill], "lost-after-2", json!({"paymentMethodId": card})).await;
        assert_eq!(found(&again["userErrors"]), ["bills.0.billId: PAYMENT_IN_PROGRESS"], "nobody knows yet, so nobody pays again");
        app.pass(Duration::minutes(6));
        app.settle().await;
        assert_eq!(anna.payment_status(&id).await, "SUCCEEDED");
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
    }

    async fn a_time_out_that_did_not_succeed_is_given_up_and_can_be_tried_again(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        app.sandbox.state().script_card(Some(CardCall::Charge), CardFault::LostBefore, 1);
        let unclear = anna.pay(&[&bill], "lost-before-1", json!({"paymentMethodId": card})).await;
        let id = text(&unclear["id"]);
        assert_eq!(unclear["status"], "UNKNOWN", "{unclear}");
        for _ in 0..4 {
            app.pass(Duration::hours(25));
            app.settle().await;
        }
        assert_eq!(anna.payment_status(&id).await, "FAILED");
        assert!(app.charged().is_empty());
        anna.pay(&[&bill], "lost-before-2", json!({"paymentMethodId": card})).await;
        app.settle().await;
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
    }

    async fn redelivered_and_shuffled_webhooks_settle_once(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.hear_cards();
        app.sandbox.state().set_webhook_manners(WebhookManners { copies: 5, shuffled: true, ..WebhookManners::default() });
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let debit = anna.save_method("DIRECT_DEBIT", "pm_sepaDebit_processing").await;
        app.settle().await;
        anna.pay(&[&bill], "redelivered-1", json!({"paymentMethodId": debit})).await;
        let pending = app.sandbox.state().pending_debits();
        app.sandbox.state().settle_card(&pending[0], &CardOutcome::Succeeded);
        app.cards_told().await;
        app.settle().await;
        for (event, ..) in app.sandbox.state().card_events() {
            app.sandbox.state().resend_webhook(&event);
        }
        app.cards_told().await;
        app.settle().await;
        assert_eq!(app.charged(), [4_000]);
        assert_eq!(app.sandbox.state().payments(None).len(), 1, "the provider is told once");
        app.books_agree().await;
    }

    async fn forged_stale_and_foreign_webhooks_change_nothing(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let body = json!({"id": "evt_made_up", "object": "event", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_made_up", "object": "payment_intent"}}}).to_string();
        let (_, _, secret) = billow_sandbox::cards_access(&app.sandbox);
        let good = sign_webhook(secret, app.now(), body.as_bytes());
        assert_eq!(post_webhook(&app, "sandbox", None, body.clone()).await, 400, "unsigned");
        assert_eq!(post_webhook(&app, "sandbox", Some(sign_webhook("whsec_other", app.now(), body.as_bytes())), body.clone()).await, 400, "forged");
        assert_eq!(post_webhook(&app, "sandbox", Some(good.clone()), format!("{body} ")).await, 400, "changed on the way");
        let stale = sign_webhook(secret, app.now() - Duration::seconds(301), body.as_bytes());
        assert_eq!(post_webhook(&app, "sandbox", Some(stale), body.clone()).await, 400, "stale");
        assert_eq!(post_webhook(&app, "nobody", Some(good.clone()), body.clone()).await, 404, "no such gateway");
        let large = format!("{{\"id\": \"{}\"}}", "x".repeat(256 * 1024));
        assert_eq!(post_webhook(&app, "sandbox", Some(sign_webhook(secret, app.now(), large.as_bytes())), large).await, 413, "too large");
        let unreadable = "not an event";
        assert_eq!(post_webhook(&app, "sandbox", Some(sign_webhook(secret, app.now(), unreadable.as_bytes())), unreadable.into()).await, 400);
        // Signed and yet about nothing of ours: kept and answered, so that it is not sent again.
        assert_eq!(post_webhook(&app, "sandbox", Some(good.clone()), body.clone()).await, 200, "stored");
        assert_eq!(post_webhook(&app, "sandbox", Some(good), body).await, 200, "known");
        let strange = json!({"id": "evt_strange", "object": "event", "type": "some.new_kind", "data": {"object": {"id": "x_1"}}}).to_string();
        assert_eq!(post_webhook(&app, "sandbox", Some(sign_webhook(secret, app.now(), strange.as_bytes())), strange).await, 200, "unknown kinds are kept");
        app.settle().await;
        app.books_agree().await;
    }

    async fn a_wallet_is_not_overspent_by_many_at_once(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let card = anna.save_card().await;
        anna.top_up(2_500, &card, "overspend-0").await;
        for _ in 0..6 {
            app.sandbox.state().issue_bill(billow_sandbox::Provider::Voltara, "VT10000001", Some(1_000)).expect("a bill");
        }
        anna.fetch_now(&account).await;
        app.settle().await;
        let bills = anna.open_bills().await;
        assert_eq!(bills.len(), 6);
        let wishes = bills.iter().enumerate().map(|(n, bill)| {
            let anna = anna.clone();
            async move { anna.try_pay(&[bill], &format!("overspend-{n}-x"), json!({"useWallet": true})).await }
        });
        let answers = futures::future::join_all(wishes).await;
        assert_eq!(answers.iter().filter(|a| a["payment"]["status"] == "SUCCEEDED").count(), 2, "{answers:#?}");
        app.settle().await;
        assert_eq!(anna.wallet().await, ("500".into(), "0".into()));
        app.books_agree().await;
    }

    async fn the_same_refund_twice_goes_back_once_and_never_more_than_was_paid(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        let id = text(&anna.pay(&[&bill], "refunds-001", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        let operator = app.staff(billow_entities::Role::Operator).await;
        let wish = |amount: Option<i64>, key: &str| {
            json!({"input": {"paymentId": id, "amount": amount.map(|a| json!({"amountMinor": a.to_string()})), "reason": "A courtesy", "idempotencyKey": key}})
        };
        let same = futures::future::join_all((0..3).map(|_| operator.must(REFUND, wish(Some(1_000), "refund-0001")))).await;
        let refunds: std::collections::BTreeSet<_> = same.iter().map(|p| text(&p["refunds"][0]["id"])).collect();
        assert_eq!(refunds.len(), 1);
        assert_eq!(operator.refused(REFUND, wish(Some(3_001), "refund-0002")).await, ["amount: TOO_MUCH"]);
        assert_eq!(operator.must(REFUND, wish(None, "refund-0003")).await["payment"]["refundable"]["amountMinor"], "0");
        assert_eq!(operator.refused(REFUND, wish(None, "refund-0004")).await, ["amount: TOO_MUCH"]);
        app.settle().await;
        app.books_agree().await;
    }
}
