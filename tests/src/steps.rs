//! What most journeys begin with, through the front door.

use serde_json::{Value, json};

use crate::{Client, TestApp};

const ADD_PROPERTY: &str = "mutation($input: AddPropertyInput!) { addProperty(input: $input) { property { id name } userErrors { code message path } } }";
const ADD_ACCOUNT: &str = "mutation($input: AddUtilityAccountInput!) { addUtilityAccount(input: $input) { \
     utilityAccount { id label status identifierHint } fetchRun { id status } userErrors { code message path } } }";

impl Client {
    /// Adds a home; answers its id.
    pub async fn add_property(&self, name: &str) -> String {
        let payload = self.must(ADD_PROPERTY, json!({"input": {"name": name, "city": "Berlin", "country": "DE", "timeZone": "Europe/Berlin"}})).await;
        payload["property"]["id"].as_str().expect("an id").to_owned()
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
        payload["utilityAccount"]["id"].as_str().expect("an id").to_owned()
    }

    /// The customer's bills, newest first, as (number, status, amount in minor units).
    pub async fn bills(&self) -> Vec<(String, String, String)> {
        let data = self.run("{ bills(first: 100) { nodes { number status amount { amountMinor } } } }", json!({})).await;
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        data["bills"]["nodes"].as_array().expect("bills").iter().map(|b| (text(&b["number"]), text(&b["status"]), text(&b["amount"]["amountMinor"]))).collect()
    }

    /// Asks for an account to be fetched now; answers the run's id.
    pub async fn fetch_now(&self, account: &str) -> String {
        let payload = self
            .must(
                "mutation($input: FetchBillsInput!) { fetchBills(input: $input) { fetchRun { id } userErrors { code message path } } }",
                json!({"input": {"utilityAccountId": account}}),
            )
            .await;
        payload["fetchRun"]["id"].as_str().expect("an id").to_owned()
    }
}

impl TestApp {
    /// A customer with one electricity account at the sandbox's Voltara and its first bill fetched.
    pub async fn customer_with_electricity(&self, name: &str, number: &str) -> (Client, String) {
        let provider = match self.known_provider("voltara").await {
            Some(id) => id,
            None => self.provider(billow_sandbox::Provider::Voltara).await,
        };
        let customer = self.customer(name).await;
        let home = customer.add_property("Home").await;
        let account = customer.add_account(&provider, Some(&home), "consumer_number", number).await;
        self.settle().await;
        (customer, account)
    }

    /// The id of a registered provider.
    pub async fn known_provider(&self, code: &str) -> Option<String> {
        let page = self.billing.providers(&billow_billing::Actor::System, Default::default(), Default::default()).await.expect("providers");
        page.items.into_iter().find(|(_, p)| p.code == code).map(|(_, p)| p.id.to_string())
    }
}
