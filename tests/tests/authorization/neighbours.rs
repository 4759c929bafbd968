//! What once showed, or could have, by a way around: each test is one such way.

use billow_entities::Role;
use billow_sandbox::{Provider, cards_access, provider_definition};
use billow_tests::{Client, TestApp, both, text};
use serde_json::{Value, json};

use crate::world::must;

const LINE: &str = "+491713920001";
/// Everything about a payment that leads to somebody's money.
const MONEY: &str = "id method { title label brand last4 expMonth expYear gatewayCode } fromWallet { amountMinor } attempts { id gatewayCode } \
     documents { id url } refunds { id } customer { id name }";
/// A bill, and everything of its home.
const BILL: &str = "version amount { amountMinor } statusReason markedBy lines { label } dueOn \
     property { name address city postalCode members { displayName } } utilityAccount { label status identifierHint nextFetchAt lastFetchedAt } \
     customer { name } versions { reason } acts { actorName } payments { nodes { id } } quote { payable } supersededBy { id }";

async fn home_of(owner: &Client) -> String {
    text(&owner.run("{ properties { nodes { id } } }", json!({})).await["properties"]["nodes"][0]["id"])
}

async fn customer_id(client: &Client) -> String {
    text(&client.run("{ viewer { customer { id } } }", json!({})).await["viewer"]["customer"]["id"])
}

async fn node(client: &Client, id: &str) -> Value {
    client.run("query($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await["node"].take()
}

/// A refused mutation, as `path: CODE`.
async fn refused(client: &Client, mutation: &str, input: Value) -> Vec<String> {
    let mut input_type = mutation.to_owned();
    input_type[..1].make_ascii_uppercase();
    let query = format!("mutation($input: {input_type}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code message path }} }} }}");
    client.refused(&query, json!({"input": input})).await
}

both! {
    async fn a_housemate_s_recharge_shows_nothing_of_their_card_wallet_and_papers(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, clara) = (app.customer("Anna").await, app.customer("Clara").await);
        let home = anna.add_property("Home").await;
        anna.share(&home, &clara, "PAYER").await;
        let chirp = app.provider(Provider::Chirp).await;
        app.sandbox.state().set_plan(LINE, "CH28", "2026-11-27".parse().expect("a day")).expect("a line");
        let account = anna.add_account(&chirp, Some(&home), "mobile_number", LINE).await;
        app.settle().await;
        let card = clara.save_card().await;
        must(&clara, "updatePaymentMethod", json!({"id": card, "label": "My secret card"}), "").await;
        clara.top_up(300, &card, "clara-tops-up").await;
        app.settle().await;
        let sold = clara.run("query($id: ID!) { provider(id: $id) { rechargePlans { id code } } }", json!({"id": chirp})).await;
        let plan = &sold["provider"]["rechargePlans"][0]["id"];
        let wish = json!({"utilityAccountId": account, "rechargePlanId": plan, "paymentMethodId": card, "useWallet": true, "idempotencyKey": "clara-recharges"});
        let paid = text(&must(&clara, "recharge", wish, "payment { id }").await["payment"]["id"]);
        app.settle().await;

        let query = format!("query($id: ID!) {{ utilityAccount(id: $id) {{ recharges(first: 2) {{ nodes {{ id name payment {{ {MONEY} }} remittance {{ id status voucher providerReference message payment {{ {MONEY} }} recharge {{ payment {{ {MONEY} }} }} }} }} }} }} }}");
        let remittance = |seen: &Value| seen["utilityAccount"]["recharges"]["nodes"][0]["remittance"].clone();
        let hers = remittance(&clara.run(&query, json!({"id": account})).await);
        assert_eq!(hers["payment"]["id"], json!(paid), "who paid sees it");
        assert_eq!((&hers["payment"]["method"]["last4"], &hers["payment"]["fromWallet"]["amountMinor"]), (&json!("4242"), &json!("300")));
        assert!(hers["payment"]["documents"][0]["url"].is_string() && hers["payment"]["attempts"][0]["id"].is_string(), "{hers}");

        let whole = anna.run(&query, json!({"id": account})).await;
        let shown = remittance(&whole);
        assert_eq!((&shown["voucher"], &shown["payment"]), (&hers["voucher"], &Value::Null), "the code, and not who paid for it");
        assert_eq!(whole["utilityAccount"]["recharges"]["nodes"][0]["payment"], Value::Null);
        for secret in ["4242", "secret card", "sandbox", "pdf", paid.as_str()] {
            assert!(!whole.to_string().contains(secret), "{secret}: {whole}");
        }
        let by_node = "query($id: ID!) { node(id: $id) { ... on Remittance { voucher payment { id } bill { id } recharge { payment { id } } } } }";
        let again = anna.run(by_node, json!({"id": hers["id"]})).await;
        assert_eq!(again["node"], json!({"voucher": hers["voucher"], "payment": null, "bill": null, "recharge": {"payment": null}}));
        let money = &hers["payment"];
        for id in [&money["id"], &money["documents"][0]["id"], &json!(card)] {
            assert_eq!(node(&clara, &text(id)).await["id"], *id);
            assert_eq!(node(&anna, &text(id)).await, Value::Null, "{id}");
        }
    }

    async fn who_left_a_home_sees_what_they_paid_as_it_was_then(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        // A bill that is paid is not corrected, so that she pays a part.
        app.provider_with(Provider::Voltara, |definition| definition["amount_rule"] = json!({"kind": "EXACT_OR_BELOW"})).await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 5_000).await;
        let clara = app.customer("Clara").await;
        let home = home_of(&anna).await;
        anna.share(&home, &clara, "PAYER").await;
        let card = clara.save_card().await;
        let part = json!({"bills": [{"billId": bill, "amount": {"amountMinor": "2000"}}], "idempotencyKey": "clara-pays-a-part"});
        let payment = text(&clara.try_pay_input(part, json!({"paymentMethodId": card})).await["payment"]["id"]);
        app.settle().await;
        let query = format!("query($id: ID!) {{ payment(id: $id) {{ allocations {{ bill {{ {BILL} }} remittance {{ status bill {{ {BILL} }} }} }} }} }}");
        let before = clara.run(&query, json!({"id": payment})).await["payment"]["allocations"][0]["bill"].take();
        assert_eq!(before["property"]["name"], "Home", "who belongs to the home sees it: {before}");

        must(&anna, "removePropertyMember", json!({"propertyId": home, "customerId": customer_id(&clara).await}), "").await;
        must(&anna, "updateProperty", json!({"propertyId": home, "name": "NEW-SECRET home", "address": "NEW-SECRET street 99", "city": "NEW-SECRET town"}), "").await;
        let account = text(&anna.run("{ utilityAccounts { nodes { id } } }", json!({})).await["utilityAccounts"]["nodes"][0]["id"]);
        must(&anna, "updateUtilityAccount", json!({"utilityAccountId": account, "label": "NEW-SECRET label"}), "").await;
        must(&anna, "updateCustomer", json!({"name": "NEW-SECRET Anna"}), "").await;
        let correction = json!({"billId": bill, "amountMinor": "5100", "lines": [{"label": "NEW-SECRET line", "amountMinor": "5100"}], "reason": "NEW-SECRET reason"});
        let operator = app.staff(Role::Operator).await;
        must(&operator, "correctBill", correction, "").await;
        app.settle().await;

        let after = clara.run(&query, json!({"id": payment})).await;
        assert!(!after.to_string().contains("NEW-SECRET") && !after.to_string().contains("Anna"), "{after:#}");
        let part = &after["payment"]["allocations"][0];
        for bill in [&part["bill"], &part["remittance"]["bill"]] {
            assert_eq!((&bill["amount"]["amountMinor"], &bill["version"], &bill["lines"]), (&json!("5000"), &json!(1), &before["lines"]), "{bill}");
            for gone in ["property", "utilityAccount", "customer", "quote", "supersededBy", "statusReason", "markedBy"] {
                assert_eq!(bill[gone], Value::Null, "{gone}");
            }
            assert_eq!((&bill["versions"], &bill["acts"], &bill["payments"]["nodes"]), (&json!([]), &json!([]), &json!([])));
        }
        for id in [&bill, &home, &account] {
            assert_eq!(node(&clara, id).await, Value::Null, "{id}");
        }
    }

    async fn formulas_among_the_rejects_of_an_import_are_texts_and_are_read_back(engine) {
        let app = TestApp::start(engine).await;
        let operator = app.staff(Role::Operator).await;
        let columns = ["name", "email", "mobile", "external_ref", "property", "locale", "time_zone"];
        let evil = ["=HYPERLINK(\"http://evil.test\")", "nobody", "-1+1", "@SUM(1)", "=cmd|'/C calc'!A0", "en", "Mars/Base"];
        let quoted: Vec<String> = evil.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        let import = |csv: String| {
            let operator = operator.clone();
            let app = &app;
            async move {
                let started = must(&operator, "startCustomerImport", json!({"csv": csv, "dryRun": false}), "importRun { id }").await;
                app.settle().await;
                let query = "query($id: ID!) { importRun(id: $id) { failed rejectCsv rows { nodes { data } } } }";
                operator.run(query, json!({"id": started["importRun"]["id"]})).await["importRun"].take()
            }
        };
        let first = import(format!("{}\n{}\n", columns.join(","), quoted.join(","))).await;
        assert_eq!(first["failed"], 1, "{first}");
        let rejects = text(&first["rejectCsv"]);
        for formula in ["=HYPERLINK", "-1+1", "@SUM(1)", "=cmd|"] {
            assert!(rejects.contains(&format!("'{formula}")), "{formula}: {rejects}");
            assert_eq!(rejects.matches(formula).count(), rejects.matches(&format!("'{formula}")).count(), "{formula}: {rejects}");
        }
        // As a reject file goes in again, so does what was marked.
        let second = import(rejects.clone()).await;
        assert_eq!(second["rows"]["nodes"][0]["data"]["name"], json!(evil[0]), "{second}");
        assert_eq!(second["rejectCsv"], json!(rejects));
    }

    async fn stored_secrets_are_sent_to_no_other_host(engine) {
        let app = TestApp::start(engine).await;
        let gateway = app.cards().await;
        let provider = app.provider(Provider::Voltara).await;
        let admin = app.staff(Role::Admin).await;
        let (definition, credentials) = provider_definition(Provider::Voltara, app.sandbox.http_url());
        let to = |host: &str| {
            let moved = definition.to_string().replace(app.sandbox.http_url(), host);
            serde_json::from_str::<Value>(&moved).expect("a definition")
        };
        let elsewhere = to("https://evil.test");
        assert_ne!(elsewhere, definition, "the definition names its host");
        app.sandbox.state().clear_log();
        let sample = json!([{"name": "consumer_number", "value": "VT10000001"}]);
        let needed = ["credentials.api_key: SECRET_NEEDED"];
        assert_eq!(refused(&admin, "testProvider", json!({"providerId": provider, "definition": elsewhere, "params": sample})).await, needed);
        assert_eq!(refused(&admin, "updateProvider", json!({"providerId": provider, "expectedVersion": 1, "definition": elsewhere})).await, needed);
        // Neither to one that only looks like the old one.
        let (scheme, host) = app.sandbox.http_url().split_once("://").expect("an address");
        for other in [format!("{scheme}://evil.{host}"), format!("{scheme}://{host}@evil.test"), format!("{scheme}://evil.test")] {
            refused(&admin, "testProvider", json!({"providerId": provider, "definition": to(&other), "params": sample})).await;
        }
        assert!(app.sandbox.state().log(None).is_empty(), "nobody was called");
        // Who knows the secret may send it where they like; at its own host it need not be given again.
        let known = json!({"providerId": provider, "definition": elsewhere, "credentials": credentials, "params": []});
        assert!(refused(&admin, "testProvider", known).await.iter().all(|said| !said.ends_with("SECRET_NEEDED")));
        let stays = must(&admin, "testProvider", json!({"providerId": provider, "definition": definition, "params": sample}), "report { outcome }").await;
        assert_ne!(stays["report"]["outcome"], "BROKEN", "{stays}");

        // The webhook's secret is never sent to the gateway.
        let other = json!({"id": gateway, "baseUrl": "https://evil.test"});
        assert_eq!(refused(&admin, "updateGateway", other.clone()).await, ["credentials.secret_key: SECRET_NEEDED"]);
        let (_, key, webhook_secret) = cards_access(&app.sandbox);
        let mut half = other.clone();
        half["credentials"] = json!({"webhook_secret": webhook_secret});
        assert_eq!(refused(&admin, "updateGateway", half).await, ["credentials.secret_key: SECRET_NEEDED"]);
        let mut whole = other;
        whole["credentials"] = json!({"secret_key": key});
        assert_eq!(must(&admin, "updateGateway", whole, "gateway { baseUrl }").await["gateway"]["baseUrl"], "https://evil.test");
    }

    async fn what_an_import_did_names_the_operator_and_the_import(engine) {
        let app = TestApp::start(engine).await;
        let (operator, admin) = (app.staff(Role::Operator).await, app.staff(Role::Admin).await);
        app.provider(Provider::Voltara).await;
        let csv = "name,email,locale,time_zone,property,provider,consumer_number\nAda,ada@example.com,en,UTC,Flat,voltara,VT10000001\n";
        let started = must(&operator, "startCustomerImport", json!({"csv": csv, "dryRun": false}), "importRun { id }").await;
        let import = &started["importRun"]["id"];
        app.settle().await;
        let made = operator.run("{ customers { nodes { id utilityAccounts { nodes { id property { id } } } } } }", json!({})).await;
        let made = &made["customers"]["nodes"][0];
        let account = &made["utilityAccounts"]["nodes"][0];
        let entries = "query($subject: ID) { auditEntries(subject: $subject) { nodes { action actorName importId } } }";
        for subject in [&made["id"], &account["id"], &account["property"]["id"]] {
            let trail = admin.run(entries, json!({"subject": subject})).await;
            let trail = trail["auditEntries"]["nodes"].as_array().expect("entries");
            assert!(!trail.is_empty(), "{subject}");
            for entry in trail {
                assert_eq!((&entry["actorName"], &entry["importId"]), (&json!("operator@example.com"), import), "{entry}");
            }
        }
        // By hand it is the operator alone.
        let by_hand = must(&operator, "onboardCustomer", json!({"name": "Bob", "email": "bob@example.com"}), "customer { id }").await;
        let trail = admin.run(entries, json!({"subject": by_hand["customer"]["id"]})).await;
        assert_eq!(trail["auditEntries"]["nodes"][0]["actorName"], "operator@example.com");
        assert_eq!(trail["auditEntries"]["nodes"][0]["importId"], Value::Null);
    }

    async fn the_history_of_a_bill_names_people_to_staff_alone(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let operator = app.staff(Role::Operator).await;
        let paper = json!({"utilityAccountId": account, "number": "PAPER-1", "amountMinor": "10000", "issuedOn": "2026-11-20", "reason": "Came by post"});
        let bill = must(&operator, "recordBill", paper, "bill { id }").await["bill"]["id"].take();
        must(&operator, "correctBill", json!({"billId": bill, "amountMinor": "9000", "reason": "A digit was misread"}), "").await;
        must(&operator, "voidBill", json!({"billId": bill, "reason": "Entered twice"}), "").await;
        let history = "query($id: ID!) { bill(id: $id) { versions { version reason actor actorName } acts { action actorName reason } } }";
        let seen = operator.run(history, json!({"id": bill})).await;
        let versions = seen["bill"]["versions"].as_array().expect("versions");
        assert_eq!(versions.iter().map(|v| text(&v["actorName"])).collect::<Vec<_>>(), ["operator@example.com", "operator@example.com"], "{seen}");
        let acts: Vec<String> = seen["bill"]["acts"].as_array().expect("acts").iter().map(|a| format!("{} {}", text(&a["action"]), text(&a["actorName"]))).collect();
        assert_eq!(acts, ["bill.record operator@example.com", "bill.correct operator@example.com", "bill.void operator@example.com"]);
        let seen = anna.run(history, json!({"id": bill})).await;
        assert!(!seen.to_string().contains("operator@example.com"), "{seen}");
        assert_eq!((&seen["bill"]["versions"][0]["reason"], &seen["bill"]["versions"][0]["actorName"]), (&json!("A digit was misread"), &Value::Null));
        assert_eq!(seen["bill"]["acts"], json!([]));
    }
}
