//! A pretend outside world that speaks real protocols over loopback: utility companies, a card network with its banks, a push service,
//! a mail server and a text-message gateway.
//!
//! The demo, the tests and the bench run against it. It knows nothing of Billow and is never linked into what serves people,
//! so that whatever works against it works by protocol alone.

mod cards;
mod control;
mod definitions;
mod error;
mod page;
mod providers;
mod push;
mod server;
mod sms;
mod smtp;
mod world;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use cards::{
    CardCall, CardCallSeen, CardFault, CardLogEntry, CardLogKind, CardOutcome, CardPayment, WebhookDelivery, WebhookManners, sign_webhook,
};
pub use definitions::{bench_definition, provider_definition, provider_definitions};
pub use error::SandboxError;
pub use push::NewSubscription;
pub use world::{
    Account, AccountSummary, ActiveFault, Bill, BillStatus, Clock, Fault, Line, LineKind, LogEntry, MailFault, PLANS, Plan, PrepaidLine,
    Provider, ProviderPayment, PushFault, ReceivedMail, ReceivedPush, ReceivedSms, RefusedPush, SandboxState, SmsFault, VapidClaims,
};

/// How long requests may take to end when the sandbox is stopped.
const STOP_WITHIN: Duration = Duration::from_secs(3);

/// How a sandbox is to be.
#[derive(Clone)]
pub struct SandboxOptions {
    /// Where the HTTP server listens; port 0 for any free one.
    pub http_addr: SocketAddr,
    /// Where the mail server listens; port 0 for any free one.
    pub smtp_addr: SocketAddr,
    /// The folder below which providers drop files, each in a folder of its own.
    pub drop_root: PathBuf,
    /// The clock everything goes by.
    pub clock: Clock,
    /// How long every provider takes to answer when all is well.
    pub latency: Duration,
    /// A file to which everything that happens to money at the card network is added, a JSON object a line, before anybody is told.
    pub card_log: Option<PathBuf>,
}

impl SandboxOptions {
    /// On free loopback ports and without latency.
    pub fn on_loopback(drop_root: impl Into<PathBuf>, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            http_addr: any,
            smtp_addr: any,
            drop_root: drop_root.into(),
            clock: std::sync::Arc::new(clock),
            latency: Duration::ZERO,
            card_log: None,
        }
    }
}

impl std::fmt::Debug for SandboxOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SandboxOptions").field("http_addr", &self.http_addr).field("smtp_addr", &self.smtp_addr).finish_non_exhaustive()
    }
}

/// A running sandbox. It ends when it is dropped, or in good order by [`Sandbox::stop`].
#[derive(Debug)]
pub struct Sandbox {
    state: SandboxState,
    http_addr: SocketAddr,
    smtp_addr: SocketAddr,
    cancel: CancellationToken,
    servers: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts the servers. The sample accounts of each provider exist, without bills.
    ///
    /// # Errors
    /// When an address is taken or the drop folder cannot be written.
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        let (http, http_addr) = listen(options.http_addr).await?;
        let (smtp, smtp_addr) = listen(options.smtp_addr).await?;
        let state = SandboxState::new(
            options.clock,
            options.drop_root,
            format!("http://{}", reachable(http_addr)),
            options.latency,
            options.card_log,
        );
        for provider in Provider::ALL {
            provider.samples().into_iter().try_for_each(|account| state.add_account(provider, account))?;
        }
        state.write_drop()?;
        let cancel = CancellationToken::new();
        let servers = vec![
            tokio::spawn(server::serve(http, state.clone(), cancel.clone())),
            tokio::spawn(smtp::serve(smtp, state.clone(), cancel.clone())),
            tokio::spawn(cards::deliver(state.clone(), cancel.clone())),
        ];
        tracing::info!(%http_addr, %smtp_addr, "the sandbox listens");
        Ok(Self { state, http_addr, smtp_addr, cancel, servers })
    }

    /// The address of the HTTP server, without a trailing slash.
    #[must_use]
    pub fn http_url(&self) -> &str {
        self.state.http_url()
    }

    /// Where the HTTP server listens.
    #[must_use]
    pub const fn http_addr(&self) -> SocketAddr {
        self.http_addr
    }

    /// Where the mail server listens.
    #[must_use]
    pub const fn smtp_addr(&self) -> SocketAddr {
        self.smtp_addr
    }

    /// Where text messages go: the base address before `/2010-04-01/…`, the account's sid and its token.
    #[must_use]
    pub fn sms_access(&self) -> (String, &'static str, &'static str) {
        (format!("{}/sms", self.http_url()), definitions::secrets::SMS_SID, definitions::secrets::SMS_TOKEN)
    }

    /// Whom the card network tells of what happens there; nobody where it is empty.
    pub fn set_webhook_target(&self, url: &str) {
        self.state.set_webhook_target(url);
    }

    /// The handle on all that can be done and seen.
    #[must_use]
    pub fn state(&self) -> SandboxState {
        self.state.clone()
    }

    /// Lets requests under way end, hanging ones excepted, and stops.
    pub async fn stop(mut self) {
        self.cancel.cancel();
        for mut server in std::mem::take(&mut self.servers) {
            if tokio::time::timeout(STOP_WITHIN, &mut server).await.is_err() {
                server.abort();
            }
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// How the card network is reached: the base address before `/v1/…`, the secret key, and the secret its webhooks are signed with.
#[must_use]
pub fn cards_access(sandbox: &Sandbox) -> (String, &'static str, &'static str) {
    (format!("{}/cards", sandbox.http_url()), definitions::secrets::CARDS_KEY, definitions::secrets::WEBHOOKS)
}

/// The address to call a server that listens on all addresses by.
fn reachable(mut addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() {
        addr.set_ip(if addr.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    addr
}

async fn listen(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), SandboxError> {
    let failed = |source| SandboxError::Listen { addr, source };
    let listener = TcpListener::bind(addr).await.map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    Ok((listener, addr))
}
