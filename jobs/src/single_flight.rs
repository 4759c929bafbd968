//! One run per kind of work at a time in this process: who is woken while at it goes round once more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use billow_billing::Billing;
use billow_billing::clock::Ids;
use billow_billing::ports::Wakeup;
use billow_billing::stopping::Stopping;
use billow_billing::telemetry::with_trace_id;
use billow_billing::work::Work;
use tracing::Instrument as _;

const IDLE: u8 = 0;
const BUSY: u8 = 1;
const AGAIN: u8 = 2;

/// Where the work of this process is done.
#[derive(Clone)]
pub struct JobRunner {
    ids: Ids,
    stopping: Stopping,
    kinds: Arc<[Kind]>,
}

/// A kind of work, and whether it is under way.
struct Kind {
    work: Work,
    state: AtomicU8,
}

impl JobRunner {
    /// Does all the work there is for `billing`.
    #[must_use]
    pub fn new(billing: &Billing) -> Self {
        Self::of(billing, billing.works())
    }

    /// Does only these kinds of work.
    #[must_use]
    pub fn of(billing: &Billing, works: Vec<Work>) -> Self {
        let kinds = works.into_iter().map(|work| Kind { work, state: AtomicU8::new(IDLE) }).collect();
        Self { ids: billing.kernel.ids.clone(), stopping: billing.kernel.stopping.clone(), kinds }
    }

    /// Starts the work that `wakeup` asks for.
    pub fn trigger(&self, wakeup: Wakeup) {
        self.start_those(|work| work.woken_by == wakeup);
    }

    /// Starts the work that is looked for in this second.
    pub fn beat(&self, second: u64) {
        self.start_those(|work| work.is_looked_for(second));
    }

    fn start_those(&self, wanted: impl Fn(&Work) -> bool) {
        for (at, kind) in self.kinds.iter().enumerate() {
            if wanted(&kind.work) {
                self.start_one(at, kind);
            }
        }
    }

    /// Starts one kind of work unless it is under way, in which case it goes round once more. Nothing starts once the process
    /// stops.
    fn start_one(&self, at: usize, kind: &Kind) {
        if self.stopping.is_stopping() {
            return;
        }
        let before = kind.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |s| Some(if s == IDLE { BUSY } else { AGAIN }));
        if before != Ok(IDLE) {
            return;
        }
        let runner = self.clone();
        self.stopping.tasks.spawn(async move {
            let kind = &runner.kinds[at];
            // Also a panic must not leave the kind of work locked.
            let _unlock = Unlock(&kind.state);
            loop {
                run(&runner.ids, &kind.work).await;
                let done = kind.state.compare_exchange(BUSY, IDLE, Ordering::AcqRel, Ordering::Acquire).is_ok();
                if done || runner.stopping.is_stopping() {
                    return;
                }
                kind.state.store(BUSY, Ordering::Release);
            }
        });
    }
}

/// Does what is due of one kind, with an id of its own, and logs what went wrong once.
async fn run(ids: &Ids, work: &Work) {
    let id = ids.next().simple().to_string();
    let span = tracing::info_span!("job", job.kind = work.name, job.id = %id);
    let started = tokio::time::Instant::now();
    let outcome = with_trace_id(id, (work.run)()).instrument(span.clone()).await;
    metrics::histogram!("billow_job_seconds", "job" => work.name).record(started.elapsed().as_secs_f64());
    if let Err(error) = outcome {
        metrics::counter!("billow_job_errors_total", "job" => work.name).increment(1);
        let _in_span = span.enter();
        tracing::error!(error = %error, source = ?std::error::Error::source(&error), "a job failed; it is tried again soon");
    }
}

struct Unlock<'a>(&'a AtomicU8);

impl Drop for Unlock<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(IDLE, Ordering::Release);
            metrics::counter!("billow_panics_total", "edge" => "job").increment(1);
        }
    }
}
