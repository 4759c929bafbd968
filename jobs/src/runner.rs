//! One apalis worker per kind of work: a run at a time, with a span, a limit and a second try, and beside the others.
//!
//! What asks for a run (a wake-up, the beat) leaves a note. Notes that come while a run is under way are one: the worker goes
//! round once more.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis::layers::catch_panic::CatchPanicLayer;
use apalis::layers::retry::RetryPolicy;
use apalis::layers::tracing::{MakeSpan, OnFailure, TraceLayer};
use apalis::prelude::{BoxDynError, Data, MemorySink, MemoryStorage, Monitor, ParallelizeExt, Task, TaskBuilder, TaskId, WorkerBuilder};
use billow_billing::Billing;
use billow_billing::clock::Ids;
use billow_billing::ports::Wakeup;
use billow_billing::stopping::Stopping;
use billow_billing::telemetry::with_trace_id;
use billow_billing::work::Work;
use futures::{SinkExt as _, StreamExt as _};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::Span;

/// Tries of one run; the next one follows when it is looked for.
const RETRIES: usize = 1;
/// How long a stopping process waits for runs under way. Whatever is not over then is claimed again when its lease expires.
pub(crate) const SHUTDOWN: Duration = Duration::from_secs(20);

/// Where the work of this process is done.
#[derive(Clone)]
pub struct JobRunner {
    ids: Ids,
    stopping: Stopping,
    worker: Arc<str>,
    kinds: Arc<[Kind]>,
}

/// A kind of work, and whether a run of it was asked for.
#[derive(Clone)]
struct Kind {
    work: Work,
    asked: Arc<Notify>,
}

/// A run of a kind of work.
#[derive(Clone, Debug)]
struct Run {
    /// Its id, in the log and in what it writes.
    id: String,
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
        let kinds = works.into_iter().map(|work| Kind { work, asked: Arc::new(Notify::new()) }).collect();
        let kernel = &billing.kernel;
        Self { ids: kernel.ids.clone(), stopping: kernel.stopping.clone(), worker: kernel.settings.worker.as_str().into(), kinds }
    }

    /// Asks for the work that `wakeup` is about.
    pub fn trigger(&self, wakeup: Wakeup) {
        self.ask(|work| work.woken_by == wakeup);
    }

    /// Asks for the work that is looked for in this second.
    pub fn beat(&self, second: u64) {
        self.ask(|work| work.is_looked_for(second));
    }

    fn ask(&self, wanted: impl Fn(&Work) -> bool) {
        for kind in self.kinds.iter().filter(|kind| wanted(&kind.work)) {
            kind.asked.notify_one();
        }
    }

    /// Runs only the workers of these kinds of work until `stop`; what is under way then is waited for.
    pub async fn run(self, stop: CancellationToken) {
        let monitor = self.register(Monitor::new().shutdown_timeout(SHUTDOWN));
        let signal = async move {
            stop.cancelled().await;
            Ok(())
        };
        if let Err(error) = monitor.run_with_signal(signal).await {
            tracing::error!(error = %error, "the workers ended with an error");
        }
    }

    /// Adds a worker for each kind of work.
    pub(crate) fn register(&self, monitor: Monitor) -> Monitor {
        self.kinds.iter().fold(monitor, |monitor, kind| {
            let (runner, kind) = (self.clone(), kind.clone());
            monitor.register(move |restarts| {
                let tasks = runner.stopping.tasks.clone();
                WorkerBuilder::new(format!("{}-{}-{restarts}", runner.worker, kind.work.name))
                    .backend(runner.runs(&kind))
                    .data(kind.work.clone())
                    .data(runner.stopping.clone())
                    .concurrency(1)
                    .retry(RetryPolicy::retries(RETRIES))
                    // In a task of its own, which the process waits for when it stops.
                    .parallelize(move |run| tasks.spawn(run))
                    .layer(TraceLayer::new().make_span_with(JobSpan(kind.work.name)).on_failure(JobFailure(kind.work.name)))
                    .layer(CatchPanicLayer::with_panic_handler(panicked))
                    .timeout(kind.work.limit)
                    .build(run)
            })
        })
    }

    /// The runs of a kind of work, as they are asked for.
    fn runs(&self, kind: &Kind) -> MemoryStorage<Run> {
        let nothing = futures::sink::drain().sink_map_err(|never| match never {});
        let sink = MemorySink::new(Arc::new(futures::lock::Mutex::new(Box::new(nothing))));
        let state = (self.ids.clone(), Arc::clone(&kind.asked));
        let runs = futures::stream::unfold(state, |(ids, asked)| async move {
            asked.notified().await;
            let id = ids.next().simple().to_string();
            let task = TaskBuilder::new(Run { id: id.clone() }).task_id(TaskId::from_string(id)).build();
            Some((task, (ids, asked)))
        });
        MemoryStorage::new_with(sink, runs.boxed())
    }
}

/// Does what is due of one kind.
async fn run(run: Run, work: Data<Work>, stopping: Data<Stopping>) -> Result<(), BoxDynError> {
    if stopping.is_stopping() {
        return Ok(());
    }
    let started = tokio::time::Instant::now();
    let outcome = with_trace_id(run.id, (work.run)()).await;
    metrics::histogram!("billow_job_seconds", "job" => work.name).record(started.elapsed().as_secs_f64());
    Ok(outcome?)
}

/// A run that panicked, as an error.
fn panicked(panic: &Box<dyn Any + Send>) -> BoxDynError {
    metrics::counter!("billow_panics_total", "edge" => "job").increment(1);
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a panic: {}", text.unwrap_or("without words")).into()
}

/// The span of a run.
#[derive(Clone)]
struct JobSpan(&'static str);

impl MakeSpan<Run> for JobSpan {
    fn make_span(&mut self, task: &Task<Run>) -> Span {
        tracing::info_span!("job", job.kind = self.0, job.id = %task.args.id, job.attempt = task.attempt().max(1))
    }
}

/// Logs a run that failed, once, and counts it.
#[derive(Clone)]
struct JobFailure(&'static str);

impl OnFailure<BoxDynError> for JobFailure {
    fn on_failure(&mut self, error: &BoxDynError, _: Duration, span: &Span) {
        metrics::counter!("billow_job_errors_total", "job" => self.0).increment(1);
        let _in_span = span.enter();
        tracing::error!(error = %error, source = ?error.source(), "a job failed; it is tried again soon");
    }
}
