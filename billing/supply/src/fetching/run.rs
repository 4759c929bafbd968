//! Fetching what is due, at all providers at once.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use billow_entities::{FetchOutcomeKind, ProviderId};
use billow_kernel::circuit::Sign;
use billow_kernel::error::{Error, Fault, Result};
use futures::FutureExt as _;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::Fetching;
use super::budget::{FetchBudget, Purse};
use super::pipeline::{fetch_provider, traced};

/// How soon providers that became due meanwhile are looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How long a provider at which there was nothing to do, or that failed, is left alone within one call.
const LEAVE_ALONE: Duration = Duration::from_secs(1);
/// How often leases are renewed.
const RENEW: Duration = Duration::from_secs(25);

/// What one call of `fetch_due` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchSummary {
    /// Accounts fetched and written.
    pub fetched: u64,
    /// Among them, those that ended in a fault of the provider or of ours.
    pub faults: u64,
    /// Among them, those the provider is still working on.
    pub pending: u64,
    /// Bills seen for the first time.
    pub bills_new: u64,
    /// Bills that said something else than before.
    pub bills_changed: u64,
    /// Results that were dropped because somebody else had taken or changed the account.
    pub stale: u64,
    /// Results the database would not take; their accounts are fetched again.
    pub lost: u64,
    /// Providers at which the work ended with an error.
    pub failed_providers: u64,
    pub(super) signs: Vec<Sign>,
}

impl FetchSummary {
    pub(super) fn note(&mut self, outcome: FetchOutcomeKind, new: i32, changed: i32) {
        self.fetched += 1;
        self.faults += u64::from(matches!(outcome, FetchOutcomeKind::Retryable | FetchOutcomeKind::Broken));
        self.pending += u64::from(outcome == FetchOutcomeKind::Pending);
        self.bills_new += u64::try_from(new).unwrap_or(0);
        self.bills_changed += u64::try_from(changed).unwrap_or(0);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.fetched += other.fetched;
        self.faults += other.faults;
        self.pending += other.pending;
        self.bills_new += other.bills_new;
        self.bills_changed += other.bills_changed;
        self.stale += other.stale;
        self.lost += other.lost;
        self.failed_providers += other.failed_providers;
    }
}

impl Fetching {
    /// Fetches every account that is due, each provider in a pipeline of its own, until nothing is due. A provider that
    /// hangs holds up no other. Several calls, in one process or many, share the work.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fetch_due(&self) -> Result<FetchSummary> {
        self.fetch_within(FetchBudget::default()).await
    }

    /// Fetches what is due, as [`Self::fetch_due`] does, but no more than the budget allows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fetch_within(&self, budget: FetchBudget) -> Result<FetchSummary> {
        let purse = Arc::new(Purse::new(budget));
        let mut pipelines: JoinSet<(ProviderId, Result<FetchSummary>)> = JoinSet::new();
        let mut left_alone: HashMap<ProviderId, Instant> = HashMap::new();
        let mut summary = FetchSummary::default();
        let mut renewed = Instant::now();
        loop {
            if !purse.is_spent() && !self.state.is_closed() {
                left_alone.retain(|_, since| since.elapsed() < LEAVE_ALONE);
                for id in self.due_providers().await? {
                    if left_alone.contains_key(&id) {
                        continue;
                    }
                    let Some(seat) = self.state.take_seat(id) else { continue };
                    let (fetching, purse) = (self.clone(), Arc::clone(&purse));
                    let span = tracing::info_span!("fetching.provider", provider.id = %id);
                    let work = AssertUnwindSafe(fetch_provider(fetching, id, seat, purse)).catch_unwind();
                    let work = async move { (id, work.await.unwrap_or_else(|_| Err(panicked()))) };
                    pipelines.spawn(traced(work.instrument(span)));
                }
            }
            if renewed.elapsed() >= RENEW {
                renewed = Instant::now();
                self.renew_claims().await?;
            }
            let ended = tokio::select! {
                ended = pipelines.join_next() => ended,
                () = tokio::time::sleep(LOOK_AGAIN) => continue,
            };
            match ended {
                None => return Ok(summary),
                Some(Ok((id, Ok(done)))) => {
                    if done.fetched == 0 {
                        left_alone.insert(id, Instant::now());
                    }
                    summary.add(&done);
                }
                Some(Ok((id, Err(error)))) => {
                    tracing::error!(provider.id = %id, error = %error, "fetching from a provider ended early");
                    left_alone.insert(id, Instant::now());
                    summary.failed_providers += 1;
                }
                Some(Err(_)) => return Err(panicked()),
            }
        }
    }
}

fn panicked() -> Error {
    metrics::counter!("billow_panics_total", "edge" => "fetching").increment(1);
    Fault::new("fetching from a provider", "it panicked").into()
}
