//! The whole of Billow for one test: the real router on a free port, the real adapters, the sandbox as the outside world,
//! a clock that stands still, and jobs that run when the test says so.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use billow_api::{ApiConfig, ConnectionLimits};
use billow_billing::Billing;
use billow_billing::clock::{Clock as _, ManualClock, SeededEntropy};
use billow_billing::ports::Wakeup;
use billow_cli::config::Sources;
use billow_cli::wiring::{self, Wired};
use billow_sandbox::{Provider, Sandbox, SandboxOptions};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::client::Client;
use crate::{Engine, TestDb};

/// When every test begins: a Saturday, in winter time.
pub const BEGINNING: &str = "2026-11-21T09:00:00Z";

/// Turns of all jobs before a test gives up waiting for quiet.
const MAX_TURNS: usize = 50;

/// A Billow with a world around it.
pub struct TestApp {
    /// The database.
    pub db: TestDb,
    /// The outside world.
    pub sandbox: Sandbox,
    /// The time.
    pub clock: Arc<ManualClock>,
    /// The business of the first process.
    pub billing: Billing,
    /// Where the API listens.
    pub address: SocketAddr,
    /// Settings that differ from those of most tests.
    settings: Vec<(&'static str, String)>,
    /// Answers what Prometheus would be told.
    server: tokio::task::JoinHandle<()>,
}

impl TestApp {
    /// Starts one.
    pub async fn start(engine: Engine) -> Self {
        Self::start_as(engine, &[], |_, _| {}).await
    }

    /// Starts one with other settings; `{port}` in a value is where the API listens.
    pub async fn start_with(engine: Engine, settings: &[(&'static str, &str)]) -> Self {
        Self::start_as(engine, settings, |_, _| {}).await
    }

    /// Starts one whose limits, and whatever else the API is told, `change` changes.
    pub async fn start_limited(engine: Engine, change: impl FnOnce(&mut ApiConfig, &mut ConnectionLimits)) -> Self {
        Self::start_as(engine, &[], change).await
    }

    async fn start_as(
        engine: Engine,
        settings: &[(&'static str, &str)],
        change: impl FnOnce(&mut ApiConfig, &mut ConnectionLimits),
    ) -> Self {
        let db = TestDb::migrated(engine).await.expect("a database");
        let clock = Arc::new(ManualClock::new(BEGINNING.parse().expect("an instant")));
        let world = Arc::clone(&clock);
        let sandbox =
            Sandbox::start(SandboxOptions::on_loopback(db.dir.path().join("drop"), move || world.now())).await.expect("a sandbox");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.replace("{port}", &address.port().to_string()))).collect();
        let billing = process(&db, &sandbox, &clock, address, 1, &settings).await;
        billing.relay().start_at_end().await.expect("the log");
        let mut config = ApiConfig::new(billing.kernel.settings.base_url.clone());
        let mut limits = ConnectionLimits::default();
        change(&mut config, &mut limits);
        let router = billow_api::router(billing.clone(), config);
        let server = tokio::spawn(billow_api::serve(listener, router, limits, CancellationToken::new()));
        Self { db, sandbox, clock, billing, address, settings, server }
    }

    /// Another process on the same database: what one does, the other must find.
    pub async fn another_process(&self, number: u64) -> Billing {
        let billing = process(&self.db, &self.sandbox, &self.clock, self.address, number, &self.settings).await;
        billing.relay().start_at_end().await.expect("the log");
        billing
    }

    /// Somebody who talks to the API without having signed in.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(self.address, None)
    }

    /// Somebody with a token or an API key.
    #[must_use]
    pub fn client(&self, token: &str) -> Client {
        Client::new(self.address, Some(token.to_owned()))
    }

    /// A customer who just signed up on an app, with a confirmed address.
    pub async fn customer(&self, name: &str) -> Client {
        let input = json!({
            "email": format!("{}@example.com", name.to_lowercase()), "password": "correct horse battery", "name": name,
            "mobile": null, "locale": "en-GB", "timeZone": "Europe/Berlin", "deviceKind": "BEARER",
        });
        let answer = self
            .anonymous()
            .run(
                "mutation($input: SignUpInput!) { signUp(input: $input) { token userErrors { code message path } } }",
                json!({"input": input}),
            )
            .await;
        let token = answer["signUp"]["token"].as_str().unwrap_or_else(|| panic!("no token: {answer}"));
        let customer = self.client(token);
        let own = customer.run("{ viewer { customer { id } } }", json!({})).await;
        let id = own["viewer"]["customer"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        self.billing.identity.vouch_for_email(&billow_billing::Actor::System, id).await.expect("a confirmed address");
        customer
    }

    /// A member of staff who just signed in on an app.
    pub async fn staff(&self, role: billow_entities::Role) -> Client {
        let email = format!("{}@example.com", role.as_str().to_lowercase());
        let password = "correct horse battery";
        let new = billow_billing::identity::NewUser { email: email.clone(), password: password.to_owned().into(), role };
        self.billing.identity.create_user(&billow_billing::Actor::System, new).await.expect("a member of staff");
        let answer = self
            .anonymous()
            .run(
                "mutation($input: SignInInput!) { signIn(input: $input) { token userErrors { code message path } } }",
                json!({"input": {"email": email, "password": password, "deviceKind": "BEARER"}}),
            )
            .await;
        self.client(answer["signIn"]["token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")))
    }

    /// Registers a provider of the sandbox; answers its id as text.
    pub async fn provider(&self, provider: Provider) -> String {
        self.provider_with(provider, |_| {}).await
    }

    /// Registers a provider of the sandbox with a change to its definition.
    pub async fn provider_with(&self, provider: Provider, change: impl FnOnce(&mut Value)) -> String {
        let (mut definition, credentials) = billow_sandbox::provider_definition(provider, self.sandbox.http_url());
        change(&mut definition);
        let credentials: HashMap<String, String> = serde_json::from_value(credentials).expect("credentials");
        let credentials = credentials.into_iter().map(|(name, secret)| (name, secret.into())).collect();
        let model =
            self.billing.providers.register_provider(&billow_billing::Actor::System, definition, credentials).await.expect("a provider");
        model.id.to_string()
    }

    /// Lets time pass, without doing anything in it.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Runs every job until nothing is left to do at this moment.
    pub async fn settle(&self) {
        settle(&self.billing).await;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Runs every job of one process until nothing is left to do at this moment.
pub async fn settle(billing: &Billing) {
    let relay = billing.relay();
    let consumers = billing.event_consumers();
    let works = billing.works();
    let mut quiet = 0;
    for _ in 0..MAX_TURNS {
        let before = billing.kernel.events.log_end().await.expect("the log");
        while relay.turn().await.expect("the relay") {}
        for consumer in &consumers {
            while consumer.turn().await.expect("a consumer") {}
        }
        for work in works.iter().filter(|work| work.woken_by != Wakeup::Sweep) {
            if let Err(error) = (work.run)().await {
                panic!("{}: {error}", work.name);
            }
        }
        while relay.turn().await.expect("the relay") {}
        quiet = if billing.kernel.events.log_end().await.expect("the log") == before { quiet + 1 } else { 0 };
        if quiet == 2 {
            return;
        }
    }
    panic!("the jobs did not come to rest in {MAX_TURNS} turns");
}

async fn process(
    db: &TestDb,
    sandbox: &Sandbox,
    clock: &Arc<ManualClock>,
    address: SocketAddr,
    seed: u64,
    settings: &[(&'static str, String)],
) -> Billing {
    let file = db.dir.path().join("billow.toml");
    if !file.exists() {
        std::fs::write(&file, billow_cli::commands::init::new_configuration()).expect("a configuration");
    }
    let host = sandbox.http_addr().to_string();
    let (sms_url, sms_sid, sms_token) = sandbox.sms_access();
    let flags = [
        ("database.url", db.url.clone()),
        ("database.max_read", "4".into()),
        ("database.max_write", "6".into()),
        ("data_dir", db.dir.path().display().to_string()),
        ("base_url", format!("http://{address}")),
        ("http.allowed_hosts", host.clone()),
        ("push.allowed_hosts", format!("{host}/push/send/")),
        ("mail.host", sandbox.smtp_addr().ip().to_string()),
        ("mail.port", sandbox.smtp_addr().port().to_string()),
        ("mail.tls", "none".into()),
        // Tests that are about being asked again say so.
        ("security.confirm_minutes", "0".into()),
        ("gateways.sandbox", "true".into()),
        ("sms.base_url", sms_url),
        ("sms.account_sid", sms_sid.into()),
        ("sms.auth_token", sms_token.into()),
        ("sms.from", "+4915100000000".into()),
    ];
    let flags = flags.into_iter().chain(settings.iter().cloned()).map(|(k, v)| (k.to_owned(), v)).collect();
    let sources = Sources { file: Some(file), flags, ..Sources::default() };
    let config = sources.load().expect("a configuration");
    let Wired { billing, .. } = wiring::wire(&config, clock.clone(), Arc::new(SeededEntropy::new(seed))).await.expect("the business");
    billing
}
