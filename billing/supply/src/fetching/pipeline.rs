//! One provider's pipeline: claim, fetch, write, three stages at once with short queues between them, so that neither the
//! database nor the provider waits for the other, and a million due accounts take no more memory than a few hundred.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use billow_entities::{CircuitState, ProviderId, ProviderStatus, UtilityAccountId, utility_account};
use billow_kernel::error::{Fault, Result};
use billow_kernel::telemetry::{current_trace_id, with_trace_id};
use futures::StreamExt as _;
use governor::DefaultDirectRateLimiter;
use tokio::sync::{Notify, mpsc};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::Fetching;
use super::budget::Purse;
use super::judge::Fetched;
use super::run::FetchSummary;
use super::seats::Seat;
use crate::connector::{FetchOutcome, FetchReply, FetchRequest};
use crate::providers::LoadedProvider;

/// Accounts written in one transaction.
const WRITE_BATCH: usize = 200;
/// One fetch with all its steps and polls takes no longer; connectors keep to the provider's own limit well before.
const HARD_TIMEOUT: Duration = Duration::from_secs(300);
/// How long the writer waits for more while more is under way: fewer, larger transactions when there is much to do.
const GATHER: Duration = Duration::from_millis(40);
/// How soon accounts that became due meanwhile are looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// An account on its way through.
enum Passed {
    Fetched(Box<Fetched>),
    /// Claimed but not begun.
    PutBack(UtilityAccountId),
}

/// What the stages share.
struct Line {
    fetching: Fetching,
    provider: ProviderId,
    purse: Arc<Purse>,
    probe: bool,
    limiter: Option<Arc<DefaultDirectRateLimiter>>,
    /// Faults in a row, as far as this process sees them.
    faults: AtomicI32,
    threshold: i32,
    stopped: AtomicBool,
    /// Claimed and not settled.
    in_flight: AtomicUsize,
    idle: Notify,
}

type Claimed = (utility_account::Model, Arc<LoadedProvider>);

/// Fetches what is due at one provider.
pub(super) async fn fetch_provider(fetching: Fetching, id: ProviderId, seat: Seat, purse: Arc<Purse>) -> Result<FetchSummary> {
    let _seat = seat;
    let provider = fetching.providers.load_provider(id).await?;
    let probe = provider.model.circuit_state != CircuitState::Closed;
    if provider.model.status != ProviderStatus::Active || (probe && !fetching.take_probe(&provider.model).await?) {
        return Ok(FetchSummary::default());
    }
    let limits = &provider.definition.limits;
    let concurrency = if probe { 1 } else { usize::from(limits.concurrency.max(1)) };
    let batch = (concurrency * 2).clamp(16, 256);
    let line = Arc::new(Line {
        limiter: fetching.state.limiter(id, limits.per_second),
        provider: id,
        purse,
        probe,
        faults: AtomicI32::new(provider.model.circuit_failures),
        threshold: i32::from(limits.circuit_failures.max(1)),
        stopped: AtomicBool::new(false),
        in_flight: AtomicUsize::new(0),
        idle: Notify::new(),
        fetching,
    });
    let (queue, mut queued) = mpsc::channel::<Claimed>(batch);
    let (passed, results) = mpsc::channel::<Passed>(2 * WRITE_BATCH);
    let claimer = spawn(Arc::clone(&line).claim(queue, batch as u64));
    let writer = spawn(Arc::clone(&line).write(results));
    let accounts = futures::stream::poll_fn(move |cx| queued.poll_recv(cx));
    let fetches = accounts.map(|(account, provider)| line.fetch(account, provider)).buffer_unordered(concurrency);
    let mut fetches = std::pin::pin!(fetches);
    while let Some(one) = fetches.next().await {
        if passed.send(one).await.is_err() {
            break;
        }
    }
    drop(passed);
    let ended = |e| Fault::new("a stage of fetching", e);
    claimer.await.map_err(ended)??;
    let summary = writer.await.map_err(ended)??;
    if probe && summary.fetched == 0 {
        line.fetching.give_back_probe(id).await?;
    }
    Ok(summary)
}

fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> AbortOnDropHandle<T> {
    AbortOnDropHandle::new(tokio::spawn(traced(work.instrument(tracing::Span::current()))))
}

/// Keeps the job's id where a task of its own does the job's work.
pub(super) fn traced<T>(work: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    let id = current_trace_id();
    async move {
        match id {
            Some(id) => with_trace_id(id, work).await,
            None => work.await,
        }
    }
}

impl Line {
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || self.purse.is_stopped() || self.fetching.state.is_closed()
    }

    /// The first stage: claims while there is something due, and room in the queue.
    async fn claim(self: Arc<Self>, queue: mpsc::Sender<Claimed>, batch: u64) -> Result<()> {
        while !self.is_stopped() {
            // A probe that finds nothing due any more must not be one that never ran.
            let wanted = self.purse.take(if self.probe { 1 } else { batch });
            if wanted == 0 {
                break;
            }
            // Asked for each time: somebody may have edited or paused it, or its circuit may have opened.
            let provider = self.fetching.providers.load_provider(self.provider).await?;
            let open = !self.probe && provider.model.circuit_state != CircuitState::Closed;
            if open || provider.model.status != ProviderStatus::Active {
                self.purse.give_back(wanted);
                break;
            }
            let accounts = self.fetching.claim_due(self.provider, wanted).await?;
            self.purse.give_back(wanted.saturating_sub(accounts.len() as u64));
            let found = !accounts.is_empty();
            self.in_flight.fetch_add(accounts.len(), Ordering::AcqRel);
            for account in accounts {
                let id = account.id;
                if queue.send((account, Arc::clone(&provider))).await.is_err() {
                    self.fetching.release_claims(&[id]).await?;
                    self.land(1);
                }
            }
            if self.probe || (!found && self.in_flight.load(Ordering::Acquire) == 0) {
                break;
            }
            if !found {
                tokio::select! {
                    () = self.idle.notified() => break,
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                }
            }
        }
        Ok(())
    }

    /// The second stage: one account, called in a task of its own, so that a panic is one account's fault.
    fn fetch(self: &Arc<Self>, account: utility_account::Model, provider: Arc<LoadedProvider>) -> impl Future<Output = Passed> + use<> {
        let line = Arc::clone(self);
        async move {
            if line.is_stopped() {
                return Passed::PutBack(account.id);
            }
            let params = line.fetching.accounts.open_params(&account);
            let identifier = params.as_ref().ok().and_then(|p| p.get(&provider.definition.params.first()?.name)).cloned();
            if let Some(limiter) = &line.limiter {
                limiter.until_ready().await;
                if line.is_stopped() {
                    return Passed::PutBack(account.id);
                }
            }
            let (started_at, clock) = (line.fetching.clock.now(), Instant::now());
            let reply = match params {
                Ok(params) => {
                    let request = FetchRequest {
                        definition: Arc::clone(&provider.definition),
                        credentials: provider.credentials.clone(),
                        params,
                        now: started_at,
                        today: started_at.with_timezone(&provider.zone).date_naive(),
                        continuation: account.continuation.clone(),
                        trace: false,
                    };
                    line.call(account.id, request).await
                }
                Err(error) => {
                    tracing::error!(account.id = %account.id, error = %error, "the parameters of an account do not open");
                    broken("the parameters of the account do not open; the keys have to be looked at")
                }
            };
            let duration_ms = i64::try_from(clock.elapsed().as_millis()).unwrap_or(i64::MAX);
            line.take_sign(&reply.outcome);
            Passed::Fetched(Box::new(Fetched { account, provider, identifier, reply, started_at, duration_ms }))
        }
    }

    async fn call(&self, account: UtilityAccountId, request: FetchRequest) -> FetchReply {
        let connector = Arc::clone(&self.fetching.connector);
        let span = tracing::debug_span!("fetching.fetch", account.id = %account, provider.id = %self.provider);
        let call = async move { tokio::time::timeout(HARD_TIMEOUT, connector.fetch(request)).await };
        match AbortOnDropHandle::new(tokio::spawn(call.instrument(span))).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) => FetchReply::of(FetchOutcome::Retryable {
                message: format!("the provider did not answer within {} seconds", HARD_TIMEOUT.as_secs()),
                retry_after_ms: None,
            }),
            Err(error) => {
                tracing::error!(account.id = %account, error = %error, "a connector panicked");
                metrics::counter!("billow_panics_total", "edge" => "connector").increment(1);
                broken("the connector panicked; this is a fault of ours")
            }
        }
    }

    /// Stops at once when the circuit is about to open, instead of when it is written.
    fn take_sign(&self, outcome: &FetchOutcome) {
        let fault = matches!(outcome, FetchOutcome::Retryable { .. } | FetchOutcome::Broken { .. });
        if !fault {
            self.faults.store(0, Ordering::Relaxed);
        } else if self.faults.fetch_add(1, Ordering::Relaxed) + 1 >= self.threshold {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// The third stage: writes what has come, at once when it is little, many together when it is much.
    async fn write(self: Arc<Self>, mut results: mpsc::Receiver<Passed>) -> Result<FetchSummary> {
        let mut summary = FetchSummary::default();
        let mut failed = None;
        let mut passed = Vec::with_capacity(WRITE_BATCH);
        while results.recv_many(&mut passed, WRITE_BATCH).await > 0 {
            let until = tokio::time::Instant::now() + GATHER;
            while passed.len() < WRITE_BATCH && self.in_flight.load(Ordering::Acquire) > passed.len() {
                let room = WRITE_BATCH - passed.len();
                match tokio::time::timeout_at(until, results.recv_many(&mut passed, room)).await {
                    Ok(more) if more > 0 => {}
                    _ => break,
                }
            }
            let count = passed.len();
            let (mut fetched, mut back) = (Vec::with_capacity(count), Vec::new());
            for one in passed.drain(..) {
                match one {
                    Passed::Fetched(one) => fetched.push(*one),
                    Passed::PutBack(id) => back.push(id),
                }
            }
            let ids: Vec<_> = fetched.iter().map(|f| f.account.id).collect();
            let written = match self.fetching.write_fetched(fetched, self.probe).await {
                Ok(written) => {
                    summary.add(&written);
                    self.fetching.release_claims(&back).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                // The leases run out, and the accounts are fetched again.
                self.stopped.store(true, Ordering::Relaxed);
                failed = Some(error);
            }
            self.fetching.state.settled(ids.into_iter().chain(back));
            self.land(count);
        }
        failed.map_or(Ok(summary), Err)
    }

    fn land(&self, count: usize) {
        if self.in_flight.fetch_sub(count, Ordering::AcqRel) == count {
            self.idle.notify_one();
        }
    }
}

fn broken(message: &str) -> FetchReply {
    FetchReply::of(FetchOutcome::Broken { message: message.to_owned() })
}
