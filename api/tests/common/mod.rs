//! The API over a business on a new SQLite file, with a clock that stands still and ports that take everything.

#![allow(dead_code, reason = "every test file uses a part of it")]

mod ports;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use billow_api::{ApiConfig, router};
use billow_billing::cipher::Cipher;
use billow_billing::clock::{ManualClock, SeededEntropy};
use billow_billing::identity::{NewUser, SecuritySettings};
use billow_billing::store::StoreOptions;
use billow_billing::{Actor, Billing, Parts, Ports, Settings, Store};
use billow_entities::Role;
use billow_migration::{Migrator, MigratorTrait};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub use ports::FakePorts;

/// Where the API thinks it is.
pub const BASE: &str = "https://billow.test";
/// The password of everybody here.
pub const PASSWORD: &str = "a long and winding road";

/// The API and everything a test looks at; the file goes when it is dropped.
pub struct Api {
    pub billing: Billing,
    pub clock: Arc<ManualClock>,
    pub ports: Arc<FakePorts>,
    pub router: Router,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for Api {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The API with usual settings.
pub async fn api() -> Api {
    api_with(|_| {}).await
}

/// The API with settings changed by `change`.
pub async fn api_with(change: impl FnOnce(&mut ApiConfig)) -> Api {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("billow.db").display());
    let store = Store::connect(&StoreOptions::new(url)).await.expect("a database");
    Migrator::up(store.write_pool(), None).await.expect("the schema");
    let clock = Arc::new(ManualClock::new("2026-11-21T09:00:00Z".parse().expect("an instant")));
    let (ports, entropy) = (Arc::new(FakePorts::default()), Arc::new(SeededEntropy::new(7)));
    let billing = Billing::new(Parts {
        store,
        clock: clock.clone(),
        cipher: Cipher::new(&[(1, [7; 32])], [9; 32], entropy.clone()).expect("a ring of keys"),
        entropy,
        ports: Ports {
            connector: ports.clone(),
            push: ports.clone(),
            mailer: ports.clone(),
            sms: ports.clone(),
            renderer: ports.clone(),
            gateway: Arc::new(billow_billing::ports::NoGateway),
            documents: Arc::new(billow_billing::ports::NoDocuments),
            objects: Arc::new(billow_billing::ports::NoDocuments),
        },
        waker: ports.clone(),
        settings: Settings {
            security: SecuritySettings { confirmation: None, ..SecuritySettings::default() },
            ..Settings::new(BASE, "api-test")
        },
    });
    let mut config = ApiConfig::new(BASE);
    change(&mut config);
    let router = router(billing.clone(), config);
    let stop = CancellationToken::new();
    tokio::spawn(billing.relay().run(stop.clone()));
    Api { billing, clock, ports, router, stop, _folder: folder }
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The code of the first top-level error.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Api {
    /// Sends a request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Posts an operation with these headers besides the content type.
    pub async fn post(&self, headers: &[(&str, &str)], operation: Value) -> Answer {
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(operation.to_string())).expect("a request")).await
    }

    /// Asks with a bearer token; answers `data`, and fails on errors.
    pub async fn ask(&self, token: &str, query: &str, variables: Value) -> Value {
        let bearer = format!("Bearer {token}");
        let answer = self.post(&[("authorization", &bearer)], json!({"query": query, "variables": variables})).await;
        let json = answer.json();
        assert!(json.get("errors").is_none(), "{json}");
        json["data"].clone()
    }

    /// Signs a customer up; answers the token.
    pub async fn customer(&self, name: &str) -> String {
        const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) { token userErrors { code path message } } }";
        let input = json!({"email": format!("{name}@example.com"), "password": PASSWORD, "name": name, "locale": "de-DE",
            "timeZone": "Europe/Berlin", "deviceKind": "BEARER"});
        let answer = self.post(&[], json!({"query": SIGN_UP, "variables": {"input": input}})).await.json();
        answer["data"]["signUp"]["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Signs in; answers the token.
    pub async fn sign_in(&self, email: &str) -> String {
        const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { token userErrors { code message } } }";
        let input = json!({"email": email, "password": PASSWORD, "deviceKind": "BEARER"});
        let answer = self.post(&[], json!({"query": SIGN_IN, "variables": {"input": input}})).await.json();
        answer["data"]["signIn"]["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Makes a member of staff; answers the token.
    pub async fn staff(&self, role: Role) -> String {
        let email = format!("{}@example.com", role.as_str().to_lowercase());
        let new = NewUser { email: email.clone(), password: PASSWORD.to_owned().into(), role };
        self.billing.identity.create_user(&Actor::System, new).await.expect("a member of staff");
        self.sign_in(&email).await
    }

    /// Serves on a free port.
    pub async fn serve(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let limits = billow_api::ConnectionLimits::default();
        tokio::spawn(billow_api::serve(listener, self.router.clone(), limits, self.stop.clone()));
        address
    }
}
