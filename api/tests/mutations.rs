//! What mutations answer: what a person can mend is data and names the input's own fields; the rest is an error.

mod common;

use billow_entities::Role;
use common::{Api, PASSWORD, api};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// Asks for one mutation with the fields of its payload; answers what it refused, as `path: CODE`.
async fn refused(api: &Api, token: &str, name: &str, input: Value) -> Vec<String> {
    let of = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!("mutation($input: {of}!) {{ {name}(input: $input) {{ userErrors {{ code message path }} }} }}");
    let data = api.ask(token, &query, json!({"input": input})).await;
    let errors = data[name]["userErrors"].as_array().unwrap_or_else(|| panic!("{data}")).clone();
    let told = |error: &Value| {
        assert!(error["message"].as_str().is_some_and(|message| message.ends_with('.')), "a whole sentence: {error}");
        let path: Vec<&str> = error["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("{}: {}", path.join("."), error["code"].as_str().unwrap_or_default())
    };
    errors.iter().map(told).collect()
}

/// A provider and an account of Anna's there, in `userErrors`-free steps: (the provider, the account).
async fn account(api: &Api, admin: &str, anna: &str) -> (String, String) {
    let definition = json!({
        "code": "voltara", "name": "Voltara", "utility_type": "ELECTRICITY", "currency": "EUR", "time_zone": "Europe/Berlin",
        "connector": {"kind": "HTTP"}, "params": [{"name": "number", "label": "Number"}], "schedule": {"every": {"kind": "MONTH", "day": 10}},
    });
    let register =
        "mutation($input: RegisterProviderInput!) { registerProvider(input: $input) { provider { id } userErrors { message path } } }";
    let made = api.ask(admin, register, json!({"input": {"definition": definition}})).await;
    let provider = made["registerProvider"]["provider"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let add = "mutation($input: AddUtilityAccountInput!) { addUtilityAccount(input: $input) { utilityAccount { id } fetchRun { status } userErrors { message } } }";
    let input = json!({"providerId": provider, "params": [{"name": "number", "value": "VT1"}]});
    let added = api.ask(anna, add, json!({"input": input})).await;
    assert_eq!(added["addUtilityAccount"]["fetchRun"], json!({"status": "RUNNING"}));
    (provider, added["addUtilityAccount"]["utilityAccount"]["id"].as_str().unwrap_or_else(|| panic!("{added}")).to_owned())
}

#[tokio::test]
async fn what_a_person_can_mend_is_data_and_the_rest_is_an_error() {
    let api = api().await;
    let anna = api.customer("anna").await;
    let nobody = "prop_01h455vb4pex5vsknk084sn02q";
    assert_eq!(refused(&api, &anna, "archiveProperty", json!({"propertyId": nobody})).await, [": NOT_FOUND"]);
    assert_eq!(refused(&api, &anna, "archiveProperty", json!({"propertyId": "nonsense"})).await, [": NOT_FOUND"]);
    assert_eq!(refused(&api, &anna, "registerProvider", json!({"definition": {}})).await, [": FORBIDDEN"]);
    let found = refused(&api, &anna, "addProperty", json!({"name": " ", "country": "Germany", "timeZone": "Nowhere"})).await;
    assert_eq!(found, ["name: REQUIRED", "country: INVALID_COUNTRY", "timeZone: INVALID_TIME_ZONE"]);
    let found = refused(&api, &anna, "addProperty", json!({"name": "Home", "customerId": "prop_x"})).await;
    assert_eq!(found, ["customerId: INVALID_ID"]);

    let anonymous = api.post(&[], json!({"query": "mutation { addProperty(input: {name: \"Home\"}) { property { id } } }"})).await;
    assert_eq!(anonymous.code(), "UNAUTHENTICATED");
    assert_eq!(anonymous.json()["data"], Value::Null);
}

#[tokio::test]
async fn guessing_is_told_how_long_to_wait() {
    let api = api().await;
    api.customer("anna").await;
    let guess = json!({"query": "mutation($i: SignInInput!) { signIn(input: $i) { viewer { role } token userErrors { code message path } } }",
        "variables": {"i": {"email": "anna@example.com", "password": "not the password", "deviceKind": "BEARER"}}});
    for _ in 0..10 {
        let wrong = api.post(&[], guess.clone()).await.json();
        assert_eq!(wrong["data"]["signIn"]["userErrors"][0]["code"], "WRONG_CREDENTIALS");
    }
    let payload = api.post(&[], guess).await.json()["data"]["signIn"].clone();
    let error = &payload["userErrors"][0];
    assert_eq!((&payload["viewer"], &payload["token"], &error["code"]), (&Value::Null, &Value::Null, &json!("TOO_MANY_ATTEMPTS")));
    let seconds: Vec<u64> = error["message"].as_str().unwrap_or_default().split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(matches!(seconds[..], [840..=901]), "a quarter of an hour: {error}");
}

#[tokio::test]
async fn whoever_signs_in_asks_the_rest_of_the_operation_as_themselves() {
    let api = api().await;
    api.customer("anna").await;
    let query = "mutation($i: SignInInput!) { \
        signIn(input: $i) { viewer { customer { email properties { name } bills { nodes { id } } } } userErrors { code } } \
        addProperty(input: {name: \"Home\"}) { property { name myRole } userErrors { code } } }";
    let input = json!({"email": "anna@example.com", "password": PASSWORD, "deviceKind": "BEARER"});
    let answer = api.post(&[], json!({"query": query, "variables": {"i": input}})).await.json();
    let customer = json!({"email": "anna@example.com", "properties": [], "bills": {"nodes": []}});
    let expected = json!({
        "signIn": {"viewer": {"customer": customer}, "userErrors": []},
        "addProperty": {"property": {"name": "Home", "myRole": "OWNER"}, "userErrors": []},
    });
    assert_eq!(answer, json!({"data": expected}));
}

#[tokio::test]
async fn errors_name_the_fields_of_the_input() {
    let api = api().await;
    let (anna, admin) = (api.customer("anna").await, api.staff(Role::Admin).await);
    let (provider, account) = account(&api, &admin, &anna).await;

    let input = json!({"providerId": provider, "params": [{"name": "number", "value": ""}, {"name": "iban", "value": "DE"}]});
    assert_eq!(refused(&api, &anna, "addUtilityAccount", input).await, ["params.number: REQUIRED", "params.iban: UNKNOWN_PARAM"]);
    let bill = |amount: &str, due: &str| json!({"utilityAccountId": account, "number": "1", "amountMinor": amount, "issuedOn": "2026-11-20", "dueOn": due, "reason": "On paper."});
    assert_eq!(refused(&api, &admin, "recordBill", bill("1230", "2026-11-01")).await, ["dueOn: DUE_BEFORE_ISSUE"]);

    let record =
        "mutation($input: RecordBillInput!) { recordBill(input: $input) { bill { id amount { formatted } } userErrors { code path } } }";
    let recorded = api.ask(&admin, record, json!({"input": bill("1230", "2026-12-01")})).await;
    let id = recorded["recordBill"]["bill"]["id"].as_str().unwrap_or_else(|| panic!("{recorded}"));
    let correct = "mutation($input: CorrectBillInput!) { correctBill(input: $input) { bill { version dueOn amount { amountMinor } } userErrors { code path } } }";
    let correction = json!({"input": {"billId": id, "amountMinor": "1200", "dueOn": null, "reason": "A slip of the pen."}});
    let corrected = api.ask(&admin, correct, correction).await;
    let bill = json!({"version": 2, "dueOn": null, "amount": {"amountMinor": "1200"}});
    assert_eq!(corrected["correctBill"], json!({"bill": bill, "userErrors": []}), "null takes the due date away");
    assert_eq!(refused(&api, &admin, "voidBill", json!({"billId": id, "reason": "Twice."})).await, Vec::<String>::new());
    assert_eq!(refused(&api, &admin, "voidBill", json!({"billId": id, "reason": "Twice."})).await, ["billId: ILLEGAL_STATE"]);
    let paused = json!({"utilityAccountId": account});
    assert_eq!(refused(&api, &anna, "pauseUtilityAccount", paused.clone()).await, Vec::<String>::new());
    assert_eq!(refused(&api, &anna, "fetchBills", paused).await, ["utilityAccountId: ILLEGAL_STATE"]);
}

#[tokio::test]
async fn a_socket_gives_a_token_but_no_cookie() {
    let api = api().await;
    let anna = api.customer("anna").await;
    let address = api.serve().await;
    let mut request = format!("ws://{address}/graphql/ws").into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a value"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
    let query = "mutation($i: SignInInput!) { signIn(input: $i) { token userErrors { code path } } }";
    let sign_in = |id: &str, kind: &str| {
        let input = json!({"email": "anna@example.com", "password": PASSWORD, "deviceKind": kind});
        json!({"type": "subscribe", "id": id, "payload": {"query": query, "variables": {"i": input}}})
    };
    let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {anna}")}});
    for message in [init, sign_in("cookie", "COOKIE"), sign_in("token", "BEARER")] {
        socket.send(Message::text(message.to_string())).await.expect("it is sent");
    }
    let mut answers = serde_json::Map::new();
    while answers.len() < 2 {
        let Message::Text(text) = socket.next().await.expect("a message").expect("no fault") else { continue };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        if message["type"] == "next" {
            let id = message["id"].as_str().expect("an id").to_owned();
            answers.insert(id, message["payload"]["data"]["signIn"].clone());
        }
    }
    assert_eq!(answers["cookie"], json!({"token": null, "userErrors": [{"code": "COOKIE_NEEDS_HTTP", "path": ["deviceKind"]}]}));
    assert!(answers["token"]["token"].is_string(), "{answers:?}");
}
