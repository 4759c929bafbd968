//! Setting up a gateway: it starts paused, is tested by one reading call, and keys of the wrong kind are refused.

use billow_entities::Role;
use billow_sandbox::{CardCall, CardFault};
use billow_tests::{TestApp, both, found, text};
use serde_json::{Value, json};

const CREATE: &str = "mutation($input: CreateGatewayInput!) { createGateway(input: $input) { gateway { id status mode lastTest { result } } userErrors { code message path } } }";
const UPDATE: &str = "mutation($input: UpdateGatewayInput!) { updateGateway(input: $input) { gateway { status mode lastTest { result } } userErrors { code message path } } }";
const TEST: &str = "mutation($input: TestGatewayInput!) { testGateway(input: $input) { gateway { status mode lastTest { result passed } } \
     test { result passed message accountId accountName } userErrors { code message path } } }";
const RESUME: &str =
    "mutation($input: ResumeGatewayInput!) { resumeGateway(input: $input) { gateway { status } userErrors { code message path } } }";

/// A gateway at the sandbox's card network.
fn at_the_sandbox(app: &TestApp, code: &str, key: &str) -> Value {
    let (base_url, ..) = billow_sandbox::cards_access(&app.sandbox);
    json!({"input": {"code": code, "name": "Cards", "adapter": "SANDBOX", "baseUrl": base_url,
        "credentials": {"secret_key": key, "webhook_secret": "whsec_of_the_test"}}})
}

both! {
    async fn a_new_gateway_charges_nobody_until_one_reading_call_passed(engine) {
        let app = TestApp::start(engine).await;
        let admin = app.staff(Role::Admin).await;
        let (_, key, _) = billow_sandbox::cards_access(&app.sandbox);
        let made = admin.must(CREATE, at_the_sandbox(&app, "cards", "sk_test_of_somebody_else")).await;
        assert_eq!(made["gateway"], json!({"id": made["gateway"]["id"], "status": "PAUSED", "mode": "TEST", "lastTest": null}));
        let id = text(&made["gateway"]["id"]);
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let setup = "mutation($input: StartPaymentMethodSetupInput!) { startPaymentMethodSetup(input: $input) { paymentMethod { id } userErrors { code message path } } }";
        let card = json!({"input": {"kind": "CARD", "currency": "EUR", "token": "pm_card_visa"}});
        assert_eq!(anna.refused(setup, card.clone()).await, [": NO_GATEWAY"]);
        let page = anna.try_pay(&[&bill], "paused-0001", json!({"hostedPage": true, "returnUrl": format!("http://{}/back", app.address)})).await;
        assert_eq!(found(&page["userErrors"]), [": NO_GATEWAY"], "{page}");
        assert_eq!(admin.refused(RESUME, json!({"input": {"id": id}})).await, [": GATEWAY_UNTESTED"]);

        // Its key is another's.
        let tested = admin.must(TEST, json!({"input": {"id": id}})).await;
        assert_eq!((&tested["test"]["result"], &tested["test"]["passed"]), (&json!("KEY_REFUSED"), &json!(false)), "{tested}");
        assert!(!tested.to_string().contains("sk_test_of_somebody_else"), "secrets are never shown: {tested}");
        assert_eq!(admin.refused(RESUME, json!({"input": {"id": id}})).await, [": GATEWAY_UNTESTED"]);

        // With the right one it passes, by one call that is a read.
        let right = json!({"input": {"id": id, "credentials": {"secret_key": key}}});
        assert_eq!(admin.must(UPDATE, right).await["gateway"], json!({"status": "PAUSED", "mode": "TEST", "lastTest": null}));
        let before = app.sandbox.state().card_calls().len();
        let tested = admin.must(TEST, json!({"input": {"id": id}})).await;
        assert_eq!(tested["test"], json!({"result": "PASSED", "passed": true, "message": null, "accountId": "acct_sandbox", "accountName": "Sandbox Cards"}));
        assert_eq!(tested["gateway"], json!({"status": "PAUSED", "mode": "TEST", "lastTest": {"result": "PASSED", "passed": true}}));
        let calls: Vec<_> = app.sandbox.state().card_calls().split_off(before).into_iter().map(|seen| (seen.call, seen.key)).collect();
        assert_eq!(calls, [(CardCall::Account, None)]);
        assert_eq!(anna.refused(setup, card.clone()).await, [": NO_GATEWAY"], "a test starts nothing");
        assert_eq!(admin.must(RESUME, json!({"input": {"id": id}})).await["gateway"]["status"], "ACTIVE");
        anna.must(setup, card).await;

        let audit = admin.run("query($id: ID!) { auditEntries(subject: $id) { nodes { action actorName data } } }", json!({"id": id})).await;
        let tests: Vec<_> = audit["auditEntries"]["nodes"].as_array().expect("entries").iter().filter(|entry| entry["action"] == "gateway.test").collect();
        assert_eq!(tests.len(), 2, "{audit}");
        assert_eq!((&tests[0]["actorName"], &tests[0]["data"]["result"], &tests[0]["data"]["account_id"]), (&json!("admin@example.com"), &json!("PASSED"), &json!("acct_sandbox")));
        assert_eq!((&tests[1]["data"]["result"], &tests[1]["data"]["mode"]), (&json!("KEY_REFUSED"), &json!("TEST")));
    }

    async fn a_gateway_that_does_not_answer_fails_its_test_and_stays_paused(engine) {
        let app = TestApp::start(engine).await;
        let admin = app.staff(Role::Admin).await;
        let (_, key, _) = billow_sandbox::cards_access(&app.sandbox);
        let id = text(&admin.must(CREATE, at_the_sandbox(&app, "cards", key)).await["gateway"]["id"]);
        for (fault, result) in [
            (CardFault::ServerError { carried_out: false }, "NO_ANSWER"),
            (CardFault::LostBefore, "NO_ANSWER"),
            (CardFault::NotJson, "NO_ANSWER"),
            (CardFault::TooManyRequests { retry_after_s: 5 }, "UNREACHABLE"),
        ] {
            app.sandbox.state().script_card(Some(CardCall::Account), fault, 1);
            let tested = admin.must(TEST, json!({"input": {"id": id}})).await;
            assert_eq!(tested["test"]["result"], result, "{tested}");
            assert!(tested["test"]["message"].as_str().is_some_and(|words| !words.is_empty()), "{tested}");
            assert_eq!(tested["gateway"]["status"], "PAUSED");
            assert_eq!(admin.refused(RESUME, json!({"input": {"id": id}})).await, [": GATEWAY_UNTESTED"]);
        }
        let unknown = "gw_7zzzzzzzzzzzzzzzzzzzzzzzzz";
        assert_eq!(admin.refused(TEST, json!({"input": {"id": unknown}})).await, [": NOT_FOUND"]);
    }

    async fn with_another_key_or_address_nobody_is_charged_before_the_next_test(engine) {
        let app = TestApp::start(engine).await;
        let id = app.cards().await;
        let admin = app.staff(Role::Admin).await;
        let (base_url, key, webhook_secret) = billow_sandbox::cards_access(&app.sandbox);
        let same = json!({"input": {"id": id, "name": "Main cards", "baseUrl": base_url, "credentials": {"secret_key": key, "webhook_secret": webhook_secret}}});
        assert_eq!(admin.must(UPDATE, same).await["gateway"], json!({"status": "ACTIVE", "mode": "TEST", "lastTest": {"result": "PASSED"}}), "nothing that is sent changed");
        for change in [json!({"credentials": {"secret_key": "rk_test_another"}}), json!({"baseUrl": format!("{base_url}/"), "credentials": {"secret_key": key}})] {
            let mut input = change.clone();
            input["id"] = json!(id);
            assert_eq!(admin.must(UPDATE, json!({"input": input})).await["gateway"], json!({"status": "PAUSED", "mode": "TEST", "lastTest": null}), "{change}");
            assert_eq!(admin.refused(RESUME, json!({"input": {"id": id}})).await, [": GATEWAY_UNTESTED"]);
        }
        admin.activate(&id).await;
    }

    async fn live_and_test_keys_are_not_mixed(engine) {
        let app = TestApp::start(engine).await;
        let admin = app.staff(Role::Admin).await;
        for (key, problem) in [
            ("sk_live_of_the_test", "credentials.secret_key: WRONG_MODE"),
            ("rk_live_of_the_test", "credentials.secret_key: WRONG_MODE"),
            ("pk_test_of_the_test", "credentials.secret_key: INVALID"),
            ("whsec_of_the_test", "credentials.secret_key: INVALID"),
            ("sk_of_no_mode", "credentials.secret_key: INVALID"),
        ] {
            assert_eq!(admin.refused(CREATE, at_the_sandbox(&app, "cards", key)).await, [problem], "{key}");
        }
        let stripe = json!({"input": {"code": "stripe", "name": "Stripe", "adapter": "STRIPE", "baseUrl": "https://api.stripe.com",
            "credentials": {"secret_key": "sk_live_of_the_test", "webhook_secret": "whsec_of_the_test"}}});
        let made = admin.must(CREATE, stripe).await;
        assert_eq!((&made["gateway"]["status"], &made["gateway"]["mode"]), (&json!("PAUSED"), &json!("LIVE")));
        let change = |key: &str| json!({"input": {"id": made["gateway"]["id"], "credentials": {"secret_key": key}}});
        assert_eq!(admin.refused(UPDATE, change("sk_test_of_the_test")).await, ["credentials.secret_key: WRONG_MODE"]);
        assert_eq!(admin.must(UPDATE, change("rk_live_of_the_test")).await["gateway"]["mode"], "LIVE");
    }

    async fn the_sandbox_is_no_gateway_of_a_real_installation(engine) {
        let app = TestApp::start_with(engine, &[("gateways.sandbox", "false")]).await;
        let admin = app.staff(Role::Admin).await;
        assert_eq!(admin.run("{ gatewayAdapters }", json!({})).await, json!({"gatewayAdapters": ["STRIPE"]}));
        let (_, key, _) = billow_sandbox::cards_access(&app.sandbox);
        assert_eq!(admin.refused(CREATE, at_the_sandbox(&app, "cards", key)).await, ["adapter: SANDBOX_NOT_ALLOWED"]);
        assert_eq!(admin.run("{ gateways { code } }", json!({})).await, json!({"gateways": []}));
        let trying = TestApp::start(engine).await;
        let operator = trying.staff(Role::Operator).await;
        assert_eq!(operator.run("{ gatewayAdapters }", json!({})).await, json!({"gatewayAdapters": ["STRIPE", "SANDBOX"]}));
    }
}
