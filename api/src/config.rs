//! What the API is told at the start.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

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
    /// Whether the last address of `X-Forwarded-For` is the caller's: only behind a proxy that writes it.
    pub trust_forwarded_for: bool,
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
            trust_forwarded_for: false,
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
    /// How long one query or mutation may take.
    pub timeout: Duration,
    /// Sockets of this process.
    pub sockets: usize,
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
            timeout: Duration::from_secs(30),
            sockets: 20_000,
            message: 64 << 10,
            operations: 50,
            init_timeout: Duration::from_secs(10),
            ping_every: Duration::from_secs(25),
            send_timeout: Duration::from_secs(30),
        }
    }
}
