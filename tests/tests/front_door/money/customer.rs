//! A customer pays: by card, by direct debit, from the wallet, on the gateway's page, and by a link without signing in.

use billow_sandbox::{CardOutcome, Provider};
use billow_tests::{TestApp, both, found, stable, text};
use chrono::Duration;
use serde_json::{Value, json};

use super::{CANCEL, LINK, PAYMENT, RETRY, UPDATES};

const METHODS: &str =
    "{ paymentMethods { id kind status statusReason brand last4 expiresSoon label title isDefault actionUrl gatewayCode } }";
const METHOD_UPDATES: &str = "subscription { paymentMethodUpdated { resync paymentMethod { id status title isDefault } } }";
const QUOTE: &str = "query($id: ID!) { bill(id: $id) { paid { formatted } quote { payable reason rule suggested { formatted } min { formatted } \
     max { formatted } multiple { formatted } explanation livePayment { status } } payments { nodes { status } } } }";

/// The next event about a payment in which `wanted` holds.
async fn until(updates: &mut billow_tests::Subscription, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let event = updates.next().await["paymentUpdated"].take();
        if wanted(&event["payment"]) {
            return event;
        }
    }
}

both! {
    async fn a_card_and_a_direct_debit_are_saved_and_watched_until_they_are_ready(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = app.customer("Anna").await;
        let mut updates = anna.subscribe(METHOD_UPDATES, json!({})).await;
        let card = anna.save_card().await;
        let debit = anna.save_method("DIRECT_DEBIT", "pm_sepaDebit_success").await;
        app.settle().await;
        let mut seen: Vec<(String, String)> = Vec::new();
        while !(seen.iter().any(|(id, s)| *id == card && s == "READY") && seen.iter().any(|(id, s)| *id == debit && s == "READY")) {
            let event = updates.next().await;
            let method = &event["paymentMethodUpdated"]["paymentMethod"];
            seen.push((text(&method["id"]), text(&method["status"])));
        }
        insta::assert_json_snapshot!("methods_ready", stable(anna.run(METHODS, json!({})).await));

        // One that is refused says why, in words for its owner.
        let input = json!({"kind": "CARD", "currency": "EUR", "token": "pm_card_setupDeclined"});
        let setup = "mutation($input: StartPaymentMethodSetupInput!) { startPaymentMethodSetup(input: $input) { paymentMethod { status statusReason } userErrors { code message path } } }";
        let refused = anna.must(setup, json!({"input": input})).await;
        insta::assert_json_snapshot!("method_refused", stable(refused));

        let set = "mutation($input: SetDefaultPaymentMethodInput!) { setDefaultPaymentMethod(input: $input) { paymentMethod { id isDefault } userErrors { code message path } } }";
        assert_eq!(anna.must(set, json!({"input": {"id": card}})).await["paymentMethod"]["isDefault"], true);
        let name = "mutation($input: UpdatePaymentMethodInput!) { updatePaymentMethod(input: $input) { paymentMethod { label } userErrors { code message path } } }";
        assert_eq!(anna.must(name, json!({"input": {"id": card, "label": "Blue card"}})).await["paymentMethod"]["label"], "Blue card");
        let remove = "mutation($input: RemovePaymentMethodInput!) { removePaymentMethod(input: $input) { paymentMethod { id status } userErrors { code message path } } }";
        assert_eq!(anna.must(remove, json!({"input": {"id": card}})).await["paymentMethod"]["status"], "REMOVED");
        let left = anna.run(METHODS, json!({})).await;
        assert!(left["paymentMethods"].as_array().expect("methods").iter().all(|m| m["id"] != json!(card)), "{left}");
        assert!(app.charged().is_empty(), "saving charges nothing");
    }

    async fn names_of_test_cards_are_tokens_of_the_sandbox_alone(engine) {
        let app = TestApp::start(engine).await;
        let sandbox = app.cards().await;
        let (anna, _) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let options = "query($currency: CurrencyCode) { paymentMethodSetupOptions(currency: $currency) { kind takesTestTokens } }";
        let both = |tests| json!({"paymentMethodSetupOptions": [{"kind": "CARD", "takesTestTokens": tests}, {"kind": "DIRECT_DEBIT", "takesTestTokens": tests}]});
        assert_eq!(anna.run(options, json!({})).await, both(true));
        assert_eq!(app.anonymous().fault(options, json!({})).await, "UNAUTHENTICATED");

        // A real gateway comes first: the field for tokens is not shown any more, and its names are refused.
        let admin = app.staff(billow_entities::Role::Admin).await;
        let create = "mutation($input: CreateGatewayInput!) { createGateway(input: $input) { gateway { id } userErrors { code message path } } }";
        app.sandbox.state().accept_secret_key("sk_live_of_the_test");
        let real = json!({"code": "stripe", "name": "Stripe", "adapter": "STRIPE", "rank": 0, "baseUrl": billow_sandbox::cards_access(&app.sandbox).0,
            "currencies": ["EUR"], "kinds": ["CARD"], "credentials": {"secret_key": "sk_live_of_the_test", "webhook_secret": "whsec_of_the_test"}});
        let real = text(&admin.must(create, json!({"input": real})).await["gateway"]["id"]);
        assert_eq!(anna.run(options, json!({})).await, both(true), "a gateway that is paused offers nothing");
        admin.activate(&real).await;
        assert_eq!(
            anna.run(options, json!({})).await,
            json!({"paymentMethodSetupOptions": [{"kind": "CARD", "takesTestTokens": false}, {"kind": "DIRECT_DEBIT", "takesTestTokens": true}]}),
        );
        assert_eq!(anna.run(options, json!({"currency": "CHF"})).await, both(true), "it takes no francs");
        let setup = "mutation($input: StartPaymentMethodSetupInput!) { startPaymentMethodSetup(input: $input) { paymentMethod { id } userErrors { code message path } } }";
        let token = |token: &str| json!({"input": {"kind": "CARD", "currency": "EUR", "token": token}});
        assert_eq!(anna.refused(setup, token("pm_card_visa")).await, ["token: NOT_ALLOWED"]);
        assert_eq!(anna.run(METHODS, json!({})).await, json!({"paymentMethods": []}), "nothing was written down");

        let pause = "mutation($input: PauseGatewayInput!) { pauseGateway(input: $input) { userErrors { code message path } } }";
        admin.must(pause, json!({"input": {"id": sandbox, "reason": "Only the real one"}})).await;
        assert_eq!(anna.run(options, json!({})).await, json!({"paymentMethodSetupOptions": [{"kind": "CARD", "takesTestTokens": false}]}));
    }

    async fn bills_of_two_homes_are_paid_in_one_go_and_watched_until_the_provider_has_the_money(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, electricity) = app.customer_with_bill("Anna", "VT10000001", 4_250).await;
        app.sandbox.state().issue_bill(Provider::Gasline, "110000000001", Some(1_999)).expect("a bill");
        let gas = app.provider(Provider::Gasline).await;
        let cabin = anna.add_property("Cabin").await;
        anna.add_account(&gas, Some(&cabin), "customer_code", "110000000001").await;
        app.settle().await;
        let bills = anna.open_bills().await;
        assert_eq!(bills.len(), 2);
        let debit = anna.save_method("DIRECT_DEBIT", "pm_sepaDebit_processing").await;
        app.settle().await;

        let mut updates = anna.subscribe(UPDATES, json!({})).await;
        let ids: Vec<&str> = bills.iter().map(String::as_str).collect();
        let payment = anna.pay(&ids, "two-homes-1", json!({"paymentMethodId": debit})).await;
        assert_eq!(payment["status"], "PROCESSING", "a bank takes its time");
        let id = text(&payment["id"]);
        app.settle().await;
        until(&mut updates, |p| p["status"] == "PROCESSING").await;
        // While it is under way, nothing of it can be paid again, and the quote says so.
        let quoted = anna.run(QUOTE, json!({"id": electricity})).await;
        assert_eq!(quoted["bill"]["quote"]["payable"], false, "{quoted}");
        assert_eq!(quoted["bill"]["quote"]["livePayment"]["status"], "PROCESSING");
        let again = anna.try_pay(&[&electricity], "two-homes-2", json!({"paymentMethodId": debit})).await;
        assert_eq!(found(&again["userErrors"]), ["bills.0.billId: PAYMENT_IN_PROGRESS"], "{again}");

        app.hear_cards();
        let pending = app.sandbox.state().pending_debits();
        assert!(app.sandbox.state().settle_card(&pending[0], &CardOutcome::Succeeded));
        app.cards_told().await;
        app.settle().await;
        until(&mut updates, |p| p["status"] == "SUCCEEDED").await;
        until(&mut updates, |p| p["allocations"].as_array().is_some_and(|a| a.iter().all(|a| a["remittance"]["status"] == "CONFIRMED"))).await;
        insta::assert_json_snapshot!("paid_in_one_go", stable(anna.run(PAYMENT, json!({"id": id})).await));
        assert!(anna.open_bills().await.is_empty());
        let took: i64 = app.sandbox.state().payments(None).iter().map(|p| p.amount_minor).sum();
        assert_eq!(took, 4_250 + 1_999, "each provider has its part");
        app.books_agree().await;
    }

    async fn a_part_is_paid_where_the_provider_takes_one(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.provider_with(Provider::Voltara, |definition| definition["amount_rule"] = json!({"kind": "EXACT_OR_BELOW"})).await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 5_000).await;
        let card = anna.save_card().await;
        insta::assert_json_snapshot!("quote_of_a_part", stable(anna.run(QUOTE, json!({"id": bill})).await));

        let preview = "query($input: PayBillsPreviewInput!) { previewPayment(input: $input) { total { formatted } fromWallet { formatted } \
             fromGateway { formatted } lines { amount { formatted } quote { payable } } userErrors { code path } } }";
        let wish = json!([{"billId": bill, "amount": {"amountMinor": "2000"}}]);
        let shown = anna.run(preview, json!({"input": {"bills": wish, "paymentMethodId": card}})).await;
        assert_eq!(shown["previewPayment"]["total"]["formatted"], "€20.00", "{shown}");
        assert_eq!(shown["previewPayment"]["userErrors"], json!([]));

        let too_much = json!({"bills": [{"billId": bill, "amount": {"amountMinor": "5001"}}], "idempotencyKey": "part-00001"});
        let refused = anna.try_pay_input(too_much, json!({"paymentMethodId": card})).await;
        insta::assert_json_snapshot!("part_too_much", stable(refused));
        let part = json!({"bills": wish, "idempotencyKey": "part-00002"});
        let paid = anna.try_pay_input(part, json!({"paymentMethodId": card})).await;
        assert_eq!(paid["payment"]["status"], "SUCCEEDED", "{paid}");
        app.settle().await;
        let rest = anna.run("query($id: ID!) { bill(id: $id) { status paid { amountMinor } quote { suggested { amountMinor } } } }", json!({"id": bill})).await;
        assert_eq!(rest["bill"], json!({"status": "OPEN", "paid": {"amountMinor": "2000"}, "quote": {"suggested": {"amountMinor": "3000"}}}));
        anna.pay(&[&bill], "part-00003", json!({"paymentMethodId": card})).await;
        app.settle().await;
        assert!(anna.open_bills().await.is_empty());
        assert_eq!(app.charged(), [2_000, 3_000]);
        app.books_agree().await;
    }

    async fn the_wallet_is_topped_up_pays_and_splits_with_a_card(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 3_000).await;
        let card = anna.save_card().await;
        let mut moved = anna.subscribe("subscription { walletUpdated { resync wallet { currency available { amountMinor } } } }", json!({})).await;
        assert_eq!(anna.top_up(5_000, &card, "top-up-0001").await["status"], "SUCCEEDED");
        app.settle().await;
        assert_eq!(moved.next().await["walletUpdated"]["wallet"]["available"]["amountMinor"], "5000");

        let paid = anna.pay(&[&bill], "wallet-0001", json!({"useWallet": true})).await;
        assert_eq!((&paid["status"], &paid["fromWallet"]["amountMinor"], &paid["fromGateway"]["amountMinor"]), (&json!("SUCCEEDED"), &json!("3000"), &json!("0")));
        assert_eq!(anna.wallet().await, ("2000".into(), "0".into()));

        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", Some(4_500)).expect("a bill");
        let account = text(&anna.run("{ utilityAccounts { nodes { id } } }", json!({})).await["utilityAccounts"]["nodes"][0]["id"]);
        anna.fetch_now(&account).await;
        app.settle().await;
        let next = anna.open_bills().await.pop().expect("a bill");
        let short = anna.try_pay(&[&next], "wallet-0002", json!({"useWallet": true})).await;
        assert_eq!(found(&short["userErrors"]), ["useWallet: INSUFFICIENT_FUNDS"], "{short}");
        let split = anna.pay(&[&next], "wallet-0003", json!({"useWallet": true, "paymentMethodId": card})).await;
        assert_eq!((&split["fromWallet"]["amountMinor"], &split["fromGateway"]["amountMinor"]), (&json!("2000"), &json!("2500")));
        app.settle().await;
        let wallets = "{ wallets { currency balance { formatted } held { formatted } available { formatted } entries { nodes { kind amount { formatted } memo payment { kind } } } } }";
        insta::assert_json_snapshot!("wallet_entries", stable(anna.run(wallets, json!({})).await));
        assert_eq!(app.charged(), [5_000, 2_500]);
        app.books_agree().await;
    }

    async fn a_declined_payment_says_why_and_goes_through_with_another_card(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let poor = anna.save_method("CARD", "pm_card_chargeDeclinedInsufficientFunds").await;
        let good = anna.save_card().await;
        let declined = anna.pay(&[&bill], "declined-01", json!({"paymentMethodId": poor})).await;
        let id = text(&declined["id"]);
        app.settle().await;
        insta::assert_json_snapshot!("declined", stable(anna.run(PAYMENT, json!({"id": id})).await));
        assert_eq!(anna.open_bills().await, std::slice::from_ref(&bill), "the bill can be paid again");

        let retry = |method: &str, key: &str| json!({"input": {"paymentId": id, "paymentMethodId": method, "idempotencyKey": key}});
        let retried = anna.must(RETRY, retry(&good, "retry-0001")).await;
        assert_eq!(retried["payment"]["status"], "SUCCEEDED");
        assert_eq!(retried["payment"]["attempts"], json!([{"number": 1, "status": "FAILED"}, {"number": 2, "status": "SUCCEEDED"}]));
        // The same key once more is the same retry; another is refused.
        assert_eq!(anna.must(RETRY, retry(&good, "retry-0001")).await["payment"]["attempts"].as_array().map(Vec::len), Some(2));
        assert_eq!(anna.refused(RETRY, retry(&good, "retry-0002")).await, ["paymentId: ILLEGAL_STATE"]);
        app.settle().await;
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
    }

    async fn a_payment_that_asks_for_confirmation_waits_and_can_be_called_off(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.hear_cards();
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let careful = anna.save_method("CARD", "pm_card_authenticationRequired").await;
        let asked = anna.pay(&[&bill], "confirm-001", json!({"paymentMethodId": careful, "returnUrl": format!("http://{}/payments", app.address)})).await;
        assert_eq!(asked["status"], "REQUIRES_ACTION", "{asked}");
        let page = text(&asked["actionUrl"]);
        let id = text(&asked["id"]);
        let off = anna.must(CANCEL, json!({"input": {"paymentId": id}})).await;
        assert_eq!(off["payment"]["status"], "CANCELLED");
        assert_eq!(anna.refused(CANCEL, json!({"input": {"paymentId": anna.pay(&[&bill], "confirm-002", json!({"paymentMethodId": anna.save_card().await})).await["id"]}})).await, ["paymentId: ILLEGAL_STATE"]);
        app.cards_told().await;
        app.settle().await;
        assert!(page.contains("/cards/confirm/"), "{page}");
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
    }

    async fn a_bill_is_paid_on_the_gateway_s_page(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.hear_cards();
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let asked = anna.pay(&[&bill], "hosted-0001", json!({"hostedPage": true, "returnUrl": format!("http://{}/payments", app.address)})).await;
        assert_eq!(asked["status"], "REQUIRES_ACTION", "{asked}");
        app.fill_page(&text(&asked["actionUrl"])).await;
        app.cards_told().await;
        app.settle().await;
        assert_eq!(anna.payment_status(&text(&asked["id"])).await, "SUCCEEDED");
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
        // Where the browser comes back to must be ours.
        let elsewhere = anna.try_pay(&[&bill], "hosted-0002", json!({"hostedPage": true, "returnUrl": "https://evil.example/"})).await;
        assert!(!found(&elsewhere["userErrors"]).is_empty(), "{elsewhere}");
    }

    async fn a_guest_pays_by_a_link_and_learns_nothing_else(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.hear_cards();
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let made = anna.must(
            "mutation($input: CreatePayLinkInput!) { createPayLink(input: $input) { url expiresAt userErrors { code message path } } }",
            json!({"input": {"billId": bill}}),
        ).await;
        let token = text(&made["url"]).rsplit('/').next().expect("a token").to_owned();
        let guest = app.anonymous();
        insta::assert_json_snapshot!("link_seen_by_a_guest", stable(guest.run(LINK, json!({"token": token})).await));

        // What a guest may not see is not there, and a stranger who is signed in sees no more than a guest.
        let ben = app.customer("Ben").await;
        for who in [&guest, &ben] {
            let hidden = who.run("query($token: String!) { payLink(token: $token) { bill { usage { unit } lines { label } property { name } versions { version } quote { payable } payments { nodes { id } } } } }", json!({"token": token})).await;
            assert_eq!(hidden["payLink"]["bill"], json!({"usage": null, "lines": [], "property": null, "versions": [], "quote": null, "payments": {"nodes": []}}));
            for (secret, of) in [("customer", "name"), ("utilityAccount", "label")] {
                let query = format!("query($token: String!) {{ payLink(token: $token) {{ bill {{ {secret} {{ {of} }} }} }} }}");
                let answer = who.ask(&query, json!({"token": token})).await;
                assert_eq!(answer, json!({"data": {"payLink": {"bill": {secret: null}}}}));
                assert!(!answer.to_string().contains("Anna") && !answer.to_string().contains("Mine"), "{answer}");
            }
        }

        let pay = "mutation($input: PayByLinkInput!) { payByLink(input: $input) { payment { status amount { amountMinor } method { title } timeline { kind } attempts { number } documents { number } } url userErrors { code message path } } }";
        let input = json!({"token": token, "returnUrl": format!("http://{}/pay/{token}", app.address), "idempotencyKey": "guest-0001"});
        let begun = guest.must(pay, json!({"input": input})).await;
        assert_eq!(begun["payment"], json!({"status": "REQUIRES_ACTION", "amount": {"amountMinor": "4000"}, "method": null, "timeline": [], "attempts": [], "documents": []}));
        app.fill_page(&text(&begun["url"])).await;
        app.cards_told().await;
        app.settle().await;
        let after = guest.run(LINK, json!({"token": token})).await;
        assert_eq!((&after["payLink"]["bill"]["status"], &after["payLink"]["payment"]["status"]), (&json!("PAID"), &json!("SUCCEEDED")));
        assert!(anna.open_bills().await.is_empty());
        app.books_agree().await;

        // A link that was made up leads nowhere, and trying many is stopped.
        let forged = format!("{}x", &token[..token.len() - 1]);
        assert_eq!(guest.run(LINK, json!({"token": forged})).await, json!({"payLink": null}));
        let mut answers = Vec::new();
        for _ in 0..60 {
            let answer = guest.ask(LINK, json!({"token": forged})).await;
            answers.push(answer["errors"][0]["extensions"]["code"].clone());
        }
        assert_eq!(answers.last(), Some(&json!("TOO_MANY")), "guessing ends");
        assert_ne!(guest.run(LINK, json!({"token": token})).await["payLink"], Value::Null, "the true link still leads there");
        app.pass(Duration::days(31));
        assert_eq!(guest.run(LINK, json!({"token": token})).await, json!({"payLink": null}));
    }
}
