//! What journeys about money begin with, through the front door.

use billow_billing::Actor;
use billow_billing::gateways::NewGateway;
use billow_billing::ports::GatewaySettings;
use billow_entities::{GatewayAdapter, MethodKind};
use billow_sandbox::{CardLogKind, Provider};
use serde_json::{Value, json};

use crate::{Client, TestApp, text};

const SETUP: &str = "mutation($input: StartPaymentMethodSetupInput!) { startPaymentMethodSetup(input: $input) { \
     paymentMethod { id status title } url userErrors { code message path } } }";
const PAY: &str = "mutation($input: PayBillsInput!) { payBills(input: $input) { replayed \
     payment { id status statusReason declineKind actionUrl amount { amountMinor } fromWallet { amountMinor } fromGateway { amountMinor } } \
     userErrors { code message path } } }";
const TOP_UP: &str = "mutation($input: TopUpWalletInput!) { topUpWallet(input: $input) { replayed payment { id status } userErrors { code message path } } }";

impl TestApp {
    /// Sets the sandbox's card network up as an active gateway; answers its id as text.
    pub async fn cards(&self) -> String {
        self.cards_as("sandbox", 1).await
    }

    /// Sets the sandbox's card network up as a gateway of this name and rank; answers its id as text.
    pub async fn cards_as(&self, code: &str, rank: i32) -> String {
        let (base_url, key, webhook_secret) = billow_sandbox::cards_access(&self.sandbox);
        let credentials = [("secret_key", key), ("webhook_secret", webhook_secret)];
        let new = NewGateway {
            code: code.to_owned(),
            name: "Sandbox cards".to_owned(),
            adapter: GatewayAdapter::Sandbox,
            rank,
            currencies: Vec::new(),
            kinds: vec![MethodKind::Card, MethodKind::DirectDebit],
            settings: GatewaySettings { base_url, timeout_ms: 5_000, searches: true },
            credentials: credentials.into_iter().map(|(name, secret)| (name.to_owned(), secret.to_owned().into())).collect(),
        };
        let id = self.billing.gateways.create_gateway(&Actor::System, new).await.expect("a gateway").id;
        self.billing.gateways.test_gateway(&Actor::System, id).await.expect("a test");
        self.billing.gateways.resume_gateway(&Actor::System, id, None).await.expect("an active gateway");
        id.to_string()
    }

    /// Lets the card network tell us of what happens there.
    pub fn hear_cards(&self) {
        self.sandbox.set_webhook_target(&format!("http://{}/webhooks/gateways/sandbox", self.address));
    }

    /// Waits until the card network has told everything.
    pub async fn cards_told(&self) {
        let state = self.sandbox.state();
        let idle = state.until(billow_sandbox::SandboxState::webhooks_idle);
        tokio::time::timeout(std::time::Duration::from_secs(20), idle).await.expect("webhooks are taken in time");
    }

    /// A customer with one open electricity bill at the sandbox's Voltara; answers the bill's id.
    pub async fn customer_with_bill(&self, name: &str, number: &str, amount_minor: i64) -> (Client, String) {
        self.sandbox.state().issue_bill(Provider::Voltara, number, Some(amount_minor)).expect("a bill");
        let (customer, _) = self.customer_with_electricity(name, number).await;
        let bill = customer.open_bills().await.pop().expect("an open bill");
        (customer, bill)
    }

    /// Pays on a page of the card network's, with a card that pays.
    pub async fn fill_page(&self, url: &str) {
        let form = "action=use&method=pm_card_visa";
        let answer =
            outside().post(url).header("content-type", "application/x-www-form-urlencoded").body(form).send().await.expect("a page");
        assert!(answer.status().is_redirection(), "{url}: {}", answer.status());
    }

    /// Charges somebody at the card network with our key, and without our knowing.
    pub async fn charge_behind_our_back(&self, amount_minor: i64) {
        let (base_url, key, _) = billow_sandbox::cards_access(&self.sandbox);
        let form = format!("amount={amount_minor}&currency=eur&payment_method=pm_card_visa&confirm=true&payment_method_types[0]=card");
        let request = outside().post(format!("{base_url}/v1/payment_intents")).bearer_auth(key);
        let answer = request.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
    }

    /// What was charged at the card network so far, in minor units, one for each charge.
    #[must_use]
    pub fn charged(&self) -> Vec<i64> {
        let log = self.sandbox.state().card_log();
        log.into_iter().filter(|entry| entry.kind == CardLogKind::Charged).map(|entry| entry.amount_minor).collect()
    }

    /// Holds the card network's memory against the ledger: every charge and refund is posted once, and nothing else is.
    pub async fn books_agree(&self) {
        let proof = self.billing.ledger.ledger_proof(&Actor::System).await.expect("the ledger");
        assert!(proof.balanced, "{proof:#?}");
        let log = self.sandbox.state().card_log();
        let sum = |kind| log.iter().filter(|entry| entry.kind == kind).map(|entry| entry.amount_minor).sum::<i64>();
        let moved = sum(CardLogKind::Charged) - sum(CardLogKind::Refunded) + sum(CardLogKind::RefundFailed);
        let held = |kind| proof.accounts.iter().filter(|total| total.kind == kind).map(|total| total.balance_minor).sum::<i64>();
        let (clearing, fees) =
            (held(billow_entities::LedgerAccountKind::GatewayClearing), held(billow_entities::LedgerAccountKind::GatewayFees));
        assert_eq!(clearing + fees, moved, "the gateway says {moved}, the ledger {clearing} and {fees} of fees");
    }
}

impl Client {
    /// Tests a gateway and resumes it, as an administrator.
    pub async fn activate(&self, gateway: &str) {
        let test = "mutation($input: TestGatewayInput!) { testGateway(input: $input) { test { passed message } userErrors { code message path } } }";
        let tested = self.must(test, json!({"input": {"id": gateway}})).await;
        assert_eq!(tested["test"]["passed"], true, "{tested}");
        let resume = "mutation($input: ResumeGatewayInput!) { resumeGateway(input: $input) { gateway { status } userErrors { code message path } } }";
        self.must(resume, json!({"input": {"id": gateway}})).await;
    }

    /// The ids of the customer's open bills, the latest issued first.
    pub async fn open_bills(&self) -> Vec<String> {
        let data = self.run("{ bills(first: 100, filter: {state: OPEN}) { nodes { id } } }", json!({})).await;
        data["bills"]["nodes"].as_array().expect("bills").iter().map(|bill| text(&bill["id"])).collect()
    }

    /// Saves a method by a token of the gateway's; answers its id.
    pub async fn save_method(&self, kind: &str, token: &str) -> String {
        let input = json!({"kind": kind, "currency": "EUR", "token": token, "makeDefault": true});
        text(&self.must(SETUP, json!({"input": input})).await["paymentMethod"]["id"])
    }

    /// Saves a card that pays; answers its id.
    pub async fn save_card(&self) -> String {
        self.save_method("CARD", "pm_card_visa").await
    }

    /// Asks for a payment of these bills and answers the whole payload, errors included.
    pub async fn try_pay(&self, bills: &[&str], key: &str, how: Value) -> Value {
        let bills: Vec<_> = bills.iter().map(|id| json!({"billId": id})).collect();
        self.try_pay_input(json!({"bills": bills, "idempotencyKey": key}), how).await
    }

    /// The same with amounts and all.
    pub async fn try_pay_input(&self, mut input: Value, how: Value) -> Value {
        if let (Some(input), Some(how)) = (input.as_object_mut(), how.as_object()) {
            input.extend(how.clone());
        }
        self.run(PAY, json!({"input": input})).await["payBills"].take()
    }

    /// Pays these bills; answers the payment.
    pub async fn pay(&self, bills: &[&str], key: &str, how: Value) -> Value {
        let mut payload = self.try_pay(bills, key, how).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload["payment"].take()
    }

    /// Pays into the wallet by a method; answers the payment.
    pub async fn top_up(&self, amount_minor: i64, method: &str, key: &str) -> Value {
        let input = json!({"amount": {"amountMinor": amount_minor.to_string()}, "currency": "EUR", "paymentMethodId": method, "idempotencyKey": key});
        self.must(TOP_UP, json!({"input": input})).await["payment"].take()
    }

    /// Where a payment stands.
    pub async fn payment_status(&self, id: &str) -> String {
        text(&self.run("query($id: ID!) { payment(id: $id) { status } }", json!({"id": id})).await["payment"]["status"])
    }

    /// What the wallet holds, as (available, held) in minor units of euros.
    pub async fn wallet(&self) -> (String, String) {
        let data = self.run("{ wallet(currency: \"EUR\") { available { amountMinor } held { amountMinor } } }", json!({})).await;
        (text(&data["wallet"]["available"]["amountMinor"]), text(&data["wallet"]["held"]["amountMinor"]))
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests are the outside")]
fn outside() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}
