//! Another person's money does not exist, and what is for staff is for staff.

use billow_entities::Role;
use billow_tests::{TestApp, both, stable, text};
use serde_json::{Value, json};

use super::{CANCEL, PAYMENT, REFUND, RETRY};

both! {
    async fn another_person_s_payment_does_not_exist(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let (ben, _) = app.customer_with_bill("Ben", "VT10000002", 1_000).await;
        let card = anna.save_card().await;
        let payment = text(&anna.pay(&[&bill], "strangers-1", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        let admin = app.staff(Role::Admin).await;
        let all = admin.run("query($id: ID!) { payment(id: $id) { customer { id } documents { id } allocations { remittance { id } } } }", json!({"id": payment})).await;
        let refund = admin.must(REFUND, json!({"input": {"paymentId": payment, "amount": {"amountMinor": "100"}, "reason": "A courtesy", "idempotencyKey": "strangers-2"}})).await;
        let customer = text(&all["payment"]["customer"]["id"]);
        let hers = [
            ("payment", payment.clone()),
            ("method", card.clone()),
            ("document", text(&all["payment"]["documents"][0]["id"])),
            ("remittance", text(&all["payment"]["allocations"][0]["remittance"]["id"])),
            ("refund", text(&refund["refunds"][0]["id"])),
        ];
        let node = "query($id: ID!) { node(id: $id) { id } }";
        for (kind, id) in &hers {
            assert_eq!(anna.run(node, json!({"id": id})).await["node"]["id"], json!(id), "{kind}");
            assert_eq!(ben.run(node, json!({"id": id})).await, json!({"node": null}), "{kind}");
            assert_eq!(app.anonymous().ask(node, json!({"id": id})).await["data"]["node"], Value::Null, "{kind}");
            let nobody = format!("{}_7zzzzzzzzzzzzzzzzzzzzzzzzz", id.split_once('_').expect("a prefix").0);
            assert_eq!(ben.run(node, json!({"id": nobody})).await, json!({"node": null}), "{kind}");
        }
        assert_eq!(ben.run("query($id: ID!) { payment(id: $id) { id } }", json!({"id": payment})).await, json!({"payment": null}));
        let listed = ben.run("{ payments { nodes { id } } wallets { currency } paymentMethods { id } }", json!({})).await;
        assert_eq!(listed, json!({"payments": {"nodes": []}, "wallets": [], "paymentMethods": []}));
        let quote = ben.run("query($id: ID!) { bill(id: $id) { quote { payable } } }", json!({"id": bill})).await;
        assert_eq!(quote, json!({"bill": null}));
        for query in [
            "query($id: ID!) { payments(filter: {customerId: $id}) { nodes { id } } }",
            "query($id: ID!) { wallets(customerId: $id) { currency } }",
            "query($id: ID!) { wallet(currency: \"EUR\", customerId: $id) { currency } }",
            "query($id: ID!) { paymentMethods(customerId: $id) { id } }",
        ] {
            assert_eq!(ben.fault(query, json!({"id": customer})).await, "NOT_FOUND", "{query}");
        }
        let ids = |query: &'static str, input: Value| (query, json!({"input": input}));
        for (query, variables) in [
            ids(RETRY, json!({"paymentId": payment, "idempotencyKey": "strangers-3"})),
            ids(CANCEL, json!({"paymentId": payment})),
            ids("mutation($input: SetDefaultPaymentMethodInput!) { r: setDefaultPaymentMethod(input: $input) { userErrors { code message path } } }", json!({"id": card})),
            ids("mutation($input: UpdatePaymentMethodInput!) { r: updatePaymentMethod(input: $input) { userErrors { code message path } } }", json!({"id": card, "label": "Mine"})),
            ids("mutation($input: RemovePaymentMethodInput!) { r: removePaymentMethod(input: $input) { userErrors { code message path } } }", json!({"id": card})),
            ids("mutation($input: CompletePaymentMethodSetupInput!) { r: completePaymentMethodSetup(input: $input) { userErrors { code message path } } }", json!({"id": card})),
            ids("mutation($input: CreatePayLinkInput!) { r: createPayLink(input: $input) { userErrors { code message path } } }", json!({"billId": bill})),
        ] {
            assert_eq!(ben.refused(query, variables).await, [": NOT_FOUND"], "{query}");
        }
        // Neither can she be charged by him: her bill, or her card for his.
        let hers_by_him = ben.try_pay(&[&bill], "strangers-4", json!({"useWallet": true})).await;
        assert!(hers_by_him["payment"].is_null() && hers_by_him["userErrors"] != json!([]), "{hers_by_him}");
        let own = ben.open_bills().await;
        let with_hers = ben.try_pay(&[&own[0]], "strangers-5", json!({"paymentMethodId": card})).await;
        assert!(with_hers["payment"].is_null() && with_hers["userErrors"] != json!([]), "{with_hers}");
        assert_eq!(ben.subscription_refused("subscription($id: ID) { paymentUpdated(id: $id) { payment { id } } }", json!({"id": payment})).await, "NOT_FOUND");
        assert_eq!(app.charged(), [4_000]);
    }

    async fn what_is_for_staff_is_for_staff(engine) {
        let app = TestApp::start(engine).await;
        let gateway = app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let poor = anna.save_method("CARD", "pm_card_chargeDeclinedInsufficientFunds").await;
        let payment = text(&anna.pay(&[&bill], "for-staff-1", json!({"paymentMethodId": poor})).await["id"]);
        app.settle().await;
        for query in ["{ gateways { code } }", "{ gatewayAdapters }", "{ reconciliations { nodes { id } } }", "{ openDiscrepancies { id } }", "{ unsettled { id } }", "{ failedDocuments { totalCount } }",
                      "{ remittances { nodes { id } } }", "{ ledgerProof { balanced } }"] {
            assert_eq!(anna.fault(query, json!({})).await, "FORBIDDEN", "{query}");
            assert_eq!(app.anonymous().fault(query, json!({})).await, "UNAUTHENTICATED", "{query}");
        }
        for query in ["{ payments { nodes { id } } }", "{ wallets { currency } }", "{ paymentMethods { id } }"] {
            assert_eq!(app.anonymous().fault(query, json!({})).await, "UNAUTHENTICATED", "{query}");
        }
        assert_eq!(anna.run("query($id: ID!) { node(id: $id) { id } }", json!({"id": gateway})).await, json!({"node": null}));
        let operator = app.staff(Role::Operator).await;
        assert_eq!(operator.fault("{ ledgerProof { balanced } }", json!({})).await, "FORBIDDEN");
        let hers = anna.run(PAYMENT, json!({"id": payment})).await;
        let attempt = &hers["payment"]["attempts"][0];
        for hidden in ["externalId", "declineCode", "message", "decision", "fee"] {
            assert_eq!(attempt[hidden], Value::Null, "{hidden}");
        }
        assert_eq!(attempt["declineKind"], "INSUFFICIENT_FUNDS");
        insta::assert_json_snapshot!("attempt_seen_by_staff", stable(operator.run(PAYMENT, json!({"id": payment})).await));

        for (query, input) in [
            (REFUND, json!({"paymentId": payment, "reason": "Please", "idempotencyKey": "for-staff-2"})),
            ("mutation($input: CheckPaymentInput!) { r: checkPayment(input: $input) { userErrors { code message path } } }", json!({"paymentId": payment})),
            ("mutation($input: PauseGatewayInput!) { r: pauseGateway(input: $input) { userErrors { code message path } } }", json!({"id": gateway, "reason": "Because"})),
            ("mutation($input: TestGatewayInput!) { r: testGateway(input: $input) { userErrors { code message path } } }", json!({"id": gateway})),
            ("mutation($input: StartReconciliationInput!) { r: startReconciliation(input: $input) { userErrors { code message path } } }", json!({"gatewayId": gateway, "day": "2026-11-20"})),
        ] {
            assert_eq!(anna.refused(query, json!({"input": input})).await, [": FORBIDDEN"], "{query}");
        }
        let pause = "mutation($input: PauseGatewayInput!) { r: pauseGateway(input: $input) { userErrors { code message path } } }";
        assert_eq!(operator.refused(pause, json!({"input": {"id": gateway, "reason": "Because"}})).await, [": FORBIDDEN"]);
        let test = "mutation($input: TestGatewayInput!) { r: testGateway(input: $input) { userErrors { code message path } } }";
        assert_eq!(operator.refused(test, json!({"input": {"id": gateway}})).await, [": FORBIDDEN"]);
        let pays_for_another = anna.try_pay(&[&bill], "for-staff-3", json!({"useWallet": true, "customerId": "cus_7zzzzzzzzzzzzzzzzzzzzzzzzz"})).await;
        assert!(pays_for_another["userErrors"] != json!([]), "{pays_for_another}");
    }
}
