//! One run per kind of work at a time in this process: who is woken while at it goes round once more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use billow_billing::ports::Wakeup;
use billow_billing::telemetry::with_trace_id;
use billow_billing::{Billing, Result};
use tracing::Instrument as _;

const IDLE: u8 = 0;
const BUSY: u8 = 1;
const AGAIN: u8 = 2;

/// Where the work of this process is done.
#[derive(Clone, Debug)]
pub struct Workshop {
    billing: Billing,
    states: Arc<[AtomicU8; 8]>,
}

impl Workshop {
    /// A workshop for `billing`.
    #[must_use]
    pub fn new(billing: Billing) -> Self {
        Self { billing, states: Arc::default() }
    }

    /// Starts `wakeup`'s work unless it is under way, in which case it goes round once more. Nothing starts once the process stops.
    pub fn start(&self, wakeup: Wakeup) {
        if self.billing.is_stopping() {
            return;
        }
        let state = &self.states[wakeup as usize];
        let before = state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |s| Some(if s == IDLE { BUSY } else { AGAIN }));
        if before != Ok(IDLE) {
            return;
        }
        let workshop = self.clone();
        self.billing.tasks.spawn(async move {
            let state = &workshop.states[wakeup as usize];
            // Also a panic must not leave the kind of work locked.
            let _unlock = Unlock(state);
            loop {
                workshop.work(wakeup).await;
                let done = state.compare_exchange(BUSY, IDLE, Ordering::AcqRel, Ordering::Acquire).is_ok();
                if done || workshop.billing.is_stopping() {
                    return;
                }
                state.store(BUSY, Ordering::Release);
            }
        });
    }

    /// Does `wakeup`'s work, with an id of its own, and logs what went wrong once.
    pub async fn work(&self, wakeup: Wakeup) {
        let id = self.billing.new_id().simple().to_string();
        let span = tracing::info_span!("job", job.kind = ?wakeup, job.id = %id);
        let started = tokio::time::Instant::now();
        let outcome = with_trace_id(id, run(&self.billing, wakeup)).instrument(span.clone()).await;
        let kind = format!("{wakeup:?}").to_lowercase();
        metrics::histogram!("billow_job_seconds", "job" => kind.clone()).record(started.elapsed().as_secs_f64());
        if let Err(error) = outcome {
            metrics::counter!("billow_job_errors_total", "job" => kind).increment(1);
            let _in_span = span.enter();
            tracing::error!(error = %error, source = ?std::error::Error::source(&error), "a job failed; the next beat tries again");
        }
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

/// The one call into the business.
async fn run(billing: &Billing, wakeup: Wakeup) -> Result<()> {
    match wakeup {
        Wakeup::Fetch => billing.fetch_due().await.map(drop),
        Wakeup::Remind => billing.remind_due().await.map(drop),
        Wakeup::Deliver => billing.deliver_due().await.map(drop),
        Wakeup::Import => billing.run_imports().await.map(drop),
        Wakeup::Pay => pay(billing).await,
        Wakeup::Notices => billing.work_notices().await.map(drop),
        Wakeup::Documents => billing.make_documents_due().await.map(drop),
        Wakeup::Sweep => {
            billing.sweep().await?;
            billing.sweep_identity().await?;
            billing.sweep_imports().await?;
            billing.sweep_messages().await?;
            billing.tell_expiring_cards().await?;
            billing.sweep_gateway_events().await?;
            billing.reconcile_due().await.map(drop)
        }
    }
}

/// Everything that moves money and is due, side by side: a provider that is slow to take a remittance keeps no customer's
/// payment waiting.
async fn pay(billing: &Billing) -> Result<()> {
    let (sent, checked, remitted, refunded, methods) = futures::join!(
        billing.send_payments_due(),
        billing.check_payments_due(),
        billing.remit_due(),
        billing.refunds_due(),
        billing.check_methods_due(),
    );
    sent.map(drop).and(checked.map(drop)).and(remitted.map(drop)).and(refunded.map(drop)).and(methods.map(drop))
}
