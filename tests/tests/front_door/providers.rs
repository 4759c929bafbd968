//! Every way in which a provider can be reached, from its registration to bills in the API.

use billow_entities::Role;
use billow_sandbox::{Bill, BillStatus, Provider, provider_definition};
use billow_tests::{Client, TestApp, both, text};
use chrono::Duration;
use serde_json::{Value, json};

const REGISTER: &str = "mutation($input: RegisterProviderInput!) { registerProvider(input: $input) { provider { id params { name } } userErrors { code message path } } }";
const KEY: &str = "mutation($input: CreateApiClientInput!) { createApiClient(input: $input) { key userErrors { code message path } } }";
const BILLS: &str = "query($id: ID!) { bills(first: 100, filter: {utilityAccountId: $id}) { nodes { number status issuedOn dueOn periodStart periodEnd \
     amount { amountMinor currency } usage { value unit } lines { label kind amount { amountMinor } } } } }";

/// Registers through the API; answers the id and the name of the first parameter.
async fn register(admin: &Client, definition: Value, credentials: Value) -> (String, String) {
    let payload = admin.must(REGISTER, json!({"input": {"definition": definition, "credentials": credentials}})).await;
    (text(&payload["provider"]["id"]), text(&payload["provider"]["params"][0]["name"]))
}

fn assert_as_booked(provider: Provider, told: &Value, booked: &Bill) {
    // A Green Button feed has no numbers of bills and no word for "paid".
    if provider != Provider::Greenwatt {
        assert_eq!(told["number"], json!(booked.number), "{provider}");
        let status = if booked.status == BillStatus::Open { "OPEN" } else { "PAID_ELSEWHERE" };
        assert_eq!(told["status"], status, "{provider}");
    }
    assert_eq!(told["amount"], json!({"amountMinor": booked.amount_minor.to_string(), "currency": provider.currency()}), "{provider}");
    assert_eq!((&told["issuedOn"], &told["dueOn"]), (&json!(booked.issued_on), &json!(booked.due_on)), "{provider}");
    assert_eq!((&told["periodStart"], &told["periodEnd"]), (&json!(booked.period_start), &json!(booked.period_end)), "{provider}");
    let lines = told["lines"].as_array().expect("lines");
    let sum: i64 = lines.iter().filter_map(|l| l["amount"]["amountMinor"].as_str()).map(|m| m.parse::<i64>().expect("a number")).sum();
    assert_eq!(sum, booked.amount_minor, "{provider}: the lines add up to the bill");
    let plain = |usage: &str| usage.strip_suffix(".0").unwrap_or(usage).to_owned();
    assert_eq!(plain(&text(&told["usage"]["value"])), plain(&booked.usage()), "{provider}");
}

/// A provider that posts its bills in its own words.
fn posting() -> Value {
    json!({
        "code": "sorgenia", "name": "Sorgenia", "utility_type": "BROADBAND", "currency": "EUR", "time_zone": "Europe/Rome",
        "connector": {"kind": "PUSH", "settings": {"map": "[.fatture[] | {number: .id, account: .cliente, amount: (.euro | tostring), issued_on: .emessa, due_on: .scade}]"}},
        "params": [{"name": "client", "label": "Client number", "pattern": "[0-9]{6}"}],
        "schedule": {"every": {"kind": "MONTH", "day": 1}},
    })
}

both! {
    async fn all_of_the_sandbox_s_providers_yield_their_bills(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        let admin = app.staff(Role::Admin).await;
        let anna = app.customer("Anna").await;
        let mut accounts = Vec::new();
        for provider in Provider::ALL.into_iter().filter(|p| !p.prepaid()) {
            let (definition, credentials) = provider_definition(provider, app.sandbox.http_url());
            let (id, param) = register(&admin, definition, credentials).await;
            state.seed_history(provider, provider.samples()[0], 6).expect("history");
            accounts.push((provider, anna.add_account(&id, None, &param, provider.samples()[0]).await));
        }
        app.settle().await;
        for (provider, account) in &accounts {
            let told = anna.run(BILLS, json!({"id": account})).await;
            let told = told["bills"]["nodes"].as_array().expect("bills").clone();
            let mut booked = state.bills(*provider, provider.samples()[0]);
            booked.reverse();
            assert_eq!((told.len(), booked.len()), (6, 6), "{provider}");
            for (told, booked) in told.iter().zip(&booked) {
                assert_as_booked(*provider, told, booked);
            }
        }
        // A month later each of them has one more, and only one.
        for (provider, _) in &accounts {
            state.issue_bill(*provider, provider.samples()[0], None).expect("a bill");
        }
        app.pass(Duration::days(29));
        app.settle().await;
        for (provider, account) in &accounts {
            let told = anna.run(BILLS, json!({"id": account})).await;
            assert_eq!(told["bills"]["nodes"].as_array().map(Vec::len), Some(7), "{provider}");
        }
    }

    async fn a_slow_provider_is_asked_again_until_it_is_ready(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        state.seed_history(Provider::Ringo, "+33639980001", 2).expect("history");
        state.set_ringo_polls(3);
        let ringo = app.provider_with(Provider::Ringo, |d| d["connector"]["settings"]["steps"][1]["poll"] = json!({"until": ".steps.poll.status != 202", "every_ms": 100, "max": 1})).await;
        let anna = app.customer("Anna").await;
        let account = anna.add_account(&ringo, None, "mobile_number", "+33639980001").await;
        let status = "query($id: ID!) { utilityAccount(id: $id) { status lastOutcome } }";
        app.settle().await;
        assert_eq!(anna.run(status, json!({"id": account})).await["utilityAccount"], json!({"status": "PENDING", "lastOutcome": "PENDING"}));
        for _ in 0..6 {
            app.pass(Duration::minutes(1));
            app.settle().await;
        }
        assert_eq!(anna.run(status, json!({"id": account})).await["utilityAccount"], json!({"status": "ACTIVE", "lastOutcome": "BILLS"}));
        assert_eq!(anna.bills().await.len(), 2);
        let asked: Vec<_> = state.log(Some(Provider::Ringo)).into_iter().map(|e| e.what).collect();
        assert_eq!(asked.iter().filter(|w| **w == "register").count(), 1, "registered once: {asked:?}");
    }

    async fn a_provider_posts_its_bills(engine) {
        let app = TestApp::start(engine).await;
        let admin = app.staff(Role::Admin).await;
        let (sorgenia, param) = register(&admin, posting(), json!({})).await;
        let mut second = posting();
        second["code"] = json!("tiscali");
        let (tiscali, _) = register(&admin, second, json!({})).await;
        let anna = app.customer("Anna").await;
        anna.add_account(&sorgenia, None, &param, "700001").await;
        let mut keys = Vec::new();
        for provider in [&sorgenia, &tiscali] {
            let payload = admin.must(KEY, json!({"input": {"name": "poster", "scopes": ["BILLS_PUSH"], "providerId": provider}})).await;
            keys.push(text(&payload["key"]));
        }
        let [own, other] = keys.as_slice() else { panic!("two keys") };
        let post = async |key: &str, body: Value| {
            let response = app.client(key).post("/hooks/bills", "application/json", body.to_string()).await;
            let status = response.status().as_u16();
            (status, response.json::<Value>().await.unwrap_or_default())
        };
        let bill = |id: &str, client: &str, euro: &str| json!({"id": id, "cliente": client, "euro": euro, "emessa": "2026-11-20", "scade": "2026-12-10"});

        let mut open = anna.subscribe("subscription { billReceived { bill { number source } } }", json!({})).await;
        let mixed = json!({"fatture": [bill("A-1", "700001", "29.90"), bill("A-2", "999999", "10.00"), bill("A-3", "700001", "10.005")]});
        let (status, answer) = post(own, mixed.clone()).await;
        assert_eq!(status, 200, "{answer}");
        insta::assert_json_snapshot!("providers_pushed", billow_tests::stable(answer));
        app.settle().await;
        assert_eq!(open.next().await["billReceived"]["bill"], json!({"number": "A-1", "source": "PUSHED"}));
        assert_eq!(anna.bills().await, [("A-1".to_owned(), "OPEN".to_owned(), "2990".to_owned())]);

        // The same once more changes nothing; a correction is a new version of the same bill.
        post(own, mixed).await;
        post(own, json!({"fatture": [bill("A-1", "700001", "19.90")]})).await;
        assert_eq!(anna.bills().await, [("A-1".to_owned(), "OPEN".to_owned(), "1990".to_owned())]);
        let version = anna.run("{ bills { nodes { version versions { version source } } } }", json!({})).await;
        assert_eq!(version["bills"]["nodes"][0]["version"], 2);

        // Another provider's key finds none of the accounts, and what is no bill or no key is refused.
        let (_, answer) = post(other, json!({"fatture": [bill("A-9", "700001", "1.00")]})).await;
        assert!(answer.to_string().contains("No customer has this account here"), "{answer}");
        assert_eq!(post("bk_made-up", json!({"fatture": []})).await.0, 401);
        let reader = admin.must(KEY, json!({"input": {"name": "reader", "scopes": ["BILLS_READ"]}})).await;
        assert_eq!(post(&text(&reader["key"]), json!({"fatture": []})).await.0, 403);
        assert!((400..500).contains(&post(own, json!({"bollette": []})).await.0));
        let broken = app.client(own).post("/hooks/bills", "application/json", "{\"fatture\": [").await;
        assert!(broken.status().is_client_error());
        let csv = app.client(own).post("/hooks/bills", "text/csv", "a;b").await;
        assert!(csv.status().is_client_error());
        assert_eq!(anna.bills().await.len(), 1);

        // The same by GraphQL.
        let push = "mutation($input: PushBillsInput!) { pushBills(input: $input) { results { number accepted message } userErrors { code message path } } }";
        let body = json!({"fatture": [bill("A-4", "700001", "5.00")]}).to_string();
        let pushed = app.client(own).must(push, json!({"input": {"contentType": "application/json", "body": body}})).await;
        assert_eq!((&pushed["results"][0]["number"], &pushed["results"][0]["accepted"]), (&json!("A-4"), &json!(true)));
        assert_eq!(anna.refused(push, json!({"input": {"contentType": "application/json", "body": "{}"}})).await, [": FORBIDDEN"]);
        // Nobody fetches from it.
        let fetch = "mutation($input: FetchBillsInput!) { fetchBills(input: $input) { userErrors { code message path } } }";
        assert_eq!(admin.refused(fetch, json!({"input": {"providerId": sorgenia}})).await, [": NOT_FETCHED"]);
    }
}
