//! Wakes the business up: apalis workers and schedules, each a name, ids and one call into `billow-billing`.
//!
//! What is due stands in our own tables with its own instants, leases and fencing tokens. A wake-up that is lost, doubled
//! or late therefore does no harm: the next beat finds the same work. See `docs/adr/0003-apalis-only-wakes.md`.

mod gather;
mod queue;
mod runner;

use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis::prelude::{BackendExt, BoxDynError, Data, Monitor, WorkerBuilder};
use apalis_cron::{CronScheduler, Tick};
use billow_billing::Billing;
use billow_billing::ports::{Waker, Wakeup};
use tokio_util::sync::CancellationToken;

pub use queue::Queue;
use queue::Storage;
pub use runner::JobRunner;
use runner::SHUTDOWN;

/// How long the workers have to end. Runs under way are tasks of their own, which are waited for afterwards.
const WORKERS_END: Duration = Duration::from_secs(1);
/// In the scheduler's own notation, seconds first.
const EVERY_SECOND: &str = "* * * * * *";
/// How often the queue is looked at when nobody notifies (SQLite).
const POLL: Duration = Duration::from_millis(200);

/// Runs the workers of this process until `stop`: the wake-up queue, the beat, and the consumers of the event log.
pub async fn run(billing: Billing, queue: Queue, stop: CancellationToken) {
    let runner = JobRunner::new(&billing);
    let consumers: Vec<_> = billing.event_consumers().into_iter().map(|consumer| tokio::spawn(consumer.run(stop.clone()))).collect();
    let worker = billing.kernel.settings.worker.clone();
    let monitor = Monitor::new().shutdown_timeout(WORKERS_END).should_restart(|_, _| true);
    let monitor = runner.register(monitor);
    let monitor = match &queue.storage {
        Storage::Sqlite(storage) => {
            let (storage, runner, name) = (storage.clone(), runner.clone(), worker.clone());
            monitor.register(move |restarts| {
                WorkerBuilder::new(format!("{name}-queue-{restarts}"))
                    .backend(storage.clone().poll_with_interval(POLL))
                    .data(runner.clone())
                    .concurrency(8)
                    .catch_panic()
                    .build(wake)
            })
        }
        Storage::Postgres(storage) => {
            let (storage, runner, name) = (storage.clone(), runner.clone(), worker.clone());
            monitor.register(move |restarts| {
                WorkerBuilder::new(format!("{name}-queue-{restarts}"))
                    .backend(storage.clone().with_pubsub().poll_with_interval(POLL * 5))
                    .data(runner.clone())
                    .concurrency(8)
                    .catch_panic()
                    .build(wake)
            })
        }
    };
    #[expect(clippy::expect_used, reason = "a constant, held by a test")]
    let seconds: cron::Schedule = EVERY_SECOND.parse().expect("a schedule");
    let monitor = monitor.register(move |restarts| {
        WorkerBuilder::new(format!("{worker}-beat-{restarts}"))
            .backend(CronScheduler::new(seconds.clone()))
            .data(runner.clone())
            .catch_panic()
            .build(beat)
    });
    let (stopped, stopping) = (stop.clone(), billing.clone());
    let signal = async move {
        stopped.cancelled().await;
        stopping.stop_claiming().await;
        Ok(())
    };
    if let Err(error) = monitor.run_with_signal(signal).await {
        tracing::error!(error = %error, "the workers ended with an error");
    }
    if billing.kernel.stopping.finish_tasks(SHUTDOWN).await {
        tracing::info!("work under way is finished; what was claimed and not started is released");
    } else {
        tracing::warn!(
            seconds = SHUTDOWN.as_secs(),
            "work under way did not finish in time; other workers ask about it when its leases expire"
        );
    }
    for consumer in consumers {
        if let Err(error) = consumer.await {
            tracing::error!(error = %error, "a consumer of the event log ended with an error");
        }
    }
    if let Err(error) = queue.prune().await {
        tracing::debug!(error = %error, "finished wake-ups were not pruned");
    }
    if let Err(error) = billing.fetching.stop_fetching().await {
        tracing::warn!(error = %error, "releasing claimed accounts failed; their leases expire by themselves");
    }
    if let Err(error) = billing.kernel.leases.release().await {
        tracing::warn!(error = %error, "releasing leases failed; they expire by themselves");
    }
}

/// A wake-up from the queue.
async fn wake(wakeup: Wakeup, runner: Data<JobRunner>) -> Result<(), BoxDynError> {
    runner.trigger(wakeup);
    Ok(())
}

/// A second has gone by.
async fn beat(tick: Tick, runner: Data<JobRunner>) -> Result<(), BoxDynError> {
    runner.beat(tick.get_timestamp());
    Ok(())
}

/// A [`Waker`] for processes that run no queue (the command line): the beat of a worker finds the work.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWaker;

#[async_trait::async_trait]
impl Waker for NoWaker {
    async fn wake(&self, _wakeup: Wakeup) {}
}
