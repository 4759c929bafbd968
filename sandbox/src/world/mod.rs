//! The state of the pretend world, and all that can be done to it.
//!
//! One handle serves the protocols, the control page and the tests alike, so that a test can do by a call whatever a person can do by a click.

mod accounts;
mod bill;
mod drop_folder;
mod faults;
mod history;
mod log;
mod messages;
mod outbox;
mod payments;
mod plans;
mod provider;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use parking_lot::Mutex;
use tokio::sync::watch;

pub use accounts::{Account, AccountSummary};
pub(crate) use bill::decimal;
pub use bill::{Bill, BillStatus, Line, LineKind};
pub(crate) use drop_folder::{drop_file, drop_months};
pub use faults::{ActiveFault, Fault};
pub(crate) use faults::{Distortion, Mishaps};
pub use log::LogEntry;
pub use messages::{MailFault, PushFault, ReceivedMail, ReceivedPush, ReceivedSms, RefusedPush, SmsFault, VapidClaims};
pub(crate) use outbox::{Outbox, Subscription};
pub use payments::ProviderPayment;
pub(crate) use payments::{Incoming, NoPayment};
pub use plans::{PLANS, Plan, PrepaidLine};
pub use provider::Provider;

/// The clock everything goes by: the caller's.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A handle on the pretend world. Clones share it.
#[derive(Clone)]
pub struct SandboxState {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    drop_root: PathBuf,
    http_url: String,
    latency_ms: AtomicU64,
    changes: watch::Sender<u64>,
    books: Mutex<HashMap<Provider, accounts::Book>>,
    faults: Mutex<faults::Faults>,
    log: Mutex<log::Log>,
    outbox: Mutex<Outbox>,
    ringo: Mutex<crate::providers::RingoDesk>,
    till: Mutex<payments::Till>,
    drop_lock: Mutex<()>,
    cards: Mutex<crate::cards::Books>,
    cards_bell: Arc<tokio::sync::Notify>,
    bench: Bench,
}

/// The provider that only the bench uses.
#[derive(Default)]
pub(crate) struct Bench {
    pub latency_ms: AtomicU64,
    pub round: AtomicU32,
    pub calls: AtomicU64,
}

impl SandboxState {
    pub(crate) fn new(clock: Clock, drop_root: PathBuf, http_url: String, latency: Duration, card_log: Option<PathBuf>) -> Self {
        let cards = crate::cards::Books::new(clock(), &http_url, card_log);
        let books = Provider::ALL.into_iter().map(|p| (p, accounts::Book::default())).collect();
        let state = Self {
            inner: Arc::new(Inner {
                clock,
                drop_root,
                http_url,
                latency_ms: AtomicU64::new(0),
                changes: watch::Sender::new(0),
                books: Mutex::new(books),
                faults: Mutex::default(),
                log: Mutex::default(),
                outbox: Mutex::default(),
                ringo: Mutex::default(),
                till: Mutex::default(),
                drop_lock: Mutex::default(),
                cards: Mutex::new(cards),
                cards_bell: Arc::default(),
                bench: Bench::default(),
            }),
        };
        state.set_latency(latency);
        state
    }

    /// The instant, by the caller's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.inner.clock)()
    }

    /// The day, in UTC, by the caller's clock.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }

    /// The address of the HTTP server, without a trailing slash.
    #[must_use]
    pub fn http_url(&self) -> &str {
        &self.inner.http_url
    }

    /// How long every provider takes to answer when all is well.
    pub fn set_latency(&self, latency: Duration) {
        self.inner.latency_ms.store(u64::try_from(latency.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_millis(self.inner.latency_ms.load(Ordering::Relaxed))
    }

    /// Sets how long `/bench/bills` takes to answer, and its round: each round has bills of its own.
    pub fn set_bench(&self, latency: Duration, round: u32) {
        self.inner.bench.latency_ms.store(u64::try_from(latency.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.inner.bench.round.store(round, Ordering::Relaxed);
    }

    /// How often `/bench/bills` was called.
    #[must_use]
    pub fn bench_calls(&self) -> u64 {
        self.inner.bench.calls.load(Ordering::Relaxed)
    }

    pub(crate) fn bench(&self) -> &Bench {
        &self.inner.bench
    }

    pub(crate) fn cards(&self) -> &Mutex<crate::cards::Books> {
        &self.inner.cards
    }

    pub(crate) fn bell(&self) -> Arc<tokio::sync::Notify> {
        self.inner.cards_bell.clone()
    }

    pub(crate) fn ringo(&self) -> parking_lot::MutexGuard<'_, crate::providers::RingoDesk> {
        self.inner.ringo.lock()
    }

    /// How many times a polled Ringo request answers "not ready yet" before its bills come.
    pub fn set_ringo_polls(&self, not_ready: u32) {
        self.ringo().not_ready = not_ready;
    }

    /// Counts changes, so that pages know when to look again.
    #[must_use]
    pub fn changes(&self) -> u64 {
        *self.inner.changes.borrow()
    }

    /// Waits until the world is as it should be; looks again at each change. Bound it with a time-out.
    pub async fn until(&self, mut settled: impl FnMut(&Self) -> bool) {
        let mut changes = self.inner.changes.subscribe();
        while !settled(self) {
            // The sender lives as long as `self`.
            let _ = changes.changed().await;
        }
    }

    pub(crate) fn changed(&self) {
        self.inner.changes.send_modify(|n| *n += 1);
    }

    /// Forgets faults, requests and messages, but keeps accounts and bills, and what happened to money.
    pub fn reset(&self) {
        self.clear_card_script();
        self.clear_faults();
        self.clear_log();
        self.clear_outbox();
    }
}

impl std::fmt::Debug for SandboxState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SandboxState").field("http_url", &self.inner.http_url).finish_non_exhaustive()
    }
}
