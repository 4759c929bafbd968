//! What most journeys begin with, through the front door.

use billow_sandbox::{Provider, SandboxState};
use serde_json::{Value, json};

use crate::{Client, TestApp};

const ADD_PROPERTY: &str =
    "mutation($input: AddPropertyInput!) { addProperty(input: $input) { property { id name } userErrors { code message path } } }";
const ADD_ACCOUNT: &str = "mutation($input: AddUtilityAccountInput!) { addUtilityAccount(input: $input) { \
     utilityAccount { id label status identifierHint } fetchRun { id status } userErrors { code message path } } }";
const SHARE: &str =
    "mutation($input: SharePropertyInput!) { shareProperty(input: $input) { invitation { id } userErrors { code message path } } }";
const ACCEPT: &str = "mutation($input: AcceptPropertyInvitationInput!) { \
     acceptPropertyInvitation(input: $input) { property { id } userErrors { code message path } } }";
const DEVICE: &str = "mutation($input: RegisterPushSubscriptionInput!) { \
     registerPushSubscription(input: $input) { pushSubscription { id label } userErrors { code message path } } }";

/// A text that must be there.
#[must_use]
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// What errors say, as `path: CODE`, in order.
#[must_use]
pub fn found(errors: &Value) -> Vec<String> {
    let part = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let path = |e: &Value| e["path"].as_array().into_iter().flatten().map(part).collect::<Vec<_>>().join(".");
    errors.as_array().into_iter().flatten().map(|e| format!("{}: {}", path(e), part(&e["code"]))).collect()
}

impl Client {
    /// Adds a home; answers its id.
    pub async fn add_property(&self, name: &str) -> String {
        let payload =
            self.must(ADD_PROPERTY, json!({"input": {"name": name, "city": "Berlin", "country": "DE", "timeZone": "Europe/Berlin"}})).await;
        text(&payload["property"]["id"])
    }

    /// Adds an account and answers the whole payload, errors included.
    pub async fn try_add_account(&self, provider: &str, property: Option<&str>, param: &str, value: &str) -> Value {
        let input = json!({"providerId": provider, "propertyId": property, "label": "Mine", "params": [{"name": param, "value": value}]});
        self.run(ADD_ACCOUNT, json!({"input": input})).await["addUtilityAccount"].take()
    }

    /// Adds an account; answers its id.
    pub async fn add_account(&self, provider: &str, property: Option<&str>, param: &str, value: &str) -> String {
        let payload = self.try_add_account(provider, property, param, value).await;
        assert_eq!(payload["userErrors"], json!([]));
        text(&payload["utilityAccount"]["id"])
    }

    /// Invites somebody to the household, who accepts.
    pub async fn share(&self, property: &str, with: &Self, role: &str) {
        let whose = with.run("{ viewer { customer { email } } }", json!({})).await;
        let input = json!({"propertyId": property, "email": whose["viewer"]["customer"]["email"], "role": role});
        let invitation = self.must(SHARE, json!({"input": input})).await["invitation"]["id"].take();
        with.must(ACCEPT, json!({"input": {"invitationId": invitation}})).await;
    }

    /// The customer's bills, newest first, as (number, status, amount in minor units).
    pub async fn bills(&self) -> Vec<(String, String, String)> {
        let data = self.run("{ bills(first: 100) { nodes { number status amount { amountMinor } } } }", json!({})).await;
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        data["bills"]["nodes"]
            .as_array()
            .expect("bills")
            .iter()
            .map(|b| (text(&b["number"]), text(&b["status"]), text(&b["amount"]["amountMinor"])))
            .collect()
    }

    /// Asks for an account to be fetched now; answers the run's id.
    pub async fn fetch_now(&self, account: &str) -> String {
        let payload = self
            .must(
                "mutation($input: FetchBillsInput!) { fetchBills(input: $input) { fetchRun { id } userErrors { code message path } } }",
                json!({"input": {"utilityAccountId": account}}),
            )
            .await;
        text(&payload["fetchRun"]["id"])
    }

    /// Sends a mutation of one field that must be refused; answers what is said, as `path: CODE`.
    pub async fn refused(&self, query: &str, variables: Value) -> Vec<String> {
        let mut data = self.run(query, variables).await;
        let payload = data.as_object_mut().and_then(|o| o.values_mut().next()).map(Value::take).unwrap_or_default();
        let found = found(&payload["userErrors"]);
        assert!(!found.is_empty(), "not refused: {payload}");
        found
    }

    /// Sends an operation that must fail as a whole; answers the code.
    pub async fn fault(&self, query: &str, variables: Value) -> String {
        let answer = self.ask(query, variables).await;
        text(&answer["errors"][0]["extensions"]["code"])
    }
}

impl TestApp {
    /// A customer with one electricity account at the sandbox's Voltara and its first bill fetched.
    pub async fn customer_with_electricity(&self, name: &str, number: &str) -> (Client, String) {
        let provider = match self.known_provider("voltara").await {
            Some(id) => id,
            None => self.provider(Provider::Voltara).await,
        };
        let customer = self.customer(name).await;
        let home = customer.add_property("Home").await;
        let account = customer.add_account(&provider, Some(&home), "consumer_number", number).await;
        self.settle().await;
        (customer, account)
    }

    /// The id of a registered provider.
    pub async fn known_provider(&self, code: &str) -> Option<String> {
        let page = self
            .billing
            .providers
            .providers(&billow_billing::Actor::System, Default::default(), Default::default())
            .await
            .expect("providers");
        page.items.into_iter().find(|(_, p)| p.code == code).map(|(_, p)| p.id.to_string())
    }

    /// Turns on pushes in a browser of the sandbox; answers its name at the push service.
    pub async fn device(&self, customer: &Client, label: &str) -> String {
        let key = text(&customer.run("{ viewer { pushPublicKey } }", json!({})).await["viewer"]["pushPublicKey"]);
        let browser = self.sandbox.state().create_subscription(Some(&key)).expect("a subscription");
        let input = json!({"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth, "label": label});
        customer.must(DEVICE, json!({"input": input})).await;
        SandboxState::subscription_of(&browser.endpoint).to_owned()
    }
}
