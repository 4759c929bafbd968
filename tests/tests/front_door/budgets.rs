//! Budgets for what costs or reveals something, and how long a sign-in is worth something to whom.

use billow_sandbox::Provider;
use billow_tests::{Client, TestApp, both, found, text};
use chrono::Duration;
use serde_json::{Value, json};

const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) { token userErrors { code message path retryAfter } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { token userErrors { code message path } } }";
const PAY_LINK: &str =
    "mutation($input: CreatePayLinkInput!) { createPayLink(input: $input) { url userErrors { code message path retryAfter } } }";
const WHO: &str = "{ viewer { customer { name } } }";

fn newcomer(n: usize) -> Value {
    json!({"input": {"email": format!("new{n}@example.com"), "password": "correct horse battery", "name": "New", "deviceKind": "BEARER"}})
}

fn sign_in(device: &str) -> Value {
    json!({"input": {"email": "anna@example.com", "password": "correct horse battery", "deviceKind": device}})
}

/// Sends the same kind of mutation until it is refused for being too much; answers how often it was not, and the refusal.
async fn until_refused(client: &Client, query: &str, input: impl Fn(usize) -> Value) -> (usize, Value) {
    for n in 0..500 {
        let mut data = client.run(query, input(n)).await;
        let errors = data.as_object_mut().and_then(|o| o.values_mut().next()).map(|p| p["userErrors"].take()).unwrap_or_default();
        if found(&errors) == [": TOO_MANY_ATTEMPTS"] {
            return (n, errors[0].clone());
        }
    }
    panic!("{query} was never refused");
}

both! {
    async fn sign_ups_from_one_address_have_an_end_though_each_succeeds(engine) {
        let app = TestApp::start(engine).await;
        let (made, refusal) = until_refused(&app.anonymous(), SIGN_UP, newcomer).await;
        assert_eq!((made, &refusal["retryAfter"]), (60, &json!(3601)));
        // Another process counts in the same budget: it is in the database.
        app.pass(Duration::minutes(59));
        assert_eq!(app.anonymous().run(SIGN_UP, newcomer(990)).await["signUp"]["userErrors"][0]["retryAfter"], json!(61));
        app.pass(Duration::minutes(2));
        app.anonymous().must(SIGN_UP, newcomer(991)).await;
    }

    async fn numbers_at_a_provider_cannot_be_tried_without_end(engine) {
        let app = TestApp::start(engine).await;
        let voltara = app.provider(Provider::Voltara).await;
        let anna = app.customer("Anna").await;
        let add = "mutation($input: AddUtilityAccountInput!) { addUtilityAccount(input: $input) { userErrors { code message path retryAfter } } }";
        let number = |n: usize| json!({"input": {"providerId": voltara, "params": [{"name": "consumer_number", "value": format!("VT{:08}", 20_000_000 + n)}]}});
        let (tried, refusal) = until_refused(&anna, add, number).await;
        assert_eq!((tried, &refusal["retryAfter"]), (30, &json!(3601)));
        // Nor by changing the number of an account that is there.
        let account = text(&anna.run("{ utilityAccounts(first: 1) { nodes { id } } }", json!({})).await["utilityAccounts"]["nodes"][0]["id"]);
        let change = "mutation($input: UpdateUtilityAccountInput!) { updateUtilityAccount(input: $input) { userErrors { code message path } } }";
        let input = |label: Value, params: Value| json!({"input": {"utilityAccountId": account, "label": label, "params": params}});
        let other = json!([{"name": "consumer_number", "value": "VT20009999"}]);
        assert_eq!(anna.refused(change, input(Value::Null, other)).await, [": TOO_MANY_ATTEMPTS"]);
        anna.must(change, input(json!("Power"), Value::Null)).await;
        // Others have budgets of their own, until the address has none left.
        let ben = app.customer("Ben").await;
        ben.must(add, number(900)).await;
    }

    async fn pay_links_and_probes_of_addresses_have_budgets(engine) {
        let app = TestApp::start(engine).await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 5_000).await;
        let (made, _) = until_refused(&anna, PAY_LINK, |_| json!({"input": {"billId": bill}})).await;
        assert_eq!(made, 60);
        let probe = "mutation($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code message path retryAfter } } }";
        let (probed, _) = until_refused(&anna, probe, |n| json!({"input": {"email": format!("probe{n}@example.com")}})).await;
        assert_eq!(probed, 10);
        anna.must(probe, json!({"input": {"name": "Anna B."}})).await;
        // Nobody is asked to sign in first, and nothing is counted.
        assert_eq!(app.anonymous().fault(PAY_LINK, json!({"input": {"billId": bill}})).await, "UNAUTHENTICATED");
    }

    async fn invitations_have_a_budget_for_each_person_and_for_their_address(engine) {
        let app = TestApp::start(engine).await;
        let add = "mutation($input: AddPropertyInput!) { addProperty(input: $input) { property { id } userErrors { code message path } } }";
        let share = "mutation($input: SharePropertyInput!) { shareProperty(input: $input) { userErrors { code message path retryAfter } } }";
        let mut invited = Vec::new();
        for name in ["Anna", "Ben", "Clara", "Dora"] {
            let person = app.customer(name).await;
            let home = text(&person.run(add, json!({"input": {"name": "Flat", "timeZone": "Europe/Berlin"}})).await["addProperty"]["property"]["id"]);
            let input = |n: usize| json!({"input": {"propertyId": home, "email": format!("{name}{n}@example.com"), "role": "VIEWER"}});
            invited.push(until_refused(&person, share, input).await.0);
        }
        assert_eq!(invited, [20, 20, 20, 0]);
    }

    async fn a_token_works_only_the_way_it_was_made_for(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let browser = app.anonymous();
        let (_, cookie) = browser.ask_as_browser(None, SIGN_IN, sign_in("COOKIE")).await;
        let cookie = cookie.expect("a cookie");
        let name = json!({"customer": {"name": "Anna"}});
        assert_eq!(browser.ask_as_browser(Some(&cookie), WHO, json!({})).await.0["data"]["viewer"], name);
        assert_eq!(app.client(&cookie).fault(WHO, json!({})).await, "UNAUTHENTICATED");
        let bearer = anna.token.clone().expect("a token");
        let (answer, cleared) = browser.ask_as_browser(Some(&bearer), WHO, json!({})).await;
        assert_eq!((&answer["data"]["viewer"], cleared.as_deref()), (&Value::Null, Some("")));
        // A key is no cookie, for the same reason.
        let new = billow_billing::identity::NewApiClient { name: "CRM".into(), scopes: vec![billow_billing::Scope::EventsRead], provider_id: None };
        let (_, key) = app.billing.identity.create_api_client(&billow_billing::Actor::System, new).await.expect("a key");
        let key = billow_billing::identity::ExposeSecret::expose_secret(&key);
        let events = "{ events(first: 1) { nodes { id } } }";
        app.client(key).run(events, json!({})).await;
        assert_eq!(browser.ask_as_browser(Some(key), events, json!({})).await.0["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }

    async fn a_browser_that_signs_in_again_ends_its_sign_in_of_before(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let browser = app.anonymous();
        let (_, first) = browser.ask_as_browser(None, SIGN_IN, sign_in("COOKIE")).await;
        let first = first.expect("a cookie");
        let (_, second) = browser.ask_as_browser(Some(&first), SIGN_IN, sign_in("COOKIE")).await;
        let second = second.expect("another cookie");
        app.settle().await;
        assert_eq!(browser.ask_as_browser(Some(&first), WHO, json!({})).await.0["data"]["viewer"], Value::Null);
        assert_ne!(browser.ask_as_browser(Some(&second), WHO, json!({})).await.0["data"]["viewer"], Value::Null);
        // An app's sign-in stays, also when the app asks for another one.
        anna.must(SIGN_IN, sign_in("BEARER")).await;
        anna.run(WHO, json!({})).await;
        assert_eq!(anna.run("{ viewer { sessions { id } } }", json!({})).await["viewer"]["sessions"].as_array().map(Vec::len), Some(3));
    }

    async fn a_sign_in_in_daily_use_ends_after_half_a_year(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        for _ in 0..17 {
            app.pass(Duration::days(10));
            anna.run(WHO, json!({})).await;
        }
        let expires = anna.run("{ viewer { sessions { expiresAt } } }", json!({})).await;
        assert_eq!(expires["viewer"]["sessions"][0]["expiresAt"], "2027-05-20T09:00:00.000Z");
        app.pass(Duration::days(10));
        assert_eq!(anna.fault(WHO, json!({})).await, "UNAUTHENTICATED");
    }
}
