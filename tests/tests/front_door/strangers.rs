//! Sharing, and what is not shared: another person's object does not exist, whoever asks in whichever way.

use billow_entities::Role;
use billow_sandbox::Provider;
use billow_tests::{Client, TestApp, both, found, text};
use serde_json::{Value, json};

/// Everything of Anna's that has an id.
const HERS: &str = "{ viewer { user { id } customer { id } sessions { id } pushSubscriptions { id } } properties { nodes { id } } \
     utilityAccounts { nodes { id fetchAttempts { nodes { id } } } } bills { nodes { id } } notifications { nodes { id } } fetchRuns { nodes { id } } }";

async fn nodes_of(customer: &Client) -> Vec<(&'static str, String)> {
    let data = customer.run(HERS, json!({})).await;
    let first = |kind: &'static str, pointer: &str| (kind, text(data.pointer(pointer).unwrap_or(&Value::Null)));
    vec![
        first("user", "/viewer/user/id"),
        first("customer", "/viewer/customer/id"),
        first("session", "/viewer/sessions/0/id"),
        first("pushSubscription", "/viewer/pushSubscriptions/0/id"),
        first("property", "/properties/nodes/0/id"),
        first("utilityAccount", "/utilityAccounts/nodes/0/id"),
        first("fetchAttempt", "/utilityAccounts/nodes/0/fetchAttempts/nodes/0/id"),
        first("bill", "/bills/nodes/0/id"),
        first("notification", "/notifications/nodes/0/id"),
        first("fetchRun", "/fetchRuns/nodes/0/id"),
    ]
}

both! {
    async fn another_person_s_objects_do_not_exist(engine) {
        let app = TestApp::start(engine).await;
        app.sandbox.state().seed_history(Provider::Voltara, "VT10000001", 1).expect("history");
        let (anna, _) = app.customer_with_electricity("Anna", "VT10000001").await;
        app.device(&anna, "Phone").await;
        let (ben, _) = app.customer_with_electricity("Ben", "VT10000002").await;
        let hers = nodes_of(&anna).await;
        let id_of = |kind: &str| hers.iter().find(|(k, _)| *k == kind).map(|(_, id)| id.clone()).expect("an id");

        for (kind, id) in &hers {
            let own = anna.run("query($id: ID!) { node(id: $id) { id __typename } }", json!({"id": id})).await;
            assert_eq!(own["node"]["id"], json!(id), "{kind}");
            let other = ben.run("query($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await;
            assert_eq!(other, json!({"node": null}), "{kind}");
            // What nobody has looks the same as what somebody else has.
            let nobody = format!("{}_7zzzzzzzzzzzzzzzzzzzzzzzzz", id.split_once('_').expect("a prefix").0);
            assert_eq!(ben.run("query($id: ID!) { node(id: $id) { id } }", json!({"id": nobody})).await, other, "{kind}");
        }
        for kind in ["customer", "property", "utilityAccount", "bill", "fetchRun"] {
            let query = format!("query($id: ID!) {{ {kind}(id: $id) {{ id }} }}");
            let id = id_of(kind);
            assert_eq!(anna.run(&query, json!({"id": id})).await[kind]["id"], json!(id));
            assert_eq!(ben.run(&query, json!({"id": id})).await, json!({kind: null}));
            // An id of another kind is no id of this kind.
            let wrong = id_of(if kind == "bill" { "property" } else { "bill" });
            assert_eq!(anna.run(&query, json!({"id": wrong})).await, json!({kind: null}));
            assert_eq!(ben.run(&query, json!({"id": "'; DROP TABLE bills; --"})).await, json!({kind: null}));
        }
        for (query, variables) in [
            ("query($id: ID!) { bills(filter: {propertyId: $id}) { nodes { id } } }", id_of("property")),
            ("query($id: ID!) { bills(filter: {utilityAccountId: $id}) { nodes { id } } }", id_of("utilityAccount")),
            ("query($id: ID!) { bills(filter: {customerId: $id}) { nodes { id } } }", id_of("customer")),
            ("query($id: ID!) { utilityAccounts(propertyId: $id) { nodes { id } } }", id_of("property")),
            ("query($id: ID!) { utilityAccounts(customerId: $id) { nodes { id } } }", id_of("customer")),
            ("query($id: ID!) { fetchRuns(utilityAccountId: $id) { nodes { id } } }", id_of("utilityAccount")),
        ] {
            let answer = ben.ask(query, json!({"id": variables})).await;
            let ids: Vec<_> = hers.iter().filter(|(_, id)| answer.to_string().contains(id.as_str()) && *id != variables).collect();
            assert!(ids.is_empty(), "{query}: {answer}");
            let nodes = answer["data"].as_object().and_then(|o| o.values().next()).map(|c| c["nodes"].clone());
            assert!(nodes.is_none_or(|n| n == json!([])) , "{query}: {answer}");
        }
        let account = id_of("utilityAccount");
        for (query, input) in [
            ("mutation($input: UpdatePropertyInput!) { r: updateProperty(input: $input) { userErrors { code message path } } }", json!({"propertyId": id_of("property"), "name": "Mine"})),
            ("mutation($input: ArchivePropertyInput!) { r: archiveProperty(input: $input) { userErrors { code message path } } }", json!({"propertyId": id_of("property")})),
            ("mutation($input: SharePropertyInput!) { r: shareProperty(input: $input) { userErrors { code message path } } }", json!({"propertyId": id_of("property"), "email": "ben@example.com", "role": "OWNER"})),
            ("mutation($input: RemovePropertyMemberInput!) { r: removePropertyMember(input: $input) { userErrors { code message path } } }", json!({"propertyId": id_of("property"), "customerId": id_of("customer")})),
            ("mutation($input: UpdateUtilityAccountInput!) { r: updateUtilityAccount(input: $input) { userErrors { code message path } } }", json!({"utilityAccountId": account, "label": "Mine"})),
            ("mutation($input: PauseUtilityAccountInput!) { r: pauseUtilityAccount(input: $input) { userErrors { code message path } } }", json!({"utilityAccountId": account})),
            ("mutation($input: CloseUtilityAccountInput!) { r: closeUtilityAccount(input: $input) { userErrors { code message path } } }", json!({"utilityAccountId": account})),
            ("mutation($input: FetchBillsInput!) { r: fetchBills(input: $input) { userErrors { code message path } } }", json!({"utilityAccountId": account})),
            ("mutation($input: CancelFetchRunInput!) { r: cancelFetchRun(input: $input) { userErrors { code message path } } }", json!({"fetchRunId": id_of("fetchRun")})),
        ] {
            assert_eq!(ben.refused(query, json!({"input": input})).await, [": NOT_FOUND"], "{query}");
        }
        // An account of one's own cannot be put into somebody else's home.
        let voltara = app.known_provider("voltara").await.expect("a provider");
        let payload = ben.try_add_account(&voltara, Some(&id_of("property")), "consumer_number", "VT10000003").await;
        assert_eq!(found(&payload["userErrors"]), ["propertyId: UNKNOWN_PROPERTY"]);
        let nowhere = ben.try_add_account(&voltara, Some("prop_7zzzzzzzzzzzzzzzzzzzzzzzzz"), "consumer_number", "VT10000003").await;
        assert_eq!(nowhere["userErrors"], payload["userErrors"], "a home that nobody has looks the same");
        // Neither can its progress be watched.
        let run = json!({"id": id_of("fetchRun")});
        let refused = ben.subscription_refused("subscription($id: ID) { fetchRunProgress(id: $id) { fetchRun { id } } }", run).await;
        assert_eq!(refused, "NOT_FOUND");
    }

    async fn staff_s_things_are_for_staff(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let customers = "{ customers { nodes { id } } }";
        for query in [customers, "{ staff { id } }", "{ apiClients { id } }", "{ dashboard { customers } }", "{ auditEntries { nodes { id } } }",
                      "{ deadLetters { nodes { id } } }", "{ importRuns { nodes { id } } }", "{ events { nodes { id } } }"] {
            assert_eq!(anna.fault(query, json!({})).await, "FORBIDDEN", "{query}");
            assert_eq!(app.anonymous().fault(query, json!({})).await, "UNAUTHENTICATED", "{query}");
        }
        for query in ["{ bills { nodes { id } } }", "{ properties { nodes { id } } }", "{ utilityAccounts { nodes { id } } }",
                      "{ notifications { nodes { id } } }", "{ fetchRuns { nodes { id } } }", "{ spendByPeriod { bills } }"] {
            assert_eq!(app.anonymous().fault(query, json!({})).await, "UNAUTHENTICATED", "{query}");
        }
        assert_eq!(app.anonymous().run("{ viewer { role } }", json!({})).await, json!({"viewer": null}));
        // What is internal is empty for customers, and there for staff.
        let attempts = "query($id: ID!) { utilityAccount(id: $id) { lastMessage fetchAttempts { nodes { worker outcome } } provider { definition version health { circuit } versions { version } } } }";
        let hers = anna.run(attempts, json!({"id": account})).await;
        assert_eq!(hers["utilityAccount"]["provider"], json!({"definition": null, "version": null, "health": null, "versions": null}));
        assert_eq!(hers["utilityAccount"]["fetchAttempts"]["nodes"][0]["worker"], "");
        let operator = app.staff(Role::Operator).await;
        let theirs = operator.run(attempts, json!({"id": account})).await;
        assert_eq!(theirs["utilityAccount"]["provider"]["version"], 1);
        assert_ne!(theirs["utilityAccount"]["fetchAttempts"]["nodes"][0]["worker"], "");
        for query in ["{ staff { id } }", "{ apiClients { id } }"] {
            assert_eq!(operator.fault(query, json!({})).await, "FORBIDDEN", "{query}");
        }
    }

    async fn a_home_is_shared_with_a_role_and_left_again(engine) {
        let app = TestApp::start(engine).await;
        app.sandbox.state().seed_history(Provider::Voltara, "VT10000001", 2).expect("history");
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let clara = app.customer("Clara").await;
        let ben = app.customer("Ben").await;
        let home = text(&anna.run("{ properties { nodes { id } } }", json!({})).await["properties"]["nodes"][0]["id"]);
        anna.share(&home, &clara, "VIEWER").await;
        anna.share(&home, &ben, "PAYER").await;

        assert_eq!(clara.bills().await, anna.bills().await);
        let seen = "query($id: ID!) { property(id: $id) { name myRole members { displayName role customer { email mobile } } } }";
        let data = clara.run(seen, json!({"id": home})).await;
        assert_eq!(data["property"]["myRole"], "VIEWER");
        let members = data["property"]["members"].as_array().expect("members").clone();
        let mut names: Vec<_> = members.iter().map(|m| format!("{} {}", text(&m["displayName"]), text(&m["role"]))).collect();
        names.sort();
        assert_eq!(names, ["Anna OWNER", "Ben PAYER", "Clara VIEWER"]);
        assert!(members.iter().filter(|m| m["displayName"] != "Clara").all(|m| m["customer"] == json!({"email": null, "mobile": null})), "{members:?}");

        // Seeing is not managing.
        let rename = "mutation($input: UpdatePropertyInput!) { updateProperty(input: $input) { userErrors { code message path } } }";
        let share = "mutation($input: SharePropertyInput!) { shareProperty(input: $input) { userErrors { code message path } } }";
        let close = "mutation($input: CloseUtilityAccountInput!) { closeUtilityAccount(input: $input) { userErrors { code message path } } }";
        for member in [&clara, &ben] {
            assert_eq!(member.refused(rename, json!({"input": {"propertyId": home, "name": "Ours"}})).await, [": FORBIDDEN"]);
            assert_eq!(member.refused(share, json!({"input": {"propertyId": home, "email": "dora@example.com", "role": "VIEWER"}})).await, [": FORBIDDEN"]);
        }
        assert_eq!(clara.refused(close, json!({"input": {"utilityAccountId": account}})).await, [": FORBIDDEN"]);
        assert_eq!(anna.refused(share, json!({"input": {"propertyId": home, "email": "clara@example.com", "role": "VIEWER"}})).await, ["email: ALREADY_MEMBER"]);

        // Leaving takes everything out of sight at once.
        let leave = "mutation($input: RemovePropertyMemberInput!) { removePropertyMember(input: $input) { userErrors { code message path } } }";
        let own = |client: &Client| { let client = client.clone(); async move { text(&client.run("{ viewer { customer { id } } }", json!({})).await["viewer"]["customer"]["id"]) } };
        assert_eq!(anna.refused(leave, json!({"input": {"propertyId": home, "customerId": own(&anna).await}})).await, ["customerId: LAST_OWNER"]);
        clara.must(leave, json!({"input": {"propertyId": home, "customerId": own(&clara).await}})).await;
        anna.must(leave, json!({"input": {"propertyId": home, "customerId": own(&ben).await}})).await;
        for member in [&clara, &ben] {
            assert!(member.bills().await.is_empty());
            assert_eq!(member.run(seen, json!({"id": home})).await, json!({"property": null}));
        }
    }
}
