//! What the API is told at the start.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::proxies::TrustedProxies;

/// Renders the metrics of the process in Prometheus's text form.
pub type MetricsRenderer = Arc<dyn Fn() -> String + Send + Sync>;

/// Asks whether one part of the process is ready; a refusal says why, in words for an operator.
pub type ReadyCheck = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Settings of the API.
#[derive(Clone)]
pub struct ApiConfig {
    /// The address people reach the web app by, without a trailing slash. Its origin is allowed.
    pub base_url: String,
    /// Whether cookies are sent over https only.
    pub secure_cookies: bool,
    /// Origins that may use cookies besides the one of `base_url`, such as a development server's.
    pub allowed_origins: Vec<String>,
    /// The proxies in front of us: from them, `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// Who is shown metrics and which part is not ready.
    pub operators: Operators,
    /// What `/metrics` answers; it is not there without.
    pub metrics_renderer: Option<MetricsRenderer>,
    /// What must be ready besides the database and the relay, by name.
    pub ready_checks: Vec<(String, ReadyCheck)>,
    /// Cancelled when the process is about to end: open sockets are closed then, so that their clients connect elsewhere.
    pub shutdown: CancellationToken,
    /// Limits.
    pub limits: Limits,
}

impl ApiConfig {
    /// Usual settings for an address.
    #[must_use]
    pub fn new(base_url: impl Into<String>) -> Self {
        let base_url = base_url.into().trim_end_matches('/').to_owned();
        Self {
            secure_cookies: base_url.starts_with("https://"),
            base_url,
            allowed_origins: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            operators: Operators::ThisMachine,
            metrics_renderer: None,
            ready_checks: Vec::new(),
            shutdown: CancellationToken::new(),
            limits: Limits::default(),
        }
    }

    /// Whether a page of `origin` may act with our cookie.
    #[must_use]
    pub(crate) fn allows_origin(&self, origin: &str) -> bool {
        origin.eq_ignore_ascii_case(&self.base_url) || self.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }
}

/// Who is shown metrics and which part of the process is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operators {
    /// Everyone who reaches the listener, which is one of its own in a private network.
    Everybody,
    /// Callers on this machine that come by no proxy.
    ThisMachine,
    /// Nobody: they have a listener of their own.
    Nobody,
}

/// How much one caller may ask for. The defaults leave room for every operation of the web app.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a request.
    pub body: usize,
    /// Bytes of a request of staff, who import files.
    pub staff_body: usize,
    /// Bytes of bills a provider posts at once.
    pub hook_body: usize,
    /// Words and signs of a document.
    pub tokens: usize,
    /// Brackets within brackets of a document.
    pub nesting: usize,
    /// Fields within fields.
    pub depth: usize,
    /// Fields within fields of introspection alone.
    pub introspection_depth: usize,
    /// Fields of an operation, fragments spread out.
    pub fields: usize,
    /// Fields of an operation times the length of the lists they are in.
    pub complexity: usize,
    /// Aliases of an operation, fragments spread out.
    pub aliases: usize,
    /// Directives of an operation, fragments spread out.
    pub directives: usize,
    /// Fields at the top of an operation.
    pub root_fields: usize,
    /// Fields of an answer about the schema.
    pub introspection: usize,
    /// Bytes of a text in an argument, of callers who are not staff.
    pub text: usize,
    /// Bytes of an answer.
    pub answer: usize,
    /// Bytes of an answer of a subscription.
    pub socket_answer: usize,
    /// What one sign-in may spend in a minute; 0 is no bound.
    pub cost_per_minute: u32,
    /// What one API key may spend in a minute; 0 is no bound.
    pub client_cost_per_minute: u32,
    /// What callers of one address who have not signed in may spend in a minute; 0 is no bound.
    pub address_cost_per_minute: u32,
    /// Costly operations that run at the same time.
    pub costly_at_once: usize,
    /// How long one query or mutation may take.
    pub timeout: Duration,
    /// Sockets of this process.
    pub sockets: usize,
    /// Sockets of one address; 0 is no bound.
    pub sockets_per_address: usize,
    /// Sockets of one sign-in; 0 is no bound.
    pub sockets_per_sign_in: usize,
    /// Subscriptions that catch up at the same time.
    pub catching_up: usize,
    /// Bytes of a message on a socket.
    pub message: usize,
    /// Operations under way on a socket.
    pub operations: usize,
    /// How long a new socket may stay silent.
    pub init_timeout: Duration,
    /// How often a socket is pinged.
    pub ping_every: Duration,
    /// How long a frame may take to be taken over.
    pub send_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            staff_body: 12 << 20,
            hook_body: 8 << 20,
            tokens: 4_000,
            nesting: 48,
            depth: 12,
            introspection_depth: 20,
            fields: 1_000,
            complexity: 5_000,
            aliases: 30,
            directives: 30,
            root_fields: 20,
            introspection: 60_000,
            text: 64 << 10,
            answer: 8 << 20,
            socket_answer: 1 << 20,
            cost_per_minute: 200_000,
            client_cost_per_minute: 1_000_000,
            address_cost_per_minute: 100_000,
            costly_at_once: 2,
            timeout: Duration::from_secs(30),
            sockets: 20_000,
            sockets_per_address: 1_000,
            sockets_per_sign_in: 50,
            catching_up: 4,
            message: 64 << 10,
            operations: 50,
            init_timeout: Duration::from_secs(10),
            ping_every: Duration::from_secs(25),
            send_timeout: Duration::from_secs(30),
        }
    }
}
