//! A gateway to hold to the contract, and what the cases need around it.

use std::collections::BTreeMap;
use std::sync::Arc;

use billow_billing::clock::{Clock as _, ManualClock};
use billow_billing::ports::{
    Charge, ChargeSource, Gateway as _, GatewayAccess, GatewaySettings, NewCharge, NewGatewayCustomer, NewSetup, SetupSource,
};
use billow_entities::{GatewayAdapter, MethodKind};
use billow_integrations::gateways::Gateways;
use billow_integrations::http::{GuardPolicy, GuardedHttp};
use billow_sandbox::{CardLogKind, Sandbox, SandboxOptions, SandboxState, cards_access};
use chrono::{DateTime, TimeDelta, Utc};

use crate::localstripe::Localstripe;

pub const NOW: &str = "2026-11-21T09:00:00Z";
pub const RETURN_URL: &str = "https://billow.example/payments/back";

pub struct Rig {
    pub gateway: Gateways,
    pub at: GatewayAccess,
    pub clock: Arc<ManualClock>,
    sandbox: Option<(Sandbox, tempfile::TempDir)>,
    localstripe: Option<Localstripe>,
}

pub fn access(base_url: String, secret_key: &str, webhook_secret: &str, searches: bool) -> GatewayAccess {
    GatewayAccess {
        id: "gw_01h2e8kqvbfwea724h75qc655w".parse().expect("an id"),
        code: "cards".into(),
        adapter: GatewayAdapter::Sandbox,
        settings: GatewaySettings { base_url, timeout_ms: 5_000, searches },
        credentials: Arc::new(BTreeMap::from([
            ("secret_key".to_owned(), secret_key.to_owned().into()),
            ("webhook_secret".to_owned(), webhook_secret.to_owned().into()),
        ])),
    }
}

pub fn gateways(host: &str) -> Gateways {
    let policy = GuardPolicy { allowed_hosts: vec![host.to_owned()], user_agent: String::new() };
    Gateways::new(GuardedHttp::new(policy).expect("a client"))
}

impl Rig {
    pub async fn simulator() -> Self {
        let clock = Arc::new(ManualClock::new(NOW.parse().expect("an instant")));
        let (world, drop) = (Arc::clone(&clock), tempfile::tempdir().expect("a folder"));
        let sandbox = Sandbox::start(SandboxOptions::on_loopback(drop.path(), move || world.now())).await.expect("a sandbox");
        let (base_url, key, webhooks) = cards_access(&sandbox);
        Self {
            gateway: gateways(&sandbox.http_addr().to_string()),
            at: access(base_url, key, webhooks, true),
            clock,
            sandbox: Some((sandbox, drop)),
            localstripe: None,
        }
    }

    /// None, with a printed reason, where localstripe is not installed. That is a failure in CI.
    pub async fn localstripe() -> Option<Self> {
        let server = Localstripe::start().await?;
        // It goes by the real time.
        #[expect(clippy::disallowed_methods, reason = "another's process has no other clock")]
        let clock = Arc::new(ManualClock::new(Utc::now()));
        Some(Self {
            gateway: gateways(&server.host()),
            at: access(server.base_url(), "sk_test_contract", "whsec_contract", false),
            clock,
            sandbox: None,
            localstripe: Some(server),
        })
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox.as_ref().expect("a case for the simulator").0
    }

    pub fn world(&self) -> SandboxState {
        self.sandbox().state()
    }

    /// How often money was taken, for an attempt.
    pub fn times_charged(&self, attempt: &str) -> usize {
        let log = self.world().card_log();
        log.iter().filter(|e| e.kind == CardLogKind::Charged && e.metadata.get("attempt").map(String::as_str) == Some(attempt)).count()
    }

    pub async fn customer(&self) -> String {
        let new = NewGatewayCustomer { reference: "cus_1".into(), name: "Anna".into(), email: Some("anna@example.com".into()) };
        self.gateway.create_customer(&self.at, "cust:1", &new).await.expect("a customer")
    }

    pub fn setup(&self, customer: &str, kind: MethodKind, source: SetupSource) -> NewSetup {
        NewSetup { reference: "mth_1".into(), customer: customer.into(), kind, currency: "EUR".parse().expect("a currency"), source }
    }

    /// A saved card: its customer and its id.
    pub async fn saved(&self, token: &str) -> (String, String) {
        let customer = self.customer().await;
        if let Some(server) = &self.localstripe {
            // Its setups are not confirmed when they are made: the card is attached as an app of Stripe's own would.
            return (customer.clone(), server.attach(token, &customer).await);
        }
        let kind = if token.contains("Debit") { MethodKind::DirectDebit } else { MethodKind::Card };
        let new = self.setup(&customer, kind, SetupSource::Token(token.to_owned().into()));
        let made = self.gateway.start_setup(&self.at, &format!("setup:{token}"), &new).await.expect("a setup");
        (customer, made.method.expect("a method").id)
    }

    pub fn charge_of(&self, attempt: &str, (customer, method): &(String, String), amount_minor: i64) -> NewCharge {
        NewCharge {
            attempt: attempt.into(),
            payment: format!("pay_of_{attempt}"),
            amount_minor,
            currency: "EUR".parse().expect("a currency"),
            description: "Voltara 4711, November".into(),
            source: ChargeSource::Method {
                customer: customer.clone(),
                method: method.clone(),
                kind: MethodKind::Card,
                mandate: None,
                on_session: None,
            },
        }
    }

    /// Charges a test card; the attempt is its own key.
    pub async fn charged(&self, attempt: &str, token: &str, amount_minor: i64) -> Charge {
        let saved = self.saved(token).await;
        let new = self.charge_of(attempt, &saved, amount_minor);
        self.gateway.charge(&self.at, attempt, &new).await.expect("an answer")
    }

    /// Has localstripe tell what happens.
    pub async fn tell(&self, url: &str) {
        let form = format!("url={url}&secret=whsec_contract");
        self.localstripe.as_ref().expect("a test of localstripe").post("/_config/webhooks/billow", &form).await;
    }

    /// Presses a button on a page.
    pub async fn press(&self, url: &str, fields: &[(&str, &str)]) -> String {
        #[expect(clippy::disallowed_methods, reason = "the test is the person with the browser")]
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a browser");
        let answer = browser.post(url).form(fields).send().await.expect("a page");
        let to = answer.headers().get("location").map(|v| v.to_str().expect("text").to_owned());
        to.unwrap_or_else(|| panic!("no way on from {url}: {}", answer.status()))
    }
}
