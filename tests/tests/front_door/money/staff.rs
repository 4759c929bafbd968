//! Operators and administrators look after money.

use billow_entities::Role;
use billow_sandbox::{Fault, Provider};
use billow_tests::{TestApp, both, stable, text};
use chrono::Duration;
use serde_json::json;

use super::{PAYMENT, REFUND};

const GATEWAY: &str = "code name adapter status rank currencies kinds timeoutMs searches credentialNames mode lastTest { result } webhookUrl \
     circuit { state failures reason }";

const CONFIRM: &str = "mutation($input: ConfirmRemittanceInput!) { confirmRemittance(input: $input) { remittance { status providerReference } userErrors { code message path } } }";
const REJECT: &str = "mutation($input: RejectRemittanceInput!) { rejectRemittance(input: $input) { remittance { status } userErrors { code message path } } }";
const DECIDABLE: &str = "query($id: ID!) { payment(id: $id) { allocations { remittance { id status canDecide decidableFrom } } } }";
const RETRY_REFUND: &str =
    "mutation($input: RetryRefundInput!) { retryRefund(input: $input) { refund { status target } userErrors { code message path } } }";

both! {
    async fn an_operator_gives_a_part_back_and_sees_everything_that_happened(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.hear_cards();
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        let id = text(&anna.pay(&[&bill], "operator-001", json!({"paymentMethodId": card})).await["id"]);
        app.cards_told().await;
        app.settle().await;
        let operator = app.staff(Role::Operator).await;
        let wish = json!({"paymentId": id, "amount": {"amountMinor": "1500"}, "reason": "The meter was wrong", "idempotencyKey": "operator-002"});
        let given = operator.must(REFUND, json!({"input": wish})).await;
        assert_eq!(given["payment"]["refundable"]["amountMinor"], "2500");
        app.settle().await;
        app.cards_told().await;
        app.settle().await;
        let wish = json!({"paymentId": id, "amount": {"amountMinor": "500"}, "toWallet": true, "reason": "A courtesy", "idempotencyKey": "operator-003"});
        operator.must(REFUND, json!({"input": wish})).await;
        app.settle().await;
        assert_eq!(anna.wallet().await, ("500".into(), "0".into()));
        insta::assert_json_snapshot!("operator_sees_a_refund", stable(operator.run(PAYMENT, json!({"id": id})).await));
        insta::assert_json_snapshot!("customer_sees_a_refund", stable(anna.run(PAYMENT, json!({"id": id})).await));
        let audit = operator.fault("{ auditEntries { nodes { action } } }", json!({})).await;
        assert_eq!(audit, "FORBIDDEN");
        app.books_agree().await;
    }

    async fn what_the_provider_has_already_is_known_before_it_is_refunded(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        let id = text(&anna.pay(&[&bill], "at-provider-1", json!({"paymentMethodId": card})).await["id"]);
        let operator = app.staff(Role::Operator).await;
        let query = "query($id: ID!) { payment(id: $id) { allocations { atProvider { amountMinor } remittance { status } } } }";
        let part = |told: serde_json::Value| told["payment"]["allocations"][0].clone();
        let waiting = part(operator.run(query, json!({"id": id})).await);
        assert_eq!(waiting, json!({"atProvider": {"amountMinor": "0"}, "remittance": {"status": "QUEUED"}}), "it is still with us");
        app.settle().await;
        let confirmed = part(operator.run(query, json!({"id": id})).await);
        assert_eq!(confirmed, json!({"atProvider": {"amountMinor": "4000"}, "remittance": {"status": "CONFIRMED"}}));
        let wish = json!({"paymentId": id, "amount": {"amountMinor": "1500"}, "reason": "The meter was wrong", "idempotencyKey": "at-provider-2"});
        operator.must(REFUND, json!({"input": wish})).await;
        app.settle().await;
        assert_eq!(part(operator.run(query, json!({"id": id})).await)["atProvider"]["amountMinor"], "2500");
        assert!(part(anna.run(query, json!({"id": id})).await)["atProvider"].is_null(), "for staff");
    }

    async fn a_payment_the_provider_refuses_goes_back_by_itself(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        app.sandbox.state().set_fault(Provider::Voltara, None, Fault::RejectPayments { payments: 1 });
        let id = text(&anna.pay(&[&bill], "rejected-001", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        insta::assert_json_snapshot!("refused_by_the_provider", stable(anna.run(PAYMENT, json!({"id": id})).await));
        assert_eq!(anna.open_bills().await, [bill], "it is to be paid again");
        app.books_agree().await;
    }

    async fn what_is_transferred_by_hand_is_confirmed_or_refused_by_an_operator(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let water = app.provider(Provider::Aquaria).await;
        let anna = app.customer("Anna").await;
        let mut bills = Vec::new();
        for number in ["AQ100001", "AQ100002"] {
            app.sandbox.state().issue_bill(Provider::Aquaria, number, Some(2_200)).expect("a bill");
            anna.add_account(&water, None, "contract", number).await;
        }
        app.settle().await;
        bills.extend(anna.open_bills().await);
        let card = anna.save_card().await;
        let ids: Vec<&str> = bills.iter().map(String::as_str).collect();
        let id = text(&anna.pay(&ids, "by-hand-0001", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        let operator = app.staff(Role::Operator).await;
        let waiting = operator.run("{ remittances(status: MANUAL) { nodes { id status amount { formatted } provider { code } payment { status } bill { status } } } }", json!({})).await;
        let nodes = waiting["remittances"]["nodes"].as_array().expect("remittances").clone();
        assert_eq!(nodes.len(), 2, "{waiting}");
        let done = operator.must(CONFIRM, json!({"input": {"remittanceId": nodes[0]["id"], "providerReference": "BANK-77"}})).await;
        assert_eq!(done["remittance"], json!({"status": "CONFIRMED", "providerReference": "BANK-77"}));
        assert_eq!(operator.refused(CONFIRM, json!({"input": {"remittanceId": nodes[0]["id"], "providerReference": "BANK-78"}})).await.len(), 1);
        let refused = operator.must(REJECT, json!({"input": {"remittanceId": nodes[1]["id"], "reason": "The contract has ended"}})).await;
        assert_eq!(refused["remittance"]["status"], "REJECTED");
        app.settle().await;
        let after = anna.run("query($id: ID!) { payment(id: $id) { status refunded { amountMinor } refunds { cause status amount { amountMinor } } } }", json!({"id": id})).await;
        assert_eq!(after["payment"]["refunded"]["amountMinor"], "2200", "{after}");
        assert_eq!(after["payment"]["refunds"], json!([{"cause": "PROVIDER_REJECTED", "status": "SUCCEEDED", "amount": {"amountMinor": "2200"}}]));
        app.books_agree().await;
    }

    async fn what_a_provider_took_and_never_answered_for_is_decided_after_three_days_and_a_late_answer_moves_nothing(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.provider_with(Provider::Voltara, |definition| {
            let settings = &mut definition["connector"]["settings"];
            settings["pay"]["outcome"] = json!("{outcome: \"AWAITED\", after_ms: 1000}");
            settings["pay_status"]["outcome"] = json!("{outcome: \"AWAITED\", after_ms: 1000}");
        }).await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let (ben, his) = app.customer_with_bill("Ben", "VT10000002", 5_000).await;
        let operator = app.staff(Role::Operator).await;
        let mut waiting = Vec::new();
        for (who, bill, key) in [(&anna, &bill, "stuck-0001"), (&ben, &his, "stuck-0002")] {
            let card = who.save_card().await;
            let id = text(&who.pay(&[bill], key, json!({"paymentMethodId": card})).await["id"]);
            app.settle().await;
            let seen = who.run(DECIDABLE, json!({"id": id})).await;
            let hers = &seen["payment"]["allocations"][0]["remittance"];
            assert_eq!((&hers["status"], &hers["canDecide"], &hers["decidableFrom"]), (&json!("SENT"), &json!(false), &json!(null)), "for staff alone");
            waiting.push(id);
        }
        let remittance = |seen: &serde_json::Value| seen["payment"]["allocations"][0]["remittance"].clone();
        let first = remittance(&operator.run(DECIDABLE, json!({"id": waiting[0]})).await);
        let second = remittance(&operator.run(DECIDABLE, json!({"id": waiting[1]})).await);
        assert_eq!((&first["canDecide"], &first["decidableFrom"]), (&json!(false), &json!("2026-11-24T09:00:00.000Z")), "{first}");

        let confirm = |reason: Option<&str>| json!({"input": {"remittanceId": first["id"], "providerReference": "PHONE-1", "reason": reason}});
        let reject = json!({"input": {"remittanceId": second["id"], "reason": "They never saw it"}});
        app.pass(Duration::hours(71));
        app.settle().await;
        assert_eq!(operator.refused(CONFIRM, confirm(Some("Their support said so"))).await, ["remittanceId: TOO_EARLY"], "it is still asked about");
        assert_eq!(operator.refused(REJECT, reject.clone()).await, ["remittanceId: TOO_EARLY"]);
        app.pass(Duration::hours(1));
        assert_eq!(remittance(&operator.run(DECIDABLE, json!({"id": waiting[0]})).await)["canDecide"], true);
        assert_eq!(operator.refused(CONFIRM, confirm(None)).await, ["reason: REQUIRED"]);
        assert_eq!(anna.refused(CONFIRM, confirm(Some("It is mine"))).await, [": FORBIDDEN"]);
        let done = operator.must(CONFIRM, confirm(Some("Their support said so"))).await;
        assert_eq!(done["remittance"], json!({"status": "CONFIRMED", "providerReference": "PHONE-1"}));
        assert_eq!(operator.must(REJECT, reject).await["remittance"]["status"], "REJECTED");
        app.settle().await;

        // The provider knows of both and would say so; nobody asks any more, and nothing moves.
        app.pass(Duration::days(2));
        app.settle().await;
        assert_eq!(remittance(&operator.run(DECIDABLE, json!({"id": waiting[1]})).await)["status"], "REJECTED");
        assert_eq!(ben.open_bills().await, [his], "it is to be paid again");
        let admin = app.staff(Role::Admin).await;
        for (id, action, reason) in [(&first["id"], "remittance.confirm", "Their support said so"), (&second["id"], "remittance.reject", "They never saw it")] {
            let audit = admin.run("query($id: ID!) { auditEntries(subject: $id) { nodes { action reason data } } }", json!({"id": id})).await;
            let entry = &audit["auditEntries"]["nodes"][0];
            assert_eq!((&entry["action"], &entry["reason"], &entry["data"]["was"]), (&json!(action), &json!(reason), &json!("SENT")), "{audit}");
        }
        app.books_agree().await;
    }

    async fn a_refund_that_comes_back_goes_into_the_wallet_when_an_operator_says_so(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.hear_cards();
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_method("CARD", "pm_card_refundFail").await;
        let id = text(&anna.pay(&[&bill], "comes-back-1", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        let operator = app.staff(Role::Operator).await;
        let wish = json!({"paymentId": id, "amount": {"amountMinor": "1500"}, "reason": "The meter was wrong", "idempotencyKey": "comes-back-2"});
        let refund = text(&operator.must(REFUND, json!({"input": wish})).await["refunds"][0]["id"]);
        app.settle().await;
        let again = json!({"input": {"refundId": refund, "toWallet": true}});
        assert_eq!(operator.refused(RETRY_REFUND, again.clone()).await, ["refundId: ILLEGAL_STATE"], "it is on its way");
        app.pass(Duration::days(2));
        app.sandbox.state().tick_cards();
        app.cards_told().await;
        app.settle().await;
        let refunds = "query($id: ID!) { payment(id: $id) { refunded { amountMinor } refunds { status target amount { amountMinor } } } }";
        let failed = anna.run(refunds, json!({"id": id})).await;
        assert_eq!(failed["payment"]["refunds"][0]["status"], "FAILED", "{failed}");
        assert_eq!(anna.wallet().await, ("0".into(), "0".into()));

        assert_eq!(anna.refused(RETRY_REFUND, again.clone()).await, [": FORBIDDEN"]);
        operator.must(RETRY_REFUND, again.clone()).await;
        app.settle().await;
        let given = anna.run(refunds, json!({"id": id})).await;
        assert_eq!(given["payment"], json!({"refunded": {"amountMinor": "1500"}, "refunds": [{"status": "SUCCEEDED", "target": "WALLET", "amount": {"amountMinor": "1500"}}]}));
        assert_eq!(anna.wallet().await, ("1500".into(), "0".into()));
        assert_eq!(operator.refused(RETRY_REFUND, again).await, ["refundId: ILLEGAL_STATE"], "once");
        let admin = app.staff(Role::Admin).await;
        let audit = admin.run("query($id: ID!) { auditEntries(subject: $id) { nodes { action } } }", json!({"id": refund})).await;
        assert_eq!(audit["auditEntries"]["nodes"][0]["action"], "refund.retry", "{audit}");
        app.books_agree().await;
    }

    async fn what_is_unsettled_is_seen_and_asked_about(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        app.sandbox.state().script_card(Some(billow_sandbox::CardCall::Charge), billow_sandbox::CardFault::LostAfter, 1);
        let id = text(&anna.pay(&[&bill], "unsettled-01", json!({"paymentMethodId": card})).await["id"]);
        let operator = app.staff(Role::Operator).await;
        let seen = operator.run("{ unsettled { id status createdAt } }", json!({})).await;
        assert_eq!(seen["unsettled"][0]["id"], json!(id));
        assert_eq!(seen["unsettled"][0]["status"], "UNKNOWN");
        app.pass(Duration::minutes(2));
        let check = "mutation($input: CheckPaymentInput!) { checkPayment(input: $input) { payment { status } userErrors { code message path } } }";
        assert_eq!(operator.must(check, json!({"input": {"paymentId": id}})).await["payment"]["status"], "SUCCEEDED");
        assert_eq!(operator.run("{ unsettled { id } }", json!({})).await["unsettled"], json!([]));
        app.settle().await;
        assert_eq!(app.charged(), [4_000]);

        // That there was no answer is not forgotten when there is one.
        let timeline = "query($id: ID!) { payment(id: $id) { timeline { at kind title detail attemptNumber attemptStatus waitedSeconds askedAgain } } }";
        let about = |told: &serde_json::Value| {
            let entries = told["payment"]["timeline"].as_array().expect("entries").clone();
            let attempts = entries.into_iter().filter(|entry| text(&entry["kind"]).starts_with("attempt."));
            attempts.map(|e| (text(&e["kind"]), text(&e["title"]), e["askedAgain"] == true)).collect::<Vec<_>>()
        };
        let of = |kind: &str, title: &str, again: bool| (kind.to_owned(), title.to_owned(), again);
        let seen = operator.run(timeline, json!({"id": id})).await;
        assert_eq!(
            about(&seen),
            [
                of("attempt.created", "Try 1", false),
                of("attempt.sent", "Try 1 sent", false),
                of("attempt.unanswered", "No answer", false),
                of("attempt.answered", "Asked again: paid", true),
            ],
            "{seen:#}"
        );
        let hers = anna.run(timeline, json!({"id": id})).await;
        assert_eq!(about(&hers), [of("attempt.unanswered", "No answer", false), of("attempt.answered", "Asked again: paid", true)]);
        let entries = hers["payment"]["timeline"].as_array().expect("entries");
        let mut attempts = entries.iter().filter(|entry| text(&entry["kind"]).starts_with("attempt."));
        assert!(attempts.all(|entry| entry["detail"].is_null()), "what came instead of an answer is for staff: {hers:#}");
        let unanswered = seen["payment"]["timeline"].as_array().expect("entries").iter().find(|entry| entry["kind"] == "attempt.unanswered");
        assert!(unanswered.expect("an entry")["detail"].is_string(), "{seen:#}");
        app.books_agree().await;
    }

    async fn an_answer_that_never_came_says_how_long_it_was_waited_for(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        app.sandbox.state().script_card(Some(billow_sandbox::CardCall::Charge), billow_sandbox::CardFault::Slow { ms: 600_000 }, 1);
        // The clock goes on while the gateway keeps silent.
        let (payer, how, paid) = (anna.clone(), json!({"paymentMethodId": card}), bill.clone());
        let asked = tokio::spawn(async move { payer.pay(&[&paid], "silent-0001", how).await });
        let state = app.sandbox.state();
        state.until(|s| s.card_log().iter().any(|e| e.amount_minor == 4_000)).await;
        app.pass(Duration::seconds(5));
        let unclear = asked.await.expect("an answer");
        assert_eq!(unclear["status"], "UNKNOWN", "{unclear}");
        let id = text(&unclear["id"]);
        let timeline = "query($id: ID!) { payment(id: $id) { timeline { kind title waitedSeconds attemptStatus } } }";
        let told = |data: serde_json::Value| {
            let entries = data["payment"]["timeline"].as_array().expect("entries").clone();
            entries.into_iter().filter(|e| text(&e["kind"]).starts_with("attempt.")).collect::<Vec<_>>()
        };
        let silent = json!({"kind": "attempt.unanswered", "title": "No answer after 5 s", "waitedSeconds": 5, "attemptStatus": "UNKNOWN"});
        assert_eq!(told(anna.run(timeline, json!({"id": id})).await), std::slice::from_ref(&silent));
        app.pass(Duration::minutes(6));
        app.settle().await;
        let answered = json!({"kind": "attempt.answered", "title": "Asked again: paid", "waitedSeconds": null, "attemptStatus": "SUCCEEDED"});
        assert_eq!(told(anna.run(timeline, json!({"id": id})).await), [silent, answered]);
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
    }

    async fn a_day_is_held_against_the_gateway_and_a_difference_is_named_and_settled(engine) {
        let app = TestApp::start(engine).await;
        let gateway = app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        anna.pay(&[&bill], "reconcile-01", json!({"paymentMethodId": card})).await;
        app.settle().await;
        app.charge_behind_our_back(777).await;
        app.pass(Duration::days(1));
        let operator = app.staff(Role::Operator).await;
        let start = "mutation($input: StartReconciliationInput!) { startReconciliation(input: $input) { reconciliation { id day status gateway { code } } userErrors { code message path } } }";
        let started = operator.must(start, json!({"input": {"gatewayId": gateway, "day": "2026-11-21"}})).await;
        app.settle().await;
        let seen = operator.run(
            "{ reconciliations { nodes { id day status compared discrepancyCount discrepancies { kind ours { formatted } theirs { formatted } message payment { id } } } } \
             openDiscrepancies { id kind } }", json!({})).await;
        assert_eq!(seen["reconciliations"]["nodes"][0]["id"], started["reconciliation"]["id"]);
        let open = text(&seen["openDiscrepancies"][0]["id"]);
        insta::assert_json_snapshot!("a_difference", stable(seen));
        let settle = "mutation($input: ResolveDiscrepancyInput!) { resolveDiscrepancy(input: $input) { discrepancy { resolution resolvedAt } userErrors { code message path } } }";
        operator.must(settle, json!({"input": {"id": open, "resolution": "A test charge of the bank's"}})).await;
        assert_eq!(operator.run("{ openDiscrepancies { id } }", json!({})).await["openDiscrepancies"], json!([]));
    }

    async fn an_administrator_sets_a_gateway_up_changes_pauses_and_watches_it(engine) {
        let app = TestApp::start(engine).await;
        let admin = app.staff(Role::Admin).await;
        let (base_url, key, webhook_secret) = billow_sandbox::cards_access(&app.sandbox);
        let create = format!("mutation($input: CreateGatewayInput!) {{ createGateway(input: $input) {{ gateway {{ id {GATEWAY} }} userErrors {{ code message path }} }} }}");
        let wrong = json!({"code": "Not a code", "name": "", "adapter": "SANDBOX", "baseUrl": "nowhere", "timeoutMs": 1, "currencies": ["EUR"]});
        insta::assert_json_snapshot!("gateway_refused", stable(admin.run(&create, json!({"input": wrong})).await));
        let good = json!({"code": "cards", "name": "Cards", "adapter": "SANDBOX", "baseUrl": base_url, "currencies": ["EUR"], "kinds": ["CARD"],
            "credentials": {"secret_key": key, "webhook_secret": webhook_secret}});
        let made = admin.must(&create, json!({"input": good})).await;
        let id = text(&made["gateway"]["id"]);
        assert!(!made.to_string().contains(key), "secrets are never shown");
        insta::assert_json_snapshot!("gateway_created", stable(made));
        assert_eq!(admin.refused(&create, json!({"input": good})).await, ["code: CODE_TAKEN"]);

        admin.activate(&id).await;
        let update = format!("mutation($input: UpdateGatewayInput!) {{ updateGateway(input: $input) {{ gateway {{ {GATEWAY} }} userErrors {{ code message path }} }} }}");
        let changed = admin.must(&update, json!({"input": {"id": id, "name": "Main cards", "rank": 5, "timeoutMs": 9_000, "kinds": ["CARD", "DIRECT_DEBIT"]}})).await;
        assert_eq!((&changed["gateway"]["name"], &changed["gateway"]["rank"], &changed["gateway"]["timeoutMs"]), (&json!("Main cards"), &json!(5), &json!(9_000)));
        let pause = "mutation($input: PauseGatewayInput!) { pauseGateway(input: $input) { gateway { status } userErrors { code message path } } }";
        let resume = "mutation($input: ResumeGatewayInput!) { resumeGateway(input: $input) { gateway { status } userErrors { code message path } } }";
        let reset = "mutation($input: ResetGatewayCircuitInput!) { resetGatewayCircuit(input: $input) { gateway { circuit { state } } userErrors { code message path } } }";
        assert_eq!(admin.must(pause, json!({"input": {"id": id, "reason": "Its bank is closed"}})).await["gateway"]["status"], "PAUSED");
        let anna = app.customer("Anna").await;
        let setup = "mutation($input: StartPaymentMethodSetupInput!) { startPaymentMethodSetup(input: $input) { paymentMethod { status } userErrors { code message path } } }";
        let wish = json!({"input": {"kind": "CARD", "currency": "EUR", "token": "pm_card_visa"}});
        assert_eq!(anna.refused(setup, wish.clone()).await.len(), 1, "nobody takes it");
        assert_eq!(admin.must(resume, json!({"input": {"id": id}})).await["gateway"]["status"], "ACTIVE");
        assert_eq!(admin.must(reset, json!({"input": {"id": id}})).await["gateway"]["circuit"]["state"], "CLOSED");
        anna.must(setup, wish).await;
        app.sandbox.set_webhook_target(&text(&admin.run("query($id: ID!) { gateway(id: $id) { webhookUrl } }", json!({"id": id})).await["gateway"]["webhookUrl"]));
        anna.save_card().await;
        app.cards_told().await;
        app.settle().await;
        let events = admin.run("query($id: ID!) { gateway(id: $id) { lastSuccessAt events(first: 5) { nodes { kind outcome gateway { code } } } } }", json!({"id": id})).await;
        assert!(!events["gateway"]["events"]["nodes"].as_array().expect("events").is_empty(), "{events}");
        let proof = admin.run("{ ledgerProof { balanced entries postings accounts { kind } } }", json!({})).await;
        assert_eq!(proof["ledgerProof"], json!({"balanced": true, "entries": "0", "postings": "0", "accounts": []}));
        let audit = admin.run("query($id: ID!) { auditEntries(subject: $id) { nodes { action reason } } }", json!({"id": id})).await;
        let actions: Vec<_> = audit["auditEntries"]["nodes"].as_array().expect("entries").iter().map(|e| text(&e["action"])).collect();
        let expected = ["gateway.resume", "gateway.pause", "gateway.update", "gateway.resume", "gateway.test", "gateway.create"];
        assert_eq!(actions, expected, "what changed nothing is not written down");
    }
}
